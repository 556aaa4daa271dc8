"""Complete or absent; the last two, the best and the kept ones stay."""

import os
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import RunError
from workbench.runs import checkpoints
from workbench.runs.files import read_json
from workbench.runs.run_paths import RunPaths


def save(folder):
    (folder / "raw.safetensors").write_bytes(b"weights")
    (folder / "meta.json").write_text('{"precision": "fp32"}')


def broken(folder):
    (folder / "raw.safetensors").write_bytes(b"wei")
    raise OSError(28, "No space left on device")


def write(run, step, *, saver=save, keep=False, best=False):
    return checkpoints.write(run, step, saver, {"metrics": {"raw": step}}, keep=keep, best=best)


def visible(run):
    return sorted(os.listdir(run.checkpoints))


def test_a_checkpoint_has_what_was_saved_and_what_is_known_about_it(tmp_path):
    run = RunPaths(tmp_path)
    assert write(run, 450, best=True) == "step_00000450"
    folder = checkpoints.checkpoint_folder(run)
    assert (folder / "raw.safetensors").read_bytes() == b"weights"
    assert read_json(folder / "meta.json") == {
        "precision": "fp32",
        "metrics": {"raw": 450},
        "step": 450,
        "kept": False,
        "files": {"raw.safetensors": [7, zlib.crc32(b"weights")]},
    }
    pointer = {"name": "step_00000450", "step": 450, "metrics": {"raw": 450}}
    assert read_json(run.checkpoints / "best.json") == pointer
    assert read_json(run.checkpoints / "last.json") == pointer


def test_by_hand_the_last_two_the_best_and_the_kept_ones_stay(tmp_path):
    run = RunPaths(tmp_path)
    for step in (10, 20, 30, 40, 50):
        write(run, step, keep=step == 10, best=step == 20)
    assert checkpoints.names(run) == [f"step_000000{step}" for step in (10, 20, 40, 50)]
    write(run, 60, best=True)
    assert checkpoints.names(run) == [f"step_000000{step}" for step in (10, 50, 60)]
    assert checkpoints.checkpoint_folder(run, "best").name == "step_00000060"


@pytest.mark.thorough
@settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_the_rule_holds_for_any_history(tmp_path_factory, history):
    run = RunPaths(tmp_path_factory.mktemp("run"))
    steps = [10 * (index + 1) for index in range(len(history))]
    for step, (keep, best) in zip(steps, history, strict=True):
        write(run, step, keep=keep, best=best)
    bests = [step for step, (_, best) in zip(steps, history, strict=True) if best]
    kept = [step for step, (keep, _) in zip(steps, history, strict=True) if keep]
    expected = {*steps[-2:], *bests[-1:], *kept}
    assert checkpoints.names(run) == [f"step_{step:08d}" for step in sorted(expected)]
    assert checkpoints.last_name(run) == f"step_{steps[-1]:08d}"


@pytest.mark.thorough
@pytest.mark.parametrize("saver", [broken, lambda folder: 1 / 0])
def test_a_failed_checkpoint_names_the_last_good_one_and_leaves_it(tmp_path, saver):
    run = RunPaths(tmp_path)
    write(run, 10, best=True)
    before = visible(run)
    with pytest.raises(RunError, match=r"last good checkpoint is step_00000010") as caught:
        write(run, 20, saver=saver, best=True)
    assert "step_00000020 could not be written" in str(caught.value)
    assert visible(run) == before
    assert checkpoints.checkpoint_folder(run, "best").name == "step_00000010"


def test_what_a_crash_left_half_written_is_never_seen_and_goes_with_the_next(tmp_path):
    run = RunPaths(tmp_path)
    write(run, 10)
    half = run.checkpoints / ".step_00000020.new"
    half.mkdir()
    (half / "raw.safetensors").write_bytes(b"wei")
    assert checkpoints.names(run) == ["step_00000010"]
    write(run, 20)
    assert visible(run) == ["last.json", "step_00000010", "step_00000020"]


@pytest.mark.parametrize("content", [b"", b"weighty", b"weights!", None])
def test_a_file_that_is_not_as_it_was_written_is_named(tmp_path, content):
    run = RunPaths(tmp_path)
    write(run, 10)
    write(run, 20)
    damaged = run.checkpoints / "step_00000020" / "raw.safetensors"
    assert checkpoints.damage(damaged.parent) == ""
    if content is None:
        damaged.unlink()
    else:
        damaged.write_bytes(content)
    assert checkpoints.damage(damaged.parent) == "raw.safetensors"
    checkpoints.put_aside(run, "step_00000020")
    assert checkpoints.last_name(run) == "step_00000010"
    assert (run.checkpoints / "step_00000020.damaged" / "meta.json").exists()


def test_a_checkpoint_of_an_earlier_version_has_no_notes_of_its_files(tmp_path):
    run = RunPaths(tmp_path)
    write(run, 10)
    (run.checkpoints / "step_00000010" / "meta.json").write_text('{"step": 10}')
    assert checkpoints.damage(run.checkpoints / "step_00000010") == ""


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (28, "Make room on its disk"),
        (1, "Make it writable"),
        (13, "Make it writable"),
        (5, "Choose"),
    ],
)
def test_only_a_full_disk_is_told_to_be_emptied(tmp_path, number, remedy):
    def failing(folder):
        raise OSError(number, os.strerror(number))

    with pytest.raises(RunError) as refusal:
        write(RunPaths(tmp_path), 10, saver=failing)
    assert f"{os.strerror(number)} (" in str(refusal.value)
    assert f"{remedy}" in str(refusal.value)
    assert ("room" in str(refusal.value)) == (number == 28)


def test_a_step_that_is_written_again_takes_the_place_of_the_first(tmp_path):
    run = RunPaths(tmp_path)
    write(run, 10)
    write(run, 10, best=True)
    assert visible(run) == ["best.json", "last.json", "step_00000010"]


def test_a_pointer_to_nothing_falls_back_to_the_last_complete_one(tmp_path):
    run = RunPaths(tmp_path)
    write(run, 10)
    (run.checkpoints / "last.json").write_text('{"name": "step_00000099"}')
    assert checkpoints.checkpoint_folder(run, "last").name == "step_00000010"
    (run.checkpoints / "last.json").unlink()
    assert checkpoints.last_name(run) == "step_00000010"


def test_steps_of_more_than_eight_digits_stay_in_order(tmp_path):
    run = RunPaths(tmp_path)
    for step in (99_999_999, 100_000_000):
        write(run, step)
    assert checkpoints.names(run) == ["step_99999999", "step_100000000"]


def test_what_is_not_there_is_said(tmp_path):
    run = RunPaths(tmp_path / "quick")
    assert checkpoints.names(run) == []
    assert checkpoints.last_name(run) is None
    with pytest.raises(RunError, match="no checkpoint yet"):
        checkpoints.checkpoint_folder(run)
    write(run, 10)
    with pytest.raises(RunError, match=r"no checkpoint '\.\./x'. Use last, best or one of step_"):
        checkpoints.checkpoint_folder(run, "../x")
