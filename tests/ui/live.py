"""A run that trains, written by hand: snapshots of a small data set, and a lock that is held."""

import os
from contextlib import contextmanager

import numpy as np

from tests.experiment.tiny import overrides, people
from tests.ui.by_hand import write_run
from workbench.data.catalogue.splits import read_split
from workbench.experiment.snapshots import write_snapshot
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs import locks
from workbench.runs.folder import write_status

DIM = 6


def write_live_run(folder, steps=(0, 3), **more):
    """A run over 5 queries and 32 gallery images, evaluated at some steps, nothing embedded."""
    changes = overrides(people(folder / "people")) | more
    run = write_run(overrides=changes, state="running", until=max(steps))
    for step in steps:
        evaluate(run, step)
    return run


def evaluate(run, step):
    """Write a snapshot: the more steps, the farther identities lie apart."""
    split = read_split(run.recipe().data)
    centres = np.random.default_rng(7).normal(size=(30, DIM))
    noise = np.random.default_rng(step)

    def vectors(images):
        placed = [step * centres[image.identity] + noise.normal(size=DIM) for image in images]
        return np.array(placed, dtype=np.float32)

    query, gallery = tuple(split.query), tuple(split.gallery)
    found = Embeddings(vectors(query), vectors(gallery), query, gallery, split.root)
    write_snapshot(run, step, Rankings(found, run.recipe().evaluation))


@contextmanager
def training(run):
    """As long as this is held, the run's worker lives."""
    lock = locks.open_lock(run.lock_file)
    assert locks.take(lock)
    try:
        yield
    finally:
        os.close(lock)


def end(run):
    write_status(run, state="finished")
