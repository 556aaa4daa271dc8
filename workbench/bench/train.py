"""``workbench bench train``: the training loop beside the bare step it is made of.

Both train the same network on one thread, in turns, so that whatever else the machine does falls on
both; figures are images per second of CPU time, the median over the rounds. The bare step does
forward, all losses, backward, clipping and the optimizer on one batch that stays in memory. The
loop also draws and augments batches, averages weights, and writes events.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workbench.data.catalogue import read_split
from workbench.data.loaders import TrainLoader
from workbench.experiment.networks import new_network, new_objective
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import DEFAULT_PRESET
from workbench.recipe.schema import Recipe
from workbench.runs.environment import machine
from workbench.runs.log import EventLog
from workbench.training.events import StepDone, record
from workbench.training.learner import Learner
from workbench.training.loop import train
from workbench.training.optimizers import freeze, make_optimizer, shares
from workbench.training.timetable import Timetable
from workbench.training.trial import autocast

WARM_STEPS = 3
NEVER_ENDING = {
    "training.length.kind": "steps",
    "training.length.count": 1_000_000,
    "training.evaluate.kind": "never",
    "training.checkpoints.every.kind": "never",
}


@dataclass(frozen=True)
class Options:
    """What is measured: a preset at a number format, in ``rounds`` turns of ``steps`` each."""

    preset: str = DEFAULT_PRESET
    precision: str = "fp32"
    rounds: int = 5
    steps: int = 6


def run(options: Options) -> dict[str, Any]:
    """Measure; images per CPU second of both, their ratio, and the machine.

    Raises a WorkbenchError for a preset that does not exist or data that are missing.
    """
    recipe = resolve(options.preset, NEVER_ENDING)
    torch.set_num_threads(1)
    split = read_split(recipe.data)
    with (
        TrainLoader(split, recipe.data, recipe.training.seed) as loader,
        tempfile.TemporaryDirectory() as folder,
    ):
        bare = _bare_steps(recipe, loader, split.identities, options.precision)
        looped = _loop_steps(recipe, loader, split.identities, options.precision, Path(folder))
        for steps in (bare, looped):
            _images_per_cpu_second(steps, WARM_STEPS)
        rounds = [
            {
                "bare": _images_per_cpu_second(bare, options.steps),
                "loop": _images_per_cpu_second(looped, options.steps),
            }
            for _ in range(options.rounds)
        ]
    return {
        "preset": options.preset,
        "precision": options.precision,
        "threads": 1,
        "images_per_cpu_second": {
            name: statistics.median(item[name] for item in rounds) for name in ("bare", "loop")
        },
        "ratio": statistics.median(item["loop"] / item["bare"] for item in rounds),
        "rounds": rounds,
        "machine": machine(),
    }


def rows(result: dict[str, Any]) -> list[str]:
    """The result as lines of a small table."""
    speeds, about = result["images_per_cpu_second"], result["machine"]
    return [
        f"{result['preset']}, {result['precision']}, one thread of {about['processor']}",
        f"{'':10} {'images per CPU second':>22}",
        *(f"{name:10} {speed:22.1f}" for name, speed in speeds.items()),
        f"{'loop/bare':10} {result['ratio']:22.3f}",
    ]


def main(arguments: list[str]) -> int:
    """Measure and print, as a table or as one JSON line."""
    parser = argparse.ArgumentParser(prog="workbench bench train", description=__doc__)
    defaults = Options()
    parser.add_argument("preset", nargs="?", default=defaults.preset)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default=defaults.precision)
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument("--steps", type=int, default=defaults.steps, help="of each, a round")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = parser.parse_args(arguments)
    result = run(Options(given.preset, given.precision, given.rounds, given.steps))
    print(json.dumps({"kind": "bench"} | result) if given.json else "\n".join(rows(result)))
    return 0


Steps = Iterator[int]
"""Every ``next`` does one optimizer step and gives its number of images."""


def _bare_steps(recipe: Recipe, loader: TrainLoader, classes: int, precision: str) -> Steps:
    training = recipe.training
    network, objective = new_network(recipe, classes), new_objective(recipe)
    order = torch.channels_last if training.channels_last else torch.contiguous_format
    network.to(memory_format=order)
    named = list(network.named_parameters())
    freeze(named, training.parameter_groups)
    optimizer = make_optimizer(training.optimizer, shares(named, training))
    trained = [parameter for _, parameter in named if parameter.requires_grad]
    batch = next(iter(loader.epoch(0)))
    images = batch.images.contiguous(memory_format=order)
    while True:
        with autocast("cpu", precision):
            outputs = network(images)
        objective(outputs, batch.labels).total.backward()
        if training.gradient_clip is not None:
            torch.nn.utils.clip_grad_norm_(trained, training.gradient_clip)
        optimizer.step()
        optimizer.zero_grad()
        yield len(images)


def _loop_steps(
    recipe: Recipe, loader: TrainLoader, classes: int, precision: str, folder: Path
) -> Steps:
    network, objective = new_network(recipe, classes), new_objective(recipe)
    timetable = Timetable(recipe.training, loader.steps_per_epoch)
    learner = Learner(network, objective, recipe.training, timetable, precision=precision)
    log = EventLog(folder / "events.jsonl")
    images = len(next(iter(loader.epoch(0))).labels) * recipe.training.accumulation
    for event in train(learner, loader):
        log.append(record(event))
        if isinstance(event, StepDone):
            yield images


def _images_per_cpu_second(steps: Steps, count: int) -> float:
    began = time.process_time()
    images = sum(next(steps) for _ in range(count))
    return images / (time.process_time() - began)
