"""Schedules, averaging, typed events and the loop."""
