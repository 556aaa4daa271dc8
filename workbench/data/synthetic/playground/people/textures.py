"""Unrolled garments and faces, drawn once a person and wrapped round the body many times."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from workbench.data.synthetic.playground.people.cylinder import (
    TEXTURE_HEIGHT,
    TEXTURE_WIDTH,
    Texels,
    Texture,
    column,
)
from workbench.data.synthetic.playground.people.identities import Identity
from workbench.data.synthetic.playground.people.palette import (
    CLOTH,
    HAIR,
    SKIN,
    Colour,
    mix,
    opposite,
    shade,
)
from workbench.data.synthetic.playground.people.prints import PRINTS
from workbench.data.synthetic.playground.people.skeleton import Point

# People are drawn one after the other, so few textures are in use at a time; strangers recur.
_KEPT = 128

_STRAP_ANGLES, _STRAP_LENGTH = (0.62, 0.94), 0.62
"""A backpack's straps run down both sides of the chest."""
_DIAGONAL_WIDTH = 14
"""Columns that a crossbody bag's strap is wide."""


@lru_cache(_KEPT)
def torso_texture(person: Identity) -> Texture:
    """The upper garment: pattern, opening, pocket, neck line, and a backpack's straps."""
    colour = CLOTH[person.torso.colour]
    image = Image.new("RGB", (TEXTURE_WIDTH, TEXTURE_HEIGHT), colour)
    draw = ImageDraw.Draw(image)
    PRINTS[person.torso.pattern](draw, colour, CLOTH[person.torso.second], person.torso.variant)
    if person.torso.kind in ("jacket", "coat"):
        _opening(draw, person)
    elif person.torso.kind == "hoodie":
        _pocket_and_cords(draw, colour)
    else:
        depth = 17 if person.torso.kind == "tank" else 10
        draw.ellipse((column(-0.6), -14, column(0.6), depth), fill=SKIN[person.body.skin])
    for outline in _straps(person):
        draw.polygon(outline, fill=shade(CLOTH[person.bag.colour], 0.88))
    return np.asarray(image)


@lru_cache(_KEPT)
def strap_texels(person: Identity) -> Texels | None:
    """Where the torso's texture shows the bag's straps; None where it has none."""
    outlines = _straps(person)
    if not outlines:
        return None
    image = Image.new("L", (TEXTURE_WIDTH, TEXTURE_HEIGHT))
    for outline in outlines:
        ImageDraw.Draw(image).polygon(outline, fill=1)
    return np.asarray(image) > 0


def _straps(person: Identity) -> list[list[Point]]:
    """Outlines on the texture of what holds the bag."""
    bottom = TEXTURE_HEIGHT * _STRAP_LENGTH
    if person.bag.kind == "backpack":
        sides = [
            (column(side * a), column(side * b)) for side in (-1, 1) for a, b in [_STRAP_ANGLES]
        ]
        return [[(a, 0.0), (b, 0.0), (b, bottom), (a, bottom)] for a, b in sides]
    if person.bag.kind == "crossbody":
        # From the shoulder down to the other hip, once over the chest and once over the back,
        # where the texture's ends meet.
        turns = [(-0.5, 0.5), (-0.5, -1.5), (1.5, 0.5)]
        return [_diagonal(person.bag.side, start, end) for start, end in turns]
    return []


def _diagonal(side: int, start: float, end: float) -> list[Point]:
    """A strap from angle ``start`` above to ``end`` below, in units of pi."""
    upper, lower = column(side * start * math.pi), column(side * end * math.pi)
    half = _DIAGONAL_WIDTH / 2
    return [
        (upper - half, 0.0),
        (upper + half, 0.0),
        (lower + half, float(TEXTURE_HEIGHT)),
        (lower - half, float(TEXTURE_HEIGHT)),
    ]


def _opening(draw: ImageDraw.ImageDraw, person: Identity) -> None:
    """The front of a jacket or coat: what is worn below, between two darker edges."""
    colour = CLOTH[person.torso.colour]
    narrow = 0.34 if person.torso.kind == "jacket" else 0.20
    wide = 1.5 * narrow
    plain = person.torso.pattern == "plain"
    inner = CLOTH[person.torso.second] if plain else opposite(colour)
    left, right = (column(-wide), 0), (column(wide), 0)
    draw.polygon(
        [left, right, (column(narrow), TEXTURE_HEIGHT), (column(-narrow), TEXTURE_HEIGHT)],
        fill=inner,
    )
    for side in (-1, 1):
        edge = [(column(side * wide), 0), (column(side * narrow), TEXTURE_HEIGHT)]
        draw.line(edge, fill=shade(colour, 0.6), width=4)
        collar = [
            (column(side * wide), 0),
            (column(side * wide * 1.7), 0),
            (column(side * narrow * 1.2), 26),
        ]
        draw.polygon(collar, fill=shade(colour, 0.82))


