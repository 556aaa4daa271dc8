"""Counts and names of files in sentences."""

import re

_NOT_TEXT = re.compile("[\ud800-\udfff]")


def shown(text: str) -> str:
    """A text as it can be printed: what of a file's name is not UTF-8 as replacement characters.

    Python keeps such bytes as lone surrogates, which open the file but cannot be encoded.
    """
    return _NOT_TEXT.sub("\ufffd", text)


def whole_number(text: str, digits: int = 9) -> int | None:
    """The number that up to so many digits of ASCII mean, else None.

    ``isdigit`` alone also holds for ``²``, and ``int`` refuses more than 4,300 digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def is_number(text: str) -> bool:
    """Whether a text is a whole number that arrays of 64 bits can hold."""
    return text.isdecimal() and len(text) < 4300 and int(text) < 2**63


def counted(count: int, noun: str) -> str:
    """``1 image``, ``2 images``, ``2 identities``: thousands are grouped."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
