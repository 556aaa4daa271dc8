"""A run from start to end: launched, queued, stopped, resumed, cleaned up after."""
