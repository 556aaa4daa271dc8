"""Lengths of a run's vectors: what is stored already, and what was measured. No torch here."""

import contextlib
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from workbench.experiment.background import start_task
from workbench.explain.norms import Lengths, Source
from workbench.inspection.map_making import parts_of
from workbench.recipe.schema import Recipe
from workbench.retrieval.exact.stacked_vectors import lengths
from workbench.retrieval.rankings import Rankings
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder

MEASURED: dict[bool, Source] = {True: "certainty", False: "joined"}


def lengths_of(run: RunFolder, rankings: Rankings, folder: Path) -> Lengths | None:
    """The lengths of the test images of ``folder``'s embeddings; None where they must be measured.

    They must where the network has learned a certainty, which is not stored, or where stored
    vectors were divided by their lengths. ``start_measuring`` does it.
    """
    if must_measure(run.recipe()):
        return kept_lengths(run, folder)
    found = lengths(parts_of(rankings.embeddings))
    return Lengths(np.arange(len(found)), found, None, "stored", len(found))


def must_measure(recipe: Recipe) -> bool:
    """Whether lengths are to be measured by the network, and not read from stored vectors."""
    return learned_certainty(recipe) or recipe.evaluation.embedding.normalise_outputs


def learned_certainty(recipe: Recipe) -> bool:
    """Whether any branch makes a shift of margins of a length."""
    return any(branch.certainty is not None for branch in recipe.model.branches.values())


def kept_lengths(run: RunFolder, folder: Path) -> Lengths | None:
    """What was measured of these embeddings; None where nothing was, or before they were made."""
    file = lengths_file(run, folder)
    damaged = (OSError, ValueError, KeyError, EOFError, BadZipFile)
    with contextlib.suppress(*damaged):
        if file.stat().st_mtime < (folder / "images.json").stat().st_mtime:
            return None
        with np.load(file, allow_pickle=False) as stored:
            found = Lengths(
                numbers=stored["numbers"],
                lengths=stored["lengths"],
                shifts=None,
                source=MEASURED["shifts" in stored.files],
                of=int(stored["of"]),
            )
            return replace(found, shifts=stored["shifts"]) if "shifts" in stored.files else found
    return None


def start_measuring(run: RunFolder, folder: Path) -> "subprocess.Popen[bytes]":
    """Start measuring in a process that outlives this one; ``measuring`` follows it."""
    checkpoint, _, kind = folder.name.rpartition("-")
    task = ["--task", "lengths", "--weights", kind, "--checkpoint", checkpoint]
    return start_task(run, task, progress_file(run, folder))


def measuring(run: RunFolder, folder: Path) -> dict[str, Any]:
    """What a measuring process says of itself: ``stage``, ``done``, ``total``, ``error``."""
    return read_json(progress_file(run, folder)) or {}


def lengths_file(run: RunFolder, folder: Path) -> Path:
    """Where measured lengths lie or will lie."""
    return run.cache / "lengths" / f"{folder.name}.npz"


def progress_file(run: RunFolder, folder: Path) -> Path:
    """Where a measuring process tells how far it is."""
    return run.cache / f"lengths-{folder.name}.json"
