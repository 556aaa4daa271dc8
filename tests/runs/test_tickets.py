"""The queue within one process: every open file is an owner of its own."""

import os
import threading
import time

import pytest

from workbench.errors import RunError
from workbench.runs import locks
from workbench.runs.device_keys import DeviceKey
from workbench.runs.run_paths import RunPaths
from workbench.runs.tickets import (
    living_tickets,
    runs_ahead,
    take_device,
    take_ticket,
    ticket_of,
    tickets,
    wait_for_turn,
)

CPU = DeviceKey("cpu", "here")


def test_numbers_rise_and_never_come_again(tmp_path):
    first, lock = take_ticket(tmp_path, [CPU], "a")
    os.close(lock)
    second, lock = take_ticket(tmp_path, [CPU], "b")
    assert (first.number, second.number) == (1, 2)
    assert (second.run, second.keys) == ("b", (CPU,))
    assert tickets(tmp_path) == [second], "the ticket of the dead is cleared away by the next"
    os.close(lock)


def test_who_is_ahead_is_alive_earlier_and_wants_the_same_device(tmp_path):
    first, second = DeviceKey("cuda:0", "here", "0"), DeviceKey("cuda:1", "here", "1")
    wanted = {"a": [first], "b": [second], "c": [second, first], "d": [second]}
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
    (_, first_lock), (second, second_lock) = (take_ticket(tmp_path, [CPU], run) for run in "ab")
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (wait_for_turn(second), done.set()))
    waiting.start()
    assert not done.wait(0.2)
    os.close(first_lock)
    waiting.join(10)
    assert done.is_set()
    assert tickets(tmp_path) == [second]
    os.close(second_lock)


def test_a_device_is_locked_and_its_files_stay(tmp_path):
    held = take_device(tmp_path, DeviceKey("cuda:0", "here", "GPU-a"))
    assert locks.is_held(tmp_path / "cuda-0@here@GPU-a.lock")
    assert not locks.is_held(tmp_path / "cuda-0.lock"), "shared: only an earlier version minds"
    earlier = locks.open_lock(tmp_path / "cuda-0.lock")
    assert not locks.take(earlier), "which takes it alone"
    for lock in held:
        os.close(lock)
    assert locks.take(earlier)
    os.close(earlier)
    assert (tmp_path / "cuda-0@here@GPU-a.lock").exists()


def test_a_lock_of_an_earlier_version_is_waited_for(tmp_path):
    earlier = locks.open_lock(tmp_path / "cpu.lock")
    assert locks.take(earlier)
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (take_device(tmp_path, CPU), done.set()))
    waiting.start()
    assert not done.wait(0.3)
    os.close(earlier)
    waiting.join(10)
    assert done.is_set()


def test_a_ticket_of_an_earlier_version_is_waited_for(tmp_path):
    (tmp_path / "counter").write_text(".")
    old = tmp_path / "0000000001.cpu.ticket"
    lock = locks.open_lock(old)
    assert locks.take(lock)
    os.write(lock, b"old")
    ticket, own = take_ticket(tmp_path, [CPU], "new")
    assert runs_ahead(tmp_path, "new") == ("old",)
    done = threading.Event()
    waiting = threading.Thread(target=lambda: (wait_for_turn(ticket), done.set()))
    waiting.start()
    assert not done.wait(0.3)
    os.close(lock)
    waiting.join(10)
    assert done.is_set()
    os.close(own)


def test_any_of_several_is_the_first_free_one_in_the_order_of_numbers(tmp_path):
    gpus = [DeviceKey(f"cuda:{index}", "here", f"GPU-{index}") for index in (0, 1)]
    queue = {run: take_ticket(tmp_path, gpus, run) for run in "abc"}
    assert wait_for_turn(queue["a"][0]) == gpus[0]
    assert wait_for_turn(queue["b"][0]) == gpus[1]
    named, lock = take_ticket(tmp_path, [gpus[1]], "named")
    taken = {}
    waiting = [
        threading.Thread(target=lambda: taken.update(c=wait_for_turn(queue["c"][0]))),
        threading.Thread(target=lambda: taken.update(named=wait_for_turn(named))),
    ]
    for thread in waiting:
        thread.start()
    time.sleep(0.6)
    assert taken == {}
    assert runs_ahead(tmp_path, "named") == ("b", "c"), "c may still take it"
    os.close(queue["a"][1])
    waiting[0].join(10)
    assert taken == {"c": gpus[0]}
    assert runs_ahead(tmp_path, "named") == ("b",)
    os.close(queue["b"][1])
    waiting[1].join(10)
    assert taken == {"c": gpus[0], "named": gpus[1]}
    for descriptor in (queue["c"][1], lock):
        os.close(descriptor)


def test_machines_and_jobs_on_one_folder_do_not_wait_for_each_other(tmp_path):
    keys = [
        DeviceKey("cpu", "one"),
        DeviceKey("cpu", "other"),
        DeviceKey("cpu", "one", "17"),
        DeviceKey("cpu", "one", "18"),
        DeviceKey("cuda:0", "one", "GPU-a"),
        DeviceKey("cuda:0", "one", "GPU-b"),
        DeviceKey("cuda:0", "other", "GPU-a"),
    ]
    held = []
    for number, key in enumerate(keys):
        ticket, lock = take_ticket(tmp_path, [key], str(number))
        assert wait_for_turn(ticket) == key
        held += [lock, *take_device(tmp_path, key)]
    assert runs_ahead(tmp_path, "6") == ()
    for lock in held:
        os.close(lock)


def test_a_run_finds_its_latest_ticket(tmp_path):
    first = take_ticket(tmp_path, [CPU], "a")[1]
    again, second = take_ticket(tmp_path, [CPU], "a")
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
