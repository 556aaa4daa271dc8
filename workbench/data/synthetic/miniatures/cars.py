"""Cars: one of six bodies in one of many colours, with parts that tell alike ones apart."""

import math
from dataclasses import dataclass

from PIL import Image

from workbench.data.synthetic.miniatures.backdrops import seen, soft_shadow, street
from workbench.data.synthetic.miniatures.solids import (
    Corners,
    Face,
    Number,
    Painter,
    View,
    box,
    disc,
    on_plane,
)
from workbench.data.synthetic.playground.people.palette import CLOTH, Colour, shade
from workbench.data.synthetic.playground.randomness import Draws

SIZE = (128, 96)
"""Width and height in pixels."""
_GLASS: Colour = (58, 74, 92)
_TYRE: Colour = (30, 30, 34)
_LAMP: Colour = (250, 240, 196)
_TAIL: Colour = (196, 30, 36)


@dataclass(frozen=True)
class Body:
    """Lengths in metres from the middle forwards; heights above the road.

    ``cabin`` holds where the rear window begins, the roof begins and ends, the windscreen ends.
    """

    length: float
    width: float
    belt: float
    roof: float
    hood: float
    cabin: tuple[float, float, float, float]


BODIES: dict[str, Body] = {
    "saloon": Body(4.6, 1.8, 0.98, 1.46, 0.84, (-1.55, -1.0, 0.35, 0.98)),
    "hatchback": Body(3.9, 1.7, 0.98, 1.5, 0.84, (-1.93, -1.6, 0.25, 0.9)),
    "van": Body(4.7, 1.9, 1.15, 2.0, 0.98, (-2.33, -2.25, 1.1, 1.75)),
    "sports": Body(4.4, 1.85, 0.82, 1.2, 0.66, (-1.7, -0.85, 0.1, 0.85)),
    "pick-up": Body(5.0, 1.9, 1.1, 1.75, 1.0, (-0.5, -0.4, 0.75, 1.15)),
    "estate": Body(4.7, 1.8, 0.98, 1.5, 0.84, (-2.3, -2.0, 0.35, 1.0)),
}
_EXTRAS = ("none", "sunroof", "rack", "sign", "spoiler")
_STRIPES = ("none", "none", "side", "bonnet")


@dataclass(frozen=True)
class Car:
    """Everything that makes one car itself."""

    body: str
    paint: Colour
    roof: Colour
    stripe: str
    stripe_colour: Colour
    hubs: Colour
    extra: str
    tint: float


def car_of(identity: int) -> Car:
    """The car of a number, the same at every call."""
    draws = Draws("car", identity)
    names = list(CLOTH)
    # Neighbouring numbers never share body and colour both.
    paint = CLOTH[names[(identity * 7) % len(names)]]
    return Car(
        body=list(BODIES)[identity % len(BODIES)],
        paint=paint,
        roof=draws.pick((paint, paint, CLOTH["white"], CLOTH["black"])),
        stripe=draws.pick(_STRIPES),
        stripe_colour=draws.pick([colour for colour in CLOTH.values() if colour != paint]),
        hubs=draws.pick(((170, 172, 176), (90, 92, 96), (206, 196, 160), (44, 44, 48))),
        extra=draws.pick(_EXTRAS),
        tint=draws.uniform(0.7, 1.5),
    )


def draw_car(
    identity: int, camera: int, shot: int, yaws: tuple[float, ...] | None = None
) -> Image.Image:
    """A picture of a car before a street; ``yaws`` in degrees, where 0 shows its right side.

    The camera fixes street, height and usual sides; ``shot`` varies the rest.
    """
    draws, fixed = Draws("car shot", identity, camera, shot), Draws("car camera", camera)
    usual = fixed.uniform(0, 360)
    yaw = math.radians(draws.pick(yaws or (usual, usual + 180)) + draws.normal(0.0, 12.0))
    pitch = fixed.uniform(0.16, 0.4)
    width, height = SIZE
    scale = width / 5.6 * draws.uniform(0.94, 1.08)
    x, y = width * draws.normal(0.5, 0.02), height * draws.normal(0.74, 0.02)
    broad = scale * (1.2 + 1.3 * abs(math.cos(yaw)))
    backdrop = street(SIZE, camera, draws)
    backdrop = soft_shadow(backdrop, (x, y + 1), (broad, scale * 0.75), 0.55)
    painter = Painter(backdrop, View(yaw, pitch, scale, x, y))
    for layer in _layers(car_of(identity)):
        painter.paint(layer)
    return seen(painter.picture(), camera, draws)


def _layers(car: Car) -> list[list[Face]]:
    """The lower body, the cabin, and what is on the roof, in the order of painting."""
    body = BODIES[car.body]
    return [_lower(car, body), _cabin(car, body), _extras(car, body)]


def _lower(car: Car, body: Body) -> list[Face]:
    half, side, low = body.length / 2, body.width / 2, 0.28
    rear, front = body.cabin[0], body.cabin[3]
    tail = body.belt - 0.04
    profile = [(-half, low), (half, low), (half, body.hood - 0.12), (half - 0.1, body.hood)]
    profile += [(front, body.belt), (rear, body.belt), (-half + 0.06, tail), (-half, tail - 0.1)]
    right: Corners = [(x, y, side) for x, y in profile]
    left: Corners = [(x, y, -side) for x, y in reversed(profile)]
    faces = [
        Face(right, car.paint, _side_marks(car, body, 1)),
        Face(left, car.paint, _side_marks(car, body, -1)),
    ]
    for (x, y), (next_x, next_y) in zip(profile, [*profile[1:], profile[0]], strict=True):
        strip: Corners = [
            (x, y, side),
            (x, y, -side),
            (next_x, next_y, -side),
            (next_x, next_y, side),
        ]
        faces.append(Face(strip, car.paint, _strip_marks(car, strip, x, next_x)))
    return faces


