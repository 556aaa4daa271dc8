"""Make, list, find, rename and delete runs."""

import os
import threading
from itertools import pairwise

import pytest

from workbench.errors import PlaceError, RecipeError, RunError, RunNotFound
from workbench.paths import runs_folder
from workbench.recipe.overrides import resolve
from workbench.runs import locks, management
from workbench.runs.folder import RunFolder
from workbench.runs.management import (
    create_run,
    delete_run,
    find_run,
    list_runs,
    lock_dead_run,
    rename_run,
)
from workbench.runs.status import write_status


@pytest.mark.thorough
def test_a_new_run_is_frozen_complete_and_readable():
    changes = {"training.seed": "7", "run.name": "mine", "run.devices": ["cpu"]}
    run = create_run("playground/quick", changes)
    assert run.path.parent == runs_folder()
    assert run.recipe() == resolve("playground/quick", changes | {"training.seed": 7})
    assert run.preset() == "playground/quick"
    assert run.overrides() == changes
    assert (run.labels().name, run.labels().tags) == ("mine", ())
    assert run.status().devices == ("cpu",)
    assert sorted(os.listdir(run.path)) == [
        "control",
        "labels.yaml",
        "overrides.yaml",
        "recipe.yaml",
        "status.json",
        "worker.lock",
    ]


@pytest.mark.thorough
def test_ids_say_when_and_what_and_sort_by_time():
    runs = [create_run("playground/quick") for _ in range(4)]
    assert all(run.id.split("-")[2] == "quick" for run in runs)
    assert list_runs() == runs[::-1]
    assert [find_run(text) for text in ("last", "last~0", "last~1", "last~3")] == [
        *(runs[3], runs[3], runs[2], runs[0])
    ]


@pytest.mark.thorough
def test_order_within_a_second_does_not_depend_on_the_preset():
    runs = [create_run(f"playground/{name}") for name in ("quick", "global", "quick", "global")]
    assert list_runs() == runs[::-1]
    assert all(one.id[:15] <= two.id[:15] for one, two in pairwise(runs))


def test_a_refused_recipe_leaves_nothing_behind():
    with pytest.raises(RecipeError):
        create_run("playground/quick", {"training.lenght.count": 5})
    assert not runs_folder().exists()


def test_an_absent_device_is_refused_by_its_field():
    with pytest.raises(RecipeError, match=r"no cuda:7.*Use auto or cpu") as caught:
        create_run("playground/quick", {"run.devices": '["cuda:7"]'})
    assert caught.value.path == "run.devices"
    assert list_runs() == []


def test_find_by_id_name_and_prefix():
    first, second = create_run("playground/quick"), create_run("playground/global")
    rename_run(second, "my best one")
    assert find_run(first.id) == first
    assert find_run("my best one") == second
    assert find_run(second.id[:-1]) == second


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing-like-it", "Use an id, its beginning, a name or 'last'"),
        ("bset", "Did you mean 'best'?"),
        ("2", "means 2 runs: "),
        ("last~2", "there are 2, use last~0"),
        ("../best", "There is no run '../best'"),
        ("", "There is no run ''"),
    ],
)
def test_what_is_not_found_is_said_with_what_there_is(text, words):
    rename_run(create_run("playground/quick"), "best")
    create_run("playground/quick")
    with pytest.raises(RunNotFound) as caught:
        find_run(text)
    assert words in str(caught.value)


def test_last_of_no_runs_says_so():
    with pytest.raises(RunNotFound, match="there are no runs yet"):
        find_run("last")


def test_a_name_that_two_runs_have_is_refused():
    for _ in range(2):
        rename_run(create_run("playground/quick"), "twin")
    with pytest.raises(RunNotFound, match="means 2 runs"):
        find_run("twin")


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["last", "last~3", "two\nlines", "x" * 81])
def test_names_that_mean_something_else_are_refused(name):
    run = create_run("playground/quick")
    with pytest.raises(RunError, match="cannot be the name"):
        rename_run(run, name)
    assert run.labels().name == ""


