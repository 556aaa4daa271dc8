"""What to do with a data set: train on it, check it, add one of one's own, draw a playground."""

import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.data.catalogue import ENTRIES, Kind
from workbench.data.holdings import FOLDER, PLAYGROUND, Holding, drawn_from, find, holdings
from workbench.data.playground import digest
from workbench.errors import DataError, RecipeError
from workbench.places import datasets_folder
from workbench.recipe.data import Dataset, Playground
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import DEFAULT_PRESET, load_preset, preset_names
from workbench.ui.form import train_command
from workbench.ui.recipe_view import edited

FITTING: Mapping[Kind, str] = {
    PLAYGROUND: DEFAULT_PRESET,
    FOLDER: "baseline/folder",
    "market1501": "baseline/market1501",
}
"""The preset to begin with; other kinds take the first that names them."""
EXAMPLE = "my_people"
GROUP = "data.dataset."
WORDS = {
    "one": "One sub-folder for each identity. Some identities are held out and ranked among"
    " themselves.",
    "three": "With folders of your own choice to train on, to ask for and to search in. With test"
    " in place of query and gallery every test image is ranked against the others.",
}
TREES = {
    "one": ("{name}/", "  anna/", "    a.jpg", "    b.jpg", "  0002/", "    c.png"),
    "three": (
        *("{name}/", "  train/", "    anna/a.jpg", "    anna/b.jpg"),
        *("  query/", "    0002/c.jpg", "  gallery/", "    0002/d.jpg"),
    ),
}


def datasets_of_presets() -> dict[str, Dataset]:
    """The data set that each preset names; presets that cannot be read are left out."""
    found: dict[str, Dataset] = {}
    for name in preset_names():
        with suppress(RecipeError):
            found[name] = load_preset(name).data.dataset
    return found


def training_of(item: Holding) -> dict[str, Any]:
    """Preset and overrides that train on exactly this data set, and the command that does it."""
    preset, overrides = _fitting(item.kind), dict[str, Any]()
    if load_preset(preset).data.dataset.kind != item.kind:
        overrides[f"{GROUP}kind"] = item.kind
    if item.settings is not None:
        kept = load_preset(preset).data.dataset.model_dump()
        wanted = item.settings.model_dump()
        overrides |= {GROUP + name: value for name, value in wanted.items() if kept[name] != value}
    if item.path is not None and not _drawn_anyway(item):
        overrides["data.root"] = root_of(item.path)
    command = train_command(preset, overrides)
    return {"preset": preset, "overrides": overrides, "command": command}


def root_of(path: Path) -> str:
    """What ``data.root`` has to be: the name under the data sets folder, else the whole path."""
    home = datasets_folder()
    if not path.is_relative_to(home):
        return str(path)
    name = path.relative_to(home)
    # A relative root is looked for in the current folder first.
    return str(path) if name.exists() and not name.samefile(path) else name.as_posix()


def check_command(item: Holding) -> str:
    """The shell command that checks a data set."""
    return f"workbench data check {shlex.quote(str(item.path))}"


def how_to_add() -> dict[str, Any]:
    """How a folder of one's own becomes a data set: layouts, commands, names of known sets."""
    home = datasets_folder() / EXAMPLE
    return {
        "folder": str(datasets_folder()),
        "layouts": [
            {"words": WORDS[name], "tree": "\n".join(lines).format(name=home)}
            for name, lines in TREES.items()
        ],
        "terms": ENTRIES[FOLDER].terms,
        "commands": [
            f"workbench data check {shlex.quote(str(home))}",
            train_command(FITTING[FOLDER], {"data.root": EXAMPLE}),
        ],
        "known": [
            {"title": entry.title, "folders": list(entry.folders), "layout": entry.layout}
            for kind, entry in ENTRIES.items()
            if kind not in (PLAYGROUND, FOLDER)
        ],
    }


def playground_form(overrides: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The generated controls of a playground's settings, and whether it is drawn already."""
    form = edited(DEFAULT_PRESET, overrides, changes)
    fields = [
        field
        for section in form["sections"]
        for field in section["fields"]
        if field["path"].startswith(GROUP) and field["path"] != f"{GROUP}kind"
    ]
    refused = any(field["error"] for field in fields)
    item = None if refused else drawn_from(playground_of(form["overrides"]))
    return {
        "overrides": form["overrides"],
        "fields": fields,
        "key": item.key if item else None,
        "drawn": bool(item) and _is_drawn(item.key),
    }


def playground_of(overrides: Mapping[str, Any]) -> Playground:
    """The settings that overrides of the usual playground mean.

    Raises RecipeError for what is refused, or for another kind of data set.
    """
    dataset = resolve(DEFAULT_PRESET, overrides).data.dataset
    if not isinstance(dataset, Playground):
        raise RecipeError(
            f"{GROUP}kind = {dataset.kind}: only a playground can be drawn.", f"{GROUP}kind"
        )
    return dataset


def _is_drawn(key: str) -> bool:
    try:
        return find(key, holdings()).path is not None
    except DataError:
        return False


def _fitting(kind: Kind) -> str:
    if kind in FITTING:
        return FITTING[kind]
    naming = [name for name, dataset in datasets_of_presets().items() if dataset.kind == kind]
    return naming[0] if naming else FITTING["market1501"]


def _drawn_anyway(item: Holding) -> bool:
    """Whether the recipe finds a playground by its settings alone."""
    home = datasets_folder() / PLAYGROUND
    return item.settings is not None and item.path == home / digest(item.settings)
