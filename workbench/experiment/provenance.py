"""What a run was made with, and what is different now."""

from collections.abc import Sequence

import torch

from workbench.data.samples import PARTS, Part, Split
from workbench.runs.environment import machine
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder
from workbench.training.precision import Choice
from workbench.training.step_schedule import StepSchedule

Setup = dict[str, str | int]
BITS_DEPEND_ON = ("threads", "precision", "torch", "processor", "accelerator")


def setup_of(split: Split, choice: Choice, step_schedule: StepSchedule) -> Setup:
    """The plain facts kept with every checkpoint."""
    here = machine()
    return {
        "classes": split.identities,
        "steps_per_epoch": step_schedule.steps_per_epoch,
        "precision": choice.precision,
        "threads": choice.threads,
        "torch": str(torch.__version__),
        "processor": str(here["processor"]),
        "accelerator": str(here["accelerator"] or "none"),
    }


def changed_setup(then: Setup, now: Setup) -> list[str]:
    """A sentence for each difference that changes the last bits of what follows."""
    return [
        f"{name} was {then[name]} and is {now[name]}: the run goes on, but not to the same last"
        " bits."
        for name in BITS_DEPEND_ON
        if name in then and then[name] != now[name]
    ]


def digests(split: Split) -> dict[str, str]:
    """The digest of each part's list of files, identities and cameras."""
    return {part: split.digest(part) for part in PARTS if split.part(part)}


def changed_data(run: RunFolder, split: Split, parts: Sequence[Part] = PARTS) -> list[str]:
    """A sentence for each of ``parts`` whose images are not those the run began with."""
    then = (read_json(run.environment_file) or {}).get("digests", {})
    now = digests(split)
    earlier = {part: split.earlier_digest(part) for part in parts if part in now}
    return [
        f"The {part} images are not those the run began with (digest {then[part]} then,"
        f" {now.get(part, 'none')} now): figures before and after do not compare."
        for part in parts
        if part in then and then[part] not in (now.get(part), earlier.get(part))
    ]
