"""``workbench bench retrieval``: exact figures beside the matrix product they need, and peers.

All contestants work on the same vectors, in turns, so that whatever else the machine does falls on
all of them. A ratio is that of processor seconds to the bare float32 product; the product itself is
not part of the work of clustering, so there it is given for scale alone. Memory is what a
contestant takes beyond the vectors, at its peak.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import torch
from threadpoolctl import threadpool_limits

from workbench.bench.retrieval_contests import (
    SHOWN_QUERIES,
    Contestant,
    Work,
    contestants,
    missing_peers,
)
from workbench.bench.retrieval_features import SIZES, Size, draw
from workbench.retrieval.compiled import kernels, thread_count
from workbench.runs.environment import machine

WORKS: tuple[Work, ...] = ("evaluate", "rerank", "recall", "clusters")
LOOK_EVERY_SECONDS = 0.005
PAGE = 4096


@dataclass(frozen=True)
class Options:
    """What is measured: works on vectors of one size, in ``rounds`` turns of all contestants."""

    size: str = "market"
    works: tuple[Work, ...] = ()
    rounds: int = 3
    iterations: int = 20
    peers: bool = True

    def chosen(self) -> tuple[Work, ...]:
        """The works asked for, else those that suit the size."""
        if self.works:
            return self.works
        return ("recall", "clusters") if SIZES[self.size].leave_one_out else ("evaluate", "rerank")


def run(options: Options, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure; processor and wall seconds, memory and figures of everyone, and the machine.

    ``tell`` hears what is being measured.
    """
    threads = thread_count()
    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)
    size = SIZES[options.size]
    crowd = draw(size)
    results = {}
    with threadpool_limits(threads):
        for work in options.chosen():
            everyone = contestants(work, crowd, options.iterations)
            if not options.peers:
                everyone = {name: everyone[name] for name in ("product", "workbench")}
            results[work] = _contest(everyone, options.rounds, lambda name: tell(name), size)
        bf16 = _bf16_speed()
    return {
        "size": options.size,
        "threads": threads,
        "works": results,
        "missing": missing_peers(),
        "compiled": kernels() is not None,
        "bf16_product_speed": bf16,
        "machine": machine(),
    }


def rows(result: dict[str, Any]) -> list[str]:
    """The result as lines of a table for each work."""
    size, about = SIZES[result["size"]], result["machine"]
    lines = [
        f"{result['size']}: {size.queries} x {size.images}, width {size.dim},"
        f" {result['threads']} threads of {about['processor']}",
        f"bf16 product: {result['bf16_product_speed']:.2f} x the speed of float32,"
        " so float32 is used" + ("" if result["compiled"] else "; counting in NumPy"),
    ]
    for work, found in result["works"].items():
        lines += ["", f"{work:32} {'CPU s':>8} {'wall s':>8} {'ratio':>7} {'MB':>7}  difference"]
        for name, one in found.items():
            difference = one["largest_difference"]
            lines.append(
                f"{name:32} {one['cpu_seconds']:8.2f} {one['wall_seconds']:8.2f}"
                f" {one['ratio']:7.2f} {one['megabytes']:7.0f}"
                + ("" if difference is None else f"  {difference:.1e}")
            )
        figures = found["workbench"]["figures"]
        lines.append("  ".join(f"{name} {value:.4f}" for name, value in figures.items()))
    if result["missing"]:
        lines += ["", f"not installed, so not measured: {', '.join(result['missing'])}"]
    return lines


def main(arguments: list[str]) -> int:
    """Measure and print, as tables or as one JSON line."""
    parser = argparse.ArgumentParser(prog="workbench bench retrieval", description=__doc__)
    defaults = Options()
    parser.add_argument("--size", choices=list(SIZES), default=defaults.size)
    parser.add_argument("--work", choices=WORKS, action="append", help="default: what suits")
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument("--iterations", type=int, default=defaults.iterations, help="of k-means")
    parser.add_argument("--no-peers", action="store_true", help="the workbench and the product")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    given = parser.parse_args(arguments)
    works = tuple(given.work or ())
    options = Options(given.size, works, given.rounds, given.iterations, not given.no_peers)
    result = run(options, (lambda _: None) if given.json else lambda name: print(name, flush=True))
    print(json.dumps({"kind": "bench"} | result) if given.json else "\n".join(rows(result)))
    return 0


def _contest(
    everyone: dict[str, Contestant], rounds: int, tell: Callable[[str], None], size: Size
) -> dict[str, dict[str, Any]]:
    """Let all take turns; the first turn warms up and is left out where there are others."""
    turns: dict[str, list[dict[str, Any]]] = {name: [] for name in everyone}
    for number in range(rounds + 1 if rounds > 1 else 1):
        for name, contestant in everyone.items():
            tell(f"{name}, turn {number}")
            turns[name].append(_measured(contestant))
    product = statistics.median(turn["cpu"] for turn in _counted(turns["product"]))
    ours = turns["workbench"][-1]["figures"]
    return {name: _summary(all_, product, ours, _scale(name, size)) for name, all_ in turns.items()}


def _counted(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return turns[1:] or turns


def _scale(name: str, size: Size) -> float:
    return size.queries / min(SHOWN_QUERIES, size.queries) if "queries)" in name else 1.0


def _summary(
    turns: list[dict[str, Any]], product: float, ours: dict[str, float], scale: float
) -> dict[str, Any]:
    counted = _counted(turns)
    cpu = scale * statistics.median(turn["cpu"] for turn in counted)
    figures = turns[-1]["figures"]
    both = set(figures) & set(ours)
    return {
        "cpu_seconds": cpu,
        "wall_seconds": scale * statistics.median(turn["wall"] for turn in counted),
        "ratio": cpu / product,
        "megabytes": max(turn["megabytes"] for turn in turns),
        "figures": figures,
        "largest_difference": max((abs(figures[n] - ours[n]) for n in both), default=None),
    }


def _measured(contestant: Contestant) -> dict[str, Any]:
    with _peak_megabytes() as peak:
        wall, cpu = time.perf_counter(), time.process_time()
        figures = dict(contestant())
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "megabytes": peak[0], "figures": figures}


@contextmanager
def _peak_megabytes() -> Iterator[list[float]]:
    """The largest memory of this process, beyond that at the start, looked at now and then."""
    began, peak, over = _resident(), [0.0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_SECONDS):
            peak[0] = max(peak[0], (_resident() - began) / 1e6)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _resident() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    except OSError:  # no such file on this system: memory is given as 0
        return 0


def _bf16_speed(rows: int = 128, images: int = 4096, dim: int = 512) -> float:
    """How many times faster torch's bf16 product is here than its float32 one."""
    left, right = torch.randn(rows, dim), torch.randn(images, dim)
    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        one, other = left.to(kind), right.to(kind).T
        times = []
        for _ in range(4):
            began = time.process_time()
            torch.mm(one, other)
            times.append(time.process_time() - began)
        seconds[kind] = min(times[1:])
    return seconds[torch.float32] / seconds[torch.bfloat16]
