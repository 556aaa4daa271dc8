"""A pair that has been explained, as faces show it: its words as JSON, its maps as pictures."""

import io
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from PIL import Image

from workbench.data.samples import Sample
from workbench.errors import DataError
from workbench.explain.attention import attends
from workbench.explain.explanation import PairExplanation
from workbench.explain.interpretation import scale_in_words
from workbench.explain.methods import ABOUT
from workbench.explain.part_titles import part_titles
from workbench.explain.pictures.overlay import heat_layer
from workbench.recipe.settings.model import Model
from workbench.recipe.settings.outputs import outputs_of
from workbench.retrieval.ranked_list import RankedImage
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder
from workbench.ui.views.parts.parts_words import pair_in_words, part_of

Side = Literal["query", "hit"]
ALONE = "One map only: the vector of this run is one output, there are no parts to tell apart."
LAYER_HEIGHT = 320
"""Pixels of a heat layer's height; the page lays it over an image of any size."""


def place_in(rankings: Rankings, number: int, hit: int) -> RankedImage:
    """Where a gallery image stands in the list of a query, wherever that is."""
    everything = rankings.list(number, len(rankings.embeddings.gallery_images))
    return next(item for item in everything if item.index == hit)


def told_of(
    run: RunFolder, found: PairExplanation, place: RankedImage, hit: Sample, *, known: bool = True
) -> dict[str, Any]:
    """Everything about an explained pair but what it is called and its pictures.

    ``known`` says whether anybody knows who is on the query.
    """
    model = run.recipe().model
    titles = part_titles(model)
    *branches, whole = [part_of(part, titles[part.name], found.method) for part in found.parts]
    alone = len(branches) <= 1
    return {
        "working": False,
        "run": run.id,
        "method": found.method,
        "rank": place.rank,
        "words": pair_in_words(found, place, hit, known=known),
        "about": f"{ABOUT[found.method]} {scale_in_words(found.method)}",
        "total": found.total,
        "constant": found.constant,
        "branches": [] if alone else branches,
        "whole": whole,
        "note": ALONE if alone else "",
        "attends": attends(model),
        "masks": [{"name": name, "title": titles[name]} for name in masked(model)],
    }


def heat_picture(run: RunFolder, found: PairExplanation | None, part: str, side: Side) -> bytes:
    """One map as a PNG to lay over its image. Raises DataError where there is no such part."""
    for one in found.parts if found is not None else ():
        if one.name == part:
            return layer(run, one.query_heat if side == "query" else one.hit_heat)
    raise DataError(f"There is no heatmap of a part '{part}' in run {run.id}.")


def masked(model: Model) -> list[str]:
    """Outputs with a learned mask."""
    return [
        output
        for name, branch in model.branches.items()
        if branch.regions.kind == "channel_groups"
        for output in outputs_of(name, branch)
    ]


def layer(run: RunFolder, heat: Float[np.ndarray, "rows columns"]) -> bytes:
    """Heat, or a mask, as a PNG of the proportions of the run's images."""
    data = run.recipe().data
    width = max(round(LAYER_HEIGHT * data.width / data.height), 1)
    return _png(heat_layer(heat, (width, LAYER_HEIGHT)))


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
