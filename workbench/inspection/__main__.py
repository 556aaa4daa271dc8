"""Long tasks on a finished run, at low priority.

``python -m workbench.inspection RUN_FOLDER --task embed`` computes the embeddings of a checkpoint,
``--task umap`` a map of them, ``--task lengths`` the norms that are not stored with them.
"""

import argparse
import sys
from pathlib import Path

from workbench.inspection.tasks import embed_task
from workbench.runs.folder import RunFolder


def main(arguments: list[str]) -> int:
    """Do one task; the exit code is 0 when done, 1 where it failed."""
    parser = argparse.ArgumentParser(prog="python -m workbench.inspection", allow_abbrev=False)
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--task", choices=["embed", "umap", "lengths"], required=True)
    parser.add_argument("--weights", choices=["raw", "averaged"], default="averaged")
    parser.add_argument("--checkpoint", default="last", help="last, best, or a checkpoint's name")
    parser.add_argument("--snapshots", action="store_true", help="umap: of all snapshots instead")
    options = parser.parse_args(arguments)
    run = RunFolder(options.run.absolute())
    if options.task == "umap":
        # UMAP takes seconds to load and to compile: the other tasks do not wait for it.
        from workbench.inspection.umap_task import umap_task

        return umap_task(run, options.weights, options.checkpoint, snapshots=options.snapshots)
    if options.task == "lengths":
        # Nor for what only explanations need.
        from workbench.inspection.norm_measurement import lengths_task

        return lengths_task(run, options.weights, options.checkpoint)
    return embed_task(run, options.weights, options.checkpoint)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
