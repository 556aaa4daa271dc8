"""What killed writers left behind is swept, and what living ones write is not."""

import os
import subprocess
import sys

import pytest

from workbench.runs.lifecycle.leftovers import sweep
from workbench.runs.management import create_run, list_runs


@pytest.fixture
def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_leftovers_of_the_dead_go_and_everything_else_stays(dead):
    run, me = create_run("playground/quick"), os.getpid()
    gone = [f"checkpoints/.step_00000002.{end}/raw.safetensors" for end in ("old", "new")] + [
        f".status.json.{me}.1.new",
        f".labels.yaml.{dead}.140.new",
        f"control/.stop.{dead}.1.new",
        f"cache/.map-pca-x.npz.{dead}.1.new",
        f"embeddings/.step_00000002-raw.{dead}.new/query.npy",
        f"snapshots/.100.{dead}/probes.npz",
    ]
    stay = [
        "checkpoints/step_00000002/raw.safetensors",
        f".labels.yaml.{me}.140.new",
        f"embeddings/.step_00000002-raw.{me}.new/query.npy",
        f"snapshots/.100.{me}/probes.npz",
        "snapshots/100/probes.npz",
        ".reserve.status",
        "notes.old",
    ]
    for name in (*gone, *stay):
        path = run.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    sweep(run)
    assert [name for name in gone if (run.path / name).exists()] == []
    assert [name for name in stay if not (run.path / name).exists()] == []


def test_a_run_that_was_never_completed_goes_with_the_next_one(dead):
    first = create_run("playground/quick")
    half = [first.path.parent / f".{pid}.123.new" for pid in (dead, os.getpid())]
    for folder in half:
        (folder / "control").mkdir(parents=True)
    create_run("playground/quick")
    assert [folder.exists() for folder in half] == [False, True]
    assert len(list_runs()) == 2
