"""CPU seconds of a long run's curves: read for the first time, and asked for again.

    .venv/bin/python benchmarks/curves.py                  # 200,000 steps
    .venv/bin/python benchmarks/curves.py --steps 20000 --out benchmarks/README.md

The events are those of a training with three loss terms, evaluated every 2,000 steps. Beside each
time stands its ratio to parsing the same lines with the standard library, once a block. Best of
``--turns``, one thread. ``--out`` also writes them as the section "Curves" of a document.
"""

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from record import machine_in_words, table, write_section

from workbench.runs import curves
from workbench.runs.environment import machine
from workbench.runs.log import read_events, read_lines
from workbench.runs.run_paths import RunPaths
from workbench.training.events import CheckpointWritten, Evaluated, Event, StepDone, record

EVERY = 2000
BLOCK = 4096


def events(steps: int) -> Iterator[Event]:
    """What a training of ``steps`` steps says."""
    draw = random.Random(0).random
    for step in range(1, steps + 1):
        yield StepDone(
            step=step,
            epoch=1 + step // EVERY,
            loss=5 * draw(),
            losses={"identity": 4 * draw(), "triplet": draw(), "center": 100 * draw()},
            learning_rate=1.75e-4 * (1 + math.cos(math.pi * step / steps)),
            images_per_second=500 + 50 * draw(),
            gradient_norm=9 * draw(),
            active_triplets=draw(),
            top1_error=round(64 * draw()) / 64,
        )
        if step % EVERY == 0:
            figures = {"mAP": draw(), "rank1": draw(), "mINP": draw()}
            yield Evaluated(step=step, metrics={"raw": figures, "averaged": figures}, seconds=3.2)
            yield CheckpointWritten(step=step, name=f"step-{step}")


def write_events(run: RunPaths, steps: int) -> None:
    """Write ``events.jsonl``; a line as the event log writes it."""
    with open(run.events_file, "w") as file:
        for event in events(steps):
            file.write(json.dumps(record(event), separators=(",", ":")) + "\n")


def best(work: Callable[[], object], turns: int) -> float:
    """The least CPU seconds of this thread over some turns."""
    seconds: list[float] = []
    for _ in range(turns):
        begun = time.thread_time()
        work()
        seconds.append(time.thread_time() - begun)
    return min(seconds)


def measured(steps: int, turns: int) -> dict[str, float]:
    """Seconds by what was done."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunPaths(Path(folder))
        write_events(run, steps)
        lines, _ = read_lines(run.events_file)
        blocks = [
            b"[" + b",".join(lines[first : first + BLOCK]) + b"]"
            for first in range(0, len(lines), BLOCK)
        ]

        def parse() -> None:
            for block in blocks:
                json.loads(block)

        def first() -> None:
            curves._histories.clear()
            curves.curves(run)

        return {
            "json.loads": best(parse, turns),
            "first": best(first, turns),
            "again": best(lambda: curves.curves(run), turns),
            "all events, checked": best(lambda: read_events(run.events_file), turns),
        }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=Path, help="document to write the table into")
    options = parser.parse_args()
    print(json.dumps({"machine": machine()}), flush=True)
    seconds = measured(options.steps, options.turns)
    print(json.dumps(seconds), flush=True)
    if options.out:
        intro = (
            f"`benchmarks/curves.py`: CPU seconds for a run of {options.steps:,} steps, one"
            " thread; the ratio is to parsing its lines with `json.loads`."
        )
        rows = [
            (what, f"{time:.2f}", f"{time / seconds['json.loads']:.2f}")
            for what, time in seconds.items()
        ]
        heads = ("what", "CPU seconds", "ratio")
        write_section(options.out, "Curves", machine_in_words(), intro, table(heads, rows))


if __name__ == "__main__":
    main()
