"""Curves against the plainest way of computing them."""

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import RunError
from workbench.runs import curves as curves_module
from workbench.runs.curves import curves, final_metrics
from workbench.runs.log import EventLog
from workbench.runs.run_paths import RunPaths


def step(number, loss, **fields):
    return {"kind": "step", "step": number, "epoch": 0, "loss": loss, **fields}


def evaluated(number, raw, averaged=None):
    return {"kind": "evaluated", "step": number, "metrics": {"raw": raw, "averaged": averaged}}


def resumed(number):
    return {"kind": "resumed", "step": number, "message": "on it goes"}


@pytest.fixture
def run(tmp_path):
    return RunPaths(tmp_path)


def tell(run, *records):
    for record in records:
        assert EventLog(run.events_file).append(record)


def test_three_steps_by_hand(run):
    tell(run, step(1, 4.0), step(2, 2.0), step(3, 3.0))
    answer = curves(run, smoothing=0.5)
    # Means before correction: 2, 2, 2.5; weights 1/2, 3/4, 7/8.
    assert answer["series"] == {
        "loss": {
            "step": [1, 2, 3],
            "low": [4.0, 2.0, 3.0],
            "high": [4.0, 2.0, 3.0],
            "last": [4.0, 2.0, 3.0],
            "smooth": [4.0, pytest.approx(8 / 3), pytest.approx(20 / 7)],
        }
    }
    assert answer["reset_to_step"] is None
    assert answer["next"] == run.events_file.stat().st_size


def test_buckets_keep_the_least_and_the_greatest(run):
    tell(run, *(step(number, loss) for number, loss in enumerate([5, 1, 4, 9, 2, 7, 3], start=1)))
    loss = curves(run, points=3, smoothing=0.0)["series"]["loss"]
    assert loss == {
        "step": [2, 4, 7],
        "low": [1.0, 4.0, 2.0],
        "high": [5.0, 9.0, 7.0],
        "last": [1.0, 9.0, 3.0],
        "smooth": [1.0, 9.0, 3.0],
    }


def test_every_curve_has_its_name(run):
    figures = {"mAP": 0.5, "rank1": 0.6, "mINP": 0.1}
    tell(
        run,
        {
            **step(1, 2.0, losses={"identity": 1.5, "triplet": 0.5}, learning_rate=0.1),
            "images_per_second": 90.0,
            "gradient_norm": 1.0,
            "active_triplets": 0.7,
            "top1_error": 0.4,
            "device_memory_megabytes": 12.0,
        },
        evaluated(1, figures, figures) | {"validation": {"loss": 0.3, "top1_error": 0.2}},
    )
    assert set(curves(run)["series"]) == {
        *("loss", "losses.identity", "losses.triplet", "learning_rate", "images_per_second"),
        *("gradient_norm", "active_triplets", "top1_error", "device_memory_megabytes"),
        *("raw.mAP", "raw.rank1", "raw.mINP", "averaged.mAP", "averaged.rank1", "averaged.mINP"),
        *("validation.loss", "validation.top1_error"),
    }


def test_numbers_that_were_not_finite_leave_no_point(run):
    tell(run, step(1, 1.0), step(2, None), step(3, 3.0, gradient_norm=None))
    series = curves(run)["series"]
    assert set(series) == {"loss"}
    assert series["loss"]["step"] == [1, 3]


def test_only_what_is_new_is_told(run):
    tell(run, step(1, 4.0), step(2, 2.0))
    first = curves(run, smoothing=0.5)
    assert curves(run, first["next"], smoothing=0.5, state=first["smoothing_state"])["series"] == {}
    tell(run, step(3, 3.0))
    state = json.loads(json.dumps(first["smoothing_state"]))
    later = curves(run, first["next"], smoothing=0.5, state=state)
    assert later["series"]["loss"]["step"] == [3]
    assert later["series"]["loss"]["smooth"] == [pytest.approx(20 / 7)]
    assert later["reset_to_step"] is None


def test_a_resumed_run_drops_what_lies_beyond(run):
    tell(run, *(step(number, 1.0) for number in range(1, 6)), evaluated(5, {"mAP": 0.9}))
    first = curves(run)
    tell(run, resumed(2), step(3, 7.0))
    later = curves(run, first["next"], state=first["smoothing_state"])
    assert later["reset_to_step"] == 2
    assert later["series"]["loss"]["step"] == [3]
    whole = curves(run)
    assert whole["reset_to_step"] is None
    assert whole["series"]["loss"]["step"] == [1, 2, 3]
    assert later["series"]["loss"]["smooth"] == whole["series"]["loss"]["smooth"][-1:]
    assert set(whole["series"]) == {"loss"}


