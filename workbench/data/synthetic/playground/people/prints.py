"""Patterns of cloth on an unrolled garment.

On a body the columns of a texture are 1.8 times as dense as its rows, so what shall look round is
drawn wide.
"""

import math
from collections.abc import Callable

from PIL.ImageDraw import ImageDraw

from workbench.data.synthetic.playground.people.cylinder import (
    TEXTURE_HEIGHT,
    TEXTURE_WIDTH,
    column,
)
from workbench.data.synthetic.playground.people.identities import Pattern
from workbench.data.synthetic.playground.people.palette import Colour, mix

_ASPECT = 1.8


def _plain(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    """Nothing to print."""


def _hstripe(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    pitch = TEXTURE_HEIGHT / (3 + variant % 3)
    for line in range(3 + variant % 3):
        top = (line + 0.25) * pitch
        draw.rectangle((0, top, TEXTURE_WIDTH, top + pitch / 2), fill=second)


def _vstripe(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    for left in range(0, TEXTURE_WIDTH, 16):
        draw.rectangle((left, 0, left + 6, TEXTURE_HEIGHT), fill=second)


def _check(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    across, down = TEXTURE_WIDTH / 8, TEXTURE_HEIGHT / 5
    columns = [(place + 0.25) * across for place in range(8)]
    rows = [place * down for place in range(5)]
    between = mix(colour, second)
    for left in columns:
        draw.rectangle((left, 0, left + 0.45 * across, TEXTURE_HEIGHT), fill=between)
    for top in rows:
        draw.rectangle((0, top, TEXTURE_WIDTH, top + 0.45 * down), fill=between)
    for left in columns:
        for top in rows:
            draw.rectangle((left, top, left + 0.45 * across, top + 0.45 * down), fill=second)


def _dots(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    radius = 4.6 + 0.4 * (variant % 3)
    pitch = TEXTURE_WIDTH / 8
    for row in range(6):
        for place in range(9):
            x, y = (place + 0.5 * (row % 2)) * pitch, 7 + row * 17
            wide = radius * _ASPECT
            draw.ellipse((x - wide, y - radius, x + wide, y + radius), fill=second)


def _block(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    draw.rectangle((0, 0, TEXTURE_WIDTH, TEXTURE_HEIGHT * 0.42), fill=second)


def _band(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    draw.rectangle((0, TEXTURE_HEIGHT * 0.36, TEXTURE_WIDTH, TEXTURE_HEIGHT * 0.62), fill=second)


def _logo(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    """A disc, triangle, box or star on the chest."""
    corners = {0: 24, 1: 3, 2: 4, 3: 10}[variant % 4]
    turn = math.pi / 4 if corners == 4 else 0.0
    points: list[tuple[float, float]] = []
    for corner in range(corners):
        angle = turn + 2.0 * math.pi * corner / corners
        radius = 7.0 if corners == 10 and corner % 2 else 15.0
        x = column(0.0) + _ASPECT * radius * math.sin(angle)
        points.append((x, TEXTURE_HEIGHT * 0.36 - radius * math.cos(angle)))
    draw.polygon(points, fill=second)


def _number(draw: ImageDraw, colour: Colour, second: Colour, variant: int) -> None:
    """Two chunky digits on the back, a small badge on the chest."""
    top = TEXTURE_HEIGHT * 0.2
    for back in (column(-math.pi), column(math.pi)):
        for digit, shift in enumerate((-17, 17)):
            left = back + shift - 13
            draw.rectangle((left, top, left + 26, top + 44), fill=second)
            notches = (variant * 7 + digit * 3) % 4
            for notch in range(2):
                upper = top + 7 + 19 * notch
                right = left + (26 if notches >> notch & 1 else 18)
                draw.rectangle((left + 9, upper, right, upper + 11), fill=colour)
    draw.rectangle((column(0.2), top, column(0.55), TEXTURE_HEIGHT * 0.36), fill=second)


PRINTS: dict[Pattern, Callable[[ImageDraw, Colour, Colour, int], None]] = {
    "plain": _plain,
    "hstripe": _hstripe,
    "vstripe": _vstripe,
    "check": _check,
    "dots": _dots,
    "block": _block,
    "logo": _logo,
    "number": _number,
    "band": _band,
}
"""For each pattern, how to print it: a brush, the cloth's colour, the pattern's, the variant."""
