"""Buildings with the ground around them, seen from a satellite and from a drone that circles."""

import math
from dataclasses import dataclass, replace

from PIL import Image

from workbench.data.synthetic.miniatures.backdrops import seen
from workbench.data.synthetic.miniatures.solids import (
    Ball,
    Corners,
    Face,
    Number,
    Painter,
    Vector,
    View,
    box,
    lathe,
    on_plane,
)
from workbench.data.synthetic.playground.people.palette import Colour, shade
from workbench.data.synthetic.playground.randomness import Draws

SIZE = (128, 128)
"""Width and height in pixels."""
_WALLS: tuple[Colour, ...] = (
    (196, 172, 142),
    (172, 92, 74),
    (216, 212, 202),
    (148, 158, 168),
    (206, 186, 116),
    (122, 96, 84),
)
_ROOFS: tuple[Colour, ...] = (
    (150, 66, 52),
    (96, 100, 108),
    (206, 204, 198),
    (74, 116, 96),
    (68, 84, 122),
    (186, 148, 92),
)
_GRASS: tuple[Colour, ...] = ((112, 146, 86), (130, 150, 96), (96, 134, 88))
_PAVING: Colour = (188, 184, 174)
_TREES: tuple[Colour, ...] = ((62, 104, 58), (80, 122, 62), (102, 126, 58))
_SHAPES = ("block", "wings", "court", "tower", "dome", "gable")


@dataclass(frozen=True)
class Site:
    """What is fixed about one place; lengths in units of which twelve fill a picture."""

    shape: str
    wall: Colour
    roof: Colour
    grass: Colour
    height: float
    broad: float
    deep: float
    storeys: int


