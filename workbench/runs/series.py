"""The numbers in an event log as named series, without the points a resumed run made void."""

import math
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, cast

from workbench.runs.log import Record
from workbench.runs.typed_values import check_of, fits

STEP_FIELDS = (
    "loss",
    "learning_rate",
    "images_per_second",
    "gradient_norm",
    "active_triplets",
    "top1_error",
    "device_memory_megabytes",
)

Layout = tuple[str, tuple[str, ...]]
"""Kind of a record and the names of its loss terms: records of one layout fill the same series."""


@dataclass
class Series:
    """Values over optimizer steps; steps only rise.

    ``after`` is the last step that is known already: points up to it are passed over, so that an
    evaluation made again on resuming does not count twice.
    """

    after: int = -1
    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def extend(self, steps: Sequence[int], values: Sequence[Any], *, rising: bool) -> None:
        """Append points; what is no number (null stands for one that is not finite) is no point.

        ``rising`` promises that ``steps`` rise; the points then go in at once if all are new.
        """
        try:
            block = array("d", values) if rising and steps[0] > self.after else None
        except (TypeError, OverflowError):
            block = None
        if block is not None and not all(map(math.isfinite, block)):
            block = None
        if block is not None:
            self.steps.extend(steps)
            self.values.extend(block)
            self.after = steps[-1]
            return
        for step, value in zip(steps, values, strict=True):
            if step > self.after and value is not None and fits(value, float):
                self.steps.append(step)
                self.values.append(value)
                self.after = step

    def cut(self, step: int) -> None:
        """Drop all points beyond ``step``."""
        count = bisect_right(self.steps, step)
        del self.steps[count:], self.values[count:]
        self.after = self.steps[-1] if count else -1


@dataclass
class SeriesTable:
    """All series of a run, or of a piece of its log."""

    by_name: dict[str, Series] = field(default_factory=dict[str, Series])

    def add(self, records: list[Record]) -> int | None:
        """Take up records in their order.

        Returns the smallest step that a resumed run went back to, None where none did.
        """
        resets: list[int] = []
        counted = [record for record in records if _is_whole(record.get("step"))]
        for (kind, terms), group in groupby(counted, _layout):
            block = list(group)
            if kind == "step":
                self._add_steps(block, terms)
            elif kind == "evaluated":
                self._add_evaluations(block)
            elif kind == "resumed":
                back = min(record["step"] for record in block)
                self.cut(back)
                resets.append(back)
        return min(resets, default=None)

    def cut(self, step: int) -> None:
        """Drop all points beyond ``step``."""
        for series in self.by_name.values():
            series.cut(step)

    def longest(self) -> int:
        """The number of points of the longest series."""
        return max((len(series.steps) for series in self.by_name.values()), default=0)

    def _add_steps(self, records: list[Record], terms: tuple[str, ...]) -> None:
        steps = [record["step"] for record in records]
        rising = all(step < following for step, following in pairwise(steps))
        for name in STEP_FIELDS:
            values = [record.get(name) for record in records]
            if values.count(None) < len(values):
                self._series(name).extend(steps, values, rising=rising)
        losses = [record["losses"] for record in records] if terms else []
        for term in terms:
            values = list(map(itemgetter(term), losses))
            self._series(f"losses.{term}").extend(steps, values, rising=rising)

    def _add_evaluations(self, records: list[Record]) -> None:
        for record in records:
            groups = _mapping(record.get("metrics")) | {"validation": record.get("validation")}
            for group, figures in groups.items():
                for name, value in _mapping(figures).items():
                    self._series(f"{group}.{name}").extend([record["step"]], [value], rising=True)

    def _series(self, name: str) -> Series:
        series = self.by_name.get(name)
        if series is None:
            series = self.by_name[name] = Series()
        return series


_is_whole = check_of(int)


def _layout(record: Record) -> Layout:
    return str(record.get("kind")), tuple(_mapping(record.get("losses")))


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
