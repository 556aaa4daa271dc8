"""Lengths of vectors as faces show them: plain JSON objects with the words."""

from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from workbench.experiment.snapshots import spread
from workbench.explain.norms import (
    ABOUT,
    Lengths,
    extremes,
    in_words,
    precision_by_length,
    precision_of,
)
from workbench.inspection.run_norms import learned_certainty, lengths_of
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder
from workbench.ui.views.parts.norms_tasks import measure, measuring_in_words
from workbench.ui.views.rankings.re_ranking import OFF, protocol_of
from workbench.ui.views.rankings.stored_rankings import choose, opened

DRAWN = 1500
"""Points of a chart; more would hide each other."""
STRIP = 10
CERTAINTY = (
    "This network makes a margin of the length of a vector, which is not stored: up to 256 queries"
    " and as many gallery images go through it once. Seconds for small networks, minutes for large"
    " ones; the page goes on meanwhile."
)
DIVIDED = (
    "The stored vectors of this run are divided by their lengths: up to 256 queries and as many"
    " gallery images go through the network once. The page goes on meanwhile."
)


def lengths_view(run: RunFolder, wanted: str = "") -> dict[str, Any]:
    """Lengths, certainty and precision of a run's test images, or why they are not there yet.

    ``ready`` with everything; ``working`` while they are measured; else ``words`` say what
    measuring means. Raises RunError where run or weights are gone, or measuring failed.
    """
    weights = choose(run, wanted)
    folder = run.embeddings_named(weights.key)
    # Asked first: what has ended by now has left its lengths.
    working = measuring_in_words(run, folder)
    with opened(run, weights, protocol_of(run, OFF)) as rankings:
        found = lengths_of(run, rankings, folder)
        if found is not None:
            return {"ready": True, "working": False} | _told(found, rankings)
    words = working or (CERTAINTY if learned_certainty(run.recipe()) else DIVIDED)
    return {"ready": False, "working": working is not None, "words": words}


def measure_lengths(run: RunFolder, wanted: str) -> None:
    """Start measuring. Raises RunError where that cannot be done now."""
    measure(run, run.embeddings_named(choose(run, wanted).key))


def _told(found: Lengths, rankings: Rankings) -> dict[str, Any]:
    precision = precision_of(found, rankings)
    ranges = precision_by_length(found.lengths, precision)
    drawn = spread(len(found.numbers), DRAWN)
    shortest, longest = extremes(found, STRIP)
    return {
        "words": in_words(ranges),
        "about": " ".join(filter(None, [ABOUT[found.source], _counted(found, len(drawn))])),
        "ranges": [asdict(one) for one in ranges],
        "points": _points(found, precision, drawn, rankings),
        "certainty": found.shifts is not None,
        "shortest": _points(found, precision, shortest, rankings),
        "longest": _points(found, precision, longest, rankings),
    }


def _points(
    found: Lengths,
    precision: Float64[np.ndarray, "images"],
    places: Int64[np.ndarray, "chosen"],
    rankings: Rankings,
) -> list[dict[str, Any]]:
    """Images with all that is known of each; counted in its source from 0."""
    return [_point(found, precision, int(place), rankings.num_queries) for place in places]


def _point(
    found: Lengths, precision: Float64[np.ndarray, "images"], place: int, queries: int
) -> dict[str, Any]:
    number, right = int(found.numbers[place]), float(precision[place])
    asked = number < queries
    return {
        "source": "query" if asked else "gallery",
        "index": number if asked else number - queries,
        "length": float(found.lengths[place]),
        "shift": None if found.shifts is None else float(found.shifts[place]),
        "precision": None if np.isnan(right) else right,
    }


def _counted(found: Lengths, drawn: int) -> str:
    if len(found.numbers) < found.of:
        return f"{len(found.numbers)} of {found.of} test images, evenly spread."
    if drawn < len(found.numbers):
        return f"Drawn are {drawn} of {len(found.numbers)} test images; ranges count all."
    return ""
