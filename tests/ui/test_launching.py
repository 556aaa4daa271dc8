import os
import subprocess

import pytest

from tests.ui.by_hand import write_run
from workbench.errors import EmptySplit, MissingDataset, RecipeError, WeightsError
from workbench.runs import locks
from workbench.ui import launching
from workbench.ui.launching import fetch_weights, left, published_weights, refused


def test_what_stands_in_the_way_belongs_to_a_setting():
    assert list(refused(WeightsError("no file"))) == ["model.weights.kind"]
    assert list(refused(MissingDataset("no folder"))) == ["data.dataset.kind"]
    assert list(refused(EmptySplit("one identity"))) == ["data.dataset.kind"]
    assert list(refused(RecipeError("no", "data.height"))) == ["data.height"]


def test_weights_that_could_be_fetched_are_named():
    assert published_weights("baseline/market1501", {}) == "resnet50.tv_in1k"
    assert published_weights("baseline/market1501", {"model.weights.kind": "none"}) is None
    assert published_weights("playground/quick", {"data.height": "many"}) is None


def test_only_a_request_for_weights_may_use_the_network(monkeypatch):
    asked = []

    def run(command, *, env, **_):
        asked.append((command[1:], env.get("HF_HUB_OFFLINE")))
        return subprocess.CompletedProcess(command, 1, "", "first line\nno route to the host\n")

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(WeightsError, match="could not be fetched: no route to the host"):
        fetch_weights("baseline/market1501", {})
    assert asked == [(["-m", "workbench", "weights", "fetch", "resnet50.tv_in1k"], None)]
    with pytest.raises(WeightsError, match="nothing to fetch"):
        fetch_weights("playground/quick", {})


@pytest.mark.thorough
def test_a_worker_that_is_leaving_is_waited_for(monkeypatch):
    run = write_run(state="stopped")
    held = locks.open_lock(run.lock_file)
    assert locks.take(held)
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            os.close(held)

    monkeypatch.setattr(launching.time, "sleep", nap)
    assert left(run) == run
    assert len(naps) == 3
