"""Curves of a run for a page: the past thinned, then only what is new."""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from workbench.errors import RunError
from workbench.runs.log import events_of_kinds, parse, read_lines
from workbench.runs.run_paths import RunPaths
from workbench.runs.series import Series, SeriesTable

ALL_VOID = -1
"""``reset_to_step`` that makes every earlier point void."""

Carry = tuple[float, int, int]
"""What smoothing carries on: weighted mean before bias correction, points so far, last step."""

Columns = dict[str, list[int] | list[float]]
"""``step``, ``low``, ``high``, ``last`` and ``smooth``, all equally long."""

Edges = NDArray[np.int64]
Floats = NDArray[np.float64]

_NOTHING: Carry = (0.0, 0, -1)
_REMEMBERED_RUNS = 8
_LINES_AT_ONCE = 4096


def curves(
    run: RunPaths,
    start: int = 0,
    points: int = 1500,
    smoothing: float = 0.9,
    state: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Series of a run from byte ``start`` of its events on.

    Returns ``{next, reset_to_step, series: {name: {step, low, high, last, smooth}},
    smoothing_state}``. From 0: everything, each series in at most ``points`` buckets, of each the
    last step and value, the least and the greatest. Later: only points after ``start``, which is
    the ``next`` of the answer before, and ``state`` its ``smoothing_state``. Where
    ``reset_to_step`` is a number, points held beyond that step go before the new ones are added.

    ``smooth`` is the exponential mean over the full series, ``smoothing`` (0 to below 1) the weight
    of the past, corrected for the bias of its start (Kingma and Ba 2015, sec. 3). Raises RunError
    for settings out of bounds.
    """
    if not 0.0 <= smoothing < 1.0 or points < 1:
        raise RunError(
            f"smoothing = {smoothing}, points = {points}: use a smoothing from 0 to below 1 and at"
            " least 1 point."
        )
    carried = _carried(state, smoothing)
    if start <= 0:
        return _from_the_start(run, points, smoothing, None)
    if carried is None or start > _size(run):
        return _from_the_start(run, points, smoothing, ALL_VOID)
    lines, following = read_lines(run.events_file, start)
    table = SeriesTable({name: Series(after=last) for name, (_, _, last) in carried.items()})
    reset = table.add(parse(lines))
    if reset is not None:
        # What was told again at that very step takes the place of what is held there.
        again = any(reset in series.steps for series in table.by_name.values())
        return _after_reset(run, reset - again, points, smoothing, carried)
    return _answer(table, following, None, points, smoothing, carried)


def final_metrics(run: RunPaths) -> dict[str, Any] | None:
    """The figures of the last evaluation that is not void, None where there was none yet."""
    valid: list[tuple[int, dict[str, Any]]] = []
    for record in events_of_kinds(run.events_file, "evaluated", "resumed"):
        if record.get("kind") == "resumed":
            valid = [item for item in valid if item[0] <= record["step"]]
        elif record.get("kind") == "evaluated" and "metrics" in record:
            valid.append((record["step"], record["metrics"]))
    return valid[-1][1] if valid else None


def full_series(run: RunPaths) -> tuple[SeriesTable, int]:
    """A copy of all series of a run, unthinned, and the offset behind the last event read."""
    history = _history(run)
    with history.guard:
        history.advance(run)
        copies = {
            name: Series(series.after, series.steps[:], series.values[:])
            for name, series in history.table.by_name.items()
        }
        return SeriesTable(copies), history.offset


@dataclass
class _History:
    """What was read of one file, so that a second look costs only what is new."""

    offset: int = 0
    table: SeriesTable = field(default_factory=SeriesTable)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, run: RunPaths) -> None:
        lines, self.offset = read_lines(run.events_file, self.offset)
        for first in range(0, len(lines), _LINES_AT_ONCE):
            self.table.add(parse(lines[first : first + _LINES_AT_ONCE]))


_histories: "OrderedDict[tuple[int, int], _History]" = OrderedDict()
_histories_guard = threading.Lock()


def _history(run: RunPaths) -> _History:
    """The history of the run's very file: an equal path may be another file by now."""
    try:
        file = run.events_file.stat()
    except OSError:
        return _History()
    key = (file.st_dev, file.st_ino)
    with _histories_guard:
        history = _histories.pop(key, None)
        if history is None or history.offset > file.st_size:
            history = _History()
        _histories[key] = history
        while len(_histories) > _REMEMBERED_RUNS:
            _histories.popitem(last=False)
    return history


def _size(run: RunPaths) -> int:
    try:
        return run.events_file.stat().st_size
    except OSError:
        return 0


def _from_the_start(
    run: RunPaths, points: int, smoothing: float, reset: int | None
) -> dict[str, Any]:
    table, following = full_series(run)
    return _answer(table, following, reset, points, smoothing, {})


def _after_reset(
    run: RunPaths, step: int, points: int, smoothing: float, carried: Mapping[str, Carry]
) -> dict[str, Any]:
    """Points that one who has those of ``carried``, and drops them beyond ``step``, has not.

    Where the past was thinned a bucket may lie across ``step``, and dropping it would leave a gap:
    then everything is told anew.
    """
    table, following = full_series(run)
    if table.longest() > points:
        return _answer(table, following, ALL_VOID, points, smoothing, {})
    answer = _answer(table, following, step, points, smoothing, {})
    unseen: dict[str, Columns] = {}
    for name, columns in answer["series"].items():
        known = bisect_right(columns["step"], min(step, carried.get(name, _NOTHING)[2]))
        if known < len(columns["step"]):
            unseen[name] = {key: values[known:] for key, values in columns.items()}
    return answer | {"series": unseen}


def _answer(
    table: SeriesTable,
    following: int,
    reset: int | None,
    points: int,
    smoothing: float,
    carried: Mapping[str, Carry],
) -> dict[str, Any]:
    answered: dict[str, Columns] = {}
    state: dict[str, Carry] = dict(carried)
    for name, series in table.by_name.items():
        if series.steps:
            before = carried.get(name, _NOTHING)
            edges = _edges(len(series.steps), points)
            smooth, state[name] = _smoothed(series, smoothing, before, edges)
            answered[name] = _thinned(series, smooth, edges)
    return {
        "next": following,
        "reset_to_step": reset,
        "series": answered,
        "smoothing_state": {"smoothing": smoothing, "series": state},
    }


def smoothed(series: Series, smoothing: float) -> list[float]:
    """The exponential mean that curves show, of a whole series; ``smoothing`` is in [0, 1)."""
    edges = _edges(len(series.steps), len(series.steps))
    return _smoothed(series, smoothing, _NOTHING, edges)[0].tolist()


def _smoothed(
    series: Series, smoothing: float, before: Carry, edges: Edges
) -> tuple[Floats, Carry]:
    """The mean at the last point of every bucket, and what the next points go on from.

    What a bucket adds is one weighted sum; only these sums are gone through one by one.
    """
    if len(edges) == 1:
        return np.empty(0), before
    mean, count, _ = before
    lengths = edges[1:] - edges[:-1]
    ages = np.repeat(edges[1:], lengths) - 1 - np.arange(int(edges[-1]), dtype=np.int64)
    powers = np.power(smoothing, np.arange(int(lengths.max()) + 1, dtype=np.float64))
    added = (1.0 - smoothing) * np.add.reduceat(powers[ages] * np.array(series.values), edges[:-1])
    carried = smoothing**lengths
    means: list[float] = []
    for share, new in zip(carried.tolist(), added.tolist(), strict=True):
        mean = share * mean + new
        means.append(mean)
    smooth = np.array(means) / (1.0 - smoothing ** (count + edges[1:].astype(float)))
    return smooth, (mean, count + len(series.values), series.steps[-1])


def _edges(count: int, points: int) -> Edges:
    """Where at most ``points`` buckets begin and the last ends, as equal in number as can be."""
    buckets = min(count, points)
    return np.arange(buckets + 1, dtype=np.int64) * count // max(1, buckets)


def _thinned(series: Series, smooth: Floats, edges: Edges) -> Columns:
    """The buckets of consecutive points that ``edges`` part."""
    values, lasts = np.array(series.values), edges[1:] - 1
    columns = {
        "low": np.minimum.reduceat(values, edges[:-1]),
        "high": np.maximum.reduceat(values, edges[:-1]),
        "last": values[lasts],
        "smooth": smooth,
    }
    answer: Columns = {"step": np.array(series.steps)[lasts].tolist()}
    return answer | {key: _rounded(column.tolist()) for key, column in columns.items()}


def _rounded(values: list[float]) -> list[float]:
    """Seven digits: more than a screen can show, and half the bytes."""
    return [float(f"{value:.7g}") for value in values]


def _carried(state: Mapping[str, Any] | None, smoothing: float) -> dict[str, Carry] | None:
    """The state a client gave back, None where it is another's or damaged."""
    if not state or state.get("smoothing") != smoothing:
        return None
    try:
        series = cast("Mapping[str, Sequence[Any]]", state["series"])
        return {
            str(name): (float(mean), int(count), int(last))
            for name, (mean, count, last) in series.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
