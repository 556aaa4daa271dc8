"""Lengths of vectors, measured by the network that makes them."""

import contextlib
import io
from pathlib import Path
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from workbench.data.images.tensors import open_evaluated
from workbench.data.samples import Progress
from workbench.data.transforms import evaluation_batch
from workbench.experiment.run_rankings import embeddings_folder, open_rankings
from workbench.experiment.snapshots import spread
from workbench.explain.norms import Lengths
from workbench.explain.output_vectors import output_vectors
from workbench.inspection.explained_pairs import require
from workbench.inspection.explaining import network_for
from workbench.inspection.run_norms import (
    learned_certainty,
    lengths_file,
    lengths_of,
    progress_file,
)
from workbench.inspection.tasks import Progress as Told
from workbench.inspection.tasks import long_task
from workbench.model.necks import Head
from workbench.model.network import Branch, PartNetwork
from workbench.recipe.settings.evaluation import Embedding
from workbench.retrieval.rankings import Rankings
from workbench.runs.files import write_atomically
from workbench.runs.folder import RunFolder

MOST = 256
"""Images of the queries, and as many of the gallery: enough to see how lengths lie."""
BATCH = 16
STAGE = "measuring lengths"


def measured_lengths(
    run: RunFolder,
    weights: str = "averaged",
    checkpoint: str | None = None,
    progress: Progress | None = None,
) -> Lengths:
    """The lengths of a run's test images: the stored ones, or else measured and kept.

    Measured are ``MOST`` queries and as many gallery images, evenly spread. Raises RunError where
    the run or its checkpoint is gone, BrokenImage where an image is.
    """
    require(run)
    rankings = open_rankings(run, weights, checkpoint)
    folder = embeddings_folder(run, weights, checkpoint)
    found = lengths_of(run, rankings, folder)
    return found if found is not None else _measure(run, rankings, folder, progress)


def lengths_task(run: RunFolder, weights: str, checkpoint: str) -> int:
    """Measure at low priority, for a page that waits; 0 when done."""
    folder = embeddings_folder(run, weights, checkpoint)

    def work(told: Told) -> None:
        measured_lengths(run, weights, checkpoint, told.show)

    return long_task(progress_file(run, folder), work)


def _measure(
    run: RunFolder, rankings: Rankings, folder: Path, progress: Progress | None
) -> Lengths:
    checkpoint, _, kind = folder.name.rpartition("-")
    network, recipe = network_for(run, kind, checkpoint)
    numbers, of = _chosen(rankings)
    stored, certain = rankings.embeddings, learned_certainty(recipe)
    measured: list[Float[np.ndarray, "batch 2"]] = []
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        files = [stored.root / rankings.image_of(int(number)).path for number in part]
        opened = [open_evaluated(file, recipe.data, stored.levels) for file in files]
        pixels = torch.from_numpy(np.stack(opened))
        images = evaluation_batch(pixels, recipe.data.transforms.normalise)
        with torch.inference_mode(False), torch.no_grad():
            found = (
                read_by_certainty(network, images)
                if certain
                else joined_lengths(network, images, recipe.evaluation.embedding)
            )
        measured.append(found.double().numpy())
        if progress is not None:
            progress(STAGE, start + len(part), len(numbers))
    lengths, shifts = np.concatenate(measured).T
    source = "certainty" if certain else "joined"
    made = Lengths(numbers, lengths.copy(), shifts.copy() if certain else None, source, of)
    _keep(run, lengths_file(run, folder), made)
    return made


def read_by_certainty(
    network: PartNetwork, images: Float[Tensor, "batch 3 height width"]
) -> Float[Tensor, "batch 2"]:
    """Length of the vector that a learned certainty reads, and the shift it makes of it.

    The means over all outputs that have learned one.
    """
    outputs = network(images)
    lengths: list[Tensor] = []
    shifts: list[Tensor] = []
    for name, branch in network.branches.items():
        heads = zip(
            cast(Branch, branch).output_names(name), cast(Branch, branch).heads, strict=True
        )
        for output, head in heads:
            certainty, shift = cast(Head, head).certainty, outputs[output].certainty
            if certainty is not None and shift is not None:
                lengths.append(getattr(outputs[output], certainty.reads).float().norm(dim=1))
                shifts.append(shift.float())
    return torch.stack([torch.stack(lengths).mean(0), torch.stack(shifts).mean(0)], dim=1)


def joined_lengths(
    network: PartNetwork, images: Float[Tensor, "batch 3 height width"], embedding: Embedding
) -> Float[Tensor, "batch 2"]:
    """Length of all outputs joined, before any is divided by its own; and zero."""
    vectors = output_vectors(network, images, embedding)
    lengths = torch.cat(list(vectors.values()), dim=1).norm(dim=1)
    return torch.stack([lengths, torch.zeros_like(lengths)], dim=1)


def _chosen(rankings: Rankings) -> tuple[np.ndarray, int]:
    """Numbers of the images to look at, and how many there are."""
    queries = spread(rankings.num_queries, MOST)
    if rankings.embeddings.leave_one_out:
        return queries, rankings.num_queries
    behind = len(rankings.embeddings.gallery_images)
    gallery = rankings.num_queries + spread(behind, MOST)
    return np.concatenate([queries, gallery]), rankings.num_queries + behind


def _keep(run: RunFolder, file: Path, made: Lengths) -> None:
    written = io.BytesIO()
    arrays = {"numbers": made.numbers, "lengths": made.lengths, "of": np.array(made.of)}
    arrays |= {} if made.shifts is None else {"shifts": made.shifts}
    np.savez_compressed(written, allow_pickle=False, **arrays)
    with contextlib.suppress(OSError):  # a full disk costs time, not the answer
        # No parents: a run that was deleted meanwhile must not come back as an empty folder.
        run.cache.mkdir(exist_ok=True)
        file.parent.mkdir(exist_ok=True)
        write_atomically(file, written.getvalue(), durable=False)
