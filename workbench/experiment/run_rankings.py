"""Ranked lists of a run, from its stored embeddings. No torch here: a page opens them at once.

What is not stored is embedded by a process of its own, at low priority.
"""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from workbench.data.samples import JUNK, UNKNOWN_CAMERA, Sample
from workbench.errors import RunError
from workbench.experiment.background import start_task
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder


def open_rankings(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> Rankings:
    """The rankings of a run's checkpoint (the last one unless named) by its own protocol.

    Images that were not embedded yet are embedded first, which takes as long as an evaluation;
    ``rankings_are_ready`` tells beforehand. Where a checkpoint has no averaged weights its raw ones
    are taken. Raises RunError where there is no such checkpoint, or it cannot be embedded.
    """
    folder = embeddings_folder(run, weights, checkpoint)
    if not folder.is_dir():
        embed_in_background(run, weights, checkpoint).wait()
    if not folder.is_dir():
        reason = embedding_progress(run, weights, checkpoint).get("error") or "it was ended"
        raise RunError(f"Run {run.id} could not be embedded: {reason}")
    return Rankings(Embeddings.load(folder), run.recipe().evaluation)


def rankings_are_ready(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> bool:
    """Whether ``open_rankings`` answers at once. Raises RunError where there is no checkpoint."""
    return embeddings_folder(run, weights, checkpoint).is_dir()


def embed_in_background(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> "subprocess.Popen[bytes]":
    """Start embedding a checkpoint's queries and gallery in a process that outlives this one.

    ``embedding_progress`` follows it. Raises RunError where there is no checkpoint.
    """
    folder = embeddings_folder(run, weights, checkpoint)
    name, _, kind = folder.name.rpartition("-")
    progress = _progress_file(run, folder)
    return start_task(run, ["--task", "embed", "--weights", kind, "--checkpoint", name], progress)


def embedding_progress(
    run: RunFolder, weights: str = "averaged", checkpoint: str | None = None
) -> dict[str, Any]:
    """What an embedding task says of itself: ``stage``, ``done``, ``total``, ``error``."""
    return read_json(_progress_file(run, embeddings_folder(run, weights, checkpoint))) or {}


def ranked_for(vector: Float32[np.ndarray, "dim"], rankings: Rankings) -> Rankings:
    """The same gallery, protocol and settings for one new query, number 0, of which nobody knows.

    Its identity and camera are unknown: no image is a match, and only junk is left out. With
    re-ranking the neighbourhoods are those of the gallery and this one image.
    """
    embeddings = rankings.embeddings
    # Junk is nobody's image, which is all that is known of this one.
    unknown = Sample("", JUNK, UNKNOWN_CAMERA)
    alone = replace(
        embeddings,
        query=vector[None],
        query_images=(unknown,),
        leave_one_out=False,
        belongs_to={},
        pairings=(),
    )
    return Rankings(alone, rankings.evaluation)


def embeddings_folder(run: RunFolder, weights: str, checkpoint: str | None) -> Path:
    """Where the embeddings of a checkpoint lie or will lie.

    Raises RunError where there is no such checkpoint.
    """
    folder = checkpoint_folder(run, checkpoint or "last")
    return run.embeddings_named(f"{folder.name}-{available_weights(folder, weights)}")


def available_weights(folder: Path, wanted: str) -> str:
    """``wanted`` where the checkpoint has such weights, else "raw"."""
    return wanted if (folder / f"{wanted}.safetensors").exists() else "raw"


def _progress_file(run: RunFolder, folder: Path) -> Path:
    return run.cache / f"embed-{folder.name}.json"
