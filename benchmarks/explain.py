"""Seconds of a pair's heatmaps, the first time and when they are asked for again.

    .venv/bin/python benchmarks/explain.py                      # the network of playground/quick
    .venv/bin/python benchmarks/explain.py --preset playground/channels --method evidence gradcam
    .venv/bin/python benchmarks/explain.py --out benchmarks/README.md

The network has random weights: the work is that of a trained one. Every part on both images, with
deletion scores. Prints one JSON object for the machine and one of seconds for
each preset and method: ``first`` includes
reading the weights, ``another`` is a new pair with the network in memory, ``again`` comes from
disk. ``--out`` also writes them as the section "Heatmaps" of a document. Folders are temporary.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import torch
from record import machine_in_words, table, write_section
from safetensors.torch import save_file

from workbench.data.catalogue.splits import read_split
from workbench.experiment.networks import new_network
from workbench.experiment.run_embedding import embed_run
from workbench.explain.methods import METHODS
from workbench.inspection.explaining import explain_pair
from workbench.runs import checkpoints
from workbench.runs.environment import machine
from workbench.runs.folder import RunFolder
from workbench.runs.management import create_locked_run

SMALL = {"data.dataset.train_identities": "16", "data.dataset.test_identities": "12"}


def untrained(preset: str, folder: Path) -> RunFolder:
    """A run with random weights and the embeddings of a small playground."""
    run, lock = create_locked_run(preset, SMALL, folder=folder)
    os.close(lock)
    recipe = run.recipe()
    classes = read_split(recipe.data).identities
    network = new_network(recipe, classes)
    meta = {"classes": classes, "averaged_ready": True, "step": 0, "steps_per_epoch": 1}
    weights = {key: value.contiguous() for key, value in network.state_dict().items()}
    name = checkpoints.write(
        run, 1, lambda place: save_file(weights, place / "raw.safetensors"), meta
    )
    embed_run(run, "raw", name).save(run.embeddings / f"{name}-raw")
    return run


def seconds(work) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measured(preset: str, method: str, threads: int, pairs: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORKBENCH_DATASETS"] = str(Path(folder) / "datasets")
        run = untrained(preset, Path(folder) / "runs")

        def pair(hit: int) -> float:
            return seconds(lambda: explain_pair(run, 0, hit, "raw", method))

        first = pair(0)
        others = [pair(hit) for hit in range(1, pairs + 1)]
        again = [pair(hit) for hit in range(1, pairs + 1)]
    return {
        "preset": preset,
        "method": method,
        "threads": threads,
        "first_s": round(first, 3),
        "another_median_s": round(statistics.median(others), 3),
        "another_max_s": round(max(others), 3),
        "again_median_s": round(statistics.median(again), 4),
    }


def written(results: list[dict[str, object]], document: Path) -> None:
    heads = ("preset", "method", "threads", "first", "another, median", "largest", "again")
    intro = (
        "`benchmarks/explain.py`: seconds until a pair's heatmaps are there, every part on both"
        " images, with deletion scores. The first reads the weights; another pair finds the"
        " network in memory; again comes from disk."
    )
    rows = [tuple(result.values()) for result in results]
    write_section(document, "Heatmaps", machine_in_words(), intro, table(heads, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", nargs="+", default=["playground/quick"])
    parser.add_argument("--method", nargs="+", default=["evidence"], choices=METHODS)
    parser.add_argument("--threads", type=int, default=1, help="a page uses one")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--out", type=Path, help="document to write the table into")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps({"machine": machine()}), flush=True)
    results = []
    for preset in options.preset:
        for method in options.method:
            results.append(measured(preset, method, options.threads, options.pairs))
            print(json.dumps(results[-1]), flush=True)
    if options.out:
        written(results, options.out)


if __name__ == "__main__":
    main()
