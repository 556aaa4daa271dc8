"""Data sets drawn by the workbench itself. No torch."""
