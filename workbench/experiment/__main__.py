"""What a run's worker becomes: ``python -m workbench.experiment RUN_FOLDER`` trains."""

import argparse
import os
import sys
from pathlib import Path

from workbench.experiment.work import train_run
from workbench.runs.folder import RunFolder


def main(arguments: list[str]) -> int:
    """Train a run; the exit code is 0 when done, 1 failed, 130 stopped."""
    parser = argparse.ArgumentParser(prog="python -m workbench.experiment", allow_abbrev=False)
    parser.add_argument("run", type=Path, help="folder of the run")
    options = parser.parse_args(arguments)
    run = RunFolder(options.run.absolute())
    return train_run(run, rank=int(os.environ.get("RANK", "0")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
