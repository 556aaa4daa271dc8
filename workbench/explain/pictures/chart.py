"""Charts as pictures: lines and points over axes. Pillow, no torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Ink = tuple[int, int, int]
INKS: tuple[Ink, ...] = ((79, 193, 184), (240, 162, 79), (134, 174, 240), (229, 143, 202))
"""Light on dark paper, told apart by people with colour vision deficiency, too."""
PAPER, TEXT, MUTED, GRID = (20, 22, 26), (236, 238, 240), (164, 172, 178), (52, 58, 62)
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 18, 64, 48
_TITLE, _SMALL = (ImageFont.load_default(size) for size in (16, 12))
_SMOOTHER = 2
"""Lines are drawn larger and shrunk, which takes their steps away."""


@dataclass(frozen=True)
class Line:
    """Points that belong together.

    ``drawn`` is a line, points with a line through them, points alone, or a thin line behind all
    others. One without a name is not in the legend.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    ink: Ink
    drawn: Literal["line", "marked", "points", "behind"] = "line"


@dataclass(frozen=True)
class Axes:
    """Range of a chart, and what its axes are called."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_name: str
    percent: bool = False

    @classmethod
    def around(cls, lines: Sequence[Line], x_name: str, *, percent: bool = False) -> "Axes":
        """Axes that hold all points; the upright one begins at zero where it is near."""
        xs = [value for line in lines for value in line.xs] or [0.0]
        ys = [value for line in lines for value in line.ys] or [0.0]
        low, high = min(ys), max(ys)
        low = 0.0 if 0.0 <= low < 0.5 * high else low
        room = 0.06 * (high - low) or abs(high) or 1.0
        low = low if low == 0.0 else low - room
        right = max(xs) if max(xs) > min(xs) else min(xs) + 1.0
        return cls((min(xs), right), (low, high + room), x_name, percent)


def chart_picture(
    title: str, lines: Sequence[Line], axes: Axes, size: tuple[int, int] = (560, 340)
) -> Image.Image:
    """A chart of ``size`` (width, height) with its title, its legend and numbered axes."""
    wide, high = size
    canvas = Image.new("RGB", (wide * _SMOOTHER, high * _SMOOTHER), PAPER)
    pen = _Pen(ImageDraw.Draw(canvas), axes, size)
    rows = [(value, *pen.at(axes.x[0], value)) for value in ticks(*axes.y)]
    columns = [(value, *pen.at(value, axes.y[0])) for value in ticks(*axes.x)]
    for _, _, y in rows:
        pen.stroke([(float(_LEFT), y), (float(wide - _RIGHT), y)], GRID, 1)
    for line in sorted(lines, key=lambda line: line.drawn != "behind"):
        pen.line(line)
    picture = canvas.resize(size, Image.Resampling.BOX)
    # Words are drawn at their own size: shrunk ones are blurred.
    draw = ImageDraw.Draw(picture)
    draw.text((_LEFT, 10), title, fill=TEXT, font=_TITLE)
    for value, _, y in rows:
        draw.text((_LEFT - 8, y), _number(value, axes), fill=MUTED, font=_SMALL, anchor="rm")
    for value, x, _ in columns:
        draw.text((x, high - _BOTTOM + 8), f"{value:g}", fill=MUTED, font=_SMALL, anchor="mt")
    middle = (_LEFT + wide - _RIGHT) / 2
    draw.text((middle, high - 8), axes.x_name, fill=MUTED, font=_SMALL, anchor="mb")
    _legend(draw, [line for line in lines if line.name])
    return picture


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two, a step of 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= rough)
    first, last = ceil(low / step), floor(high / step + 1e-9)
    return [float(f"{count * step:.12g}") for count in range(first, last + 1)]


class _Pen:
    """Draws on the larger canvas in pixels of the picture."""

    def __init__(self, draw: ImageDraw.ImageDraw, axes: Axes, size: tuple[int, int]) -> None:
        self._draw, self._axes, self._size = draw, axes, size

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies."""
        (left, right), (low, high) = self._axes.x, self._axes.y
        wide, tall = self._size[0] - _LEFT - _RIGHT, self._size[1] - _TOP - _BOTTOM
        across = _LEFT + wide * (x - left) / (right - left)
        return across, _TOP + tall * (high - y) / (high - low)

    def stroke(self, points: Sequence[tuple[float, float]], ink: Ink, width: int) -> None:
        larger = [(x * _SMOOTHER, y * _SMOOTHER) for x, y in points]
        self._draw.line(larger, fill=ink, width=width * _SMOOTHER, joint="curve")

    def line(self, line: Line) -> None:
        points = [self.at(x, y) for x, y in zip(line.xs, line.ys, strict=True)]
        if line.drawn == "behind":
            faded = [
                round(0.4 * ink + 0.6 * paper) for ink, paper in zip(line.ink, PAPER, strict=True)
            ]
            self.stroke(points, (faded[0], faded[1], faded[2]), 1)
        elif line.drawn != "points":
            self.stroke(points, line.ink, 2)
        if line.drawn in ("marked", "points"):
            for point in points:
                self._dot(point, line)

    def _dot(self, point: tuple[float, float], line: Line) -> None:
        size = 4 if line.drawn == "marked" else 2
        x, y = (value * _SMOOTHER for value in point)
        grown = size * _SMOOTHER
        self._draw.ellipse((x - grown, y - grown, x + grown, y + grown), fill=line.ink)


def _legend(draw: ImageDraw.ImageDraw, lines: Sequence[Line]) -> None:
    left, middle = float(_LEFT), 44
    for line in lines:
        if line.drawn != "points":
            draw.line([(left, middle), (left + 22, middle)], fill=line.ink, width=2)
        if line.drawn != "line":
            draw.ellipse((left + 7, middle - 4, left + 15, middle + 4), fill=line.ink)
        draw.text((left + 28, middle), line.name, fill=TEXT, font=_SMALL, anchor="lm")
        left += 28 + _SMALL.getlength(line.name) + 22


def _number(value: float, axes: Axes) -> str:
    return f"{100 * value:g} %" if axes.percent else f"{value:g}"
