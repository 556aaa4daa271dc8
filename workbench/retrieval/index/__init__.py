"""faiss indexes on disk for galleries that are searched, not evaluated."""
