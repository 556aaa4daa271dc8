"""Goods of a market place: chairs, tables, sofas, cabinets, lamps, mugs and kettles."""

import math
from collections.abc import Callable

from PIL import Image

from workbench.data.synthetic.miniatures.backdrops import paper, seen, soft_shadow
from workbench.data.synthetic.miniatures.solids import (
    Face,
    Number,
    Painter,
    View,
    box,
    lathe,
    on_plane,
)
from workbench.data.synthetic.playground.people.palette import CLOTH, Colour, shade
from workbench.data.synthetic.playground.randomness import Draws

SIZE = (112, 112)
"""Width and height in pixels."""
_WOODS: tuple[Colour, ...] = ((176, 124, 78), (120, 80, 52), (214, 178, 128), (70, 52, 44))
Layers = list[list[Face]]


def kind_of(identity: int) -> str:
    """The kind of goods of a number, as the folders of the data set call it."""
    return list(_MAKERS)[identity % len(_MAKERS)]


def draw_goods(identity: int, shot: int) -> Image.Image:
    """A picture of one product; ``shot`` varies side, distance and what is behind."""
    draws = Draws("goods shot", identity, shot)
    width, height = SIZE
    yaw = math.radians(draws.uniform(-70, 70))
    pitch = draws.uniform(0.22, 0.5)
    scale = width / 1.75 * draws.uniform(0.9, 1.08)
    x, y = width * draws.normal(0.5, 0.02), height * draws.normal(0.8, 0.02)
    backdrop = soft_shadow(paper(SIZE, draws), (x, y + 1), (scale * 0.55, scale * 0.2), 0.35)
    painter = Painter(backdrop, View(yaw, pitch, scale, x, y))
    for layer in _MAKERS[kind_of(identity)](identity):
        painter.paint(layer)
    return seen(painter.picture(), 200 + draws.integer(0, 5), draws)


