"""Rivals on the same data in the same run: other search tools and Discoverer, scored alike (`make rivals`)."""
