"""The static view of each camera: a wall or a horizon above, the ground below."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFilter

from workbench.data.synthetic.playground.cameras import CAMERAS, SceneKind
from workbench.data.synthetic.playground.people.palette import CLOTH, Colour, shade
from workbench.data.synthetic.playground.randomness import Draws

Pixels = int | float

WIDTH, HEIGHT = 768, 512
WINDOW_HEIGHT = 300
"""Rows of a scene that one picture shows."""


class Scene(NamedTuple):
    """A view and the row where the ground begins."""

    image: UInt8[np.ndarray, "rows columns 3"]
    horizon: int


class _Easel:
    """A scene in the making."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.horizon = draws.integer(205, 255)
        self.image = Image.new("RGB", (WIDTH, HEIGHT))
        self.brush = ImageDraw.Draw(self.image)

    def near(self, colour: Colour, spread: int = 12) -> Colour:
        """A colour close to this one."""
        red, green, blue = (
            min(255, max(0, value + self.draws.integer(-spread, spread))) for value in colour
        )
        return red, green, blue

    def box(self, left: Pixels, top: Pixels, right: Pixels, bottom: Pixels, colour: Colour) -> None:
        """Fill a rectangle."""
        self.brush.rectangle((left, top, right, bottom), fill=colour)

    def wall(self, colour: Colour) -> None:
        """Fill everything above the ground, a little darker at its foot."""
        for row in range(self.horizon):
            dim = 1.04 - 0.10 * row / self.horizon
            self.brush.line((0, row, WIDTH, row), fill=shade(colour, dim))

    def ground(self, colour: Colour) -> None:
        """Fill the ground, lighter towards the camera."""
        for row in range(self.horizon, HEIGHT):
            light = 0.84 + 0.22 * (row - self.horizon) / (HEIGHT - self.horizon)
            self.brush.line((0, row, WIDTH, row), fill=shade(colour, light))

    def paving(self, colour: Colour, step: int) -> None:
        """Joints of slabs: lines to the vanishing point, and rows ever farther apart."""
        middle = WIDTH / 2
        for joint in range(-14, 30):
            offset = joint * step - middle
            far, near = middle + 0.35 * offset, middle + 2.2 * offset
            self.brush.line((far, self.horizon, near, HEIGHT), fill=colour, width=2)
        row, gap = float(self.horizon), 6.0
        while row < HEIGHT:
            self.brush.line((0, row, WIDTH, row), fill=colour, width=2)
            row, gap = row + gap, gap * 1.35


def _plaza(easel: _Easel) -> None:
    """Pale house fronts with windows."""
    easel.wall((178, 190, 202))
    for left in range(0, WIDTH, 96):
        easel.box(
            left, 0, left + easel.draws.integer(60, 92), easel.horizon, easel.near((188, 180, 166))
        )
        for top in range(14, easel.horizon - 24, 42):
            for shift in (10, 42):
                pane = easel.near((96, 116, 136))
                easel.box(left + shift - 2, top - 2, left + shift + 22, top + 28, (150, 144, 134))
                easel.box(left + shift, top, left + shift + 20, top + 26, pane)
                easel.box(left + shift, top, left + shift + 20, top + 8, shade(pane, 1.2))
    easel.ground((178, 172, 162))
    easel.paving((158, 152, 142), 46)


def _brick(easel: _Easel) -> None:
    """A brick wall with doors."""
    easel.wall((146, 88, 70))
    for course, top in enumerate(range(0, easel.horizon, 12)):
        for left in range(-14 * (course % 2), WIDTH, 28):
            easel.box(left, top, left + 26, top + 10, easel.near((162, 96, 76)))
    for left in (110, 420, 640):
        top = easel.horizon - 150
        door = easel.near((108, 84, 60))
        easel.box(left, top, left + 62, easel.horizon, easel.near((70, 60, 56)))
        easel.box(left + 6, top + 6, left + 56, easel.horizon - 2, door)
        for panel in (top + 14, top + 78):
            easel.box(left + 13, panel, left + 49, panel + 54, shade(door, 0.86))
    easel.ground((140, 132, 122))
    easel.paving((118, 110, 102), 60)


def _lawn(easel: _Easel) -> None:
    """Trees before the sky, a path through grass."""
    draws = easel.draws
    easel.wall((166, 202, 226))
    for _ in range(9):
        left = draws.uniform(0, WIDTH)
        easel.box(left, easel.horizon - 130, left + 12, easel.horizon + 6, easel.near((92, 70, 52)))
    for _ in range(90):
        x, radius = draws.uniform(0, WIDTH), draws.uniform(20, 52)
        y = draws.uniform(easel.horizon - 160, easel.horizon - 24)
        leaves = easel.near((66, 116, 58), 20)
        easel.brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=leaves)
        lit = (x - 0.6 * radius, y - 0.8 * radius, x + 0.4 * radius, y)
        easel.brush.ellipse(lit, fill=shade(leaves, 1.14))
    easel.ground((116, 158, 80))
    for _ in range(500):
        x, y = draws.uniform(0, WIDTH), draws.uniform(easel.horizon + 4, HEIGHT)
        blade = easel.near((108, 152, 74), 16)
        easel.brush.line(
            (x, y, x + draws.uniform(-3, 3), y - draws.uniform(3, 9)), fill=blade, width=2
        )
    path = [(0.3, easel.horizon), (0.7, easel.horizon), (1.4, HEIGHT), (-0.4, HEIGHT)]
    easel.brush.polygon([(WIDTH * x, y) for x, y in path], fill=(192, 182, 158))


