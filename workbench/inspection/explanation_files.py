"""Explanations as pictures and numbers in a folder, and a contact sheet of a whole run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from workbench.data.images.image_file import open_image
from workbench.data.samples import Progress
from workbench.errors import DataError
from workbench.experiment.run_rankings import available_weights, open_rankings
from workbench.experiment.snapshots import spread
from workbench.explain.explanation import PairExplanation, PartExplanation
from workbench.explain.methods import TITLES, Method
from workbench.explain.part_titles import part_titles
from workbench.explain.pictures.contact_sheet import Tile, contact_sheet
from workbench.explain.pictures.overlay import overlay
from workbench.inspection.explaining import explain_pair, masks_of, pair_pictures
from workbench.inspection.picture_files import write_pictures
from workbench.inspection.system_views import MASK_OPACITY, MASKS, OwnTerms
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder

ROWS = 16
"""Queries on a sheet at most, evenly spread: the same ones every time."""
SHARES = "share: what the part adds to the similarity; the shares of all parts sum to it."
DELETION = (
    "deletion: area under the part's cosine while the query's hottest cells are painted over, "
    "hottest first; the smaller, the faster it falls. In brackets the same for cells in random "
    "order and from the middle of the picture outwards: a map says something where it is below "
    "both, and where there is heat at all."
)


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
    about, titles = explanation.about, part_titles(run.recipe().model)
    query = about["query"] if about["query"] is not None else Path(about["query_image"])
    images = pair_pictures(run, query, about["hit"], about["weights"], about["checkpoint"])
    pictures = {"query": Image.fromarray(images.query), "hit": Image.fromarray(images.hit)}
    rows = [[Tile(pictures[side], side)] for side in ("query", "hit")]
    for part in explanation.parts:
        pictures[f"{part.name}_query"] = overlay(images.query, part.query_heat)
        pictures[f"{part.name}_hit"] = overlay(images.hit, part.hit_heat)
        title = titles[part.name]
        rows[0].append(Tile(pictures[f"{part.name}_query"], title, _details(part)))
        rows[1].append(Tile(pictures[f"{part.name}_hit"], title, (_percent(part, "hit"),)))
    title = f"{TITLES[explanation.method]}: similarity {explanation.total:.3f}   (run {run.id})"
    pictures["sheet"] = contact_sheet(rows, title=title, notes=_notes(explanation))
    return write_pictures(folder, pictures, {"explanation": explanation.numbers()})


def write_sheet(
    run: RunFolder,
    folder: Path,
    weights: str = "averaged",
    method: Method = "evidence",
    checkpoint: str | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one sheet of a run: queries, their first hits, and what makes them near, by part.

    Behind the parts stands what the network shows of a query in its own terms, see ``OwnTerms``. A
    data set with fewer than sixteen queries has a row for each.

    Raises PlaceError where the folder cannot be written, RunError where the run is gone.
    """
    rankings = open_rankings(run, weights, checkpoint)
    own = OwnTerms(run, weights, checkpoint, rankings.embeddings.levels)
    queries = spread(rankings.num_queries, ROWS).tolist()
    rows: list[list[Tile]] = []
    numbers: list[dict[str, Any]] = []
    notes: list[str] = []
    for done, query in enumerate(queries):
        hit = hit_at(rankings, query, 1)
        found = explain_pair(run, query, hit, weights, method, checkpoint=checkpoint)
        verdict = rankings.list(query, 1)[-1].verdict
        file = rankings.embeddings.root / rankings.image_of(query).path
        told = own.numbers(file)
        words = tuple(f"{name} {value:.3g}" for name, value in told.items())
        rows.append([*_row(run, found, verdict, words), *own.tiles(file)])
        numbers.append({"verdict": verdict} | told | found.numbers())
        notes = [rows_in_words(len(queries), rankings.num_queries), *_notes(found), *own.notes]
        if progress is not None:
            progress("explaining", done + 1, len(queries))
    title = f"{TITLES[method]} over queries and their first hits   (run {run.id}, {weights})"
    sheet = contact_sheet(rows, 200, title, notes)
    return write_pictures(folder, {"sheet": sheet}, {"sheet": {"pairs": numbers}})


def rows_in_words(shown: int, of: int) -> str:
    """How many of how many queries a sheet shows."""
    if shown < of:
        return f"{shown} of {of:,} queries, evenly spread."
    few = f"; a sheet has {ROWS} where there are as many" * (shown < ROWS)
    return f"All {shown} queries of the data set{few}."


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
    stored, titles = checkpoint_folder(run, checkpoint or "last"), part_titles(run.recipe().model)
    masks = masks_of(run, stored.name, available_weights(stored, weights))
    embeddings = open_rankings(run, weights, checkpoint).embeddings
    rows: list[Sequence[Tile]] = []
    for number in spread(len(embeddings.query_images), images).tolist():
        image = open_image(
            embeddings.root / embeddings.query_images[number].path, embeddings.levels
        )
        tiles = [
            Tile(overlay(image, mask, MASK_OPACITY), titles[name]) for name, mask in masks.items()
        ]
        rows.append([Tile(Image.fromarray(image), f"query {number}"), *tiles])
    numbers = {name: np.round(mask, 6).tolist() for name, mask in masks.items()}
    sheet = contact_sheet(rows, 200, f"Learned masks   (run {run.id})", [MASKS])
    return write_pictures(folder, {"masks": sheet}, {"masks": numbers})


def _row(
    run: RunFolder, found: PairExplanation, verdict: str, words: tuple[str, ...]
) -> list[Tile]:
    about, titles = found.about, part_titles(run.recipe().model)
    query = about["query"]
    images = pair_pictures(run, query, about["hit"], about["weights"], about["checkpoint"])
    near = f"similarity {found.total:.2f}"
    return [
        Tile(Image.fromarray(images.query), f"query {query}", words),
        Tile(Image.fromarray(images.hit), f"first hit: {verdict}", (near,)),
        *(
            Tile(overlay(images.query, part.query_heat), titles[part.name], _details(part))
            # A single part is all parts together.
            for part in (found.parts if len(found.branches) > 1 else found.branches)
        ),
    ]


def _details(part: PartExplanation) -> tuple[str, ...]:
    lines = [f"share {part.similarity:+.2f}"]
    if part.deletion is not None:
        score = part.deletion
        lines += [f"deletion {score.auc:.2f}", f"({score.random:.2f}, {score.centre:.2f})"]
    return (*lines, *filter(None, [_percent(part, "query")]))


def _percent(part: PartExplanation, side: str) -> str:
    query = side == "query"
    if not ((part.query_heat if query else part.hit_heat) > 0).any():
        return "nothing warm"
    shares = part.query_shares if query else part.hit_shares
    return "" if shares is None else f"on person {100 * shares.on_person:.0f} %"


def _notes(explanation: PairExplanation) -> list[str]:
    whole = explanation.whole
    notes = [SHARES, DELETION if whole.deletion is not None else ""]
    if whole.query_shares is not None:
        notes.append("on person: share of the heat on the person, by the true mask of the image.")
    return [note for note in notes if note]
