"""Presets and the form as faces show them: plain JSON objects."""

from collections.abc import Mapping
from typing import Any

from workbench.bench.calibration import expected, expected_of_presets
from workbench.errors import RecipeError
from workbench.paths import runs_folder
from workbench.recipe.fields import mappings
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset, preset_names
from workbench.recipe.schema import Recipe
from workbench.recipe.text import value_text
from workbench.runs.devices import fitted_devices, gpus, resolve_devices
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.launch import DeviceState, device_states
from workbench.ui.form import FormField, FormView, Section, form_view, gather
from workbench.ui.launching import published_weights
from workbench.ui.views.runs.run_view import called
from workbench.ui.views.train.calibration_tasks import measured_now
from workbench.ui.views.train.miniature_view import switch, switched

SYSTEMS = {
    "rpm": "RPM",
    "msvit": "MSViT-ReID",
    "mgn": "MGN",
    "nama": "NAMA",
    "fastreid": "FastReID",
    "layumi": "layumi baseline",
}
"""Folders of presets whose names are written otherwise than with one capital."""
WORDS = {"agw": "AGW", "bot": "BoT", "mgn": "MGN", "pcb": "PCB", "sbs": "SBS"}
"""Words in names of presets that are written otherwise."""


def preset_cards() -> list[dict[str, Any]]:
    """Every preset as a card: name, story, reported figures with their protocol, its cost here.

    One that cannot be read is a card with its ``problem``, empty otherwise.
    """
    measured, now = expected_of_presets(), measured_now()
    return [
        _card(name) | {"expected": measured.get(name, ""), "measuring": name == now}
        for name in preset_names()
    ]


def edited(
    preset: str,
    overrides: Mapping[str, Any],
    changes: Mapping[str, Any],
    miniature: bool | None = None,
) -> dict[str, Any]:
    """The form after some changes were made to it, or it was put on its miniature or off it.

    Overrides that say what the preset says anyway, and those of fields that a new kind took away,
    are left out. Raises RecipeError for an unknown preset, or one refused on its miniature.
    """
    wanted = {**overrides, **changes}
    if miniature is not None:
        wanted = switched(preset, wanted, miniature)
    gone = [path for path, value in wanted.items() if value is None and _entry_of(path)]
    kept = dict.fromkeys(gone) | gather(preset, wanted)
    return form_json(form_view(preset, kept))


def settings_of(run: RunFolder) -> dict[str, Any]:
    """Preset and overrides that start a run like this one again, on a device of this machine."""
    return {"preset": run.preset(), "overrides": fitted_devices(run.overrides())[0]}


def form_json(view: FormView) -> dict[str, Any]:
    """A form as JSON; refusals without a control of their own are in ``problems``."""
    before = {field.spec.path: field for field in form_view(view.preset).fields}
    devices = next((f.value for f in view.fields if f.spec.path == "run.devices"), ["auto"])
    return {
        "preset": view.preset,
        "overrides": view.overrides,
        "sections": [_section(section, view, before) for section in view.sections],
        "differences": [vars(one) for one in view.differences],
        "command": view.command,
        "yaml": view.yaml,
        "problems": list(view.other_refusals.values()),
        "published_weights": published_weights(view.preset, view.overrides),
        "devices": devices,
        "miniature": switch(view),
        "expected": _expected(view),
    }


def _expected(view: FormView) -> str:
    """What this training costs on this machine, where its step was measured here."""
    if not view.yaml:
        return ""
    about = expected(resolve(view.preset, view.overrides))
    return about.description if about else ""


def devices() -> list[dict[str, Any]]:
    """Every device with what it is, whether it is busy, and what Start would wait for."""
    states, best = device_states(), resolve_devices(["auto"])[0]
    titles = _titles(len(states) - 1)
    return [
        {
            "name": state.name,
            "title": titles.get(state.name, state.name),
            "best": state.name == best,
            **_busy(state),
        }
        for state in states
    ]


def _titles(count: int) -> dict[str, str]:
    """What devices are called; a GPU by its model, where it is sure which one it is."""
    models = [gpu.name for gpu in gpus()]
    known = models if len(models) == count else []
    return {"cpu": "Processor"} | {f"cuda:{n}": f"{name} ({n})" for n, name in enumerate(known)}


def _card(name: str) -> dict[str, Any]:
    system, _, short = name.partition("/")
    head = {
        "name": name,
        "system": SYSTEMS.get(system, system.capitalize()),
        "short": " ".join(WORDS.get(word, word) for word in short.split("_")),
        "problem": "",
    }
    try:
        recipe = load_preset(name)
    except RecipeError as error:
        # Nothing of it is known, and all others are shown.
        recipe, head["problem"] = Recipe(), str(error)
    return {
        **head,
        "title": recipe.title,
        "note": recipe.source.note,
        "paper": recipe.source.paper,
        "url": recipe.source.url,
        "repository": recipe.source.repository,
        "bibtex": recipe.source.bibtex,
        "reported": [one.model_dump() for one in recipe.reported],
    }


def _section(section: Section, view: FormView, before: Mapping[str, FormField]) -> dict[str, Any]:
    entry = _entry_of(section.path)
    siblings = sum(_entry_of(other.path) == entry for other in view.sections)
    return {
        "title": section.title,
        "path": section.path,
        "removable": entry is not None and siblings > 1,
        "fields": [control(field, before.get(field.spec.path)) for field in section.fields],
    }


def control(field: FormField, preset: FormField | None) -> dict[str, Any]:
    """One control as panels draw it, beside the same setting of the preset where it has one."""
    spec = field.spec
    return {
        "path": spec.path,
        "label": field.label,
        "type": spec.type,
        "choices": list(spec.choices),
        "optional": None in spec.choices,
        "value": field.value,
        "text": field.value_text,
        "placeholder": "none" if None in spec.choices else "",
        "low": spec.low,
        "high": spec.high,
        "range": _range(spec.low, spec.high),
        "help": spec.help,
        "important": spec.important,
        "log": spec.log_scale,
        "changed": field.changed,
        "error": _beside(field),
        "in_preset": preset is not None,
        "preset_value": None if preset is None else preset.value,
        "preset_text": "" if preset is None else preset.value_text or "none",
    }


def _beside(field: FormField) -> str | None:
    """A refusal without the path and value, which stand beside it already."""
    if field.error is None:
        return None
    text = field.error.removeprefix(field.spec.path)
    _, found, rest = text.partition(": ")
    sentence = rest if found else field.error
    return sentence[:1].upper() + sentence[1:]


def _entry_of(path: str) -> str | None:
    """The mapping that ``path`` names an entry of."""
    parent = path.rpartition(".")[0]
    return parent if parent in mappings() else None


def _range(low: int | float | None, high: int | float | None) -> str:
    if low is None or high is None:
        return ""
    return f"From {value_text(low)} to {value_text(high)}."


def _busy(state: DeviceState) -> dict[str, str]:
    if state.busy_with is None:
        return {"words": "free", "wait": ""}
    who = called(RunFolder(runs_folder() / state.busy_with))
    others = f" and {state.waiting} waiting" if state.waiting else ""
    return {
        "words": f"busy with {who}{others}",
        "wait": f"Start will queue the run: {state.name} is busy with {who}{others}.",
    }
