"""How long the vectors of images are, and how well images of each length are found. No torch.

A network is said to tell the quality of an image by the length of its vector (Huang et al. 2022,
norm-aware margin assignment; Meng et al. 2021, MagFace, arXiv 2103.06627): here anybody can look
whether it does.
"""

import contextlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from workbench.errors import EmptySplit
from workbench.retrieval.rankings import Rankings

MOST_RANGES = 5
LEAST_IN_RANGE = 4
CERTAIN = 2.0
"""Standard errors that a difference must have to be called one."""

Source = Literal["stored", "joined", "certainty"]
ABOUT: dict[Source, str] = {
    "stored": "Length of the stored vector that is compared, before it is divided by it.",
    "joined": (
        "Stored vectors are divided by their lengths, so lengths were computed anew: of all outputs"
        " joined, before any is divided."
    ),
    "certainty": (
        "Length of the vector that the learned certainty reads, computed anew from the image alone,"
        " without its mirrored or resized copies."
    ),
}
"""Which lengths these are, in a sentence for a reader."""


@dataclass(frozen=True)
class Lengths:
    """Lengths of the vectors of some test images.

    Attributes:
        numbers: of the images, as ``Rankings`` counts queries and the gallery behind them.
        lengths: of their vectors.
        shifts: of the margin, which the network's certainty makes of the length; None where it has
            learned none.
        source: whose lengths these are.
        of: how many test images there are.
    """

    numbers: Int64[np.ndarray, "images"]
    lengths: Float64[np.ndarray, "images"]
    shifts: Float64[np.ndarray, "images"] | None
    source: Source
    of: int


@dataclass(frozen=True)
class Range:
    """Queries whose vectors have about the same length.

    Attributes:
        low: shortest of them.
        high: longest of them.
        count: how many queries.
        mean: their mean average precision, from 0 to 1.
        error: standard error of that mean.
    """

    low: float
    high: float
    count: int
    mean: float
    error: float


def precision_by_length(
    lengths: Float64[np.ndarray, "queries"], precision: Float64[np.ndarray, "queries"]
) -> list[Range]:
    """Queries in ranges of equal counts, shortest vectors first; at most ``MOST_RANGES``.

    Queries without average precision (NaN: nothing in the gallery is right) are left out. Counts
    differ by one where they cannot be equal.
    """
    known = np.flatnonzero(~np.isnan(precision))
    if not len(known):
        return []
    order = known[np.argsort(lengths[known], kind="stable")]
    ranges = min(MOST_RANGES, max(len(order) // LEAST_IN_RANGE, 1))
    return [_range(lengths[part], precision[part]) for part in np.array_split(order, ranges)]


def precision_of(lengths: Lengths, rankings: Rankings) -> Float64[np.ndarray, "images"]:
    """Average precision of each of the images as a query; NaN for those of the gallery.

    NaN for all where no query has a right answer.
    """
    found = np.full(len(lengths.numbers), np.nan)
    asked = lengths.numbers < rankings.num_queries
    with contextlib.suppress(EmptySplit):
        found[asked] = rankings.report.average_precision[lengths.numbers[asked]]
    return found


def in_words(ranges: list[Range]) -> str:
    """Whether images with long vectors are ranked better, in a sentence."""
    if not ranges:
        return "No query has a right answer in the gallery, so there is no average precision."
    first, last = ranges[0], ranges[-1]
    if len(ranges) == 1:
        return f"{first.count} queries are too few to divide; their mAP is {_percent(first.mean)}."
    told = (
        f"The {first.count} queries with the shortest vectors have mAP {_percent(first.mean)}, the"
        f" {last.count} with the longest {_percent(last.mean)}: "
    )
    apart, error = last.mean - first.mean, float(np.hypot(first.error, last.error))
    if abs(apart) <= CERTAIN * error:
        return told + (
            f"so few queries may differ by chance as much ({_percent(CERTAIN * error)} would be"
            " needed to tell)."
        )
    if apart > 0:
        return told + "here long vectors are found better, more than chance would have it."
    return told + "here long vectors are found worse, more than chance would have it."


def extremes(
    lengths: Lengths, most: int
) -> tuple[Int64[np.ndarray, "shortest"], Int64[np.ndarray, "longest"]]:
    """Places in ``lengths`` of the shortest vectors, shortest first, and of the longest, likewise.

    No image is in both.
    """
    order = np.argsort(lengths.lengths, kind="stable")
    count = min(most, len(order) // 2) if len(order) > 1 else len(order)
    return order[:count], order[::-1][:count] if len(order) > 1 else order[:0]


def _range(lengths: Float64[np.ndarray, "part"], precision: Float64[np.ndarray, "part"]) -> Range:
    count = len(lengths)
    spread = float(precision.std(ddof=1)) if count > 1 else 0.0
    return Range(
        low=float(lengths.min()),
        high=float(lengths.max()),
        count=count,
        mean=float(precision.mean()),
        error=spread / count**0.5,
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
