"""Birds on a branch: kinds differ in shape and in the colours of their parts."""

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from workbench.data.synthetic.miniatures.backdrops import foliage, seen
from workbench.data.synthetic.playground.people.palette import CLOTH, Colour, shade
from workbench.data.synthetic.playground.randomness import Draws

SIZE = (112, 112)
"""Width and height in pixels."""
_OVERSAMPLING = 3
_BEAKS: tuple[Colour, ...] = ((236, 158, 52), (60, 56, 58), (206, 84, 62), (232, 206, 110))
_WOOD: Colour = (98, 74, 56)
Point = tuple[float, float]


@dataclass(frozen=True)
class Bird:
    """What is common to all birds of a kind; lengths relative to that of the trunk."""

    back: Colour
    breast: Colour
    head: Colour
    wing: Colour
    beak: Colour
    beak_length: float
    tail: float
    neck: float
    stout: float
    crest: bool
    bars: bool
    ring: bool
    mask: bool


def bird_of(identity: int) -> Bird:
    """The kind of bird of a number, the same at every call."""
    draws, names = Draws("bird", identity), list(CLOTH)
    back = CLOTH[names[(identity * 7 + identity // 18) % len(names)]]
    others = [colour for colour in CLOTH.values() if colour != back]
    return Bird(
        back=back,
        breast=draws.pick((CLOTH["white"], CLOTH["khaki"], *others)),
        head=draws.pick((back, back, *others)),
        wing=draws.pick((shade(back, 0.7), *others)),
        beak=draws.pick(_BEAKS),
        beak_length=draws.pick((0.14, 0.2, 0.34)),
        tail=draws.uniform(0.35, 0.8),
        neck=draws.uniform(0.0, 0.16),
        stout=draws.uniform(0.3, 0.4),
        crest=draws.chance(0.3),
        bars=draws.chance(0.4),
        ring=draws.chance(0.35),
        mask=draws.chance(0.35),
    )


def draw_bird(identity: int, shot: int) -> Image.Image:
    """A picture of a bird of this kind; ``shot`` varies pose, side, size and what is behind."""
    draws = Draws("bird shot", identity, shot)
    width, height = SIZE
    image = foliage(SIZE, draws)
    image = image.resize((width * _OVERSAMPLING, height * _OVERSAMPLING), Image.Resampling.BICUBIC)
    pen = _Pen(image, draws)
    _branch(pen)
    _paint(pen, bird_of(identity), draws)
    picture = image.reduce(_OVERSAMPLING)
    if draws.chance(0.5):
        picture = ImageOps.mirror(picture)
    return seen(picture, 300 + draws.integer(0, 5), draws)


class _Pen:
    """Draws in lengths of the bird's trunk, tilted about its feet."""

    def __init__(self, image: Image.Image, draws: Draws) -> None:
        self._brush = ImageDraw.Draw(image)
        self.size = image.width * draws.uniform(0.42, 0.52)
        self._tilt = draws.normal(-0.35, 0.16)
        self._feet = (
            image.width * draws.normal(0.5, 0.03),
            image.height * draws.normal(0.74, 0.02),
        )
        self.width = image.width / self.size

    def at(self, point: Point, tilted: bool = True) -> Point:
        sin, cos = (math.sin(self._tilt), math.cos(self._tilt)) if tilted else (0.0, 1.0)
        x, y = point[0] * cos - point[1] * sin, point[0] * sin + point[1] * cos
        return self._feet[0] + self.size * x, self._feet[1] + self.size * y

    def fill(self, points: list[Point], colour: Colour, tilted: bool = True) -> None:
        self._brush.polygon([self.at(point, tilted) for point in points], fill=colour)

    def oval(self, centre: Point, radii: Point, colour: Colour, turn: float = 0.0) -> None:
        self.fill(_oval(centre, radii, turn), colour)

    def line(self, points: list[Point], thick: float, colour: Colour, tilted: bool = True) -> None:
        places = [self.at(point, tilted) for point in points]
        self._brush.line(places, fill=colour, width=max(2, round(thick * self.size)), joint="curve")


def _oval(centre: Point, radii: Point, turn: float) -> list[Point]:
    sin, cos = math.sin(turn), math.cos(turn)
    (x, y), (a, b) = centre, radii
    turns = [math.pi * step / 14 for step in range(28)]
    return [
        (
            x + a * math.cos(t) * cos - b * math.sin(t) * sin,
            y + a * math.cos(t) * sin + b * math.sin(t) * cos,
        )
        for t in turns
    ]


def _branch(pen: _Pen) -> None:
    far = pen.width
    pen.line([(-far, 0.12), (0.0, 0.05), (far, -0.1)], 0.1, _WOOD, tilted=False)
    pen.line([(-far, 0.1), (0.0, 0.03), (far, -0.12)], 0.04, shade(_WOOD, 1.3), tilted=False)


def _paint(pen: _Pen, bird: Bird, draws: Draws) -> None:
    for x in (-0.06, 0.06):
        pen.line([(x, -0.12), (x, 0.04)], 0.028, shade(bird.beak, 0.8))
    middle, stout = (0.0, -0.1 - bird.stout), bird.stout
    tail = [(-0.3, -stout * 1.1), (-0.42 - bird.tail, -stout * 0.4), (-0.4 - bird.tail, -0.02)]
    pen.fill([*tail, (-0.24, -stout * 0.6)], shade(bird.wing, 0.85))
    pen.oval(middle, (0.5, stout), bird.back)
    pen.oval((0.08, middle[1] + stout * 0.3), (0.42, stout * 0.68), bird.breast, 0.1)
    head = (0.42, middle[1] - stout * 0.62 - bird.neck)
    pen.fill(
        [
            (0.12, middle[1] - stout * 0.8),
            (0.5, middle[1] + stout * 0.1),
            (head[0] + 0.2, head[1]),
            (head[0] - 0.2, head[1]),
        ],
        bird.head if not bird.ring else bird.back,
    )
    if bird.ring:
        pen.oval((head[0] - 0.02, head[1] + 0.2), (0.24, 0.09), (236, 236, 232), 0.5)
    _wing(pen, bird, middle, draws)
    _head(pen, bird, head)


def _wing(pen: _Pen, bird: Bird, middle: Point, draws: Draws) -> None:
    lifted = draws.chance(0.2)
    turn = 0.9 if lifted else 0.16
    centre = (-0.14, middle[1] - (bird.stout * 0.9 if lifted else 0.02))
    pen.oval(centre, (0.42, bird.stout * 0.55), bird.wing, turn)
    sin, cos = math.sin(turn), math.cos(turn)
    for step in range(3):
        along = 0.2 - 0.2 * step
        x, y = centre[0] + along * cos, centre[1] + along * sin
        end = (x - 0.2 * cos - 0.1 * sin, y - 0.2 * sin + 0.12 * cos)
        colour = (236, 236, 232) if bird.bars else shade(bird.wing, 0.72)
        pen.line([(x + 0.06 * sin, y - 0.1 * cos), end], 0.035, colour)


def _head(pen: _Pen, bird: Bird, head: Point) -> None:
    x, y = head
    if bird.crest:
        pen.fill([(x - 0.16, y - 0.06), (x - 0.26, y - 0.38), (x + 0.08, y - 0.16)], bird.head)
    long = bird.beak_length
    pen.fill([(x + 0.12, y - 0.09), (x + 0.2 + long, y + 0.03), (x + 0.12, y + 0.09)], bird.beak)
    pen.oval(head, (0.22, 0.2), bird.head)
    if bird.mask:
        pen.oval((x + 0.07, y - 0.01), (0.16, 0.07), (34, 32, 36), 0.1)
    pen.oval((x + 0.08, y - 0.04), (0.045, 0.045), (246, 244, 236))
    pen.oval((x + 0.085, y - 0.04), (0.03, 0.03), (18, 16, 18))
