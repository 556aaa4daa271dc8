"""``workbench bench recipe PRESET...``: what a recipe's training costs on this machine.

A few steps of the preset's own network at its own input size and batch, on images of noise, at the
number format and threads that a run would take. Two small batches come first: where they tell that
the whole one would not fit into memory, it is not tried. Time and peak memory are kept beside the
runs, and ``workbench show``, the preset's card and Start then say what to expect.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from workbench.bench.bare_step import BareStep, images_per_identity, step_seconds
from workbench.bench.calibration import Calibration, expected, memory
from workbench.bench.memory_use import free_megabytes, resident_bytes
from workbench.data.catalogue.training_size import identities_of
from workbench.errors import DataError, RunFailed, WorkbenchError
from workbench.experiment.computing import measured_choice
from workbench.experiment.networks import new_network, new_objective
from workbench.recipe.compare import step_digest
from workbench.recipe.overrides import resolve
from workbench.recipe.schema import Recipe
from workbench.runs.devices import resolve_devices
from workbench.runs.environment import machine
from workbench.training.memory import memory_errors, peak_megabytes

SMALLEST_BATCH = 16
"""Images of the first batch, at least; the second has twice as many."""
MEMORY_FRACTION = 0.9
"""Of the memory that is free, what a training may take."""
LONGEST_SECONDS = 60.0
"""No further step is counted once they took so long together."""
MEMORY_SETTINGS = (
    "the batch (data.sampler), the image size (data.height, data.width), or the network"
)


@dataclass(frozen=True)
class Options:
    """What is measured: a preset with ``changes`` by dotted path, and how many steps count."""

    preset: str
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    steps: int = 3


def calibrate(options: Options) -> Calibration:
    """Measure, in this process, and keep what was found.

    Raises a WorkbenchError for a preset that does not exist or cannot be trained here, DataError
    where nobody knows how many identities there are, RunFailed where memory would not do.
    """
    recipe = resolve(options.preset, options.changes)
    device_name = resolve_devices(recipe.run.devices)[0]
    device = "cpu" if device_name == "cpu" else "cuda"
    if device == "cuda":
        torch.cuda.set_device(device_name)
    identities = identities_of(recipe.data)
    if identities.count is None:
        raise DataError(
            f"{options.preset}: how many identities its classifier tells apart is not known before"
            " its images are there. Name them: --set data.root=FOLDER."
        )
    classes = identities.count
    network = new_network(recipe, classes)
    objective = new_objective(recipe, network, classes)
    choice = measured_choice(recipe, device, network, objective, classes)
    torch.set_num_threads(choice.threads)
    step = BareStep(recipe, network, objective, device, choice.precision)
    _require_memory(step, recipe, classes, device)
    seconds = _steps(step, recipe, classes, device, options.steps)
    calibration = Calibration(
        preset=options.preset,
        digest=step_digest(recipe),
        device=device,
        precision=choice.precision,
        threads=choice.threads,
        batch=recipe.data.sampler.batch_images,
        seconds_a_step=statistics.median(seconds),
        peak_megabytes=peak_megabytes(torch.device(device)),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        measured=time.time(),
        machine=machine(),
    )
    calibration.save()
    return calibration


def rows(options: Options, calibration: Calibration) -> list[str]:
    """What was measured as lines for people."""
    expectation = expected(resolve(options.preset, options.changes))
    cost = expectation.description if expectation else ""
    conditions = (
        f"{calibration.device}, {calibration.precision}, {calibration.threads} threads,"
        f" {calibration.batch} images a step"
    )
    return [
        f"{options.preset}: {cost}",
        f"  {conditions}: {calibration.seconds_a_step:.3g} s,"
        f" {1 / calibration.seconds_an_image:.1f} images per second,"
        f" {memory(calibration.peak_megabytes)} at most",
    ]


def main(arguments: list[str]) -> int:
    """Measure each preset in a process of its own, so that its peak is its own, and print."""
    parser = argparse.ArgumentParser(prog="workbench bench recipe", description=__doc__)
    parser.add_argument("presets", nargs="+", metavar="PRESET")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--steps", type=int, default=Options("").steps, help="that count")
    parser.add_argument("--json", action="store_true", help="one JSON object a preset")
    parsed = parser.parse_args(arguments)
    changes = {path: value for path, _, value in (item.partition("=") for item in parsed.set)}
    requests = [Options(preset, changes, max(parsed.steps, 1)) for preset in parsed.presets]
    for (
        options
    ) in requests:  # What is wrong with the last one is said before the first is measured.
        resolve(options.preset, options.changes)
    failed = False
    for options in requests:
        outcome = _measure_in_subprocess(options)
        if isinstance(outcome, str):
            failed = True
            print(outcome, file=sys.stderr)
        elif parsed.json:
            print(json.dumps({"kind": "calibration"} | asdict(outcome)), flush=True)
        else:
            print("\n".join(rows(options, outcome)), flush=True)
    return int(failed)


def _measure_in_subprocess(options: Options) -> Calibration | str:
    """Measure in a process of its own: what was found, or the sentence that says why nothing."""
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_send_measurement, args=(options, sender))
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        return (
            f"{options.preset}: the measurement ended early, most likely for want of memory."
            f" Lower {MEMORY_SETTINGS}."
        )
    finally:
        process.join()


def _send_measurement(options: Options, sender: Any) -> None:  # noqa: ANN401  (one end of a pipe)
    try:
        sender.send(calibrate(options))
    except WorkbenchError as error:
        sender.send(str(error))


def _require_memory(step: BareStep, recipe: Recipe, classes: int, device: str) -> None:
    """Take steps on small batches and refuse the whole one where memory would not do."""
    batch_images, per_identity = recipe.data.sampler.batch_images, images_per_identity(recipe)
    small_batch = -(-SMALLEST_BATCH // per_identity) * per_identity
    if batch_images <= 2 * small_batch:
        return
    peaks: list[float] = []
    for count in (small_batch, 2 * small_batch):
        _small_step(step, recipe, count, classes)
        peaks.append(peak_megabytes(torch.device(device)))
    needed = peaks[1] + (peaks[1] - peaks[0]) / small_batch * (batch_images - 2 * small_batch)
    used_megabytes = (
        resident_bytes() / 1e6 if device == "cpu" else torch.cuda.memory_allocated() / 1e6
    )
    if needed - used_megabytes > MEMORY_FRACTION * free_megabytes(device):
        raise RunFailed(
            f"A batch of {batch_images} images of {recipe.data.height} x {recipe.data.width} pixels"
            f" would take about {memory(needed)}, and"
            f" {memory(used_megabytes + free_megabytes(device))} are free on {device}: it was not"
            f" tried. Lower {MEMORY_SETTINGS}."
        )


def _steps(step: BareStep, recipe: Recipe, classes: int, device: str, steps: int) -> list[float]:
    """Seconds of each step on a whole batch; the first prepares kernels and counts if alone."""
    images, labels = step.batch(recipe, recipe.data.sampler.batch_images, classes)
    seconds: list[float] = []
    with memory_errors(images, MEMORY_SETTINGS):
        while len(seconds) <= steps and sum(seconds) < LONGEST_SECONDS:
            seconds.append(step_seconds(lambda: step(images, labels), device))
    return seconds[1:] or seconds


def _small_step(step: BareStep, recipe: Recipe, count: int, classes: int) -> None:
    images, labels = step.batch(recipe, count, classes)
    with memory_errors(images, MEMORY_SETTINGS):
        step(images, labels)
