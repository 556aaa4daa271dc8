import math

import numpy as np
import pytest

from workbench.data.synthetic.playground.canvas import Canvas
from workbench.data.synthetic.playground.people.body_parts import LABELS
from workbench.data.synthetic.playground.people.families import population
from workbench.data.synthetic.playground.people.identities import (
    Bag,
    Body,
    Hat,
    Head,
    Identity,
    Legs,
    Shoes,
    Torso,
)
from workbench.data.synthetic.playground.people.palette import CLOTH
from workbench.data.synthetic.playground.people.person import draw_person
from workbench.data.synthetic.playground.people.skeleton import (
    ANKLE,
    SIDES,
    Place,
    Pose,
    pose_skeleton,
)
from workbench.data.synthetic.playground.people.sketch import make_sketch

PERSON = Identity(
    body=Body(height=1.0, build=1.0, hips=1.0, gait=1.0, skin=1),
    head=Head(hair="short", colour="black", glasses=False),
    hat=Hat("cap", "yellow"),
    torso=Torso("longsleeve", "red", "plain", "white", 0),
    legs=Legs("trousers", "blue", None),
    shoes=Shoes("flat", "green"),
    bag=Bag("backpack", "orange", 1),
    scarf=None,
)


def pose(degrees, phase=0.6):
    return Pose(math.radians(degrees), phase, 0.4, 0.03, 0, 0.008)


def painted(person, degrees, phase=0.6):
    """Colours and labels of a person 234 pixels tall."""
    canvas = Canvas(128, 256)
    place = Place(64.0, 246.0, 234.0)
    draw_person(make_sketch(canvas, person, pose(degrees, phase), place, pitch=0.15, light=0.4))
    return np.asarray(canvas.colours), np.asarray(canvas.labels)


@pytest.mark.parametrize("degrees", [0, 60, 90, 150, 180, 270])
def test_a_mask_lies_where_the_garment_s_colour_is(degrees):
    colours, labels = painted(PERSON, degrees)
    worn = {"torso": "red", "legs": "blue", "shoes": "green", "hat": "yellow", "bag": "orange"}
    for part, name in worn.items():
        found = colours[labels == LABELS[part]].astype(float)
        # Shading changes the brightness and keeps the ratios of the channels.
        median = np.median(found / found.sum(axis=1, keepdims=True), axis=0)
        cloth = np.array(CLOTH[name])
        assert median == pytest.approx(cloth / cloth.sum(), abs=0.03), (part, degrees)


@pytest.mark.parametrize("degrees", [0, 90, 200])
def test_shoes_are_below_legs_below_torso_below_head(degrees):
    _, labels = painted(PERSON, degrees)
    heights = [
        np.nonzero(labels == LABELS[part])[0].mean()
        for part in ("hat", "head", "torso", "legs", "shoes")
    ]
    assert heights == sorted(heights)


@pytest.mark.thorough
def test_labels_and_colours_cover_the_same_pixels():
    for number, person in enumerate(population("people", 60, 0.5, seed=2)):
        colours, labels = painted(person, degrees=47 * number, phase=float(number))
        # A highlight may leave its outline by a pixel; no label may lack a colour.
        assert not ((labels > 0) & ~colours.any(axis=2)).any()
        assert ((labels == 0) & colours.any(axis=2)).sum() <= 12


def test_a_backpack_is_large_behind_and_straps_in_front():
    behind, before = ((painted(PERSON, degrees)[1] == LABELS["bag"]).sum() for degrees in (180, 0))
    assert behind > 3 * before > 0


def test_the_lower_foot_stands_on_the_ground():
    for phase in np.linspace(0.0, 2.0 * math.pi, 9):
        skeleton = pose_skeleton(PERSON, pose(0, float(phase)))
        ankles = [skeleton.legs[side].ankle[1] for side in SIDES]
        assert min(ankles) == pytest.approx(ANKLE)


def test_limbs_keep_their_lengths():
    skeleton = pose_skeleton(PERSON, pose(0, 1.3))
    for side in SIDES:
        leg, arm = skeleton.legs[side], skeleton.arms[side]
        assert math.dist(leg.hip, leg.knee) == pytest.approx(0.235)
        assert math.dist(leg.knee, leg.ankle) == pytest.approx(0.225)
        assert math.dist(arm.shoulder, arm.elbow) == pytest.approx(0.165, abs=0.003)
