"""Things made of flat faces and balls, turned to any side and painted from back to front.

Axes: x to the right, y up, z towards a viewer of yaw 0 and pitch 0. A face is visible where its
corners run counter-clockwise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from PIL import Image, ImageDraw

from workbench.data.synthetic.playground.people.palette import Colour, shade

Number = int | float
Vector = tuple[Number, Number, Number]
Corners = Sequence[Vector]
OVERSAMPLING = 2
_LIGHT: Vector = (0.356, 0.815, 0.458)
_DARKEST, _BRIGHTER = 0.66, 0.42


@dataclass(frozen=True)
class Face:
    """A flat polygon; ``marks`` lie on it and are painted right after it. ``glows``: no shading."""

    corners: Corners
    colour: Colour
    marks: tuple["Face", ...] = ()
    glows: bool = False


@dataclass(frozen=True)
class Ball:
    """A sphere, such as the crown of a tree."""

    centre: Vector
    radius: Number
    colour: Colour


@dataclass(frozen=True)
class View:
    """Where from: yaw and pitch in radians (pitch 90 degrees is straight from above).

    ``scale`` is in pixels a unit of length, ``x`` and ``y`` the pixel of the origin.
    """

    yaw: float
    pitch: float
    scale: float
    x: float
    y: float

    def axes(self) -> tuple[Vector, Vector, Vector]:
        """Unit vectors to the right, up, and towards the viewer."""
        sin, cos = math.sin(self.yaw), math.cos(self.yaw)
        rise, level = math.sin(self.pitch), math.cos(self.pitch)
        return (
            (cos, 0.0, -sin),
            (-sin * rise, level, -cos * rise),
            (sin * level, rise, cos * level),
        )

    def oversampled(self) -> "View":
        """The same view on a canvas ``OVERSAMPLING`` times as large."""
        factor = OVERSAMPLING
        return replace(self, scale=self.scale * factor, x=self.x * factor, y=self.y * factor)


class Painter:
    """Paints solids over a backdrop; everything is drawn larger and then reduced."""

    def __init__(self, backdrop: Image.Image, view: View) -> None:
        self._view = view.oversampled()
        width, height = backdrop.width * OVERSAMPLING, backdrop.height * OVERSAMPLING
        self._canvas = backdrop.resize((width, height), Image.Resampling.BICUBIC)
        self._brush = ImageDraw.Draw(self._canvas)
        self._right, self._up, self._near = view.axes()

    def paint(self, things: Sequence[Face | Ball]) -> None:
        """Paint things that may hide each other; a later call paints over an earlier one."""
        for thing in sorted(things, key=self._depth):
            if isinstance(thing, Ball):
                self._ball(thing)
            else:
                self._face(thing)

    def picture(self) -> Image.Image:
        """What has been painted, at the backdrop's size."""
        return self._canvas.reduce(OVERSAMPLING)

    def _depth(self, thing: Face | Ball) -> Number:
        if isinstance(thing, Ball):
            return _along(self._near, thing.centre)
        return sum(_along(self._near, corner) for corner in thing.corners) / len(thing.corners)

    def _face(self, face: Face) -> None:
        normal = _normal(face.corners)
        if _along(self._near, normal) <= 1e-6:
            return
        lit = _DARKEST + _BRIGHTER * max(0.0, _along(_LIGHT, normal))
        self._polygon(face, lit)

    def _polygon(self, face: Face, lit: Number) -> None:
        points = [self._point(corner) for corner in face.corners]
        self._brush.polygon(points, fill=shade(face.colour, 1.0 if face.glows else lit))
        for mark in face.marks:
            self._polygon(mark, lit)

    def _ball(self, ball: Ball) -> None:
        (x, y), radius = self._point(ball.centre), ball.radius * self._view.scale
        tones = ((1.0, 0.72, 0.0), (0.8, 0.9, 0.18), (0.45, 1.08, 0.34))
        for share, tone, shift in tones:
            size, step = share * radius, shift * radius
            box = (x + step - size, y - step - size, x + step + size, y - step + size)
            self._brush.ellipse(box, fill=shade(ball.colour, tone))

    def _point(self, corner: Vector) -> tuple[Number, Number]:
        view = self._view
        across, up = _along(self._right, corner), _along(self._up, corner)
        return view.x + view.scale * across, view.y - view.scale * up


