"""``workbench bench retrieval``: exact figures beside the matrix product they need, and peers.

All contestants of a case work on the same vectors, in turns, so that whatever else the machine does
falls on all of them. A ratio is that of wall time to the bare float32 product of all queries and
gallery images. Memory is what a contestant takes beyond the vectors, at its peak.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import faiss
import torch
from threadpoolctl import threadpool_limits

from workbench.bench.memory_use import own_bytes, resident_bytes
from workbench.bench.retrieval_cases import CASES, Case
from workbench.bench.retrieval_contests import (
    BY_QUERY,
    ITERATIONS,
    Contestant,
    contestants,
    left_out,
)
from workbench.bench.retrieval_features import SIZES, Crowd, Size, draw, mapped
from workbench.bench.retrieval_index import KINDS, measure_indexes
from workbench.bench.retrieval_peers import ONCE, SHOWN_QUERIES, missing_peers
from workbench.bench.retrieval_tables import lines
from workbench.bench.timing import Turn, take_turn
from workbench.retrieval.exact.compiled import kernels
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.products import WORTH, short_product_speed
from workbench.runs.environment import machine

SECONDS_BETWEEN_LINES = 5.0
OWN = ("product", "workbench")

Tell = Callable[[str], None]


def run(
    name: str,
    *,
    threads: int = 2,
    rounds: int | None = None,
    peers: bool = True,
    iterations: int = ITERATIONS,
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Measure one case; seconds, memory and figures of everyone, and the machine.

    Args:
        name: One of ``CASES``.
        threads: For all alike.
        rounds: Turns of each contestant; None for those of the case.
        peers: Whether others than the product and the workbench take part.
        iterations: Of k-means.
        tell: Hears what is being measured.
    """
    case = CASES[name]
    peers &= case.peers
    without_room = left_out(case.work, case.size.queries, case.size.images) if peers else {}
    os.environ["OMP_NUM_THREADS"] = str(threads)  # ours are counted by it
    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)
    with threadpool_limits(threads):
        if case.work == "index":
            found = {"indexes": measure_indexes(case.size, tell, _teller(tell), KINDS)}
        else:
            found = _contest(case, rounds or case.rounds, peers, iterations, tell)
        speed = short_product_speed()
    return {
        "case": name,
        "about": case.about,
        "queries": case.size.queries,
        "images": case.size.images,
        "dim": case.size.dim,
        "threads": threads,
        **found,
        "aims": {
            "ratio": case.ratio_short if speed >= WORTH and case.ratio_short else case.ratio,
            "megabytes": case.megabytes,
            "of_faiss": _share_of_faiss(speed) if case.work == "clusters" else None,
        },
        "bfloat16_speed": speed,
        "bfloat16_used": speed >= WORTH,
        "compiled": kernels() is not None,
        "not_installed": missing_peers(),
        "left_out": without_room,
        "machine": machine(),
    }


def main(arguments: list[str]) -> int:
    """Measure cases one after another; each is printed, as a table or as JSON, when it is done."""
    parser = argparse.ArgumentParser(prog="workbench bench retrieval", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"default: market. One of {', '.join(CASES)}")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, help="turns of each; default: as the case says")
    parser.add_argument("--iterations", type=int, default=ITERATIONS, help="of k-means")
    parser.add_argument("--no-peers", action="store_true", help="the workbench and the product")
    parser.add_argument("--json", action="store_true", help="one JSON line a case, no tables")
    given = parser.parse_args(arguments)
    names = given.case or ["market"]
    for name in names:
        if name not in CASES:
            parser.error(f"no case {name!r}: choose from {', '.join(CASES)}")

    def tell(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    for name in names:
        result = run(
            name,
            threads=given.threads,
            rounds=given.rounds,
            peers=not given.no_peers,
            iterations=given.iterations,
            tell=tell,
        )
        line = json.dumps({"kind": "bench"} | result)
        print(line if given.json else "\n".join(lines(result)), flush=True)
    return 0


def _contest(
    case: Case, rounds: int, peers: bool, iterations: int, tell: Tell
) -> dict[str, dict[str, Any]]:
    """Measure everyone on the vectors of a case."""
    tell(f"{case.about}: drawing vectors")
    for contestant in contestants(case.work, draw(SIZES["tiny"]), 1).values():
        contestant()  # loads and compiles what is needed once
    with _crowd(case) as crowd:
        return _taking_turns(case, crowd, rounds, peers, iterations, tell)


@contextmanager
def _crowd(case: Case) -> Iterator[Crowd]:
    """The vectors of a case, in memory or in files."""
    if not case.mapped:
        yield draw(case.size)
        return
    with TemporaryDirectory() as folder:
        yield mapped(draw(case.size), Path(folder))


def _taking_turns(
    case: Case, crowd: Crowd, rounds: int, peers: bool, iterations: int, tell: Tell
) -> dict[str, dict[str, Any]]:
    """Let all take turns; the first turn warms up and is left out where there are others."""
    everyone = contestants(case.work, crowd, iterations, _teller(tell))
    if not peers:
        everyone = {name: everyone[name] for name in OWN if name in everyone}
    turns: dict[str, list[Turn]] = {name: [] for name in everyone}
    held = own_bytes if case.mapped else resident_bytes
    last = rounds if rounds > 1 else 0
    for number in range(last + 1):
        for name, contestant in everyone.items():
            if name in ONCE and number < last:
                continue
            tell(f"turn {number + 1}: {name}")
            turns[name].append(take_turn(contestant, held))
    return {"contestants": _summaries(everyone, turns, case.size)}


def _summaries(
    everyone: dict[str, Contestant], turns: dict[str, list[Turn]], size: Size
) -> dict[str, dict[str, Any]]:
    counted = {name: turns[name][1:] or turns[name] for name in everyone}
    first = next(iter(everyone))  # the product; where nobody needs it, the workbench
    unit = statistics.median(turn.wall_seconds for turn in counted[first])
    ours = turns["workbench"][-1].figures
    return {
        name: {
            **_summary(counted[name], _scale(name, size), unit),
            "megabytes": max(turn.megabytes for turn in turns[name]),
            "figures": dict(turns[name][-1].figures),
            "differences": {
                figure: abs(value - ours[figure])
                for figure, value in turns[name][-1].figures.items()
                if figure in ours
            },
        }
        for name in everyone
    }


def _summary(turns: list[Turn], scale: float, unit: float) -> dict[str, Any]:
    walls = [scale * turn.wall_seconds for turn in turns]
    return {
        "wall_seconds": statistics.median(walls),
        "cpu_seconds": scale * statistics.median(turn.cpu_seconds for turn in turns),
        "wall_of_each_turn": walls,
        "ratio": statistics.median(walls) / unit,
    }


def _share_of_faiss(speed: float) -> float:
    """Wall time of k-means in that of faiss, at most."""
    return 1 / 3 if speed >= WORTH else 1.0


def _scale(name: str, size: Size) -> float:
    return size.queries / min(SHOWN_QUERIES, size.queries) if name.endswith(BY_QUERY) else 1.0


def _teller(tell: Tell) -> Progress:
    """Progress as a line every few seconds."""
    latest = time.monotonic()

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal latest
        if time.monotonic() - latest >= SECONDS_BETWEEN_LINES:
            latest = time.monotonic()
            tell(f"  {stage}: {100 * done / max(total, 1):.0f} %")

    return progress