def _pocket_and_cords(draw: ImageDraw.ImageDraw, colour: Colour) -> None:
    pocket = [(-0.7, 0.64), (0.7, 0.64), (0.95, 0.90), (-0.95, 0.90)]
    points = [(column(angle), TEXTURE_HEIGHT * height) for angle, height in pocket]
    draw.polygon(points, outline=shade(colour, 0.68), width=4)
    for angle in (-0.2, 0.2):
        line = [(column(angle), 0), (column(angle), TEXTURE_HEIGHT * 0.3)]
        draw.line(line, fill=opposite(colour), width=4)


@lru_cache(_KEPT)
def plain_texture(colour: Colour, pleats: int = 0) -> Texture:
    """Cloth of one colour, with ``pleats`` darker lines from top to bottom."""
    texture = np.empty((TEXTURE_HEIGHT, TEXTURE_WIDTH, 3), np.uint8)
    texture[:] = colour
    for line in range(pleats):
        start = line * TEXTURE_WIDTH // pleats
        texture[:, start : start + 4] = shade(colour, 0.80)
        texture[:, start + 4 : start + 7] = shade(colour, 1.07)
    return texture


@lru_cache(_KEPT)
def backpack_texture(colour: Colour) -> Texture:
    """A backpack with a flap and a front pocket."""
    texture = np.empty((TEXTURE_HEIGHT, TEXTURE_WIDTH, 3), np.uint8)
    texture[:] = colour
    bands = ((0.0, 0.30, 1.06), (0.30, 0.34, 0.66), (0.52, 0.92, 0.88), (0.52, 0.555, 0.66))
    for top, bottom, factor in bands:
        rows = slice(int(top * TEXTURE_HEIGHT), int(bottom * TEXTURE_HEIGHT))
        texture[rows] = shade(colour, factor)
    texture[-4:] = shade(colour, 0.7)
    return texture


@lru_cache(_KEPT)
def head_texture(person: Identity) -> Texture:
    """Face, ears and hair; hair and nape meet at the back."""
    skin = SKIN[person.body.skin]
    bald = person.head.hair == "bald"
    hair = skin if bald else HAIR[person.head.colour]
    image = Image.new("RGB", (TEXTURE_WIDTH, TEXTURE_HEIGHT), hair)
    draw = ImageDraw.Draw(image)
    hairline = 0.22 if person.head.hair in ("afro", "bun", "ponytail") else 0.28
    draw.rectangle(
        (column(-1.25), TEXTURE_HEIGHT * (hairline + 0.1), column(1.25), TEXTURE_HEIGHT), fill=skin
    )
    draw.ellipse(
        (column(-1.25), TEXTURE_HEIGHT * hairline, column(1.25), TEXTURE_HEIGHT * 0.7), fill=skin
    )
    nape = 1.0 if person.head.hair in ("bob", "long") else 0.80
    draw.rectangle((0, TEXTURE_HEIGHT * nape, TEXTURE_WIDTH, TEXTURE_HEIGHT), fill=skin)
    _face(draw, skin, (50, 40, 36) if bald else shade(hair, 0.5), person.head.glasses)
    return np.asarray(image)


def _face(draw: ImageDraw.ImageDraw, skin: Colour, brow: Colour, glasses: bool) -> None:
    unit = TEXTURE_HEIGHT

    def oval(angle: float, across: float, top: float, bottom: float, colour: Colour) -> None:
        middle = column(angle)
        draw.ellipse((middle - across, unit * top, middle + across, unit * bottom), fill=colour)

    for side in (-1, 1):
        oval(side * 1.5, 8.0, 0.46, 0.66, shade(skin, 0.86))
        oval(side * 0.75, 12.0, 0.60, 0.76, mix(skin, shade(skin, 0.88)))
        eye = column(side * 0.42)
        oval(side * 0.42, 7.0, 0.46, 0.57, (240, 240, 238))
        oval(side * 0.42, 4.0, 0.46, 0.57, (36, 28, 26))
        draw.line((eye - 9, unit * 0.41, eye + 9, unit * 0.405), fill=brow, width=4)
        if glasses:
            rim = (eye - 13, unit * 0.41, eye + 13, unit * 0.62)
            draw.ellipse(rim, outline=(24, 24, 28), width=4)
            temple = (column(side * 0.7), unit * 0.5, column(side * 1.5), unit * 0.5)
            draw.line(temple, fill=(24, 24, 28), width=4)
    if glasses:
        draw.line((column(-0.2), unit * 0.5, column(0.2), unit * 0.5), fill=(24, 24, 28), width=4)
    oval(0.0, 6.0, 0.56, 0.69, shade(skin, 0.86))
    oval(0.0, 10.0, 0.765, 0.835, mix(skin, (160, 60, 60)))
