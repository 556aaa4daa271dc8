"""Exit codes that scripts rely on."""

DONE = 0
FAILED = 1
"""The run or the evaluation failed."""
REFUSED = 2
"""The request was wrong."""
STOPPED = 130
"""Stopped by the user, here or elsewhere."""
