"""A run from its folder to its last word, in this process."""

import errno
import json
import shutil
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.experiment.tiny import overrides, tiny_run
from workbench.errors import RunError
from workbench.experiment import provenance, recorder
from workbench.experiment.work import FAILED, FINISHED, STOPPED, train_run
from workbench.losses.objective import Objective
from workbench.retrieval.embeddings.store import Embeddings
from workbench.runs import checkpoints
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.control import clear_stop, request_stop
from workbench.runs.log import EventLog, read_events
from workbench.runs.management import create_run
from workbench.runs.status import write_status, written_status


def events(run, *kinds):
    records, _ = read_events(run.events_file)
    return [record for record in records if not kinds or record["kind"] in kinds]


def resume(run):
    """What a face does before it wakes a run."""
    clear_stop(run)
    write_status(run, state="queued")
    return train_run(run)


def stop_at(run, step, monkeypatch):
    """Ask ``run`` to stop once its ``step`` is in the log."""
    append = EventLog.append

    def stopping(log, record):
        if log.path == run.events_file and record["kind"] == "step" and record["step"] == step:
            request_stop(run)
        return append(log, record)

    monkeypatch.setattr(EventLog, "append", stopping)


def weights(run, name="last", kind="averaged"):
    return load_file(checkpoints.checkpoint_folder(run, name) / f"{kind}.safetensors")


def equal(first, second):
    return first.keys() == second.keys() and all(
        torch.equal(item, second[name]) for name, item in first.items()
    )


def test_a_run_leaves_everything_its_faces_need(finished_run):
    run = finished_run
    status = written_status(run)
    assert (status.state, status.step, status.total) == ("finished", 6, 6)
    assert (status.precision, status.threads) == ("fp32", 1)
    assert [record["step"] for record in events(run, "step")] == [1, 2, 3, 4, 5, 6]
    assert [record["step"] for record in events(run, "evaluated")] == [0, 3, 6]
    assert [record["step"] for record in events(run, "checkpoint")] == [2, 3, 4, 6]
    last = events(run)[-1]
    assert last["kind"] == "finished"
    assert last["metrics"] == status.metrics
    assert set(last["metrics"]["raw"]) >= {"mAP", "rank1", "mINP"}
    (started,) = events(run, "started")
    assert (started["total"], started["train_images"], started["train_identities"]) == (6, 36, 6)
    environment = json.loads(run.environment_file.read_text())
    assert set(environment["digests"]) == {"train", "query", "gallery"}


def test_the_embeddings_of_the_end_are_there(finished_run):
    for kind in ("raw", "averaged"):
        stored = Embeddings.load(finished_run.embeddings / f"step_00000006-{kind}")
        assert len(stored.query) == 5
        assert len(stored.gallery_images) == 32


def test_every_evaluation_leaves_a_snapshot_of_the_same_images(finished_run):
    snapshots = finished_run.snapshots
    assert sorted(folder.name for folder in snapshots.iterdir()) == ["0", "3", "6"]
    samples, queries = [], []
    for step in ("0", "3", "6"):
        probes = np.load(snapshots / step / "probes.npz")
        samples.append(probes["sample"].tolist())
        queries.append(probes["queries"].tolist())
        embeddings = np.load(snapshots / step / "sample.f16.npy")
        assert embeddings.shape == (37, 8)
        assert embeddings.dtype == np.float16
        assert set(np.unique(probes["verdict"])) <= {"match", "wrong", "distractor", ""}
    assert samples[0] == samples[1] == samples[2]
    assert queries[0] == queries[1] == [0, 1, 2, 3, 4]


