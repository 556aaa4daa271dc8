"""A run's results as pictures: the ranked row of a query, and the curves of its training."""

from dataclasses import asdict
from pathlib import Path

from PIL import Image

from workbench.data.images.image_file import open_image
from workbench.data.samples import Sample
from workbench.errors import DataError, RunError
from workbench.experiment.run_rankings import open_rankings
from workbench.explain.pictures.chart import INKS, Axes, Line, chart_picture
from workbench.explain.pictures.contact_sheet import Tile, contact_sheet
from workbench.explain.pictures.ranked_strip import HEIGHT, framed
from workbench.inspection.explained_pairs import require
from workbench.inspection.picture_files import write_pictures
from workbench.runs.curves import full_series, smoothed
from workbench.runs.folder import RunFolder
from workbench.runs.log import events_of_kinds
from workbench.runs.series import Series

ROW = 10
"""Images of a ranked row."""
SMOOTHING = 0.9
LOSS, VALIDATION_LOSS = "loss", "validation.loss"
ERROR, VALIDATION_ERROR = "top1_error", "validation.top1_error"
VERDICTS = (
    "Whole frame and tick: the same identity. Dashed frame and cross: another one. Dotted frame and"
    " bar: nobody in particular. Images that do not count for this query are left out."
)


def write_row(
    run: RunFolder,
    folder: Path,
    query: int = 0,
    k: int = ROW,
    weights: str = "averaged",
    checkpoint: str | None = None,
) -> list[Path]:
    """Write a query and the first ``k`` images that count as ``row.png`` and ``row.json``.

    Raises DataError where there is no such query or ``k`` is below 1, PlaceError where the folder
    cannot be written, BrokenImage where an image is gone.
    """
    if k < 1:
        raise DataError(f"A row of {k} images is empty: ask for at least 1.")
    rankings = open_rankings(run, weights, checkpoint)
    items = [item for item in rankings.list(query, k) if item.excluded is None]
    stored = rankings.embeddings
    root, gallery, levels = stored.root, stored.gallery_images, stored.levels
    asked = rankings.image_of(query)
    first = framed(Image.fromarray(open_image(root / asked.path, levels)), "query")
    tiles = [Tile(first, f"query {query}", (_who(asked),))]
    for item in items:
        picture = Image.fromarray(open_image(root / gallery[item.index].path, levels))
        distance = f"distance {item.distance:.3f}"
        words = (_who(gallery[item.index]), distance)
        tiles.append(Tile(framed(picture, item.verdict), f"{item.rank} {item.verdict}", words))
    right = rankings.average_precision(query)
    told = "no right answer in the gallery" if right is None else f"AP {100 * right:.1f} %"
    title = f"Ranked list of query {query}: {told}   (run {run.id}, {weights})"
    numbers = {
        "run": run.id,
        "weights": weights,
        "query": query,
        "image": asked.path,
        "average_precision": right,
        "images": [asdict(item) | {"image": gallery[item.index].path} for item in items],
    }
    return write_pictures(
        folder, {"row": contact_sheet([tiles], HEIGHT, title, [VERDICTS])}, {"row": numbers}
    )


def write_curves(run: RunFolder, folder: Path) -> list[Path]:
    """Write the curves of a training as ``curves.png`` and ``curves.json``.

    Loss, and the share of images whose class is not the first, of training and of validation images
    as far as the run has noted them.

    Raises RunError where the run is gone or has not taken a step, PlaceError where the folder
    cannot be written.
    """
    require(run)
    table, _ = full_series(run)
    found = {
        name: table.by_name[name]
        for name in (LOSS, VALIDATION_LOSS, ERROR, VALIDATION_ERROR)
        if name in table.by_name and len(table.by_name[name].steps)
    }
    if LOSS not in found:
        raise RunError(f"Run {run.id} has not taken a step yet: there is no curve to draw.")
    steps, unit = _unit(run)
    charts = [_chart("Loss", found, (LOSS, VALIDATION_LOSS), steps, unit, percent=False)]
    notes = [_NOTE]
    if ERROR in found or VALIDATION_ERROR in found:
        names = (ERROR, VALIDATION_ERROR)
        charts.append(_chart("Top-1 error", found, names, steps, unit, percent=True))
    if VALIDATION_LOSS not in found:
        notes.append("This run has no validation images: its data set sets none apart.")
    sheet = contact_sheet(
        [[Tile(chart, "") for chart in charts]],
        charts[0].height,
        f"Training   (run {run.id}, {run.preset()})",
        notes,
    )
    numbers = {
        name: {"step": list(series.steps), "value": list(series.values)}
        for name, series in found.items()
    }
    return write_pictures(folder, {"curves": sheet}, {"curves": numbers})


_NOTE = (
    "Thin: every batch as noted. Thick: their exponential mean. Batches of the training are drawn"
    " with its augmentation and dropout, validation images without."
)


def _who(image: Sample) -> str:
    return f"identity {image.identity}" if image.is_person else "nobody known"


def _chart(
    title: str,
    found: dict[str, Series],
    names: tuple[str, str],
    steps: int,
    unit: str,
    *,
    percent: bool,
) -> Image.Image:
    lines: list[Line] = []
    for name in names:
        if name not in found:
            continue
        xs = [step / steps for step in found[name].steps]
        values = list(found[name].values)
        if name == names[0]:
            lines.append(Line("", xs, values, INKS[0], "behind"))
            lines.append(Line("training", xs, smoothed(found[name], SMOOTHING), INKS[0]))
        else:
            lines.append(Line("validation", xs, values, INKS[1], "marked"))
    return chart_picture(title, lines, Axes.around(lines, unit, percent=percent))


def _unit(run: RunFolder) -> tuple[int, str]:
    """Steps of an epoch and its name, or single steps where that is not known."""
    for event in reversed(events_of_kinds(run.events_file, "started")):
        if event.get("steps_per_epoch"):
            return int(event["steps_per_epoch"]), "epoch"
    return 1, "step"