def test_resuming_twice_cuts_to_each_in_turn(run):
    tell(run, *(step(number, 1.0) for number in range(1, 4)), resumed(1))
    tell(run, *(step(number, 2.0) for number in range(2, 6)), resumed(3), resumed(4))
    tell(run, step(5, 3.0))
    loss = curves(run)["series"]["loss"]
    assert loss["step"] == [1, 2, 3, 5]
    assert loss["last"] == [1.0, 2.0, 2.0, 3.0]


def test_an_evaluation_made_again_at_the_same_step_counts_once(run):
    tell(run, evaluated(0, {"mAP": 0.1}), step(1, 1.0))
    first = curves(run)
    tell(run, resumed(0), evaluated(0, {"mAP": 0.1}), step(1, 1.0))
    assert curves(run)["series"]["raw.mAP"]["step"] == [0]
    later = curves(run, first["next"], state=first["smoothing_state"])
    assert later["reset_to_step"] == -1
    assert later["series"]["raw.mAP"]["step"] == [0]


def test_a_thinned_past_is_told_anew_after_a_reset(run):
    tell(run, *(step(number, float(number)) for number in range(1, 10)))
    first = curves(run, points=3)
    tell(run, resumed(4), step(5, 5.0))
    later = curves(run, first["next"], points=3, state=first["smoothing_state"])
    assert later["reset_to_step"] == -1
    assert later["series"] == curves(run, points=3)["series"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"smoothing": 0.5, "series": {}},
        {"smoothing": 0.9},
        {"smoothing": 0.9, "series": {"loss": ["x", 1, 1]}},
        {"smoothing": 0.9, "series": [1]},
    ],
)
def test_without_a_usable_state_everything_is_told_anew(run, state):
    tell(run, step(1, 4.0), step(2, 2.0))
    answer = curves(run, run.events_file.stat().st_size, smoothing=0.9, state=state)
    assert answer["reset_to_step"] == -1
    assert answer["series"]["loss"]["step"] == [1, 2]


def test_an_offset_beyond_the_file_starts_over(run):
    tell(run, step(1, 4.0))
    first = curves(run)
    answer = curves(run, 10_000, state=first["smoothing_state"])
    assert (answer["reset_to_step"], answer["series"]["loss"]["step"]) == (-1, [1])


@pytest.mark.thorough
def test_no_events_yet(run):
    answer = curves(run)
    assert (answer["next"], answer["series"]) == (0, {})
    assert final_metrics(run) is None


@pytest.mark.parametrize("bad", [{"smoothing": 1.0}, {"smoothing": -0.1}, {"points": 0}])
def test_settings_out_of_bounds_are_refused(run, bad):
    with pytest.raises(RunError, match="use a smoothing from 0 to below 1"):
        curves(run, **bad)


def test_another_file_at_the_same_path_is_read_from_its_start(run):
    tell(run, step(1, 4.0), step(2, 5.0))
    assert curves(run)["series"]["loss"]["step"] == [1, 2]
    run.events_file.rename(run.path / "old")
    tell(run, step(7, 1.0))
    assert curves(run)["series"]["loss"]["step"] == [7]


def test_only_a_few_histories_are_remembered(tmp_path):
    for number in range(20):
        run = RunPaths(tmp_path / str(number))
        run.path.mkdir()
        tell(run, step(1, float(number)))
        assert curves(run)["series"]["loss"]["last"] == [float(number)]
    assert len(curves_module._histories) <= 8


def test_final_metrics_are_those_of_the_last_valid_evaluation(run):
    tell(run, evaluated(0, {"mAP": 0.1}), evaluated(10, {"mAP": 0.3}), evaluated(20, {"mAP": 0.9}))
    assert final_metrics(run) == {"raw": {"mAP": 0.9}, "averaged": None}
    tell(run, resumed(15))
    assert final_metrics(run) == {"raw": {"mAP": 0.3}, "averaged": None}


# Histories: steps go on from where they are; a resume goes back somewhere.
NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)))
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("step"), NUMBERS, NUMBERS),
        st.tuples(st.just("evaluated"), NUMBERS, NUMBERS),
        st.tuples(st.just("resumed"), st.integers(0, 12), st.none()),
        st.tuples(st.just("torn"), st.integers(1, 20), st.none()),
        st.tuples(st.just("not finite"), st.sampled_from([math.nan, math.inf]), NUMBERS),
    ),
    max_size=40,
)


def lines_of(moves):
    now, lines = 0, []
    for kind, one, two in moves:
        if kind in ("step", "not finite"):
            now += 1
            lines.append(json.dumps(step(now, one, losses={"a": two} if now % 3 else {})))
        elif kind == "evaluated":
            lines.append(json.dumps(evaluated(now, {"mAP": one}, {"mAP": two} if two else None)))
        elif kind == "resumed":
            now = min(now, one)
            lines.append(json.dumps(resumed(now)))
        else:
            lines.append(json.dumps(step(now, 1.0))[:one])
    return [line.encode() + b"\n" for line in lines]