def _colours(identity: int) -> tuple[Draws, Colour, Colour]:
    """A stream of the product, its main colour and another one."""
    draws, names = Draws("goods", identity), list(CLOTH)
    main = CLOTH[names[(identity * 5 + identity // len(_MAKERS)) % len(names)]]
    return draws, main, draws.pick([colour for colour in CLOTH.values() if colour != main])


def _legs(draws: Draws, broad: Number, deep: Number, height: Number, colour: Colour) -> list[Face]:
    thick = draws.uniform(0.05, 0.09)
    return [
        face
        for x in (-broad / 2 + thick, broad / 2 - thick)
        for z in (-deep / 2 + thick, deep / 2 - thick)
        for face in box((x, 0.0, z), (thick, height, thick), colour)
    ]


def _chair(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    broad, high = draws.uniform(0.52, 0.68), draws.uniform(0.4, 0.5)
    frame = draws.pick((*_WOODS, other))
    back = box((0, high + 0.06, -broad / 2 + 0.04), (broad, draws.uniform(0.4, 0.6), 0.07), main)
    if draws.chance(0.5):
        panel = Face(on_plane(back[0].corners, 0.25, 0.15, 0.75, 0.85), other)
        back[0] = Face(back[0].corners, main, (panel,))
    seat = box((0, high, 0), (broad, 0.09, broad), main)
    return [_legs(draws, broad, broad, high, frame), [*seat, *back]]


def _table(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    broad, deep, high = draws.uniform(0.9, 1.15), draws.uniform(0.55, 0.8), draws.uniform(0.5, 0.65)
    if draws.chance(0.4):
        foot = lathe([(0.3, 0.0), (0.3, 0.03), (0.05, 0.06), (0.05, high)], other)
        return [foot, lathe([(broad / 2, high), (broad / 2, high + 0.06)], main, sides=24)]
    top = box((0, high, 0), (broad, 0.07, deep), main)
    runner = Face(on_plane(top[4].corners, 0.38, 0.0, 0.62, 1.0), other)
    top[4] = Face(top[4].corners, main, (runner,))
    return [_legs(draws, broad, deep, high, draws.pick((*_WOODS, main))), top]


def _sofa(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    broad, deep, high = draws.uniform(1.0, 1.25), 0.55, draws.uniform(0.26, 0.34)
    arm = draws.uniform(0.1, 0.18)
    back = box((0, 0.06, -deep / 2), (broad, high + 0.36, 0.16), shade(main, 0.94))
    seat = box((0, 0.06, 0.06), (broad, high, deep), main)
    arms = [
        face
        for side in (-1, 1)
        for face in box(
            (side * (broad - arm) / 2, 0.06, 0.06), (arm, high + 0.16, deep), shade(main, 0.88)
        )
    ]
    across = draws.uniform(0.16, 0.26)
    pillows = [
        face
        for side in draws.pick(((-1,), (1,), (-1, 1)))
        for face in box(
            (side * broad * 0.26, high + 0.06, -0.08), (across * 1.3, across, 0.1), other
        )
    ]
    feet = _legs(draws, broad, deep, 0.07, _WOODS[3])
    return [feet, back, seat, pillows, arms]


def _cabinet(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    broad, high = draws.uniform(0.6, 0.95), draws.uniform(0.6, 1.05)
    rows, columns = draws.integer(1, 4), draws.integer(1, 2)
    body = box((0, 0.08, 0), (broad, high, 0.42), main)
    front, doors = body[0].corners, []
    for row in range(rows):
        for column in range(columns):
            left, low = column / columns, row / rows
            right, top = (column + 1) / columns, (row + 1) / rows
            door = on_plane(front, left + 0.03, low + 0.03, right - 0.03, top - 0.03)
            knob = on_plane(door, 0.42, 0.46, 0.58, 0.54)
            doors += [
                Face(door, draws.pick((other, other, shade(main, 1.15)))),
                Face(knob, (40, 36, 34)),
            ]
    body[0] = Face(front, main, tuple(doors))
    return [_legs(draws, broad, 0.42, 0.08, _WOODS[3]), body]


def _lamp(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    high, broad = draws.uniform(0.5, 0.75), draws.uniform(0.24, 0.36)
    if draws.chance(0.5):
        stand = lathe([(0.2, 0.0), (0.2, 0.03), (0.03, 0.06), (0.03, high)], other)
    else:
        belly = draws.uniform(0.12, 0.2)
        stand = lathe([(0.1, 0.0), (belly, high * 0.3), (0.07, high * 0.7), (0.03, high)], other)
    waist = draws.uniform(0.4, 0.85)
    return [stand, lathe([(broad, high - 0.06), (broad * waist, high + 0.34)], shade(main, 1.15))]


def _mug(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    broad, high = draws.uniform(0.3, 0.4), draws.uniform(0.55, 0.75)
    low, top = high * draws.uniform(0.2, 0.4), high * draws.uniform(0.55, 0.8)
    body = [
        *lathe([(broad * 0.94, 0.0), (broad, low)], main),
        *lathe([(broad, low), (broad, top)], other),
        *lathe([(broad, top), (broad, high)], main),
    ]
    inside = lathe([(broad * 0.88, high), (broad * 0.88, high + 0.001)], (84, 52, 34))
    # Behind, beside or before the mug, by the side it is seen from.
    handle = [
        *box((broad + 0.12, high * 0.24, 0), (0.24, 0.08, 0.09), main),
        *box((broad + 0.2, high * 0.24, 0), (0.08, high * 0.52, 0.09), main),
        *box((broad + 0.12, high * 0.7, 0), (0.24, 0.08, 0.09), main),
    ]
    return [[*handle, *body], inside]


def _kettle(identity: int) -> Layers:
    draws, main, other = _colours(identity)
    broad, high = draws.uniform(0.36, 0.44), draws.uniform(0.42, 0.56)
    belly = [
        (broad * 0.9, 0.0),
        (broad, high * 0.3),
        (broad * 0.8, high * 0.8),
        (broad * 0.4, high),
    ]
    body = lathe(belly, main)
    lid = lathe([(broad * 0.42, high), (broad * 0.1, high + 0.07), (0.06, high + 0.14)], other)
    spout = box((broad + 0.1, high * 0.5, 0), (0.34, 0.1, 0.1), shade(main, 0.9))
    tip = box((broad + 0.24, high * 0.5, 0), (0.1, 0.3, 0.1), shade(main, 0.9))
    arch = [
        face
        for x, y, size in ((-0.3, 0.9, (0.07, 0.34, 0.07)), (0.3, 0.9, (0.07, 0.34, 0.07)))
        for face in box((x * broad / 0.4, high * y, 0), size, other)
    ]
    grip = box((0, high * 0.9 + 0.3, 0), (0.62 * broad / 0.4, 0.08, 0.09), other)
    return [[*spout, *tip, *body], lid, arch, grip]


_MAKERS: dict[str, Callable[[int], Layers]] = {
    "chair": _chair,
    "mug": _mug,
    "sofa": _sofa,
    "lamp": _lamp,
    "cabinet": _cabinet,
    "kettle": _kettle,
    "table": _table,
}
