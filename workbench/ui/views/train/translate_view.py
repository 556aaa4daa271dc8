"""A published system's command line, pasted into the page, as recipes and commands of ours."""

from typing import Any

from workbench.interop.commands import Translation, translate
from workbench.recipe.presets import load_preset
from workbench.recipe.refusals import shown
from workbench.recipe.text import train_command
from workbench.runs.devices import fitted_devices

ACTIONS = {
    "train": "A training",
    "evaluate": "An evaluation",
    "rank": "A ranked list",
    "explain": "Heatmaps",
    "prepare": "A data set, prepared",
}


def translated(text: str) -> dict[str, Any]:
    """What each program of a pasted text stands for, in order. Nothing of it is run.

    ``overrides`` are what a command says; ``start`` are those with which it is started here, on a
    device that this machine has.

    Raises RecipeError with the sentence to show where something is not known.
    """
    return {"found": [_told(one) for one in translate(text)]}


def _told(one: Translation) -> dict[str, Any]:
    trains = one.action == "train"
    start, note = fitted_devices(one.overrides)
    return {
        "action": one.action,
        "heading": ACTIONS[one.action],
        "preset": one.preset,
        "title": load_preset(one.preset).title if trains else "",
        "overrides": one.overrides,
        "differs": [[path, _value(value)] for path, value in one.overrides.items()],
        "start": start,
        "notes": [*one.notes, *([note] if note else [])],
        "command": train_command(one.preset, start) if trains else one.command,
    }


def _value(value: Any) -> str:  # noqa: ANN401
    return "none" if value is None else shown(value)
