"""Many pictures with their words on one sheet. Pillow, no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

_MARGIN, _GAP = 16, 12
_PAPER, _INK, _MUTED = (20, 22, 26), (236, 238, 240), (164, 172, 178)
_TITLE, _TEXT, _SMALL = (ImageFont.load_default(size) for size in (19, 14, 12))
_TITLE_LINE, _TEXT_LINE, _SMALL_LINE = 30, 18, 16


@dataclass(frozen=True)
class Tile:
    """A picture with a line of words below it, and smaller ones below that."""

    picture: Image.Image
    caption: str
    details: tuple[str, ...] = ()


def contact_sheet(
    rows: Sequence[Sequence[Tile]], height: int = 240, title: str = "", notes: Sequence[str] = ()
) -> Image.Image:
    """Rows of tiles of one height on dark paper, columns below each other.

    ``notes`` stand at the foot, broken into lines: what the numbers mean.
    """
    rows = [[_scaled(tile, height) for tile in row] for row in rows]
    widths = [max(map(_width, column)) for column in _columns(rows)]
    wide = sum(widths) + _GAP * (len(widths) - 1) + 2 * _MARGIN
    wide = max(wide, int(_TITLE.getlength(title)) + 2 * _MARGIN)
    foot = [line for note in notes for line in _broken(note, wide - 2 * _MARGIN)]
    head = _MARGIN + _TITLE_LINE * bool(title)
    tall = [height + _words_height(row) + _GAP for row in rows]
    sheet = Image.new("RGB", (wide, head + sum(tall) + _SMALL_LINE * len(foot) + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN - 4), title, fill=_INK, font=_TITLE)
    top = head
    for row, size in zip(rows, tall, strict=True):
        left = _MARGIN
        for tile, width in zip(row, widths, strict=False):
            sheet.paste(tile.picture, (left, top))
            _write(draw, tile, left, top + height + 3)
            left += width + _GAP
        top += size
    for number, line in enumerate(foot):
        draw.text((_MARGIN, top + number * _SMALL_LINE), line, fill=_MUTED, font=_SMALL)
    return sheet


def _write(draw: ImageDraw.ImageDraw, tile: Tile, left: int, top: int) -> None:
    draw.text((left, top), tile.caption, fill=_INK, font=_TEXT)
    for number, line in enumerate(tile.details):
        below = top + _TEXT_LINE + number * _SMALL_LINE
        draw.text((left, below), line, fill=_MUTED, font=_SMALL)


def _scaled(tile: Tile, height: int) -> Tile:
    width = max(round(tile.picture.width * height / tile.picture.height), 1)
    resized = tile.picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    return Tile(resized, tile.caption, tile.details)


def _width(tile: Tile) -> int:
    words = [_TEXT.getlength(tile.caption), *(_SMALL.getlength(line) for line in tile.details)]
    return max(tile.picture.width, *(int(length) + 1 for length in words))


def _words_height(row: Sequence[Tile]) -> int:
    return _TEXT_LINE + _SMALL_LINE * max(len(tile.details) for tile in row) + 4


def _broken(text: str, width: int) -> list[str]:
    """A sentence in lines that fit."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _SMALL.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _columns(rows: list[list[Tile]]) -> list[list[Tile]]:
    longest = max(len(row) for row in rows)
    return [[row[column] for row in rows if column < len(row)] for column in range(longest)]
