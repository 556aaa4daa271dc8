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

from workbench.bench.memory_use import anonymous_bytes, resident_bytes
from workbench.bench.retrieval_cases import CASES, Case
from workbench.bench.retrieval_contests import (
    BY_QUERY,
    ITERATIONS,
    Contestant,
    contestants_for,
    peers_beyond_memory,
)
from workbench.bench.retrieval_features import SIZES, Features, Size, draw_features, on_disk
from workbench.bench.retrieval_index import KINDS, measure_indexes
from workbench.bench.retrieval_peers import ONCE, SAMPLED_QUERIES, missing_peers
from workbench.bench.retrieval_tables import lines
from workbench.bench.timing import Timing, time_once
from workbench.retrieval.exact.compiled import kernels
from workbench.retrieval.exact.counting import Progress
from workbench.retrieval.exact.products import WORTH, short_product_speed
from workbench.runs.environment import machine

SECONDS_BETWEEN_LINES = 5.0
OURS = ("product", "workbench")

Log = Callable[[str], None]


def run(
    name: str,
    *,
    threads: int = 2,
    rounds: int | None = None,
    peers: bool = True,
    iterations: int = ITERATIONS,
    log: Log = lambda _: None,
) -> dict[str, Any]:
    """Measure one case; seconds, memory and figures of everyone, and the machine.

    Args:
        name: One of ``CASES``.
        threads: For all alike.
        rounds: Turns of each contestant; None for those of the case.
        peers: Whether others than the product and the workbench take part.
        iterations: Of k-means.
        log: Called with a line about what is being measured.
    """
    case = CASES[name]
    peers &= case.peers
    beyond_memory = (
        peers_beyond_memory(case.work, case.size.queries, case.size.images) if peers else {}
    )
    os.environ["OMP_NUM_THREADS"] = str(threads)  # ours are counted by it
    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)
    with threadpool_limits(threads):
        if case.work == "index":
            measurements = {"indexes": measure_indexes(case.size, log, _progress_lines(log), KINDS)}
        else:
            measurements = _time_contestants(case, rounds or case.rounds, peers, iterations, log)
        speed = short_product_speed()
    return {
        "case": name,
        "about": case.about,
        "queries": case.size.queries,
        "images": case.size.images,
        "dim": case.size.dim,
        "threads": threads,
        **measurements,
        "aims": {
            "ratio": case.ratio_short if speed >= WORTH and case.ratio_short else case.ratio,
            "megabytes": case.megabytes,
            "of_faiss": _time_of_faiss(speed) if case.work == "clusters" else None,
        },
        "bfloat16_speed": speed,
        "bfloat16_used": speed >= WORTH,
        "compiled": kernels() is not None,
        "not_installed": missing_peers(),
        "left_out": beyond_memory,
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
    parsed = parser.parse_args(arguments)
    names = parsed.case or ["market"]
    for name in names:
        if name not in CASES:
            parser.error(f"no case {name!r}: choose from {', '.join(CASES)}")

    def log(message: str) -> None:
        print(message, file=sys.stderr, flush=True)

    for name in names:
        result = run(
            name,
            threads=parsed.threads,
            rounds=parsed.rounds,
            peers=not parsed.no_peers,
            iterations=parsed.iterations,
            log=log,
        )
        line = json.dumps({"kind": "bench"} | result)
        print(line if parsed.json else "\n".join(lines(result)), flush=True)
    return 0


def _time_contestants(
    case: Case, rounds: int, peers: bool, iterations: int, log: Log
) -> dict[str, dict[str, Any]]:
    """Measure everyone on the vectors of a case."""
    log(f"{case.about}: drawing vectors")
    for contestant in contestants_for(case.work, draw_features(SIZES["tiny"]), 1).values():
        contestant()  # loads and compiles what is needed once
    with _features(case) as features:
        return _alternate(case, features, rounds, peers, iterations, log)


@contextmanager
def _features(case: Case) -> Iterator[Features]:
    """The vectors of a case, in memory or in files."""
    if not case.mapped:
        yield draw_features(case.size)
        return
    with TemporaryDirectory() as folder:
        yield on_disk(draw_features(case.size), Path(folder))


def _alternate(
    case: Case, features: Features, rounds: int, peers: bool, iterations: int, log: Log
) -> dict[str, dict[str, Any]]:
    """Let all take turns; the first turn warms up and is left out where there are others."""
    entrants = contestants_for(case.work, features, iterations, _progress_lines(log))
    if not peers:
        entrants = {name: entrants[name] for name in OURS if name in entrants}
    timings: dict[str, list[Timing]] = {name: [] for name in entrants}
    memory_bytes = anonymous_bytes if case.mapped else resident_bytes
    last = rounds if rounds > 1 else 0
    for number in range(last + 1):
        for name, contestant in entrants.items():
            if name in ONCE and number < last:
                continue
            log(f"turn {number + 1}: {name}")
            timings[name].append(time_once(contestant, memory_bytes))
    return {"contestants": _summaries(entrants, timings, case.size)}


def _summaries(
    entrants: dict[str, Contestant], timings: dict[str, list[Timing]], size: Size
) -> dict[str, dict[str, Any]]:
    counted = {name: timings[name][1:] or timings[name] for name in entrants}
    first = next(iter(entrants))  # the product; where nobody needs it, the workbench
    unit = statistics.median(timing.wall_seconds for timing in counted[first])
    ours = timings["workbench"][-1].metrics
    return {
        name: {
            **_summary(counted[name], _scale(name, size), unit),
            "megabytes": max(timing.megabytes for timing in timings[name]),
            "figures": dict(timings[name][-1].metrics),
            "differences": {
                metric: abs(value - ours[metric])
                for metric, value in timings[name][-1].metrics.items()
                if metric in ours
            },
        }
        for name in entrants
    }


def _summary(timings: list[Timing], scale: float, unit: float) -> dict[str, Any]:
    wall_seconds = [scale * timing.wall_seconds for timing in timings]
    return {
        "wall_seconds": statistics.median(wall_seconds),
        "cpu_seconds": scale * statistics.median(timing.cpu_seconds for timing in timings),
        "wall_of_each_turn": wall_seconds,
        "ratio": statistics.median(wall_seconds) / unit,
    }


def _time_of_faiss(speed: float) -> float:
    """Wall time of k-means in that of faiss, at most."""
    return 1 / 3 if speed >= WORTH else 1.0


def _scale(name: str, size: Size) -> float:
    return size.queries / min(SAMPLED_QUERIES, size.queries) if name.endswith(BY_QUERY) else 1.0


def _progress_lines(log: Log) -> Progress:
    """Progress as a line every few seconds."""
    latest = time.monotonic()

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal latest
        if time.monotonic() - latest >= SECONDS_BETWEEN_LINES:
            latest = time.monotonic()
            log(f"  {stage}: {100 * done / max(total, 1):.0f} %")

    return progress
