"""A run whose embedding condensed while it trained, written by hand: images, vectors, snapshots."""

import numpy as np
from PIL import Image

from tests.ui.by_hand import write_run
from workbench.data.samples import Sample
from workbench.experiment.snapshots import write_snapshot
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs import checkpoints

IDENTITIES, QUERIES_EACH, GALLERY_EACH, DIM = 8, 2, 5, 6
STEPS = (0, 130, 400)


def samples():
    """Queries in camera 1, the gallery in cameras 2 and 3, and two distractors."""
    people = range(1, IDENTITIES + 1)
    query = [
        Sample(f"q/{one}_{turn}.png", one, 1) for one in people for turn in range(QUERIES_EACH)
    ]
    gallery = [
        Sample(f"g/{one}_{turn}.png", one, 2 + turn % 2)
        for one in people
        for turn in range(GALLERY_EACH)
    ]
    return tuple(query), (*gallery, Sample("g/0_0.png", 0, 2), Sample("g/0_1.png", 0, 3))


def vectors(images, apart, seed):
    """Identities ``apart`` from each other, in noise of size 1."""
    centres = np.random.default_rng(7).normal(size=(IDENTITIES + 1, DIM))
    noise = np.random.default_rng(seed).normal(size=(len(images), DIM))
    return (apart * centres[[image.identity for image in images]] + noise).astype(np.float32)


def embeddings(root, apart):
    query, gallery = samples()
    return Embeddings(vectors(query, apart, 1), vectors(gallery, apart, 2), query, gallery, root)


def write_pictures(root):
    for shade, sample in enumerate([*samples()[0], *samples()[1]]):
        path = root / sample.path
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = (30 * sample.identity % 256, 4 * shade % 256, 120)
        Image.new("RGB", (16, 32), colour).save(path)


def write_mapped_run(root, snapshots=True, **settings):
    """58 images whose identities lie 0, 1 and 3 apart at the three steps."""
    run = write_run(**settings)
    write_pictures(root)
    for step, apart in zip(STEPS, (0.0, 1.0, 3.0), strict=True):
        found = embeddings(root, apart)
        if snapshots:
            write_snapshot(run, step, Rankings(found, run.recipe().evaluation))
    found.save(run.embeddings / f"{checkpoints.last_name(run)}-averaged")
    return run
