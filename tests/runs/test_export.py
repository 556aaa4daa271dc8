"""Tables for other programs."""

import csv

import pytest

from workbench.errors import RunError
from workbench.runs.export import export_csv
from workbench.runs.log import EventLog
from workbench.runs.run_paths import RunPaths


@pytest.fixture
def run(tmp_path):
    folder = RunPaths(tmp_path / "20261121-083012-quick-3f2a")
    folder.path.mkdir()
    log = EventLog(folder.events_file)
    for number in (1, 2, 3):
        log.append({"kind": "step", "time": 100.0 + number, "step": number, "loss": number / 8})
    log.append({"kind": "resumed", "time": 200.0, "step": 2})
    log.append({"kind": "step", "time": 201.0, "step": 3, "loss": 5.0, "losses": {"a": 0.1}})
    log.append({"kind": "evaluated", "time": 202.0, "step": 3, "metrics": {"raw": {"mAP": 0.5}}})
    return folder


def test_a_csv_has_a_row_for_each_step_and_no_void_points(run, tmp_path):
    target = export_csv(run, tmp_path / "out.csv")
    with open(target, newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["step", "loss", "losses.a", "raw.mAP"],
        ["1", "0.125", "", ""],
        ["2", "0.25", "", ""],
        ["3", "5.0", "0.1", "0.5"],
    ]


@pytest.mark.thorough
def test_tensorboard_reads_back_what_was_exported(run, tmp_path):
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    from workbench.runs.tensorboard_export import export_tensorboard

    target = export_tensorboard(run, tmp_path / "board")
    assert target.parent == tmp_path / "board" / run.id
    found = [
        (value.tag, event.step, round(value.tensor.float_val[0], 6), event.wall_time)
        for event in EventFileLoader(str(target)).Load()
        for value in event.summary.value
    ]
    assert found == [
        ("loss", 1, 0.125, 101.0),
        ("loss", 2, 0.25, 102.0),
        ("loss", 3, 5.0, 202.0),
        ("losses/a", 3, 0.1, 202.0),
        ("raw/mAP", 3, 0.5, 202.0),
    ]


def test_nothing_to_export_and_nowhere_to_write_are_said(run, tmp_path):
    empty = RunPaths(tmp_path / "empty")
    empty.path.mkdir()
    with pytest.raises(RunError, match="no points yet"):
        export_csv(empty, tmp_path / "out.csv")
    with pytest.raises(RunError, match="Name another file"):
        export_csv(run, tmp_path / "missing" / "out.csv")
