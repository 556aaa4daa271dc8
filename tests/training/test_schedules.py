"""The learning rate over time, against tables printed by the authors of published systems."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.recipe.settings.training import Constant, Cosine, Milestones, Warmup
from workbench.training.schedules import factor


def cosine_counted_from_one(warmup: int, end: int, hold: float) -> Cosine:
    """A schedule whose authors call their first epoch 1 and warm up from a hundredth."""
    return Cosine(
        unit="epoch",
        warmup=Warmup(count=warmup, start_factor=0.01),
        horizon=end,
        hold_from=hold,
        counted_from=1,
    )


@pytest.mark.parametrize(
    ("warmup", "end", "hold", "peak", "table"),
    [
        (
            5,
            75,
            0.8,
            0.05,
            {
                1: 0.0104,
                2: 0.0203,
                4: 0.0401,
                5: 0.05,
                6: 0.04997483,
                30: 0.03584709,
                59: 0.00617321,
                60: 0.00545421,
                75: 0.00545421,
                100: 0.00545421,
            },
        ),
        (3, 15, 0.8, 0.05, {1: 0.017, 3: 0.05, 12: 0.00732233, 30: 0.00732233}),
        (5, 45, 0.8, 0.002, {36: 0.00023959, 70: 0.00023959}),
        (5, 155, 0.8, 0.1, {124: 0.0101735, 180: 0.0101735}),
    ],
)
def test_cosine_held_at_its_end(warmup, end, hold, peak, table):
    schedule = cosine_counted_from_one(warmup, end, hold)
    for epoch, rate in table.items():
        assert peak * factor(schedule, epoch - 1, 100) == pytest.approx(rate, abs=5e-9)


def test_milestones_per_epoch_counted_from_zero():
    schedule = Milestones(
        unit="epoch", warmup=Warmup(count=20, start_factor=0.01), at=[60, 120], factor=0.1
    )
    table = {0: 3.5e-6, 10: 1.7675e-4, 20: 3.5e-4, 59: 3.5e-4, 60: 3.5e-5, 120: 3.5e-6, 179: 3.5e-6}
    for epoch, rate in table.items():
        assert 3.5e-4 * factor(schedule, epoch, 180) == pytest.approx(rate, rel=1e-9)


def test_milestones_per_step():
    schedule = Milestones(
        unit="step", warmup=Warmup(count=2000, start_factor=0.01), at=[8000, 14000], factor=0.1
    )
    table = {0: 0.01, 1000: 0.505, 2000: 1.0, 7999: 1.0, 8000: 0.1, 13999: 0.1, 14000: 0.01}
    for step, value in table.items():
        assert factor(schedule, step, 18000) == pytest.approx(value, rel=1e-9)


def test_a_rate_is_held_from_a_whole_unit_on():
    schedule = Cosine(unit="epoch", horizon=10, hold_from=0.75)
    assert factor(schedule, 6, 20) > factor(schedule, 7, 20) == factor(schedule, 19, 20)
    # 0.6 of 100 is a little less in binary: still 60.
    schedule = Cosine(unit="epoch", horizon=100, hold_from=0.6)
    assert factor(schedule, 59, 200) > factor(schedule, 60, 200) == factor(schedule, 61, 200)


def test_a_fall_that_is_delayed_while_the_warmup_counts_steps():
    """FastReID's later recipes: 2000 steps of warm-up, 30 of 60 epochs at the peak, then 7e-7."""
    schedule = Cosine(
        unit="epoch",
        warmup=Warmup(count=2000, unit="step", start_factor=0.1),
        delay=30,
        floor=7e-7 / 3.5e-4,
    )
    assert factor(schedule, 0, 60, 0) == pytest.approx(0.1)
    assert factor(schedule, 4, 60, 1000) == pytest.approx(0.55)
    assert factor(schedule, 30, 60, 9000) == 1.0
    assert factor(schedule, 45, 60, 13500) == pytest.approx(0.5 * (1 + 0.002))
    assert 3.5e-4 * factor(schedule, 60, 60, 18000) == pytest.approx(7e-7)


def test_cosine_by_hand():
    schedule = Cosine(floor=0.5)
    assert factor(schedule, 0, 100) == 1.0
    assert factor(schedule, 50, 100) == pytest.approx(0.75)
    assert factor(schedule, 100, 100) == pytest.approx(0.5)
    assert factor(schedule, 1000, 100) == pytest.approx(0.5)


def test_a_warmup_as_long_as_the_training_leaves_the_rate_at_its_peak():
    assert factor(Cosine(warmup=Warmup(count=50)), 50, 50) == 1.0


warmups = st.builds(
    Warmup,
    count=st.integers(0, 60),
    unit=st.sampled_from(["same", "step", "epoch"]),
    start_factor=st.floats(0, 1, allow_subnormal=False),
)
firsts = st.sampled_from([0, 1])
shares = st.floats(0, 1, allow_subnormal=False)
schedules = st.one_of(
    st.builds(Constant, warmup=warmups, counted_from=firsts),
    st.builds(
        Cosine,
        warmup=warmups,
        counted_from=firsts,
        delay=st.none() | st.integers(0, 200),
        floor=shares,
        horizon=st.none() | st.integers(1, 200),
        hold_from=st.floats(0.01, 1),
    ),
    st.builds(
        Milestones,
        warmup=warmups,
        counted_from=firsts,
        at=st.lists(st.integers(1, 150), min_size=1, max_size=4),
        factor=st.floats(0.01, 1),
    ),
)


@given(schedule=schedules, total=st.integers(1, 300), position=st.integers(0, 400))
def test_every_kind_is_a_share_of_the_peak_at_every_step(schedule, total, position):
    value = factor(schedule, position, total)
    assert math.isfinite(value)
    assert 0.0 <= value <= 1.0


@pytest.mark.thorough
@given(schedule=schedules, total=st.integers(1, 300), position=st.integers(1, 400))
def test_every_kind_is_continuous_but_at_milestones(schedule, total, position):
    near = 1e-7
    jumps = schedule.at if isinstance(schedule, Milestones) else []
    if position + schedule.counted_from in jumps:
        return
    before, after = factor(schedule, position - near, total), factor(schedule, position, total)
    assert after == pytest.approx(before, abs=1e-4)


@pytest.mark.thorough
@given(schedule=schedules, total=st.integers(1, 300), position=st.integers(0, 400))
def test_no_kind_rises_after_its_warmup(schedule, total, position):
    if position >= schedule.warmup.count:
        value = factor(schedule, position, total)
        assert factor(schedule, position + 1, total) <= value + 1e-12