def _shops(easel: _Easel) -> None:
    """Shop windows full of goods below coloured signs."""
    draws = easel.draws
    signs = ("red", "teal", "navy", "orange", "green", "purple")
    for left in range(0, WIDTH, 128):
        easel.box(left, 0, left + 128, easel.horizon, easel.near((122, 126, 136), 20))
        pane = easel.near((62, 76, 94), 16)
        easel.box(left + 8, 60, left + 120, easel.horizon - 4, pane)
        easel.box(left + 4, 28, left + 124, 56, easel.near(CLOTH[draws.pick(signs)], 14))
        for letter in range(draws.integer(4, 7)):
            place = left + 18 + 14 * letter
            easel.box(place, 36, place + 8, 48, (226, 224, 214))
        for _ in range(8):
            x, y = left + draws.uniform(12, 100), draws.uniform(84, easel.horizon - 40)
            goods = easel.near((166, 156, 138), 60)
            easel.box(x, y, x + draws.uniform(8, 20), y + draws.uniform(12, 36), goods)
        glare = [
            (left + 20, 60),
            (left + 44, 60),
            (left + 24, easel.horizon - 4),
            (left + 8, easel.horizon - 4),
        ]
        easel.brush.polygon(glare, fill=shade(pane, 1.35))
    easel.ground((132, 136, 142))
    easel.paving((112, 116, 122), 54)


def _street(easel: _Easel) -> None:
    """Lit windows at dusk, a crossing, parked cars."""
    draws = easel.draws
    easel.wall((96, 92, 104))
    for left in range(0, WIDTH, 70):
        house = easel.near((84, 78, 84), 16)
        easel.box(left, draws.integer(0, 60), left + 64, easel.horizon, house)
        for window in range(3):
            for top in range(70, easel.horizon - 20, 30):
                lit = (214, 184, 120) if draws.chance(0.35) else (52, 54, 62)
                x = left + 8 + 18 * window
                easel.box(x, top, x + 11, top + 16, easel.near(lit, 10))
    easel.ground((92, 90, 92))
    for stripe in range(9):
        x, top = stripe * 96, easel.horizon + 120
        points = [(x, top), (x + 44, top), (x + 20, HEIGHT), (x - 50, HEIGHT)]
        easel.brush.polygon(points, fill=(184, 182, 176))
    for left in (60, 380, 610):
        _parked_car(easel, left)


def _parked_car(easel: _Easel, left: int) -> None:
    body = easel.near(CLOTH[easel.draws.pick(("red", "white", "blue", "grey", "black"))])
    row, brush = easel.horizon, easel.brush
    brush.rounded_rectangle((left + 28, row - 72, left + 122, row - 30), 14, fill=shade(body, 0.8))
    brush.rectangle((left + 38, row - 64, left + 112, row - 40), fill=(50, 60, 72))
    brush.rounded_rectangle((left, row - 42, left + 150, row + 10), 12, fill=body)
    brush.rectangle((left + 4, row - 22, left + 146, row - 17), fill=shade(body, 0.7))
    for wheel in (16, 104):
        brush.ellipse((left + wheel, row - 6, left + wheel + 30, row + 24), fill=(26, 26, 28))
        brush.ellipse(
            (left + wheel + 9, row + 3, left + wheel + 21, row + 15), fill=(120, 120, 124)
        )


def _hall(easel: _Easel) -> None:
    """Pillars and doors indoors, a shining floor."""
    easel.wall((198, 192, 178))
    for left in range(0, WIDTH, 150):
        easel.box(left, 0, left + 16, easel.horizon, (160, 154, 142))
        easel.box(left + 16, 0, left + 20, easel.horizon, (140, 134, 124))
        easel.box(left + 50, 50, left + 110, easel.horizon, easel.near((112, 92, 76)))
        easel.box(left + 60, 70, left + 100, 120, easel.near((150, 170, 180)))
    easel.box(0, 14, WIDTH, 26, (226, 224, 214))
    easel.ground((170, 160, 140))
    easel.paving((150, 142, 124), 70)


_SCENES: dict[SceneKind, Callable[[_Easel], None]] = {
    "plaza": _plaza,
    "brick": _brick,
    "lawn": _lawn,
    "shops": _shops,
    "street": _street,
    "hall": _hall,
}


@lru_cache(len(CAMERAS))
def scene(seed: int, camera: int, scale: float = 1.0) -> Scene:
    """The view of a camera (counted from 1), 768 x 512 times ``scale``, the same for a seed."""
    easel = _Easel(Draws(seed, "scene", camera))
    _SCENES[CAMERAS[camera - 1].scene](easel)
    image = easel.image.filter(ImageFilter.BoxBlur(1.5))
    # Coarse stains of a few percent keep large surfaces from being flat.
    spots = np.random.RandomState([seed, camera]).randint(0, 256, (HEIGHT // 8, WIDTH // 8))
    stains = Image.fromarray(spots.astype(np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
    factor = 1.0 + (np.asarray(stains, np.float32)[..., None] - 128.0) * (0.045 / 128.0)
    stained = np.clip(np.asarray(image, np.float32) * factor, 0, 255).astype(np.uint8)
    size = (math.ceil(WIDTH * scale), math.ceil(HEIGHT * scale))
    scaled = Image.fromarray(stained).resize(size, Image.Resampling.BILINEAR)
    return Scene(np.asarray(scaled), round(easel.horizon * scale))


def backdrop(
    seed: int, camera: int, width: int, height: int, draws: Draws
) -> UInt8[np.ndarray, "height width 3"]:
    """A random window of a camera's view, as large as a picture."""
    scale = height / WINDOW_HEIGHT
    view = scene(seed, camera, scale)
    rows, columns, _ = view.image.shape
    left = draws.integer(0, columns - width)
    top = view.horizon - height // 2 + round(draws.uniform(-12.0, 12.0) * scale)
    top = min(rows - height, max(0, top))
    return view.image[top : top + height, left : left + width]
