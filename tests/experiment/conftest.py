"""Runs are trained in this process, on one thread."""

import pytest
import torch

from tests.experiment.tiny import overrides, people
from workbench.experiment import work
from workbench.runs.management import create_run


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """This process may train many runs, and one run twice, without their locks."""
    monkeypatch.setattr(work, "adopt_locks", lambda run: None)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A run that nobody may change."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "adopt_locks", lambda run: None)
        run = create_run(
            "playground/quick", overrides(people(folder / "people")), folder=folder / "runs"
        )
        assert work.train_run(run) == work.FINISHED
    return run
