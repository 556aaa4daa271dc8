"""One imagined person: a body and what it wears, drawn at random."""

from dataclasses import dataclass
from typing import Literal

from workbench.data.synthetic.playground.people.palette import (
    ACCENTS,
    BOTTOMS,
    CLOTH,
    DISTINCT,
    HAIR,
    SKIN,
    TOPS,
    Colour,
    difference,
)
from workbench.data.synthetic.playground.randomness import Draws

HairStyle = Literal["short", "bob", "long", "ponytail", "bun", "afro", "bald"]
HatKind = Literal["none", "cap", "beanie", "sunhat", "hood"]
TorsoKind = Literal["tshirt", "longsleeve", "jacket", "hoodie", "coat", "tank"]
Pattern = Literal["plain", "hstripe", "vstripe", "check", "dots", "block", "logo", "number", "band"]
LegsKind = Literal["trousers", "wide", "shorts", "skirt", "leggings", "dress"]
ShoesKind = Literal["sneaker", "boot", "flat"]
BagKind = Literal["none", "backpack", "crossbody", "handbag", "tote"]
TwinPart = Literal["shoes", "bag", "hat", "legs", "torso"]


@dataclass(frozen=True)
class Body:
    """Build of a body; every number is a factor of the usual, ``skin`` 0 (light) to 5 (dark)."""

    height: float
    build: float
    hips: float
    gait: float
    skin: int


@dataclass(frozen=True)
class Head:
    """Hair and glasses."""

    hair: HairStyle
    colour: str
    glasses: bool


@dataclass(frozen=True)
class Hat:
    """What the head wears; a hood has the colour of the garment it belongs to."""

    kind: HatKind
    colour: str


@dataclass(frozen=True)
class Torso:
    """The upper garment; ``second`` is the pattern's colour, ``variant`` its number or shape."""

    kind: TorsoKind
    colour: str
    pattern: Pattern
    second: str
    variant: int


@dataclass(frozen=True)
class Legs:
    """The lower garment; a dress has the colour of the upper one. ``stripe`` runs down its side."""

    kind: LegsKind
    colour: str
    stripe: str | None


@dataclass(frozen=True)
class Shoes:
    """Both shoes."""

    kind: ShoesKind
    colour: str


@dataclass(frozen=True)
class Bag:
    """What is carried, and on which side: -1 the person's right, 1 the left."""

    kind: BagKind
    colour: str
    side: int


@dataclass(frozen=True)
class Identity:
    """A person. Members of one family differ from its first in the part ``differs`` alone."""

    body: Body
    head: Head
    hat: Hat
    torso: Torso
    legs: Legs
    shoes: Shoes
    bag: Bag
    scarf: str | None
    family: int | None = None
    differs: TwinPart | None = None


def distinct_colour(draws: Draws, weights: dict[str, int | float], *others: Colour) -> str:
    """A colour of cloth that every camera tells from all the others."""
    while True:
        name = draws.weighted(weights)
        if all(difference(CLOTH[name], other) > DISTINCT for other in others):
            return name


def imagine(draws: Draws) -> Identity:
    """A person drawn from ``draws``.

    Half of them come from a mix of bodies and clothes with skirts and long hair, half from one
    without.
    """
    first_mix = draws.chance(0.5)
    body = _body(draws, first_mix)
    torso = _torso(draws)
    hat = _hat(draws, torso)
    return Identity(
        body=body,
        head=_head(draws, first_mix, bare=hat.kind == "none"),
        hat=hat,
        torso=torso,
        legs=_legs(draws, first_mix, torso),
        shoes=Shoes(
            draws.weighted({"sneaker": 0.62, "boot": 0.22, "flat": 0.16}), draws.weighted(ACCENTS)
        ),
        bag=_bag(draws),
        scarf=draws.weighted(ACCENTS) if draws.chance(0.1) else None,
    )