def site_of(identity: int) -> Site:
    """The place of a number, the same at every call."""
    draws = Draws("site", identity)
    return Site(
        shape=_SHAPES[identity % len(_SHAPES)],
        wall=_WALLS[(identity * 5 + identity // 6) % len(_WALLS)],
        roof=_ROOFS[(identity + identity // 6) % len(_ROOFS)],
        grass=draws.pick(_GRASS),
        height=draws.uniform(1.2, 2.4),
        broad=draws.uniform(3.4, 4.6),
        deep=draws.uniform(2.2, 3.2),
        storeys=draws.integer(3, 5),
    )


def draw_satellite(identity: int, shot: int = 0) -> Image.Image:
    """The place from straight above, north up."""
    draws = Draws("satellite", identity, shot)
    width, height = SIZE
    view = View(0.0, math.radians(89.0), width / 12.5, width / 2, height / 2)
    return seen(_painted(identity, view), 101, draws)


def draw_drone(identity: int, shot: int, shots: int) -> Image.Image:
    """The place from the air on a spiral: shot 0 is the farthest and highest of ``shots``."""
    draws = Draws("drone", identity, shot)
    width, height = SIZE
    along = shot / max(1, shots)
    yaw = math.radians(3 * 360 * along + draws.normal(0.0, 6.0))
    pitch = math.radians(58 - 26 * along + draws.normal(0.0, 3.0))
    scale = width / 13.0 * (1.0 + 0.5 * along)
    view = View(yaw, pitch, scale, width * draws.normal(0.5, 0.015), height * 0.56)
    return seen(_painted(identity, view), 102, draws)


def _painted(identity: int, view: View) -> Image.Image:
    site, fixed = site_of(identity), Draws("ground", identity)
    painter = Painter(Image.new("RGB", SIZE, shade(site.grass, 0.92)), view)
    painter.paint([_ground(site, fixed)])
    painter.paint([*_neighbours(fixed), *_trees(fixed), *_building(site)])
    return painter.picture()


def _ground(site: Site, fixed: Draws) -> Face:
    far = 16.0
    corners: Corners = [(-far, 0, far), (far, 0, far), (far, 0, -far), (-far, 0, -far)]
    place = fixed.uniform(0.62, 0.67)
    road = Face(on_plane(corners, 0, place, 1, place + 0.05), (116, 116, 120))
    middle = place + 0.025
    dashes = [
        Face(
            on_plane(corners, at / 24, middle - 0.002, (at + 0.5) / 24, middle + 0.002),
            (230, 230, 226),
        )
        for at in range(24)
    ]
    across = fixed.uniform(0.3, 0.36)
    lane = Face(on_plane(corners, across, 0, across + 0.035, 1), _PAVING)
    edge = 0.5 + (site.broad / 2 + 0.6) / (2 * far)
    apron = Face(on_plane(corners, 1 - edge, 0.41, edge, 0.58), _PAVING)
    pond_at = fixed.uniform(0.36, 0.42)
    pond = [Face(on_plane(corners, 0.62, pond_at, 0.7, pond_at + 0.05), (96, 142, 172))]
    return Face(corners, site.grass, (lane, road, *dashes, apron, *pond * fixed.integer(0, 1)))


def _trees(fixed: Draws) -> list[Ball]:
    trees: list[Ball] = []
    for _ in range(fixed.integer(8, 16)):
        turn, away = fixed.uniform(0, 2 * math.pi), fixed.uniform(3.6, 7.0)
        radius = fixed.uniform(0.32, 0.6)
        centre = (away * math.cos(turn), radius, away * math.sin(turn))
        trees.append(Ball(centre, radius, fixed.pick(_TREES)))
    return trees


def _neighbours(fixed: Draws) -> list[Face]:
    faces: list[Face] = []
    for _ in range(fixed.integer(2, 4)):
        x = fixed.pick((-1, 1)) * fixed.uniform(5.2, 7.5)
        z = fixed.uniform(-6.5, 6.0)
        size = (fixed.uniform(1.2, 2.2), fixed.uniform(0.6, 1.2), fixed.uniform(1.2, 2.0))
        roof = shade(fixed.pick(_ROOFS), 1.05)
        faces += _roofed((x, 0.0, z), size, fixed.pick(_WALLS), roof, 2)
    return faces


def _building(site: Site) -> list[Face]:
    broad, deep, high = site.broad, site.deep, site.height

    def part(x: Number, z: Number, width: Number, depth: Number, height: Number) -> list[Face]:
        size = (width, height, depth)
        return _roofed((x, 0.0, z), size, site.wall, site.roof, site.storeys)

    match site.shape:
        case "wings":
            wing = part(-broad / 2 + 0.6, deep * 0.55, 1.2, deep * 0.9, high * 0.85)
            return [*part(0, -deep * 0.2, broad, deep * 0.7, high), *wing]
        case "court":
            wings = [
                face
                for side in (-1, 1)
                for face in part(side * (broad / 2 - 0.5), 0.9, 1.0, 1.9, high * 0.8)
            ]
            return [*part(0, -0.6, broad, 1.2, high), *wings]
        case "tower":
            base = part(0, 0, broad * 0.8, deep, high * 0.5)
            top = box((0, high * 0.5, 0), (1.4, high * 1.4, 1.4), site.wall)
            lid = box((0, high * 1.9, 0), (1.6, 0.15, 1.6), shade(site.roof, 1.35))
            return [*base, *_with_windows(top, site.storeys + 3), *lid]
        case "dome":
            hall = part(0, 0, broad, deep, high * 0.6)
            curve = [(1.2 * math.cos(step * 0.3), math.sin(step * 0.3)) for step in range(6)]
            foot = high * 0.6
            drum = lathe([(1.2, foot), (1.2, foot + 0.4)], site.wall)
            dome = lathe([(r, foot + 0.4 + y) for r, y in curve], site.roof)
            return [*hall, *drum, *dome]
        case "gable":
            return _gabled(site)
        case _:
            units = box((broad * 0.2, high + 0.12, 0), (0.7, 0.35, 0.6), (176, 178, 180))
            return [*part(0, 0, broad, deep, high), *units]


def _gabled(site: Site) -> list[Face]:
    broad, deep, high = site.broad / 2, site.deep / 2, site.height * 0.75
    ridge = high + 1.0
    walls = _with_windows(
        box((0, 0, 0), (site.broad, high, site.deep), site.wall), site.storeys - 1
    )
    front: Corners = [(-broad - 0.1, high, deep + 0.1), (broad + 0.1, high, deep + 0.1)]
    front = [*front, (broad + 0.1, ridge, 0.0), (-broad - 0.1, ridge, 0.0)]
    back: Corners = [(-x, y, -z) for x, y, z in front]
    ends: list[Corners] = [
        [(broad, high, deep), (broad, high, -deep), (broad, ridge, 0.0)],
        [(-broad, high, -deep), (-broad, high, deep), (-broad, ridge, 0.0)],
    ]
    slopes = [Face(slope, site.roof) for slope in (front, back)]
    return [*walls[:4], *(Face(end, site.wall) for end in ends), *slopes]


def _roofed(
    centre: Vector,
    size: Vector,
    wall: Colour,
    roof: Colour,
    storeys: int,
) -> list[Face]:
    """A block with rows of windows and a flat roof of another colour."""
    faces = _with_windows(box(centre, size, wall), storeys)
    top = faces[4]
    rim = Face(on_plane(top.corners, 0.07, 0.07, 0.93, 0.93), roof)
    return [*faces[:4], Face(top.corners, shade(roof, 0.8), (rim,))]


def _with_windows(faces: list[Face], storeys: int) -> list[Face]:
    """The four walls of a block with rows of windows; its other faces as they are."""
    return [
        replace(face, marks=_windows(face, storeys)) if place < 4 else face
        for place, face in enumerate(faces)
    ]


def _windows(wall: Face, storeys: int) -> tuple[Face, ...]:
    length = math.dist(wall.corners[0], wall.corners[1])
    columns = max(2, round(length / 0.55))
    colour = shade(wall.colour, 0.5)
    return tuple(
        Face(
            on_plane(
                wall.corners,
                (column + 0.25) / columns,
                (row + 0.3) / storeys,
                (column + 0.75) / columns,
                (row + 0.8) / storeys,
            ),
            colour,
        )
        for row in range(storeys)
        for column in range(columns)
    )
