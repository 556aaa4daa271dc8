"""A query and its ranked list as one row of pictures. Pillow, no torch."""

from typing import Literal

from PIL import Image, ImageDraw

Kind = Literal["query", "match", "wrong", "distractor"]
INKS: dict[Kind, tuple[int, int, int]] = {
    "query": (236, 238, 240),
    "match": (64, 192, 120),
    "wrong": (235, 100, 80),
    "distractor": (179, 163, 230),
}
"""Frames: right ones green, wrong ones red, as people are used to; never by colour alone."""
HEIGHT = 256
_FRAME, _SIGN = 6, 13


def framed(picture: Image.Image, kind: Kind) -> Image.Image:
    """A picture, ``HEIGHT`` pixels high, in a frame that tells what it is by line and sign.

    A match has a whole frame and a tick, a wrong image a dashed one and a cross, an image of nobody
    in particular a dotted one and a bar; the query has a thin frame and no sign.
    """
    width = max(round(picture.width * HEIGHT / picture.height), 1)
    inner = picture.convert("RGB").resize((width, HEIGHT), Image.Resampling.BICUBIC)
    made = Image.new("RGB", (width + 4 * _FRAME, HEIGHT + 4 * _FRAME), (20, 22, 26))
    made.paste(inner, (2 * _FRAME, 2 * _FRAME))
    draw = ImageDraw.Draw(made)
    if kind == "query":
        edge = (_FRAME, _FRAME, made.width - _FRAME - 1, made.height - _FRAME - 1)
        draw.rectangle(edge, outline=INKS[kind], width=2)
        return made
    dash = {"match": 1, "wrong": 18, "distractor": 6}[kind]
    _edges(draw, made.size, INKS[kind], dash, whole=kind == "match")
    _sign(draw, kind, made.width - 2 * _FRAME - _SIGN - 4, 2 * _FRAME + _SIGN + 4)
    return made


def _edges(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    ink: tuple[int, int, int],
    dash: int,
    *,
    whole: bool,
) -> None:
    wide, high = size
    if whole:
        draw.rectangle((0, 0, wide - 1, high - 1), outline=ink, width=_FRAME)
        return
    for start in range(0, wide, 2 * dash):
        draw.rectangle((start, 0, start + dash, _FRAME - 1), fill=ink)
        draw.rectangle((start, high - _FRAME, start + dash, high - 1), fill=ink)
    for start in range(0, high, 2 * dash):
        draw.rectangle((0, start, _FRAME - 1, start + dash), fill=ink)
        draw.rectangle((wide - _FRAME, start, wide - 1, start + dash), fill=ink)


def _sign(draw: ImageDraw.ImageDraw, kind: Kind, x: int, y: int) -> None:
    """A tick, a cross or a bar on a dark disc, readable on any picture."""
    draw.ellipse((x - _SIGN, y - _SIGN, x + _SIGN, y + _SIGN), fill=(20, 22, 26))
    strokes = {
        "match": [[(x - 7, y), (x - 2, y + 6), (x + 7, y - 6)]],
        "wrong": [[(x - 6, y - 6), (x + 6, y + 6)], [(x - 6, y + 6), (x + 6, y - 6)]],
        "distractor": [[(x - 6, y), (x + 6, y)]],
    }[kind]
    for stroke in strokes:
        draw.line(stroke, fill=INKS[kind], width=3, joint="curve")