def _strip_marks(car: Car, strip: Corners, x: Number, next_x: Number) -> tuple[Face, ...]:
    """Lamps and number plates at both ends, stripes along the bonnet."""
    upright = abs(x - next_x) < 1e-9
    if not upright:
        bonnet = car.stripe == "bonnet" and x > next_x
        bands = ((0.34, 0.44), (0.56, 0.66)) if bonnet else ()
        return tuple(
            Face(on_plane(strip, low, 0.0, high, 1.0), car.stripe_colour) for low, high in bands
        )
    lamp = _LAMP if x > 0 else _TAIL
    ends = ((0.04, 0.24), (0.76, 0.96))
    lamps = [Face(on_plane(strip, low, 0.55, high, 0.85), lamp, glows=True) for low, high in ends]
    if x < 0:
        lamps = [Face(on_plane(strip, low, 0.2, high, 0.5), lamp, glows=True) for low, high in ends]
    level = (0.2, 0.42) if x > 0 else (0.55, 0.78)
    plate = Face(on_plane(strip, 0.38, level[0], 0.62, level[1]), (236, 236, 226))
    grille = [Face(on_plane(strip, 0.3, 0.55, 0.7, 0.8), (40, 42, 46))] if x > 0 else []
    return (*lamps, *grille, plate)


def _side_marks(car: Car, body: Body, side: int) -> tuple[Face, ...]:
    """Wheels, a door, a handle and a stripe along the side; ``side`` 1 is the right one."""
    z, half = side * body.width / 2, body.length / 2
    marks = [_level(-half + 0.15, half - 0.25, 0.3, 0.4, z, side, shade(car.paint, 0.6))]
    if car.stripe == "side":
        marks.append(_level(-half + 0.02, half - 0.12, 0.6, 0.72, z, side, car.stripe_colour))
    for x in (-0.15, 0.85):
        marks.append(_level(x, x + 0.03, 0.4, body.belt, z, side, shade(car.paint, 0.6)))
    marks.append(_level(-0.05, 0.12, body.belt - 0.14, body.belt - 0.09, z, side, (210, 210, 210)))
    for x in (half * 0.62, -half * 0.62):
        marks.append(Face(disc((x, 0.36, z), 0.43, side), shade(car.paint, 0.45)))
        marks.append(Face(disc((x, 0.33, z), 0.36, side), _TYRE, glows=True))
        marks.append(Face(disc((x, 0.33, z), 0.21, side), car.hubs))
    return tuple(marks)


def _level(
    left: Number, right: Number, low: Number, high: Number, z: Number, side: int, colour: Colour
) -> Face:
    corners: Corners = [(left, low, z), (right, low, z), (right, high, z), (left, high, z)]
    return Face(corners if side > 0 else corners[::-1], colour)


def _cabin(car: Car, body: Body) -> list[Face]:
    rear, roof_rear, roof_front, front = body.cabin
    low, high = body.width * 0.47, body.width * 0.385
    base, top = body.belt, body.roof
    glass = shade(_GLASS, car.tint)
    sides = []
    for side in (1, -1):
        corners: Corners = [
            (rear, base, side * low),
            (front, base, side * low),
            (roof_front, top, side * high),
            (roof_rear, top, side * high),
        ]
        windows = ((0.06, 0.44), (0.5, 0.93)) if car.body != "pick-up" else ((0.1, 0.9),)
        if side < 0:
            corners = [corners[1], corners[0], corners[3], corners[2]]
            windows = tuple((1 - right, 1 - left) for left, right in windows)
        panes = tuple(Face(on_plane(corners, a, 0.1, b, 0.86), glass) for a, b in windows)
        sides.append(Face(corners, car.paint, panes))
    screen: Corners = [(front, base, low), (front, base, -low)]
    screen = [*screen, (roof_front, top, -high), (roof_front, top, high)]
    back: Corners = [(rear, base, -low), (rear, base, low)]
    back = [*back, (roof_rear, top, high), (roof_rear, top, -high)]
    roof: Corners = [(roof_rear, top, high), (roof_front, top, high)]
    roof = [*roof, (roof_front, top, -high), (roof_rear, top, -high)]
    hatch = (Face(on_plane(roof, 0.45, 0.2, 0.85, 0.8), glass),) if car.extra == "sunroof" else ()
    ends = [
        Face(screen, car.paint, (Face(on_plane(screen, 0.06, 0.06, 0.94, 0.9), glass),)),
        Face(back, car.paint, (Face(on_plane(back, 0.1, 0.12, 0.9, 0.88), glass),)),
    ]
    return [*sides, *ends, Face(roof, car.roof, hatch)]


def _extras(car: Car, body: Body) -> list[Face]:
    middle = (body.cabin[1] + body.cabin[2]) / 2
    match car.extra:
        case "rack":
            bars = (middle - 0.35, middle + 0.35)
            rails = [
                face
                for x in bars
                for face in box((x, body.roof + 0.04, 0.0), (0.1, 0.07, body.width * 0.74), _TYRE)
            ]
            load = box((middle, body.roof + 0.1, 0.0), (1.1, 0.22, 0.6), car.stripe_colour)
            return [*rails, *load]
        case "sign":
            return box((middle, body.roof, 0.0), (0.28, 0.2, 0.6), (246, 208, 70))
        case "spoiler":
            rear, top = -body.length / 2 + 0.25, body.belt + 0.14
            return box((rear, top, 0.0), (0.3, 0.07, body.width * 0.9), shade(car.paint, 0.7))
        case _:
            return []
