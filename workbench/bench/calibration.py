"""What a training costs on this machine, as it was measured: kept, found again, told. No torch."""

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from workbench import paths
from workbench.data.catalogue.training_size import images_an_epoch
from workbench.errors import PlaceError, RecipeError
from workbench.recipe.compare import step_digest
from workbench.recipe.presets import load_preset
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.training import Steps
from workbench.runs.devices import resolve_devices
from workbench.runs.environment import machine
from workbench.runs.files import read_json, write_json

MACHINE_KEYS = ("processor", "cores", "memory_gigabytes", "accelerator")
"""What makes a machine the one that was measured."""
MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Calibration:
    """Time and memory of one step of a recipe's training on a machine.

    Attributes:
        preset: it was measured under this name.
        digest: of what a step costs; another one is another step.
        device: "cpu" or "cuda".
        precision: "fp32", "bf16" or "fp16".
        threads: on the processor.
        batch: images of a step, as many as the recipe's.
        seconds_a_step: median over the counted steps.
        peak_megabytes: of the process, or of the GPU (10^6 bytes).
        parameters: of the network in training.
        measured: when, in Unix seconds.
        machine: as ``runs.environment.machine`` describes it.
    """

    preset: str
    digest: str
    device: Literal["cpu", "cuda"]
    precision: str
    threads: int
    batch: int
    seconds_a_step: float
    peak_megabytes: float
    parameters: int
    measured: float
    machine: dict[str, Any]

    @property
    def seconds_an_image(self) -> float:
        """Seconds of training for each image."""
        return self.seconds_a_step / self.batch

    def save(self) -> Path:
        """Keep it, in place of an earlier one. Raises PlaceError where that is not possible."""
        path = _file(self.digest, self.device)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, asdict(self))
        except OSError as error:
            raise PlaceError(f"{path} cannot be written: {error.strerror or error}.") from None
        return path


@dataclass(frozen=True)
class Expected:
    """What a training is expected to cost here.

    Attributes:
        seconds: of all its steps, evaluations not included; None where nobody knows how many steps
            it has.
        calibration: what was measured.
        description: both as a sentence.
    """

    seconds: float | None
    calibration: Calibration
    description: str


def expected(recipe: Recipe) -> Expected | None:
    """What a training costs on this machine; None where its step was not measured here.

    A measurement counts for every recipe of the same step, however long it trains, and no longer
    once the recipe's network, input, batch, losses or optimizer are changed.
    """
    if not paths.calibrations_folder().is_dir():
        return None
    try:
        device = resolve_devices(recipe.run.devices)[0].partition(":")[0]
    except RecipeError:
        return None
    calibration = _read(_file(step_digest(recipe), device))
    if calibration is None:
        return None
    seconds = _seconds(recipe, calibration)
    return Expected(seconds, calibration, _describe(seconds, calibration))


def expected_of_presets() -> dict[str, str]:
    """Words for every preset that was measured here and is as it was then."""
    folder = paths.calibrations_folder()
    calibrations = [_read(path) for path in sorted(folder.glob("*.json"))]
    descriptions: dict[str, str] = {}
    for name in {calibration.preset for calibration in calibrations if calibration is not None}:
        try:
            expectation = expected(load_preset(name))
        except (RecipeError, PlaceError):
            continue
        if expectation is not None:
            descriptions[name] = expectation.description
    return descriptions


def duration(seconds: float) -> str:
    """A length of time as one would say it.

    >>> duration(12_000), duration(95), duration(4), duration(400_000)
    ('3 h 20 min', '2 min', '4 s', '4.6 days')
    """
    if seconds < MINUTE:
        return f"{max(seconds, 1):.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds > 2 * DAY:
        return f"{seconds / DAY:.1f} days"
    # Nobody plans by single minutes of a long training.
    minutes = round(seconds / MINUTE / 10) * 10
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def memory(megabytes: float) -> str:
    """An amount of memory.

    >>> memory(1712.3), memory(640.2)
    ('1.7 GB', '640 MB')
    """
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def _seconds(recipe: Recipe, calibration: Calibration) -> float | None:
    length = recipe.training.length
    if isinstance(length, Steps):
        return length.count * recipe.training.accumulation * calibration.seconds_a_step
    images = images_an_epoch(recipe.data)
    return None if images is None else length.count * images * calibration.seconds_an_image


def _describe(seconds: float | None, calibration: Calibration) -> str:
    time_needed = (
        f"{calibration.seconds_a_step:.2g} s for each step of {calibration.batch} images"
        if seconds is None
        else f"{duration(seconds)} of training"
    )
    return (
        f"about {time_needed}, {memory(calibration.peak_megabytes)} on this machine"
        f" (measured {_day(calibration.measured)})"
    )


def _day(moment: float) -> str:
    measured, now = datetime.fromtimestamp(moment), datetime.fromtimestamp(time.time())
    year = "" if measured.year == now.year else f" {measured.year}"
    return f"{measured.day} {measured:%B}{year}"


def _file(digest: str, device: str) -> Path:
    return paths.calibrations_folder() / f"{digest}-{device}.json"


def _read(path: Path) -> Calibration | None:
    """What a file holds; None where there is none, of another machine, or of another version."""
    content = read_json(path)
    if content is None:
        return None
    try:
        calibration = Calibration(**content)
        here = machine()
        usable = calibration.batch > 0 and all(
            calibration.machine.get(name) == here[name] for name in MACHINE_KEYS
        )
        return calibration if usable and calibration.seconds_a_step > 0 else None
    except (TypeError, AttributeError):
        return None
