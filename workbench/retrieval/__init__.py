"""Embeddings, exact figures, ranked lists, re-ranking."""
