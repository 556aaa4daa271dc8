"""Networks composed of named branches."""
