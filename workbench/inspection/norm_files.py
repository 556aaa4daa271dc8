"""Lengths of vectors beside what goes with them, as a picture and numbers in a folder."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from PIL import Image

from workbench.data.images.image_file import open_image
from workbench.data.samples import Progress
from workbench.experiment.run_rankings import open_rankings
from workbench.explain.norms import (
    ABOUT,
    Lengths,
    Range,
    extremes,
    in_words,
    precision_by_length,
    precision_of,
)
from workbench.explain.pictures.chart import INKS, Axes, Line, chart_picture
from workbench.explain.pictures.contact_sheet import Tile, contact_sheet
from workbench.inspection.norm_measurement import measured_lengths
from workbench.inspection.picture_files import write_pictures
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder

SHOWN = 8
"""Images with the shortest vectors, and as many with the longest."""
TALL = 340
LENGTH = "length of the vector"
SHIFT = "Shift of the margin by length"
PRECISION = "Average precision of each query by length"


def write_lengths(
    run: RunFolder,
    folder: Path,
    weights: str = "averaged",
    checkpoint: str | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write ``lengths.png``, ``strip.png`` (shortest and longest) and ``lengths.json``.

    Raises RunError where the run is gone, BrokenImage where an image is, PlaceError where the
    folder cannot be written.
    """
    found = measured_lengths(run, weights, checkpoint, progress)
    rankings = open_rankings(run, weights, checkpoint)
    precision = precision_of(found, rankings)
    ranges = precision_by_length(found.lengths, precision)
    words = [in_words(ranges), ABOUT[found.source]]
    if len(found.numbers) < found.of:
        words.append(f"{len(found.numbers)} of {found.of} test images, evenly spread.")
    title = f"Lengths of vectors   (run {run.id}, {weights})"
    charts = [Tile(picture, "") for picture in _charts(found, precision, ranges)]
    pictures = {
        "lengths": contact_sheet([charts], TALL, title, words),
        "strip": contact_sheet(_strips(found, rankings), 160, title, words[1:]),
    }
    return write_pictures(folder, pictures, {"lengths": _numbers(found, precision, ranges, words)})


def _charts(
    found: Lengths, precision: Float64[np.ndarray, "images"], ranges: list[Range]
) -> list[Image.Image]:
    charts: list[Image.Image] = []
    if found.shifts is not None:
        line = Line("an image", found.lengths.tolist(), found.shifts.tolist(), INKS[0], "points")
        charts.append(chart_picture(SHIFT, [line], Axes.around([line], LENGTH)))
    known = ~np.isnan(precision)
    lines = [
        Line("a query", found.lengths[known].tolist(), precision[known].tolist(), INKS[0], "points")
    ]
    for place, one in enumerate(ranges):
        name = "mAP of a range of equal count" if place == 0 else ""
        lines.append(Line(name, [one.low, one.high], [one.mean] * 2, INKS[1]))
    return [*charts, chart_picture(PRECISION, lines, Axes.around(lines, LENGTH, percent=True))]


def _strips(found: Lengths, rankings: Rankings) -> list[list[Tile]]:
    rows: list[list[Tile]] = []
    for name, places in zip(("shortest", "longest"), extremes(found, SHOWN), strict=True):
        tiles: list[Tile] = []
        for place in places.tolist():
            number = int(found.numbers[place])
            stored = rankings.embeddings
            image = open_image(stored.root / rankings.image_of(number).path, stored.levels)
            kind = "query" if number < rankings.num_queries else "gallery"
            length = f"{found.lengths[place]:.2f}"
            tiles.append(Tile(Image.fromarray(image), length, (kind, name)))
        rows.append(tiles)
    return [row for row in rows if row]


def _numbers(
    found: Lengths,
    precision: Float64[np.ndarray, "images"],
    ranges: list[Range],
    words: list[str],
) -> dict[str, Any]:
    shifts = None if found.shifts is None else found.shifts.tolist()
    return {
        "words": words,
        "source": found.source,
        "of": found.of,
        "numbers": found.numbers.tolist(),
        "lengths": found.lengths.tolist(),
        "shifts": shifts,
        "average_precision": [None if np.isnan(one) else one for one in precision.tolist()],
        "ranges": [asdict(one) for one in ranges],
    }
