"""Look-alikes: people who agree in everything but one part.

A pair must be decidable in a picture that shows the whole person from any side, so a part is only
changed where nothing hides it: no shoes under wide trousers, no bag that vanishes behind the body,
no legs under a coat, no torso behind a backpack, no print that only the chest or the back bears.
"""

from collections.abc import Callable
from dataclasses import replace

from workbench.data.synthetic.playground.people.identities import (
    Bag,
    BagKind,
    Hat,
    HatKind,
    Identity,
    Pattern,
    TwinPart,
    distinct_colour,
    imagine,
)
from workbench.data.synthetic.playground.people.palette import ACCENTS, BOTTOMS, CLOTH, HAIR, SKIN
from workbench.data.synthetic.playground.randomness import Draws

# From the front a backpack shows its straps, a crossbody bag shows its strap from every side.
_BAGS_SEEN_FROM_ALL_SIDES: tuple[BagKind, ...] = ("backpack", "crossbody")
_PATTERNS_ALL_ROUND: tuple[Pattern, ...] = ("hstripe", "check", "block", "band")
_PRINTS: tuple[Pattern, ...] = ("logo", "number")

DECIDABLE: dict[TwinPart, Callable[[Identity], bool]] = {
    "shoes": lambda base: base.legs.kind != "wide",
    "bag": lambda base: base.bag.kind in ("none", *_BAGS_SEEN_FROM_ALL_SIDES),
    "hat": lambda base: base.hat.kind != "hood" and base.head.hair not in ("afro", "bun"),
    "legs": lambda base: base.legs.kind != "dress" and base.torso.kind != "coat",
    "torso": lambda base: base.bag.kind != "backpack",
}
"""Whether a look-alike of this person may differ in a part."""


def population(
    name: str, size: int, look_alikes: float, seed: int, first_family: int = 0
) -> tuple[Identity, ...]:
    """``size`` people, of whom the share ``look_alikes`` belongs to families of two or three.

    The share is met exactly, rounded to a number of people that is not one. Families are numbered
    from ``first_family``. A population is drawn from its name and the seed, so two populations
    share no family.
    """
    people: list[Identity] = []
    sizes = _family_sizes(round(look_alikes * size), Draws(seed, name, "family sizes"))
    for offset, members in enumerate(sizes):
        draws = Draws(seed, name, "family", offset)
        people += _family(draws, first_family + offset, members)
    for number in range(size - len(people)):
        people.append(imagine(Draws(seed, name, "single", number)))
    return tuple(people)


def _family_sizes(people: int, draws: Draws) -> list[int]:
    """Twos and threes that add up to ``people``, or to nothing where that is one."""
    sizes: list[int] = []
    while people >= 2:
        three = draws.chance(0.4)
        size = people if people < 4 else 3 if three and people != 4 else 2
        sizes.append(size)
        people -= size
    return sizes


def _family(draws: Draws, family: int, size: int) -> list[Identity]:
    base = replace(_fit_for_hats(imagine(draws)), family=family)
    parts: list[TwinPart] = [part for part, allows in DECIDABLE.items() if allows(base)]
    return [base, *(_twin(base, part, draws) for part in draws.shuffled(parts)[: size - 1])]


def _fit_for_hats(base: Identity) -> Identity:
    """The person without a hood, and with hair that every hat fits."""
    if base.hat.kind == "hood":
        base = replace(base, hat=replace(base.hat, kind="none"))
    if base.head.hair in ("afro", "bun"):
        base = replace(base, head=replace(base.head, hair="short"))
    return base


def _twin(base: Identity, part: TwinPart, draws: Draws) -> Identity:
    """``base`` with another ``part``."""
    return replace(base, differs=part, **{part: _CHANGES[part](base, draws)})


def _other_shoes(base: Identity, draws: Draws) -> object:
    return replace(base.shoes, colour=distinct_colour(draws, ACCENTS, CLOTH[base.shoes.colour]))


def _other_legs(base: Identity, draws: Draws) -> object:
    return replace(base.legs, colour=distinct_colour(draws, BOTTOMS, CLOTH[base.legs.colour]))


def _other_bag(base: Identity, draws: Draws) -> object:
    garment = CLOTH[base.torso.colour]
    if base.bag.kind == "none":
        kind = draws.pick(_BAGS_SEEN_FROM_ALL_SIDES)
        return Bag(kind, distinct_colour(draws, ACCENTS, garment), base.bag.side)
    colour = distinct_colour(draws, ACCENTS, garment, CLOTH[base.bag.colour])
    return replace(base.bag, colour=colour)


def _other_hat(base: Identity, draws: Draws) -> object:
    if base.hat.kind != "none":
        return replace(base.hat, colour=distinct_colour(draws, ACCENTS, CLOTH[base.hat.colour]))
    kinds: tuple[HatKind, ...] = ("cap", "beanie")
    kind = draws.pick(kinds)
    bald = base.head.hair == "bald"
    below = SKIN[base.body.skin] if bald else HAIR[base.head.colour]
    return Hat(kind, distinct_colour(draws, ACCENTS, below))


def _other_torso(base: Identity, draws: Draws) -> object:
    options = [pattern for pattern in _PATTERNS_ALL_ROUND if pattern != base.torso.pattern]
    if base.torso.pattern not in ("plain", *_PRINTS):
        options.append("plain")
    return replace(base.torso, pattern=draws.pick(options))


_CHANGES: dict[TwinPart, Callable[[Identity, Draws], object]] = {
    "shoes": _other_shoes,
    "bag": _other_bag,
    "hat": _other_hat,
    "legs": _other_legs,
    "torso": _other_torso,
}
