"""The queue within one process: every open file is an owner of its own."""

import os
import threading

import pytest

from workbench.errors import RunError
from workbench.runs import locks
from workbench.runs.run_paths import RunPaths
from workbench.runs.tickets import (
    living_tickets,
    runs_ahead,
    take_devices,
    take_ticket,
    ticket_of,
    tickets,
    wait_for_turn,
)


def test_numbers_rise_and_never_come_again(tmp_path):
    first, lock = take_ticket(tmp_path, ["cpu"], "a")
    os.close(lock)
    second, lock = take_ticket(tmp_path, ["cpu"], "b")
    assert (first.number, second.number) == (1, 2)
    assert (second.run, second.devices) == ("b", ("cpu",))
    assert tickets(tmp_path) == [second], "the ticket of the dead is cleared away by the next"
    os.close(lock)


def test_who_is_ahead_is_alive_earlier_and_wants_the_same_device(tmp_path):
    wanted = {"a": ["cuda:0"], "b": ["cuda:1"], "c": ["cuda:1", "cuda:0"], "d": ["cuda:1"]}
    held = {run: take_ticket(tmp_path, devices, run)[1] for run, devices in wanted.items()}
    assert runs_ahead(tmp_path, "a") == runs_ahead(tmp_path, "b") == ()
    assert runs_ahead(tmp_path, "c") == ("a", "b")
    assert runs_ahead(tmp_path, "d") == ("b", "c")
    os.close(held.pop("b"))
    assert runs_ahead(tmp_path, "d") == ("c",)
    assert [ticket.run for ticket in living_tickets(tmp_path)] == ["a", "c", "d"]
    assert runs_ahead(tmp_path, "unknown") == ()
    for lock in held.values():
        os.close(lock)


@pytest.mark.thorough
def test_the_turn_comes_when_the_one_before_lets_go(tmp_path):
    (_, first_lock), (second, second_lock) = (take_ticket(tmp_path, ["cpu"], run) for run in "ab")
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (wait_for_turn(second), done.set()))
    waiting.start()
    assert not done.wait(0.2)
    os.close(first_lock)
    waiting.join(10)
    assert done.is_set()
    assert tickets(tmp_path) == [second]
    os.close(second_lock)


def test_devices_are_locked_and_their_files_stay(tmp_path):
    held = take_devices(tmp_path, ["cuda:1", "cuda:0", "cuda:1"])
    assert len(held) == 2
    assert locks.is_held(tmp_path / "cuda-0.lock")
    assert locks.is_held(tmp_path / "cuda-1.lock")
    for lock in held:
        os.close(lock)
    assert not locks.is_held(tmp_path / "cuda-0.lock")
    assert (tmp_path / "cuda-0.lock").exists()


def test_a_run_finds_its_latest_ticket(tmp_path):
    first = take_ticket(tmp_path, ["cpu"], "a")[1]
    again, second = take_ticket(tmp_path, ["cpu"], "a")
    assert ticket_of(tmp_path, "a") == again
    with pytest.raises(RunError, match="ticket of run b is gone"):
        ticket_of(tmp_path, "b")
    os.close(first)
    os.close(second)


def test_looking_never_looks_like_owning(tmp_path):
    lock = locks.open_lock(tmp_path / "lock")
    stop = threading.Event()

    def look():
        while not stop.is_set():
            locks.is_held(tmp_path / "lock")

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        assert all(_take_and_free(tmp_path / "lock") for _ in range(50))
    finally:
        stop.set()
        for reader in readers:
            reader.join()
        os.close(lock)


def _take_and_free(path):
    lock = locks.open_lock(path)
    taken = locks.take(lock)
    os.close(lock)
    return taken


@pytest.mark.thorough
def test_a_held_lock_is_refused_and_a_missing_one_is_nobodys(tmp_path):
    one, other = locks.open_lock(tmp_path / "lock"), locks.open_lock(tmp_path / "lock")
    assert locks.take(one)
    assert not locks.take(other)
    assert not os.get_inheritable(one)
    assert not locks.is_held(tmp_path / "none")
    os.close(one)
    os.close(other)


@pytest.mark.thorough
def test_locks_are_adopted_once_and_close_on_exec_again(tmp_path, monkeypatch):
    run = RunPaths(tmp_path)
    lock = locks.open_lock(run.lock_file)
    assert locks.take(lock)
    os.set_inheritable(lock, True)
    monkeypatch.setenv(locks.HANDED_OVER, str(lock))
    locks.adopt_locks(run)
    assert not os.get_inheritable(lock)
    assert locks.HANDED_OVER not in os.environ
    with pytest.raises(RunError, match="alive already"):
        locks.adopt_locks(run)
    os.close(lock)
