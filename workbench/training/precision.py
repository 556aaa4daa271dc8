"""Number format and threads, decided once at the start of a run.

bf16 halves the time of a step on some processors and takes seventeen times as long on others, so
``auto`` measures; it never guesses from names.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from workbench.errors import RecipeError
from workbench.system import cores

MOST_THREADS = 2
"""More than two threads are used only where a recipe asks for them: a page needs a share, too."""
CLEARLY_FASTER = 1.25
"""One thread replaces two only where it is faster by this factor; anything less is noise."""

HOPELESS = 4.0
"""A format that takes this many times as long as fp32 is given up at once."""
LONGEST_SECONDS = 3.0
"""No single step of a trial may take longer."""

Seconds = Callable[[str, int, float], float | None]
"""Seconds of one training step at (precision, threads); None if a step took over a limit."""


@dataclass(frozen=True)
class Choice:
    """What a run computes with, and why, in words.

    ``measured`` names what was decided by timing: "precision", "threads". Another machine, or a
    busier one, may decide otherwise.
    """

    precision: str
    threads: int
    reason: str
    measured: tuple[str, ...] = ()


def refuse_impossible(precision: str, device: str) -> None:
    """Refuse a number format the device cannot train in.

    Raises RecipeError for fp16 on a processor, and for bf16 on a device without it.
    """
    if precision == "fp16" and device == "cpu":
        raise RecipeError(
            "training.precision = fp16: needs a GPU, this run is on the processor. Use auto, fp32"
            " or bf16.",
            path="training.precision",
        )
    if precision == "bf16" and device == "cuda" and not torch.cuda.is_bf16_supported():
        raise RecipeError(
            "training.precision = bf16: this GPU does not compute in it. Use auto, fp16 or fp32.",
            path="training.precision",
        )


def choose(precision: str, threads: str | int, device: str, seconds: Seconds) -> Choice:
    """Decide what is ``auto``; measure only what has to be decided.

    Args:
        precision: "auto", or the format the recipe fixes.
        threads: "auto", or the count the recipe fixes.
        device: "cpu" or "cuda".
        seconds: times one step; see ``Trial.seconds``.
    """
    refuse_impossible(precision, device)
    count = default_threads() if threads == "auto" else int(threads)
    notes: list[str] = []
    measured: list[str] = []
    if precision == "auto":
        precision, note = _faster_format(device, count, seconds)
        notes.append(note)
        measured.append("precision")
    if threads == "auto" and device == "cpu" and count > 1:
        count, note = _faster_threads(precision, count, seconds)
        notes.append(note)
        measured.append("threads")
    description = in_words(precision, count, "; ".join(notes))
    return Choice(precision, count, description, tuple(measured))


def in_words(precision: str, threads: int, why: str = "") -> str:
    """What a run computes with, for people."""
    count = "1 thread" if threads == 1 else f"{threads} threads"
    return f"{precision}, {count} ({why or 'as the recipe says'})"


def default_threads() -> int:
    """At most ``MOST_THREADS``, and no more than the cores this process may use."""
    return min(cores(), MOST_THREADS)


def _faster_format(device: str, threads: int, seconds: Seconds) -> tuple[str, str]:
    if device == "cuda" and not torch.cuda.is_bf16_supported():
        return "fp32", "this GPU has no bf16"
    single = seconds("fp32", threads, LONGEST_SECONDS)
    # The first step of a format prepares its kernels, so half a second is always granted.
    limit = LONGEST_SECONDS if single is None else min(max(HOPELESS * single, 0.5), LONGEST_SECONDS)
    half = seconds("bf16", threads, limit)
    note = f"one step: fp32 {_description(single)}, bf16 {_description(half)}"
    faster = half is not None and (single is None or half < single)
    return ("bf16" if faster else "fp32"), note


def _faster_threads(precision: str, count: int, seconds: Seconds) -> tuple[int, str]:
    alone = seconds(precision, 1, LONGEST_SECONDS)
    together = seconds(precision, count, LONGEST_SECONDS)
    note = f"one step: 1 thread {_description(alone)}, {count} threads {_description(together)}"
    if alone is not None and together is not None and alone * CLEARLY_FASTER < together:
        return 1, note
    return count, note


def _description(seconds: float | None) -> str:
    return "given up" if seconds is None else f"{seconds:.2f} s"
