"""Pictures of panels that need no script: what a repository's preview or an exported page shows.

Everything is plain HTML with images inside, so that it survives sanitising and stays small.
"""

import base64
import math
from html import escape

import pandas as pd

from workbench.data.images.image_file import ImageFile
from workbench.ui.pictures import thumbnail

STYLE = "font-family:system-ui,sans-serif;max-width:760px"
CELL = "padding:2px 10px 2px 0;text-align:left"
ROWS = 12
"""The most rows of a table: a notebook is read, not searched."""


def document(title: str, body: str) -> str:
    """A body under its title."""
    return f'<div style="{STYLE}"><p><strong>{escape(title)}</strong></p>{body}</div>'


def paragraph(words: str) -> str:
    """One sentence."""
    return f"<p>{escape(words)}</p>"


def table(frame: pd.DataFrame, rows: int = ROWS) -> str:
    """The first ``rows`` of a table, numbers shortened to four digits."""
    head = "".join(f'<th style="{CELL}">{escape(str(name))}</th>' for name in frame.columns)
    lines = [
        "".join(f'<td style="{CELL}">{escape(_words(value))}</td>' for value in line)
        for line in frame.head(rows).itertuples(index=False)
    ]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    more = len(frame) - rows
    rest = paragraph(f"and {more} more rows") if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def picture(content: bytes, kind: str, words: str, height: int | None = None) -> str:
    """An image inside the page, with ``words`` for who does not see it."""
    data = base64.b64encode(content).decode()
    size = "" if height is None else f' height="{height}"'
    return f'<img src="data:{kind};base64,{data}" alt="{escape(words)}"{size}>'


def captioned(image: str, words: str) -> str:
    """An image with words under it, to stand beside others."""
    style = "display:inline-block;margin:0 6px 6px 0;font-size:12px"
    return f'<figure style="{style}">{image}<figcaption>{escape(words)}</figcaption></figure>'


def small(file: ImageFile, words: str, height: int = 96) -> str:
    """A picture of an image file with ``words`` under it."""
    return captioned(picture(thumbnail(file, height), "image/jpeg", words, height), words)


def _words(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)
