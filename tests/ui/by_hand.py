"""Runs written by hand: what a worker would have left behind, without any training."""

import math
import os
from pathlib import Path

import numpy as np
from PIL import Image

from workbench.data.samples import Sample
from workbench.retrieval.embeddings.store import Embeddings
from workbench.runs import checkpoints
from workbench.runs.folder import RunFolder, write_status
from workbench.runs.log import EventLog
from workbench.runs.management import create_locked_run

SIZE = (16, 32)
QUERIES = (Sample("q/0001_c1.png", 1, 1), Sample("q/0002_c1.png", 2, 1), Sample("q/9.png", 9, 2))
GALLERY = (
    Sample("g/0001_c1.png", 1, 1),
    Sample("g/0001_c2.png", 1, 2),
    Sample("g/0002_c2.png", 2, 2),
    Sample("g/0002_c3.png", 2, 3),
    Sample("g/0000_c2.png", 0, 2),
    Sample("g/junk.png", -1, 2),
)
ANGLES = {"q": (0, 90, 45), "g": (5, 20, 80, 60, 10, 2)}
"""Degrees of every vector on a half circle: near angles are near images."""


def figures(step):
    learned = 1 - math.exp(-step / 180)
    raw = {"mAP": 0.03 + 0.5 * learned, "rank1": 0.05 + 0.6 * learned, "mINP": 0.1}
    averaged = None if step == 0 else {name: value + 0.02 for name, value in raw.items()}
    return {"raw": raw, "averaged": averaged}


def step_record(step, total=400):
    identity, triplet = 1.2 + 4 * math.exp(-step / 90), 0.35 + 0.5 * math.exp(-step / 60)
    return {
        "kind": "step",
        "time": 1_800_000_000 + step,
        "step": step,
        "epoch": step // 9,
        "loss": identity + triplet,
        "losses": {"identity": identity, "triplet": triplet},
        "learning_rate": 1e-3 * (1 - 0.5 * step / total),
        "images_per_second": 300.0 + step % 7,
        "gradient_norm": 3.0 + step % 3,
        "active_triplets": max(0.0, 0.9 - 0.6 * step / total),
    }


def evaluated_record(step):
    return {
        "kind": "evaluated",
        "time": 1_800_000_000 + step,
        "step": step,
        "metrics": figures(step),
        "seconds": 2.5,
    }


def write_run(preset="playground/quick", overrides=None, *, state="finished", until=400, **more):
    """A run that trained ``until`` steps, with events, a checkpoint and a status."""
    run, lock = create_locked_run(preset, overrides or {})
    log = EventLog(run.events_file)
    log.append(evaluated_record(0))
    for step in range(1, until + 1):
        log.append(step_record(step))
        if step % 130 == 0:
            log.append(evaluated_record(step))
    if until:
        checkpoints.write(run, until, save_weights, {"metrics": figures(until)})
    write_status(
        run,
        state=state,
        started=1_800_000_000.0,
        ended=1_800_000_000.0 + until,
        step=until,
        total=400,
        metrics=figures(until),
        precision="fp32",
        devices=("cpu",),
        **more,
    )
    os.close(lock)
    return run


def save_weights(folder: Path):
    for kind in ("raw", "averaged"):
        (folder / f"{kind}.safetensors").write_bytes(b"not looked at here")


def write_pictures(root: Path):
    for shade, sample in enumerate((*QUERIES, *GALLERY)):
        path = root / sample.path
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", SIZE, (25 * shade, 80, 200 - 20 * shade)).save(path)


def vectors(part):
    turned = np.radians(np.array(ANGLES[part], dtype=np.float64))
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


def embed(run: RunFolder, root: Path, kind="averaged"):
    """Embeddings of three queries and six gallery images in a plane."""
    write_pictures(root)
    name = checkpoints.last_name(run)
    Embeddings(vectors("q"), vectors("g"), QUERIES, GALLERY, root).save(
        run.embeddings / f"{name}-{kind}"
    )
    return run
