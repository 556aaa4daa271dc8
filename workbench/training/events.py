"""What training says while it runs: typed, frozen, without torch.

Every event knows ``step``, the optimizer steps completed when it was made. ``record`` turns an
event into the JSON object that is written to ``events.jsonl``.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, cast

Metrics = dict[str, dict[str, float] | None]
"""``{"raw": {"mAP": ..., "rank1": ..., "mINP": ...}, "averaged": {...} or None}``, fractions."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened after ``step`` optimizer steps."""

    kind: ClassVar[str] = ""
    step: int


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """Training is about to begin."""

    kind: ClassVar[str] = "started"
    recipe: str
    devices: list[str]
    threads: int
    precision: str
    total: int
    steps_per_epoch: int
    train_images: int
    train_identities: int


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """A long preparation moved on: ``done`` of ``total`` in ``stage`` (drawing, embedding)."""

    kind: ClassVar[str] = "progress"
    stage: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class StepDone(Event):
    """One optimizer step in ``epoch`` (from 1).

    Loss terms are unweighted; ``loss`` is the weighted total. ``gradient_norm`` is the norm before
    clipping, ``active_triplets`` a share, ``top1_error`` the share of the batch's images whose
    class is not the first.
    """

    kind: ClassVar[str] = "step"
    epoch: int
    loss: float
    losses: dict[str, float]
    learning_rate: float
    images_per_second: float
    gradient_norm: float | None = None
    active_triplets: float | None = None
    top1_error: float | None = None
    device_memory_megabytes: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    """Figures of the raw and, where an average exists, the averaged weights."""

    kind: ClassVar[str] = "evaluated"
    metrics: Metrics
    seconds: float
    validation: dict[str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class CheckpointReady(Event):
    """A state to be written before training goes on; never recorded itself.

    ``state`` is a ``workbench.training.state.TrainingState``; ``keep`` asks to keep it for good;
    ``best`` says that no checkpoint was better; ``metrics`` are the figures of this very step,
    where it was evaluated.
    """

    kind: ClassVar[str] = "checkpoint_ready"
    state: Any
    keep: bool = False
    best: bool = False
    metrics: Metrics | None = None


@dataclass(frozen=True, kw_only=True)
class CheckpointWritten(Event):
    """A checkpoint is on disk under ``name``."""

    kind: ClassVar[str] = "checkpoint"
    name: str


@dataclass(frozen=True, kw_only=True)
class Resumed(Event):
    """The run goes on from ``step``; points beyond it are void."""

    kind: ClassVar[str] = "resumed"
    message: str


@dataclass(frozen=True, kw_only=True)
class ThreadsChosen(Event):
    """Which thread count and precision were chosen, and why."""

    kind: ClassVar[str] = "threads"
    message: str


@dataclass(frozen=True, kw_only=True)
class Warned(Event):
    """Something the user should know; training goes on."""

    kind: ClassVar[str] = "warning"
    message: str


@dataclass(frozen=True, kw_only=True)
class Collapsed(Warned):
    """A warning that every image gets the same vector.

    ``sign`` is "triplets_at_margin" or "no_spread"; ``value`` is what was measured (a loss, a
    spread), ``limit`` what it is compared with.
    """

    cause: str = "collapse"
    sign: str
    value: float
    limit: float


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """All steps are done."""

    kind: ClassVar[str] = "finished"
    run: str = ""
    metrics: Metrics = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Stopped(Event):
    """Stopped on request, after a checkpoint."""

    kind: ClassVar[str] = "stopped"
    run: str = ""
    metrics: Metrics = field(default_factory=dict[str, Any])
    checkpoint: str | None = None


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """Ended by an error; ``checkpoint`` is the last good one."""

    kind: ClassVar[str] = "failed"
    run: str = ""
    error: str = ""
    checkpoint: str | None = None


def record(event: Event, *, now: float | None = None) -> dict[str, Any]:
    """The JSON object of an event: ``kind``, ``time`` (Unix seconds), ``step``, then its fields.

    Numbers that are not finite become null, because JSON has no other word for them.
    """
    values = {item.name: getattr(event, item.name) for item in fields(event)}
    stamp = time.time() if now is None else now
    head: dict[str, Any] = {"kind": event.kind, "time": round(stamp, 3), "step": event.step}
    return head | {key: finite(value) for key, value in values.items() if key != "step"}


def finite(value: Any) -> Any:  # noqa: ANN401
    """``value`` with every number in it that is not finite replaced by None."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in cast("Sequence[Any]", value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value
