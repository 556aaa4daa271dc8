"""The data sets the workbench knows, published or local, and where they lie on disk. No torch."""
