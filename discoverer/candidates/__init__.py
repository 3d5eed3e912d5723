"""Retrieval: from a query's cleaned values to the few hundred documents worth comparing exactly."""
