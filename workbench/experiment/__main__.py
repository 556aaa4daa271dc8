"""What a run's worker becomes, and the long tasks on a finished run.

``python -m workbench.experiment RUN_FOLDER`` trains; with ``--task embed`` it computes the
embeddings of a checkpoint, with ``--task umap`` a map of them, with ``--task lengths`` the lengths
that are not stored with them, at low priority.
"""

import argparse
import os
import sys
from pathlib import Path

from workbench.experiment.tasks import embed_task
from workbench.experiment.work import train_run
from workbench.runs.folder import RunFolder


def main(arguments: list[str]) -> int:
    """Train a run or do one task; the exit code is 0 when done, 1 failed, 130 stopped."""
    parser = argparse.ArgumentParser(prog="python -m workbench.experiment", allow_abbrev=False)
    parser.add_argument("run", type=Path, help="folder of the run")
    tasks = ["embed", "umap", "lengths"]
    parser.add_argument("--task", choices=tasks, help="a long task instead of training")
    parser.add_argument("--weights", choices=["raw", "averaged"], default="averaged")
    parser.add_argument("--checkpoint", default="last", help="last, best, or a checkpoint's name")
    parser.add_argument("--snapshots", action="store_true", help="umap: of all snapshots instead")
    options = parser.parse_args(arguments)
    run = RunFolder(options.run.absolute())
    if options.task == "embed":
        return embed_task(run, options.weights, options.checkpoint)
    if options.task == "umap":
        # UMAP takes seconds to load and to compile: a training does not wait for it.
        from workbench.experiment.umap_task import umap_task

        return umap_task(run, options.weights, options.checkpoint, snapshots=options.snapshots)
    if options.task == "lengths":
        # Nor for what only explanations need.
        from workbench.experiment.measuring_lengths import lengths_task

        return lengths_task(run, options.weights, options.checkpoint)
    return train_run(run, rank=int(os.environ.get("RANK", "0")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
