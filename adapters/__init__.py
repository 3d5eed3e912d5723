"""Adapters: what turns one legacy system's rows into canonical records."""
