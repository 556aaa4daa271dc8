"""Where a run computes: device, threads and number format, decided once and then kept."""

import torch

from workbench.errors import RunError
from workbench.losses.objective import Objective
from workbench.model.network import PartNetwork
from workbench.recipe.schema import Recipe
from workbench.runs.devices import resolve_threads
from workbench.runs.status import Status
from workbench.training.precision import Choice, choose, in_words
from workbench.training.state import TrainingState
from workbench.training.timing_trial import Trial

TRIAL_IMAGES = 16
"""Enough to fill a processor; a GPU is tried with the recipe's own batch."""


def device_of(status: Status) -> str:
    """The device of a run as torch names it, made the present one where it is a GPU.

    Raises RunError where torch finds no such GPU.
    """
    name = status.devices[0] if status.devices else "cpu"
    if name == "cpu":
        return name
    if not torch.cuda.is_available():
        raise RunError(
            f"The run asks for {name}, but this installation of PyTorch finds no GPU. Check the"
            " driver, or set run.devices to cpu."
        )
    torch.cuda.set_device(name)
    return "cuda"


def kept_choice(status: Status, state: TrainingState | None) -> Choice | None:
    """What the run computed with before, from its status or else from its checkpoint."""
    setup = state.setup if state is not None else {}
    precision = status.precision or setup.get("precision")
    threads = status.threads or setup.get("threads")
    if precision is None or threads is None:
        return None
    why = in_words(str(precision), int(threads), "as the run began")
    return Choice(str(precision), int(threads), why, status.measured)


def measured_choice(
    recipe: Recipe, device: str, network: PartNetwork, objective: Objective, classes: int
) -> Choice:
    """Number format and threads for the device, measured where the recipe leaves them open."""
    images = recipe.data.sampler.batch_images
    trial = Trial(
        network=network,
        objective=objective,
        classes=classes,
        images=images if device == "cuda" else min(images, TRIAL_IMAGES),
        height=recipe.data.height,
        width=recipe.data.width,
        device=device,
        channels_last=recipe.training.channels_last,
    )
    wanted = recipe.run.threads
    threads = "auto" if wanted == "auto" else resolve_threads(wanted)
    return choose(recipe.training.precision, threads, device, trial.seconds)
