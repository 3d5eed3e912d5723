"""Matching: features, their weights in bits, and the level they earn."""