@pytest.mark.thorough
def test_a_stopped_run_goes_on_to_the_same_bits(finished_run, monkeypatch):
    whole, root = finished_run, finished_run.recipe().data.root
    cut = create_run("playground/quick", overrides(root))
    stop_at(cut, 5, monkeypatch)
    assert train_run(cut) == STOPPED
    monkeypatch.undo()
    assert written_status(cut).state == "stopped"
    assert events(cut)[-1]["checkpoint"] == "step_00000005"
    assert resume(cut) == FINISHED
    (resumed,) = events(cut, "resumed")
    assert resumed["step"] == 5
    for kind in ("raw", "averaged"):
        assert equal(weights(whole, kind=kind), weights(cut, kind=kind))
    assert events(whole)[-1]["metrics"] == events(cut)[-1]["metrics"]


@pytest.mark.thorough
def test_a_run_without_a_checkpoint_begins_again(tmp_path):
    run = tiny_run(tmp_path)
    EventLog(run.events_file).append({"kind": "progress", "time": 1.0, "step": 0})
    assert train_run(run) == FINISHED
    (resumed,) = events(run, "resumed")
    assert resumed["step"] == 0
    assert "no checkpoint" in resumed["message"]


@pytest.mark.thorough
def test_what_is_different_on_resuming_is_said(tmp_path, monkeypatch):
    run = tiny_run(tmp_path, training__length__count=4)
    stop_at(run, 1, monkeypatch)
    assert train_run(run) == STOPPED
    here = provenance.machine() | {"processor": "another one"}
    monkeypatch.setattr(provenance, "machine", lambda: here)
    values = json.loads(run.environment_file.read_text())
    values["digests"]["gallery"] = "0" * 16
    run.environment_file.write_text(json.dumps(values))
    stop_at(run, 3, monkeypatch)
    assert resume(run) == STOPPED
    warnings = " ".join(record["message"] for record in events(run, "warning"))
    assert "and is another one: the run goes on, but not to the same last bits" in warnings
    assert "The gallery images are not those" in warnings


@pytest.mark.thorough
def test_a_stop_before_the_first_step_leaves_nothing_half_done(tmp_path):
    run = tiny_run(tmp_path)
    request_stop(run)
    assert train_run(run) == STOPPED
    last = events(run)[-1]
    assert (last["kind"], last["step"], last["checkpoint"]) == ("stopped", 0, None)


def test_missing_data_is_one_sentence(tmp_path):
    run = create_run("playground/quick", overrides(tmp_path / "nowhere"))
    assert train_run(run) == FAILED
    status = written_status(run)
    assert status.state == "failed"
    assert "Market-1501 is not in" in status.error
    assert events(run)[-1]["error"] == status.error


@pytest.mark.thorough
def test_a_bug_is_called_one_and_its_traceback_is_kept(tmp_path, monkeypatch, capfd):
    def broken(self, outputs, labels):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Objective, "forward", broken)
    run = tiny_run(tmp_path)
    assert train_run(run) == FAILED
    assert written_status(run).error.startswith("a bug: ZeroDivisionError: division by zero")
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.thorough
def test_a_loss_that_is_no_number_names_the_last_good_checkpoint(tmp_path, monkeypatch):
    forward, calls = Objective.forward, []

    def diverging(self, outputs, labels):
        report = forward(self, outputs, labels)
        calls.append(1)
        if len(calls) == 5:
            report.terms["triplet"] *= float("inf")
        return report

    monkeypatch.setattr(Objective, "forward", diverging)
    run = tiny_run(tmp_path)
    assert train_run(run) == FAILED
    last = events(run)[-1]
    assert "'triplet' became inf at step 5" in last["error"]
    assert last["checkpoint"] == "step_00000004"


@pytest.mark.thorough
def test_a_checkpoint_that_cannot_be_written_fails_the_run_and_leaves_the_one_before(
    tmp_path, monkeypatch
):
    save = torch.save

    def full(value, path):
        if value["standing"]["step"] == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        save(value, path)

    monkeypatch.setattr(torch, "save", full)
    run = tiny_run(tmp_path)
    assert train_run(run) == FAILED
    last = events(run)[-1]
    assert "Checkpoint step_00000004 could not be written" in last["error"]
    assert checkpoints.last_name(run) == last["checkpoint"] == "step_00000003"


