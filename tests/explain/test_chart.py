"""Charts and framed pictures: round ticks, lines where they belong, frames that differ."""

import numpy as np
import pytest
from PIL import Image

from workbench.explain.pictures.chart import INKS, PAPER, Axes, Line, chart_picture, ticks
from workbench.explain.pictures.ranked_strip import HEIGHT, framed
from workbench.explain.pictures.ranked_strip import INKS as FRAMES


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.0, 7.0, [0, 2, 4, 6]),
        (-1.0, 1.0, [-1, -0.5, 0, 0.5, 1]),
        (0.012, 0.031, [0.015, 0.02, 0.025, 0.03]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


def test_axes_hold_every_point_and_begin_at_zero_where_it_is_near():
    axes = Axes.around([Line("a", [1.0, 3.0], [0.1, 2.0], INKS[0])], "step")
    assert axes.x == (1, 3)
    assert axes.y[0] == 0
    assert axes.y[1] > 2
    far = Axes.around([Line("a", [2.0, 2.0], [9.0, 10.0], INKS[0])], "step")
    assert 8 < far.y[0] < 9
    assert far.x == (2, 3)
    assert Axes.around([], "step").x == (0, 1)


def test_a_line_is_drawn_in_its_ink_where_it_is():
    line = Line("level", [0.0, 1.0], [0.5, 0.5], INKS[1])
    picture = np.asarray(chart_picture("One", [line], Axes((0.0, 1.0), (0.0, 1.0), "step")))
    inked = (np.abs(picture.astype(int) - INKS[1]) < 20).all(-1)
    rows = np.flatnonzero(inked[64:292, 70:540].mean(1) > 0.9)
    assert len(rows) in (1, 2)
    assert abs(64 + rows.mean() - 178) <= 1.5  # half way between the edges of the drawing
    assert (picture[0, 0] == PAPER).all()


def test_frames_differ_by_line_and_sign_as_well_as_colour():
    picture = Image.new("RGB", (32, 64), (90, 90, 90))
    match, wrong, other = (framed(picture, kind) for kind in ("match", "wrong", "distractor"))
    assert match.size == wrong.size == (HEIGHT // 2 + 24, HEIGHT + 24)
    edges = [
        (np.asarray(one)[1] == FRAMES[kind]).all(-1)
        for one, kind in ((match, "match"), (wrong, "wrong"), (other, "distractor"))
    ]
    assert edges[0].all()
    assert 0 < edges[1].mean() < 1
    assert np.diff(edges[2].astype(int)).any()
    assert np.count_nonzero(np.diff(edges[2])) > np.count_nonzero(np.diff(edges[1]))
    grey = [np.asarray(one.convert("L"))[30:60, -60:-20] for one in (match, wrong, other)]
    assert not np.array_equal(grey[0], grey[1])
    assert not np.array_equal(grey[1], grey[2])
    assert framed(picture, "query").size == match.size
