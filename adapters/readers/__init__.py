"""Bytes to rows: one module per file format, each small and streaming."""
