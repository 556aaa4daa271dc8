"""Embeddings: computed by a network, stored on disk, read again."""
