"""A run with grid attention and a learned certainty, trained for a moment in this process."""

import pytest

from tests.experiment.tiny import overrides, people
from workbench.experiment import work
from workbench.runs.registry import create_run

GRID = {
    "kind": "grid_transformer",
    "widths": [16, 16, 16, 16],
    "depths": [2, 2, 2, 1],
    "heads": [2, 2, 2],
    "grid": [2, 1],
    "kept_keys": 0.5,
    "head_width": 16,
}


def trained(folder, runs=None):
    """A finished run on 16 x 32 images: maps of 8 x 4, 4 x 2 and 2 x 1 tokens."""
    changes = overrides(
        folder / "people",
        model__backbone=GRID,
        model__branches__whole__certainty={"reads": "embedding"},
        training__length__count=2,
    )
    del changes["model.backbone.width"]
    changes |= {"run.name": "looking"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        people(folder / "people")
        run = create_run("playground/quick", changes, folder=runs or folder / "runs")
        assert work.train_run(run) == work.FINISHED, run.log_file.read_text()
    return run
