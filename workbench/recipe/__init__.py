"""The vocabulary: schema, presets, overrides and field specs."""
