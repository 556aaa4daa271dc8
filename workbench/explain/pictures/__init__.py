"""Charts, overlays and sheets as pictures. No torch."""
