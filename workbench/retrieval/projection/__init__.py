"""Embeddings as points of a plane, and how far to trust them."""
