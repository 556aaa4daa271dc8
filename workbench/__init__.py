"""Re-ID Workbench."""
