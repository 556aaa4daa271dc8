"""Drawn things: the same at every call, different from each other, seen from any side."""

import math
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from workbench.data.synthetic.miniatures.birds import draw_bird
from workbench.data.synthetic.miniatures.buildings import draw_drone, draw_satellite
from workbench.data.synthetic.miniatures.cars import car_of, draw_car
from workbench.data.synthetic.miniatures.crowd import hidden, person
from workbench.data.synthetic.miniatures.goods import draw_goods, kind_of
from workbench.data.synthetic.miniatures.solids import (
    Ball,
    Face,
    Painter,
    View,
    box,
    lathe,
    on_plane,
)

DRAW = {
    "car": lambda identity, shot: draw_car(identity, 1 + shot, shot),
    "bird": draw_bird,
    "goods": draw_goods,
    "satellite": draw_satellite,
    "drone": lambda identity, shot: draw_drone(identity, shot, 6),
    "person": lambda identity, shot: person(identity, 1, shot)(),
    "hidden": lambda identity, shot: hidden(identity, 1, shot)(),
}


@pytest.mark.thorough
@pytest.mark.parametrize("thing", DRAW)
def test_pictures_of_different_things_differ(thing):
    first, other = (np.asarray(DRAW[thing](identity, 1)) for identity in (1, 2))
    assert first.shape[2] == 3
    assert np.abs(first.astype(int) - other).mean() > 4


def test_a_picture_comes_back_the_same_and_another_shot_does_not():
    first, again, other = (np.asarray(draw_bird(5, shot)) for shot in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


def test_cars_with_neighbouring_numbers_differ_in_body_and_paint():
    cars = [car_of(identity) for identity in range(1, 75)]
    assert len({(car.body, car.paint) for car in cars[:18]}) == 18
    assert all(a.body != b.body for a, b in pairwise(cars))
    assert len(set(cars)) == len(cars)


def test_every_kind_of_goods_is_drawn():
    kinds = {kind_of(identity) for identity in range(7)}
    assert kinds == {"chair", "mug", "sofa", "lamp", "cabinet", "kettle", "table"}


WHITE = Image.new("RGB", (40, 40), (255, 255, 255))
RED, BLUE = (200, 30, 30), (30, 30, 200)


def seen(things, yaw=0.0, pitch=0.0) -> set[str]:
    """Which of the two colours show in the middle of a picture."""
    painter = Painter(WHITE, View(math.radians(yaw), math.radians(pitch), 10.0, 20.0, 20.0))
    painter.paint(things)
    pixels = np.asarray(painter.picture()).astype(int)[15:25, 15:25]
    red, blue = pixels[..., 0] - pixels[..., 2], pixels[..., 2] - pixels[..., 0]
    return {name for name, excess in (("red", red), ("blue", blue)) if (excess > 60).any()}


def test_a_face_is_seen_from_its_front_only():
    face = Face([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], RED)
    assert seen([face]) == {"red"}
    assert seen([face], yaw=180) == set()


def test_what_is_nearer_hides_what_is_farther():
    near, far = box((0, -1, 2), (2, 2, 0.5), RED), box((0, -1, -2), (2, 2, 0.5), BLUE)
    assert seen([*near, *far]) == {"red"}
    assert seen([*near, *far], yaw=180) == {"blue"}
    ball = Ball((0, 0, 4), 1.5, BLUE)
    assert seen([*near, ball]) == {"blue"}


def test_a_box_shows_its_top_from_above():
    faces = box((0, -1, 0), (2, 2, 2), RED)
    lid = faces[4]
    faces[4] = Face(lid.corners, BLUE, (Face(on_plane(lid.corners, 0.3, 0.3, 0.7, 0.7), RED),))
    assert seen(faces) == {"red"}
    assert seen(faces, pitch=89) == {"red", "blue"}
    assert on_plane(lid.corners, 0, 0, 1, 1) == [tuple(map(float, c)) for c in lid.corners]


def test_a_body_of_revolution_looks_alike_from_all_sides():
    pot = lathe([(1.0, -1.0), (1.0, 1.0)], RED)
    assert all(seen(pot, yaw=yaw) == {"red"} for yaw in (0, 77, 191))