@pytest.mark.thorough
def test_events_that_cannot_be_written_are_counted_and_training_goes_on(tmp_path, monkeypatch):
    append = EventLog.append

    def sometimes_full(log, record):
        if record["kind"] == "step" and record["step"] in (1, 2):
            return False
        return append(log, record)

    monkeypatch.setattr(EventLog, "append", sometimes_full)
    run = tiny_run(tmp_path)
    assert train_run(run) == FINISHED
    (warning,) = [r for r in events(run, "warning") if "could not be written" in r["message"]]
    assert warning["message"].startswith("2 events")


@pytest.mark.thorough
def test_a_run_whose_folder_has_vanished_ends(tmp_path, monkeypatch):
    append = EventLog.append
    run = tiny_run(tmp_path)

    def vanish(log, record):
        if record["kind"] == "step" and record["step"] == 3:
            shutil.move(run.path, tmp_path / "trash")
        return append(log, record)

    monkeypatch.setattr(EventLog, "append", vanish)
    assert train_run(run) == FAILED
    assert not run.path.exists()


@pytest.mark.thorough
def test_a_process_of_another_rank_writes_nothing(tmp_path):
    run = tiny_run(tmp_path)
    before = run.status_file.read_bytes()
    assert train_run(run, rank=1) == FINISHED
    assert run.status_file.read_bytes() == before
    assert {path.name for path in run.path.iterdir()} <= {
        "recipe.yaml",
        "overrides.yaml",
        "status.json",
        "labels.yaml",
        "worker.lock",
        "control",
    }


@pytest.mark.thorough
def test_a_beating_heart_keeps_the_status_fresh(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "SECONDS_BETWEEN_WRITES", 0.01)
    run = tiny_run(tmp_path)
    with recorder.Recorder(run) as subject:
        subject.status(state="starting")
        first = written_status(run).heartbeat
        subject.note(stage="drawing 3 of 5")
        while written_status(run).stage != "drawing 3 of 5":
            pass
        assert written_status(run).heartbeat > first
        run.path.rename(tmp_path / "elsewhere")
        while subject.gone is None:
            pass
    assert isinstance(subject.gone, RunError)


def test_what_was_noted_last_is_written_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "SECONDS_BETWEEN_WRITES", 1000.0)
    run = tiny_run(tmp_path)
    with recorder.Recorder(run) as subject:
        subject.status(state="starting")
        subject.note(stage="drawing 5 of 5")
    assert written_status(run).stage == "drawing 5 of 5"


@pytest.mark.thorough
@pytest.mark.parametrize("file", ["training.pt", "raw.safetensors"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\0" * 4096])
def test_a_damaged_last_checkpoint_is_put_aside_and_the_run_goes_on_from_the_one_before(
    finished_run, monkeypatch, file, content
):
    run = copy_of(finished_run)
    damaged = run.checkpoints / "step_00000006"
    (damaged / file).write_bytes(content)
    write_status(run, state="queued")
    assert resume(run) == FINISHED
    (resumed,) = events(run, "resumed")
    assert resumed["step"] == 4
    (warned,) = [each for each in events(run, "warning") if "step_00000006" in each["message"]]
    assert "goes on from step_00000004" in warned["message"]
    assert (run.checkpoints / "step_00000006.damaged").is_dir()
    assert equal(weights(run, kind="raw"), weights(finished_run, kind="raw"))


@pytest.mark.thorough
def test_where_no_checkpoint_is_whole_the_run_does_not_begin_anew(finished_run):
    run = copy_of(finished_run)
    before = checkpoints.names(run)
    for name in before:
        (run.checkpoints / name / "training.pt").write_bytes(b"")
    write_status(run, state="queued")
    assert resume(run) == FAILED
    assert "damaged: training.pt" in written_status(run).error
    assert checkpoints.names(run) == before


def copy_of(run):
    """A run that may be changed."""
    target = run.path.parent / f"{run.id}-{uuid4().hex}"
    return RunFolder(Path(shutil.copytree(run.path, target)))