def box(
    centre: Vector,
    size: Vector,
    colour: Colour,
) -> list[Face]:
    """Six faces: front, back, right, left, top, bottom.

    ``centre`` is the middle of the bottom; ``size`` is width, height, depth.
    """
    (x, y, z), (width, height, depth) = centre, size
    a, b, c, d = x - width / 2, x + width / 2, z - depth / 2, z + depth / 2
    low, high = y, y + height
    sides: list[Corners] = [
        [(a, low, d), (b, low, d), (b, high, d), (a, high, d)],
        [(b, low, c), (a, low, c), (a, high, c), (b, high, c)],
        [(b, low, d), (b, low, c), (b, high, c), (b, high, d)],
        [(a, low, c), (a, low, d), (a, high, d), (a, high, c)],
        [(a, high, d), (b, high, d), (b, high, c), (a, high, c)],
        [(a, low, c), (b, low, c), (b, low, d), (a, low, d)],
    ]
    return [Face(corners, colour) for corners in sides]


def lathe(
    profile: Sequence[tuple[Number, Number]],
    colour: Colour,
    centre: tuple[float, float] = (0.0, 0.0),
    sides: int = 16,
) -> list[Face]:
    """A body of revolution about an upright axis; ``profile`` runs upwards: (radius, height)."""
    x, z = centre
    turns = [2 * math.pi * step / sides for step in range(sides + 1)]
    ring = [(math.sin(turn), math.cos(turn)) for turn in turns]
    faces = [
        Face(
            [
                (x + low * ring[i][0], down, z + low * ring[i][1]),
                (x + low * ring[i + 1][0], down, z + low * ring[i + 1][1]),
                (x + high * ring[i + 1][0], up, z + high * ring[i + 1][1]),
                (x + high * ring[i][0], up, z + high * ring[i][1]),
            ],
            colour,
        )
        for (low, down), (high, up) in pairwise(profile)
        for i in range(sides)
    ]
    radius, top = profile[-1]
    lid = [(x + radius * sin, top, z + radius * cos) for sin, cos in ring[:-1]]
    return [*faces, Face(lid, colour)]


def on_plane(face: Corners, left: Number, bottom: Number, right: Number, top: Number) -> Corners:
    """A rectangle on a four-cornered face, by shares of its width and height."""
    return [
        _within(face, left, bottom),
        _within(face, right, bottom),
        _within(face, right, top),
        _within(face, left, top),
    ]


def disc(centre: Vector, radius: float, side: int, corners: int = 18) -> Corners:
    """A circle in the plane of x and y that faces ``side`` (1: towards z, -1: away)."""
    x, y, z = centre
    turns = [2 * math.pi * step / corners * side for step in range(corners)]
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn), z) for turn in turns]


def _within(face: Corners, across: Number, up: Number) -> Vector:
    first, second, third, fourth = face
    weights = ((1 - across) * (1 - up), across * (1 - up), across * up, (1 - across) * up)
    parts = tuple(zip(weights, (first, second, third, fourth), strict=True))
    x, y, z = (sum(weight * corner[axis] for weight, corner in parts) for axis in range(3))
    return x, y, z


def _along(axis: Vector, point: Vector) -> Number:
    return axis[0] * point[0] + axis[1] * point[1] + axis[2] * point[2]


def _normal(corners: Corners) -> Vector:
    # Newell's sum, as the first corner may be almost straight.
    x = y = z = 0.0
    for (x1, y1, z1), (x2, y2, z2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        x += (y1 - y2) * (z1 + z2)
        y += (z1 - z2) * (x1 + x2)
        z += (x1 - x2) * (y1 + y2)
    length = math.hypot(x, y, z) or 1.0
    return x / length, y / length, z / length
