from collections import defaultdict
from dataclasses import fields

import pytest

from workbench.data.synthetic.playground.people.families import DECIDABLE, population
from workbench.data.synthetic.playground.people.identities import Identity
from workbench.data.synthetic.playground.people.palette import CLOTH, DISTINCT, difference

ATTRIBUTES = [item.name for item in fields(Identity) if item.name not in ("family", "differs")]


@pytest.fixture(scope="module")
def families():
    """Two hundred families: the first member, and those who differ from it."""
    members = defaultdict(list)
    for person in population("people", 480, 1.0, seed=1):
        members[person.family].append(person)
    return [(group[0], group[1:]) for group in members.values()]


def pairs(families, part=None):
    return [
        (base, twin) for base, twins in families for twin in twins if part in (None, twin.differs)
    ]


@pytest.mark.thorough
def test_a_look_alike_differs_in_one_part_and_says_which(families):
    for base, twin in pairs(families):
        changed = [name for name in ATTRIBUTES if getattr(base, name) != getattr(twin, name)]
        assert changed == [twin.differs]
        assert base.differs is None


def test_every_part_occurs(families):
    assert {twin.differs for _, twin in pairs(families)} == set(DECIDABLE)


def test_members_of_a_family_differ_in_different_parts(families):
    for _, twins in families:
        assert len(twins) in (1, 2)
        assert len({twin.differs for twin in twins}) == len(twins)


def test_shoe_twins_never_wear_wide_trousers(families):
    assert pairs(families, "shoes")
    assert all(base.legs.kind != "wide" for base, _ in pairs(families, "shoes"))


def test_bag_twins_carry_bags_that_no_side_hides(families):
    for base, twin in pairs(families, "bag"):
        assert base.bag.kind in ("none", "backpack", "crossbody")
        assert twin.bag.kind in ("backpack", "crossbody")
        strap, cloth = CLOTH[twin.bag.colour], CLOTH[twin.torso.colour]
        assert difference(strap, cloth) > DISTINCT


def test_leg_twins_wear_neither_coat_nor_dress(families):
    for base, _ in pairs(families, "legs"):
        assert base.torso.kind != "coat"
        assert base.legs.kind != "dress"


def test_torso_twins_differ_all_round_and_carry_no_backpack(families):
    all_round = {"hstripe", "vstripe", "check", "dots", "block", "band"}
    for base, twin in pairs(families, "torso"):
        assert base.bag.kind != "backpack"
        assert base.torso.pattern != twin.torso.pattern
        # A print on chest or back alone may only be set against what shows from every side.
        assert base.torso.pattern in all_round or twin.torso.pattern in all_round


def test_hats_fit_every_member(families):
    for base, _ in families:
        assert base.hat.kind != "hood"
        assert base.head.hair not in ("afro", "bun")


@pytest.mark.parametrize("part", ["shoes", "bag", "hat", "legs"])
def test_other_colours_are_told_apart(families, part):
    compared = 0
    for base, twin in pairs(families, part):
        before, after = getattr(base, part), getattr(twin, part)
        if before.kind == after.kind:
            assert difference(CLOTH[before.colour], CLOTH[after.colour]) > DISTINCT
            compared += 1
    assert compared > 10


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("size", "share", "expected"),
    [(100, 0.52, 52), (100, 0.0, 0), (100, 1.0, 100), (4, 0.5, 2), (3, 1.0, 3), (2, 0.5, 0)],
)
def test_the_share_of_look_alikes_is_met(size, share, expected):
    people = population("people", size, share, seed=0)
    assert len(people) == size
    assert sum(person.family is not None for person in people) == expected


@pytest.mark.thorough
def test_everybody_keeps_to_the_bounds():
    for person in population("people", 500, 0.3, seed=4):
        assert 0.86 <= person.body.height <= 1.08
        assert 0.78 <= person.body.build <= 1.36
        if person.legs.kind == "dress":
            assert person.legs.colour == person.torso.colour
        if person.hat.kind == "hood":
            assert person.torso.kind in ("hoodie", "jacket", "coat")
