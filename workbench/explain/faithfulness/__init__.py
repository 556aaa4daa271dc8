"""Deletion scores: whether what is hot is what counts."""
