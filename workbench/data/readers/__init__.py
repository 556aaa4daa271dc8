"""From the layout of a folder on disk to a split. No torch."""
