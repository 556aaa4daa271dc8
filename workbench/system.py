"""What differs between operating systems and is asked in several places."""

import os


def cores() -> int:
    """Processor cores this process may use; all of them where the system does not say which."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1
