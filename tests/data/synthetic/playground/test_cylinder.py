import math

import numpy as np
import pytest

from workbench.data.synthetic.playground.canvas import Canvas
from workbench.data.synthetic.playground.people.body_parts import LABELS
from workbench.data.synthetic.playground.people.cylinder import TEXTURE_WIDTH, Tube, column, wrap

RED, BLUE = (200, 0, 0), (0, 0, 200)


@pytest.fixture
def flag():
    """Red in front, blue at the back."""
    texture = np.empty((96, TEXTURE_WIDTH, 3), np.uint8)
    texture[:] = BLUE
    texture[:, int(column(-math.pi / 2)) : int(column(math.pi / 2))] = RED
    return texture


def red_share(texture, degrees):
    canvas = Canvas(60, 100)
    tube = Tube((30.0, 10.0), (30.0, 90.0), ((0.0, 20.0), (1.0, 20.0)))
    wrap(canvas, tube, texture, "torso", math.radians(degrees), 0.0)
    colours = np.asarray(canvas.colours)
    return (colours[..., 0] > 0).sum() / colours.any(axis=2).sum()


@pytest.mark.parametrize(("degrees", "share"), [(0, 1.0), (180, 0.0), (90, 0.5), (270, 0.5)])
def test_the_front_turns_to_the_back(flag, degrees, share):
    assert red_share(flag, degrees) == pytest.approx(share, abs=0.02)


def test_turning_left_brings_the_front_to_the_right(flag):
    canvas = Canvas(60, 100)
    tube = Tube((30.0, 10.0), (30.0, 90.0), ((0.0, 20.0), (1.0, 20.0)))
    wrap(canvas, tube, flag, "torso", math.radians(90), 0.0)
    row = np.asarray(canvas.colours)[50]
    assert row[40, 0] > 0
    assert row[20, 2] > 0


def test_the_outline_is_the_profile(flag):
    canvas = Canvas(60, 100)
    wrap(
        canvas, Tube((30.0, 10.0), (30.0, 90.0), ((0.0, 5.0), (1.0, 25.0))), flag, "torso", 0.0, 0.0
    )
    widths = (np.asarray(canvas.labels) == LABELS["torso"]).sum(axis=1)
    assert widths[9] == 0
    assert widths[90] == 0
    assert widths[50] == pytest.approx(2 * 15, abs=1)
    assert widths[88] == pytest.approx(2 * 24.6, abs=1)


def test_seen_from_above_the_hem_hangs_in_the_middle(flag):
    canvas = Canvas(60, 100)
    wrap(
        canvas,
        Tube((30.0, 10.0), (30.0, 80.0), ((0.0, 20.0), (1.0, 20.0)), 6.0),
        flag,
        "legs",
        0.0,
        0.0,
    )
    lowest = [np.flatnonzero(np.asarray(canvas.labels)[:, x]).max() for x in (11, 30, 48)]
    assert lowest[1] == pytest.approx(85, abs=1)
    assert lowest[0] < lowest[1] - 2
    assert lowest[2] < lowest[1] - 2


def test_what_lies_outside_is_left_out(flag):
    canvas = Canvas(20, 20)
    wrap(
        canvas,
        Tube((200.0, 10.0), (200.0, 90.0), ((0.0, 5.0), (1.0, 5.0))),
        flag,
        "torso",
        0.0,
        0.0,
    )
    wrap(
        canvas, Tube((10.0, 50.0), (10.0, 90.0), ((0.0, 5.0), (1.0, 5.0))), flag, "torso", 0.0, 0.0
    )
    assert not np.asarray(canvas.labels).any()