def test_deleting_moves_the_folder_into_the_trash():
    run = create_run("playground/quick")
    write_status(run, state="finished")
    moved = delete_run(run)
    assert moved == runs_folder() / ".trash" / run.id
    assert (moved / "recipe.yaml").is_file()
    assert list_runs() == []
    with pytest.raises(RunNotFound, match="may have been deleted"):
        delete_run(run)


def test_a_run_that_is_alive_is_not_deleted():
    run = create_run("playground/quick")
    lock = locks.open_lock(run.lock_file)
    assert locks.take(lock)
    try:
        with pytest.raises(RunError, match=r"alive \(queued\): stop it first"):
            delete_run(run)
    finally:
        os.close(lock)
    assert list_runs() == [run]


def test_a_worker_that_has_ended_its_run_is_waited_for_until_it_lets_go():
    run = create_run("playground/quick")
    write_status(run, state="stopped")
    lock = locks.open_lock(run.lock_file)
    assert locks.take(lock)
    leaving = threading.Timer(0.8, os.close, (lock,))
    leaving.start()
    os.close(lock_dead_run(run))
    assert not leaving.is_alive()


def test_a_worker_that_never_lets_go_is_told_of(monkeypatch):
    monkeypatch.setattr(management, "LEAVING_SECONDS", 0)
    run = create_run("playground/quick")
    write_status(run, state="stopped")
    lock = locks.open_lock(run.lock_file)
    assert locks.take(lock)
    try:
        with pytest.raises(RunError, match="is stopped, but its worker has not ended yet"):
            delete_run(run)
    finally:
        os.close(lock)


def test_strange_folders_are_passed_over():
    run = create_run("playground/quick")
    (runs_folder() / "notes").mkdir()
    (runs_folder() / ".hidden").mkdir()
    (runs_folder() / "file.txt").write_text("")
    copied = runs_folder() / "a copy by hand"
    copied.mkdir()
    (copied / "status.json").write_text("{}")
    assert list_runs() == [run, RunFolder(copied)]
    assert RunFolder(copied).status().state == "lost"
    with pytest.raises(RunError, match=r"no readable recipe.yaml"):
        RunFolder(copied).recipe()


def test_a_runs_folder_that_cannot_be_used_gives_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "file"))
    with pytest.raises(PlaceError, match="WORKBENCH_RUNS"):
        list_runs()
    with pytest.raises(PlaceError, match="WORKBENCH_RUNS"):
        create_run("playground/quick")


def test_damaged_labels_and_overrides_read_as_empty():
    run = create_run("playground/quick")
    run.labels_file.write_text("[1, 2")
    run.overrides_file.write_text("just words")
    assert run.labels().name == ""
    assert (run.preset(), run.overrides()) == ("", {})


def test_the_last_run_is_the_last_by_number_though_the_clock_was_set_back(monkeypatch):
    made = []
    for now in (2_000_000_000.0, 1_900_000_000.0, 1_800_000_000.0):
        with monkeypatch.context() as patch:
            patch.setattr(management.time, "time", lambda now=now: now)
            made.append(create_run("playground/quick").id)
    assert [run.rpartition("-")[2] for run in made] == ["00001", "00002", "00003"]
    assert [run.id for run in list_runs()] == made[::-1]
    assert find_run("last").id == made[2]


def test_runs_of_earlier_versions_come_before_all_that_have_a_number():
    new = create_run("playground/quick")
    old = [f"21001121-083012-quick-{fraction}" for fraction in ("3f2a", "9999")]
    for name in old:
        (new.path.parent / name).mkdir()
        (new.path.parent / name / "recipe.yaml").write_text("{}")
    assert [run.id for run in list_runs()] == [new.id, old[1], old[0]]
    assert create_run("playground/quick").id.endswith("-00002")


def test_the_number_of_a_deleted_run_is_not_given_again():
    first = create_run("playground/quick")
    delete_run(first)
    assert create_run("playground/quick").id.endswith("-00002")
