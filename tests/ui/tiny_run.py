"""Runs with real networks, trained for a moment in this process."""

import pytest

from tests.experiment.tiny import overrides, people
from workbench.experiment import work
from workbench.runs.management import create_run


def trained(folder, runs=None):
    """A finished run of a whole-body branch and two channel groups on 16 x 32 images."""
    changes = overrides(
        folder / "people",
        model__branches__groups__regions__count=2,
        model__branches__groups__regions__start_stripes=1,
        model__branches__groups__neck__width=8,
    )
    del changes["model.branches.stripes"]
    return train("playground/channels", changes | {"run.name": "tiny"}, folder, runs)


def without_parts(folder, runs=None):
    """A finished run whose network has nothing but its whole-body branch."""
    changes = overrides(folder / "people") | {"run.name": "one part"}
    return train("playground/quick", changes, folder, runs)


def train(preset, changes, folder, runs=None):
    """A finished run on images that are drawn into the folder first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        people(folder / "people")
        run = create_run(preset, changes, folder=runs or folder / "runs")
        assert work.train_run(run) == work.FINISHED, run.log_file.read_text()
    return run