def _body(draws: Draws, first_mix: bool) -> Body:
    height = draws.normal(0.95 if first_mix else 1.01, 0.035)
    build = draws.normal(0.95 if first_mix else 1.06, 0.11)
    hips = draws.uniform(1.0, 1.16) if first_mix else draws.uniform(0.9, 1.04)
    return Body(
        height=round(min(1.08, max(0.86, height)), 3),
        build=round(min(1.36, max(0.78, build)), 3),
        hips=round(hips, 3),
        gait=round(draws.uniform(0.75, 1.2), 3),
        skin=draws.integer(0, len(SKIN) - 1),
    )


_HAIR_STYLES: dict[bool, dict[HairStyle, int | float]] = {
    True: {"short": 14, "bob": 22, "long": 28, "ponytail": 20, "bun": 10, "afro": 6},
    False: {"short": 64, "bob": 5, "long": 5, "ponytail": 2, "bun": 2, "afro": 8, "bald": 14},
}
_HAIR_UNDER_HATS: dict[HairStyle, int | float] = {"short": 5, "bob": 2, "long": 2, "ponytail": 1}
_HAIR_COLOURS = dict(zip(HAIR, (30, 22, 16, 10, 9, 5, 8), strict=True))


def _head(draws: Draws, first_mix: bool, bare: bool) -> Head:
    return Head(
        hair=draws.weighted(_HAIR_STYLES[first_mix] if bare else _HAIR_UNDER_HATS),
        colour=draws.weighted(_HAIR_COLOURS),
        glasses=draws.chance(0.2),
    )


def _hat(draws: Draws, torso: Torso) -> Hat:
    kinds: dict[HatKind, int | float] = {"none": 70, "cap": 14, "beanie": 9, "sunhat": 5}
    if torso.kind in ("hoodie", "jacket", "coat"):
        kinds["hood"] = 9
    kind = draws.weighted(kinds)
    colour = draws.weighted(ACCENTS)
    return Hat(kind, torso.colour if kind == "hood" else colour)


_TORSO_KINDS: dict[TorsoKind, int | float] = {
    "tshirt": 30,
    "longsleeve": 22,
    "jacket": 18,
    "hoodie": 14,
    "coat": 10,
    "tank": 6,
}
_PATTERNS: dict[Pattern, int | float] = {
    "plain": 28,
    "hstripe": 13,
    "vstripe": 5,
    "check": 8,
    "dots": 6,
    "block": 12,
    "logo": 14,
    "number": 8,
    "band": 6,
}


def _torso(draws: Draws) -> Torso:
    colour = draws.weighted(TOPS)
    return Torso(
        kind=draws.weighted(_TORSO_KINDS),
        colour=colour,
        pattern=draws.weighted(_PATTERNS),
        second=distinct_colour(draws, TOPS, CLOTH[colour]),
        variant=draws.integer(0, 11),
    )


_LEGS_KINDS: dict[bool, dict[LegsKind, int | float]] = {
    True: {"trousers": 48, "wide": 12, "shorts": 16, "skirt": 10, "leggings": 10, "dress": 4},
    False: {"trousers": 68, "wide": 12, "shorts": 20},
}


def _legs(draws: Draws, first_mix: bool, torso: Torso) -> Legs:
    kind = draws.weighted(_LEGS_KINDS[first_mix])
    colour = torso.colour if kind == "dress" else draws.weighted(BOTTOMS)
    striped = draws.chance(0.15) and kind in ("trousers", "wide", "leggings")
    stripe = distinct_colour(draws, TOPS, CLOTH[colour])
    return Legs(kind, colour, stripe if striped else None)


_BAG_KINDS: dict[BagKind, int | float] = {
    "none": 42,
    "backpack": 26,
    "crossbody": 14,
    "handbag": 10,
    "tote": 8,
}


def _bag(draws: Draws) -> Bag:
    return Bag(draws.weighted(_BAG_KINDS), draws.weighted(ACCENTS), draws.pick((-1, 1)))
