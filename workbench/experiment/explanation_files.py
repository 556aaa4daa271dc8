"""Explanations as pictures and numbers in a folder, and a contact sheet of a whole run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from workbench.data.images import open_image
from workbench.data.samples import Progress
from workbench.errors import DataError, PlaceError
from workbench.experiment.explaining import explain_pair, network_for, pair_pictures
from workbench.experiment.rankings import open_rankings
from workbench.experiment.snapshots import spread
from workbench.explain.explanation import PairExplanation, PartExplanation
from workbench.explain.learned import learned_masks
from workbench.explain.overlay import Tile, contact_sheet, overlay
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder

ROWS = 12
"""Queries on a sheet, evenly spread."""


def hit_at(rankings: Rankings, query: int, rank: int) -> int:
    """The gallery number of the image at a rank, from 1, among those that count.

    Raises DataError where the list is shorter.
    """
    found = [item.index for item in rankings.list(query, max(rank, 1)) if item.rank == rank]
    if not found:
        raise DataError(f"Query {query} has no image of rank {rank}: choose another rank, from 1.")
    return found[0]


def write_pair(run: RunFolder, explanation: PairExplanation, folder: Path) -> list[Path]:
    """Write both images under the heat of every part, a sheet of them, and all numbers.

    Raises PlaceError where the folder cannot be written, BrokenImage where an image is gone.
    """
    about = explanation.about
    query = about["query"] if about["query"] is not None else Path(about["query_image"])
    images = pair_pictures(run, query, about["hit"], about["weights"], about["checkpoint"])
    pictures = {"query": Image.fromarray(images.query), "hit": Image.fromarray(images.hit)}
    rows = [[Tile(pictures[side], side)] for side in ("query", "hit")]
    for part in explanation.parts:
        pictures[f"{part.name}_query"] = overlay(images.query, part.query_heat)
        pictures[f"{part.name}_hit"] = overlay(images.hit, part.hit_heat)
        rows[0].append(Tile(pictures[f"{part.name}_query"], _caption(part)))
        rows[1].append(Tile(pictures[f"{part.name}_hit"], part.name))
    title = f"{explanation.method}: similarity {explanation.total:.3f} ({run.id})"
    pictures["sheet"] = contact_sheet(rows, title=title)
    return _write(folder, pictures, {"explanation": explanation.numbers()})


def write_sheet(
    run: RunFolder,
    folder: Path,
    weights: str = "averaged",
    method: str = "evidence",
    checkpoint: str | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one sheet of a run: queries, their first hits, and what makes them near, by part.

    Raises PlaceError where the folder cannot be written, RunError where the run is gone.
    """
    rankings = open_rankings(run, weights, checkpoint)
    queries = spread(rankings.num_queries, ROWS).tolist()
    rows: list[list[Tile]] = []
    numbers: list[dict[str, Any]] = []
    for done, query in enumerate(queries):
        hit = hit_at(rankings, query, 1)
        found = explain_pair(run, query, hit, weights, method, checkpoint=checkpoint)
        images = pair_pictures(run, query, hit, weights, checkpoint)
        right = rankings.list(query, 1)[-1].verdict
        first = [
            Tile(Image.fromarray(images.query), f"query {query}"),
            Tile(Image.fromarray(images.hit), f"{right} {found.total:.2f}"),
        ]
        maps = [
            Tile(overlay(images.query, part.query_heat), _caption(part)) for part in found.parts
        ]
        rows.append([*first, *maps])
        numbers.append({"verdict": right} | found.numbers())
        if progress is not None:
            progress("explaining", done + 1, len(queries))
    sheet = contact_sheet(rows, title=f"{run.id}: {method}, {weights} weights")
    return _write(folder, {"sheet": sheet}, {"sheet": {"pairs": numbers}})


def write_masks(
    run: RunFolder,
    folder: Path,
    weights: str = "averaged",
    checkpoint: str | None = None,
    images: int = 6,
) -> list[Path]:
    """Write the learned masks of a network, alone and over queries of the run.

    Raises WeightsError where the network has none.
    """
    network, _ = network_for(run, weights, checkpoint)
    masks = learned_masks(network)
    embeddings = open_rankings(run, weights, checkpoint).embeddings
    chosen = spread(len(embeddings.query_images), images).tolist()
    rows: list[Sequence[Tile]] = []
    for number in chosen:
        image = open_image(embeddings.root / embeddings.query_images[number].path)
        tiles = [Tile(overlay(image, mask), name) for name, mask in masks.items()]
        rows.append([Tile(Image.fromarray(image), f"query {number}"), *tiles])
    numbers = {name: np.round(mask, 6).tolist() for name, mask in masks.items()}
    sheet = contact_sheet(rows, title=f"{run.id}: learned masks")
    return _write(folder, {"masks": sheet}, {"masks": numbers})


def _caption(part: PartExplanation) -> str:
    scored = f" del {part.deletion.auc:.2f}" if part.deletion is not None else ""
    return f"{part.name} {part.similarity:.2f}{scored}"


def _write(
    folder: Path, pictures: dict[str, Image.Image], numbers: dict[str, dict[str, Any]]
) -> list[Path]:
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            written.append(folder / f"{name}.png")
            picture.save(written[-1])
        for name, values in numbers.items():
            written.append(folder / f"{name}.json")
            written[-1].write_text(json.dumps(values, indent=1) + "\n")
    except OSError as error:
        raise PlaceError(
            f"{folder} cannot be written ({error.strerror or error}): choose another folder."
        ) from error
    return written
