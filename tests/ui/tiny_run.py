"""A run with a real network, parts and learned masks, trained for a moment in this process."""

import pytest

from tests.experiment.tiny import overrides, people
from workbench.experiment import work
from workbench.runs.registry import create_run


def trained(folder, runs=None):
    """A finished run of a whole-body branch and two channel groups on 16 x 32 images."""
    changes = overrides(
        folder / "people",
        model__branches__groups__regions__count=2,
        model__branches__groups__regions__start_stripes=1,
        model__branches__groups__neck__width=8,
    )
    del changes["model.branches.stripes"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        run = create_run(
            "playground/channels", changes | {"run.name": "tiny"}, folder=runs or folder / "runs"
        )
        people(folder / "people")
        assert work.train_run(run) == work.FINISHED
    return run
