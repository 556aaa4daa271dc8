"""Exact distances and counts: the same numbers on every machine, whatever multiplies them."""
