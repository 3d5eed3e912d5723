"""Normalising: one module per kind of value, the same code at build time and at query time."""
