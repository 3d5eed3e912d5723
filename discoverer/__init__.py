"""Discoverer: one search over separate police record systems. This package file imports nothing."""
