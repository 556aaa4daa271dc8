"""Counts in sentences."""


def counted(count: int, noun: str) -> str:
    """``1 image``, ``2 images``, ``2 identities``: thousands are grouped."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
