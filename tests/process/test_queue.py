"""The queue under fire: real processes, killed at any moment."""

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

# Takes a ticket, waits, holds the device for a moment, and writes down when: one write a line.
MEMBER = """
import os, sys, time
from pathlib import Path
from workbench.runs import tickets
from workbench.runs.device_keys import key_of

folder, log = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def say(word):
    os.write(log, f"{word} {ticket.number} {os.getpid()} {time.monotonic_ns()}\\n".encode())

ticket, lock = tickets.take_ticket(folder, [key_of("cpu")], str(os.getpid()))
say("ticket")
tickets.take_device(folder, tickets.wait_for_turn(ticket))
say("in")
time.sleep(0.02)
say("out")
"""


def shoot(members, chance, deaths):
    """Kill one of those alive and note until when it certainly lived."""
    alive = [member for member in members if member.poll() is None]
    if alive:
        victim = chance.choice(alive)
        deaths[victim.pid] = time.monotonic_ns()
        victim.kill()
        victim.wait()


def battle(folder, seed, size, kills):
    """Let ``size`` processes queue, shoot ``kills`` of them; what they wrote and who died."""
    chance, members, deaths = random.Random(seed), [], {}
    log = folder / "log"
    for _ in range(size):
        command = [sys.executable, "-c", MEMBER, str(folder / "locks"), str(log)]
        members.append(subprocess.Popen(command))
        time.sleep(chance.uniform(0, 0.03))
        if len(deaths) < kills and chance.random() < 0.3:
            shoot(members, chance, deaths)
    while len(deaths) < kills and any(member.poll() is None for member in members):
        time.sleep(chance.uniform(0, 0.08))
        shoot(members, chance, deaths)
    for member in members:
        member.wait(60)  # nobody hangs
    lines = [line.split() for line in log.read_text().splitlines()]
    return [(word, int(number), int(pid), int(when)) for word, number, pid, when in lines], deaths


def check(folder, events, deaths, size):
    entered = [(when, number, pid) for word, number, pid, when in events if word == "in"]
    left = {pid: when for word, _, pid, when in events if word == "out"}
    assert [number for _, number, _ in entered] == sorted(number for _, number, _ in entered)
    for (_, _, first), (when, _, _) in pairwise(sorted(entered)):
        # One that was killed while it held the device wrote no end.
        assert (left.get(first) or deaths[first]) < when
    survivors = {pid for word, _, pid, _ in events if word == "ticket"} - set(deaths)
    assert survivors == set(left) - set(deaths), "everybody who lives is served"
    assert len(survivors) >= size - len(deaths)
    numbers = [number for word, number, _, _ in events if word == "ticket"]
    assert len(set(numbers)) == len(numbers)
    own = ("cpu.", "cpu@")
    assert not [path for path in folder.glob("locks/*.lock") if not path.name.startswith(own)]


@pytest.mark.process
@pytest.mark.parametrize("seed", [0, 1])
def test_order_is_kept_and_nobody_shares_a_device_though_members_are_killed(tmp_path, seed):
    events, deaths = battle(tmp_path, seed, size=10, kills=4)
    check(tmp_path, events, deaths, size=10)


@pytest.mark.process
@pytest.mark.long
def test_twenty_rounds_of_twenty_processes(tmp_path):
    killed_while_holding = 0
    for seed in range(100, 120):
        folder = tmp_path / str(seed)
        folder.mkdir()
        events, deaths = battle(folder, seed, size=20, kills=10)
        check(folder, events, deaths, size=20)
        entered = {pid for word, _, pid, _ in events if word == "in"}
        killed_while_holding += len(entered & set(deaths))
    assert killed_while_holding > 0, "the test has to hit holders, or it shows nothing"


@pytest.mark.process
def test_a_waiting_process_needs_neither_torch_nor_numpy_nor_pydantic():
    code = (
        "import sys, workbench.runs.lifecycle.worker, workbench.runs.lifecycle.stopper;"
        "print(*sorted({'torch', 'numpy', 'pydantic', 'yaml'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
    )
    assert answer.stdout.strip() == ""
