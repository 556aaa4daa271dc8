"""A picture and its part mask, painted with the same strokes.

Black is transparent: nothing is painted in pure black, so averaging blocks of pixels yields colours
already multiplied by their coverage, and a figure pasted over a background has no fringe.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

from PIL import Image, ImageDraw

from workbench.data.synthetic.playground.people.body_parts import LABELS, Part
from workbench.data.synthetic.playground.people.palette import Colour, shade
from workbench.data.synthetic.playground.people.skeleton import Point

# Factor of the colour, factor of the radius, shift towards the light in radii.
_TONES = ((0.78, 1.0, 0.0), (0.93, 0.82, 0.14), (1.05, 0.44, 0.32))
_THIN = 7.0
"""Pixels of radius below which a stroke has no room for a highlight."""

_Cap = tuple[Point, ...]
_ROUND: _Cap = tuple((math.cos(i * math.pi / 5), math.sin(i * math.pi / 5)) for i in range(6))
_CUT: _Cap = ((1.0, 0.0), (-1.0, 0.0))


class Canvas:
    """Two images of one size: colours, and the labels of ``parts.LABELS``."""

    def __init__(self, width: int, height: int) -> None:
        """Start with nothing painted."""
        self.width, self.height = width, height
        self.colours = Image.new("RGB", (width, height))
        self.labels = Image.new("L", (width, height))
        self._colour_brush = ImageDraw.Draw(self.colours)
        self._label_brush = ImageDraw.Draw(self.labels)
        self._only: Part | None = None

    @contextmanager
    def labelled(self, part: Part) -> Iterator[None]:
        """Whatever is painted inside bears this one label."""
        before, self._only = self._only, part
        try:
            yield
        finally:
            self._only = before

    def label(self, part: Part) -> int:
        """The label that a stroke of ``part`` leaves."""
        return LABELS[self._only or part]

    def polygon(self, points: Sequence[Point], colour: Colour, part: Part) -> None:
        """Fill a polygon."""
        self._colour_brush.polygon(points, fill=colour)
        self._label_brush.polygon(points, fill=self.label(part))

    def ellipse(self, centre: Point, radii: Point, colour: Colour, part: Part) -> None:
        """Fill an upright ellipse."""
        (x, y), (across, down) = centre, radii
        box = (x - across, y - down, x + across, y + down)
        self._colour_brush.ellipse(box, fill=colour)
        self._label_brush.ellipse(box, fill=self.label(part))

    def arch(
        self, box: tuple[float, float, float, float], width: float, colour: Colour, part: Part
    ) -> None:
        """The upper half of an ellipse's outline."""
        pixels = max(1, round(width))
        self._colour_brush.arc(box, 180, 360, fill=colour, width=pixels)
        self._label_brush.arc(box, 180, 360, fill=self.label(part), width=pixels)

    def strip(self, start: Point, end: Point, radius: float, colour: Colour, part: Part) -> None:
        """A line with round ends, in one tone."""
        self.polygon(_capsule(start, end, (radius, radius)), colour, part)

    def limb(
        self,
        points: Sequence[Point],
        radii: Sequence[float],
        colour: Colour,
        part: Part,
        light: float,
        cut: bool = False,
    ) -> None:
        """A bent, tapering tube from point to point, lit from ``light`` (-1 left, 1 right).

        It is painted tone by tone over its whole length, or its joints would show as blobs. ``cut``
        ends it straight, as cloth does.
        """
        label = self.label(part)
        last = len(points) - 2
        tones = _TONES if max(radii) > _THIN else _TONES[:2]
        for factor, width, shift in tones:
            tone = shade(colour, factor)
            middles = [
                (x + shift * light * radius, y)
                for (x, y), radius in zip(points, radii, strict=True)
            ]
            for place, (start, end) in enumerate(pairwise(middles)):
                outline = _capsule(
                    start,
                    end,
                    (width * radii[place], width * radii[place + 1]),
                    (_ROUND if place == 0 else _CUT, _CUT if cut and place == last else _ROUND),
                )
                self._colour_brush.polygon(outline, fill=tone)
                if width == 1.0:
                    self._label_brush.polygon(outline, fill=label)


def _capsule(
    start: Point, end: Point, radii: Point, caps: tuple[_Cap, _Cap] = (_ROUND, _ROUND)
) -> list[Point]:
    """Outline of a tapering stroke with these caps at its start and its end."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = math.hypot(across, down)
    tx, ty = (across / length, down / length) if length > 1e-6 else (0.0, 1.0)
    (x, y), (first, last) = start, radii
    points = [(x + first * (ty * c - tx * s), y - first * (tx * c + ty * s)) for c, s in caps[0]]
    x, y = end
    points += [(x - last * (ty * c - tx * s), y + last * (tx * c + ty * s)) for c, s in caps[1]]
    return points