def reference_figures(record):
    if record["kind"] == "step":
        return {"loss": record["loss"]} | {f"losses.{k}": v for k, v in record["losses"].items()}
    return {
        f"{weights}.{name}": value
        for weights, figures in record.get("metrics", {}).items()
        for name, value in (figures or {}).items()
    }


def reference_points(lines):
    """Every series as a list of (step, value), in the plainest way."""
    points = {}
    for line in lines:
        if not line.endswith(b"}\n"):
            continue
        record = json.loads(line)
        number = record["step"]
        if record["kind"] == "resumed":
            points = {k: [p for p in known if p[0] <= number] for k, known in points.items()}
        for name, value in reference_figures(record).items():
            known = points.setdefault(name, [])
            if value is None or not math.isfinite(value):
                continue
            if not known or number > known[-1][0]:
                known.append((number, value))
    return {name: known for name, known in points.items() if known}


def reference_smooth(values, smoothing):
    mean, smooth = 0.0, []
    for count, value in enumerate(values, start=1):
        mean = smoothing * mean + (1 - smoothing) * value
        smooth.append(mean / (1 - smoothing**count))
    return smooth


def reference(lines, count, smoothing):
    answer = {}
    for name, known in reference_points(lines).items():
        values = [value for _, value in known]
        smooth = reference_smooth(values, smoothing)
        buckets = min(count, len(known))
        edges = [index * len(known) // buckets for index in range(buckets + 1)]
        spans = list(pairwise(edges))
        answer[name] = {
            "step": [known[end - 1][0] for _, end in spans],
            "low": [pytest.approx(min(values[one:end]), rel=1e-6) for one, end in spans],
            "high": [pytest.approx(max(values[one:end]), rel=1e-6) for one, end in spans],
            "last": [pytest.approx(values[end - 1], rel=1e-6) for _, end in spans],
            "smooth": [pytest.approx(smooth[end - 1], rel=1e-6, abs=1e-6) for _, end in spans],
        }
    return answer


@pytest.mark.thorough
@settings(deadline=None, max_examples=80)
@given(moves=MOVES, count=st.integers(1, 30), smoothing=st.sampled_from([0.0, 0.5, 0.97]))
def test_from_the_start_it_is_the_reference(tmp_path_factory, moves, count, smoothing):
    run = RunPaths(tmp_path_factory.mktemp("run"))
    lines = lines_of(moves)
    run.events_file.write_bytes(b"".join(lines))
    assert curves(run, points=count, smoothing=smoothing)["series"] == reference(
        lines, count, smoothing
    )


class Client:
    """What a page does: ask, drop what is void, append."""

    def __init__(self, run, points, smoothing):
        self.ask = {"points": points, "smoothing": smoothing}
        self.run, self.next, self.state, self.series = run, 0, None, {}

    def follow(self):
        answer = curves(self.run, self.next, state=self.state, **self.ask)
        self.next = answer["next"]
        self.state = json.loads(json.dumps(answer["smoothing_state"]))
        if (reset := answer["reset_to_step"]) is not None:
            for columns in self.series.values():
                kept = sum(number <= reset for number in columns["step"])
                for values in columns.values():
                    del values[kept:]
        for name, columns in answer["series"].items():
            mine = self.series.setdefault(name, {key: [] for key in columns})
            for key, values in columns.items():
                mine[key] += values
        self.series = {name: value for name, value in self.series.items() if value["step"]}


@pytest.mark.thorough
@settings(deadline=None, max_examples=80)
@given(
    moves=MOVES,
    cuts=st.lists(st.integers(0, 3000), max_size=6),
    smoothing=st.sampled_from([0.0, 0.9]),
    thin=st.booleans(),
)
def test_whoever_follows_ends_with_what_one_who_comes_late_sees(
    tmp_path_factory, moves, cuts, smoothing, thin
):
    run = RunPaths(tmp_path_factory.mktemp("run"))
    lines = lines_of(moves)
    data = b"".join(lines)
    client = Client(run, 4 if thin else 1000, smoothing)
    run.events_file.write_bytes(b"")
    for one, end in pairwise(sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})):
        with open(run.events_file, "ab") as file:
            file.write(data[one:end])
        client.follow()
    truth = reference_points(lines)
    assert {name: columns["step"][-1] for name, columns in client.series.items()} == {
        name: known[-1][0] for name, known in truth.items()
    }
    for name, columns in client.series.items():
        assert columns["step"] == sorted(set(columns["step"]))
        assert min(columns["low"]) == pytest.approx(min(v for _, v in truth[name]), rel=1e-6)
        assert max(columns["high"]) == pytest.approx(max(v for _, v in truth[name]), rel=1e-6)
    if not thin:
        assert client.series == curves(run, points=1000, smoothing=smoothing)["series"]
