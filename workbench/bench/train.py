"""``workbench bench train``: the training loop beside the bare step it is made of.

Both train the same network on one thread, in turns, so that whatever else the machine does falls on
both; figures are images per second of CPU time (on a GPU: of time), the median over the rounds. The
bare step does forward, all losses, backward, clipping and the optimizer on one batch that stays in
memory. The loop also draws and augments batches, averages weights, and writes events.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from workbench.bench.bare_step import BareStep
from workbench.data.catalogue.splits import read_split
from workbench.data.loaders import TrainLoader
from workbench.experiment.networks import new_network, new_objective
from workbench.losses.objective import Objective
from workbench.model.network import PartNetwork
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import DEFAULT_PRESET
from workbench.recipe.schema import Recipe
from workbench.runs.environment import machine
from workbench.runs.log import EventLog
from workbench.training.events import StepDone, record
from workbench.training.learner import Learner
from workbench.training.loop import train
from workbench.training.step_schedule import StepSchedule

WARMUP_STEPS = 3
NEVER_ENDING = {
    "training.length.kind": "steps",
    "training.length.count": 1_000_000,
    "training.evaluate.kind": "never",
    "training.checkpoints.every.kind": "never",
}


@dataclass(frozen=True)
class Options:
    """What is measured: a preset on a device at a number format, in ``rounds`` turns of ``steps``.

    ``device`` is "cpu" or "cuda"; ``changes`` are overrides of the preset by dotted path.
    """

    preset: str = DEFAULT_PRESET
    device: str = "cpu"
    precision: str = "fp32"
    rounds: int = 5
    steps: int = 6
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])


def run(options: Options) -> dict[str, Any]:
    """Measure; images per second of both by ``clock``, their ratio, and the machine.

    Raises a WorkbenchError for a preset that does not exist or data that are missing.
    """
    recipe = resolve(options.preset, dict(options.changes) | NEVER_ENDING)
    torch.set_num_threads(1)
    split = read_split(recipe.data)
    seed, device = recipe.training.seed, options.device
    with (
        TrainLoader(split, recipe.data, seed, device=device) as loader,
        tempfile.TemporaryDirectory() as folder,
    ):
        setup = _Setup(recipe, loader, split.identities, device, options.precision)
        contestants = {"bare": _bare_steps(setup), "loop": _loop_steps(setup, Path(folder))}
        for steps in contestants.values():
            _images_per_second(steps, WARMUP_STEPS, device)
        rounds = [
            {
                name: _images_per_second(steps, options.steps, device)
                for name, steps in contestants.items()
            }
            for _ in range(options.rounds)
        ]
    return {
        "preset": options.preset,
        "device": device,
        "precision": options.precision,
        "threads": 1,
        "clock": "CPU" if device == "cpu" else "wall",
        "images_per_second": {
            name: statistics.median(speeds[name] for speeds in rounds) for name in contestants
        },
        "ratio": statistics.median(speeds["loop"] / speeds["bare"] for speeds in rounds),
        "rounds": rounds,
        "machine": machine(),
    }


def rows(result: dict[str, Any]) -> list[str]:
    """The result as lines of a small table."""
    speeds, about = result["images_per_second"], result["machine"]
    name = about["processor"] if result["device"] == "cpu" else about["accelerator"]
    return [
        f"{result['preset']}, {result['precision']}, one thread, {name}",
        f"{'':10} {'images per ' + result['clock'] + ' second':>22}",
        *(f"{name:10} {speed:22.1f}" for name, speed in speeds.items()),
        f"{'loop/bare':10} {result['ratio']:22.3f}",
    ]


def main(arguments: list[str]) -> int:
    """Measure and print, as a table or as one JSON line."""
    parser = argparse.ArgumentParser(prog="workbench bench train", description=__doc__)
    defaults = Options()
    parser.add_argument("preset", nargs="?", default=defaults.preset)
    parser.add_argument("--device", choices=["cpu", "cuda"], default=defaults.device)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default=defaults.precision)
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument("--steps", type=int, default=defaults.steps, help="of each, a round")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parsed = parser.parse_args(arguments)
    result = run(
        Options(parsed.preset, parsed.device, parsed.precision, parsed.rounds, parsed.steps)
    )
    print(json.dumps({"kind": "bench"} | result) if parsed.json else "\n".join(rows(result)))
    return 0


Steps = Iterator[int]
"""Every ``next`` does one optimizer step and gives its number of images."""


@dataclass(frozen=True)
class _Setup:
    """What both have in common."""

    recipe: Recipe
    loader: TrainLoader
    classes: int
    device: str
    precision: str

    def build(self) -> tuple[PartNetwork, Objective]:
        """A network with the recipe's random weights, and its losses."""
        network = new_network(self.recipe, self.classes)
        return network, new_objective(self.recipe, network, self.classes)


def _bare_steps(setup: _Setup) -> Steps:
    step = BareStep(setup.recipe, *setup.build(), setup.device, setup.precision)
    batch = next(iter(setup.loader.epoch(0)))
    while True:
        step(batch.images, batch.labels)
        yield len(batch.labels)


def _loop_steps(setup: _Setup, folder: Path) -> Steps:
    training, loader = setup.recipe.training, setup.loader
    learner = Learner(
        *setup.build(),
        training,
        StepSchedule(training, loader.steps_per_epoch),
        device=setup.device,
        precision=setup.precision,
    )
    log = EventLog(folder / "events.jsonl")
    images = len(next(iter(loader.epoch(0))).labels) * training.accumulation
    for event in train(learner, loader):
        log.append(record(event))
        if isinstance(event, StepDone):
            yield images


def _images_per_second(steps: Steps, count: int, device: str) -> float:
    start = _clock(device)
    images = sum(next(steps) for _ in range(count))
    return images / (_clock(device) - start)


def _clock(device: str) -> float:
    """Seconds of CPU time; on a GPU, whose work is not the processor's, those on the wall."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()
