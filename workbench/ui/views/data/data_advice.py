"""What to do with a data set: train on it, check it, add one of one's own, draw a playground."""

import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workbench.data.catalogue.local_datasets import (
    CSV,
    FOLDER,
    PLAYGROUND,
    Holding,
    drawn_from,
    find,
    holdings,
)
from workbench.data.catalogue.published import ENTRIES
from workbench.data.synthetic.miniatures.making import root_of as miniature_root
from workbench.data.synthetic.miniatures.trial import on_miniature
from workbench.data.synthetic.playground import digest
from workbench.errors import DataError, RecipeError
from workbench.paths import datasets_folder
from workbench.recipe.merge import overlay, validated
from workbench.recipe.presets import DEFAULT_PRESET, load_preset, preset_file, preset_names
from workbench.recipe.settings.data import Dataset, Playground
from workbench.recipe.settings.datasets import Kind
from workbench.recipe.text import train_command
from workbench.ui.views.train.recipe_view import edited

FITTING: Mapping[Kind, str] = {
    PLAYGROUND: DEFAULT_PRESET,
    FOLDER: "baseline/folder",
    CSV: "baseline/folder",
    "market1501": "baseline/market1501",
}
"""The preset to begin with; other kinds take the first that names them."""
EXAMPLE = "my_people"
GROUP = "data.dataset."
LAYOUTS: Mapping[str, Sequence[str]] = {
    "One sub-folder for each identity. Some identities are held out of the training and ranked"
    " among themselves.": (
        *("anna/a.jpg", "anna/b.jpg", "0002/c.png", "0002/d.png"),
        *("carl/cam1_e.jpg", "carl/cam2_f.jpg"),
    ),
    "Or choose yourself what is trained on, asked for and searched in. With test in place of query"
    " and gallery every image there is ranked against the others.": (
        *("train/anna/a.jpg", "train/0002/b.jpg"),
        *("query/carl/c.jpg", "gallery/carl/d.jpg"),
    ),
    "Or list the images in images.csv: columns path and identity, and as needed camera and split"
    " (train, query, gallery, test, validation).": (
        *("images.csv", "camera1/a.jpg", "camera1/b.jpg", "camera2/c.png", "camera2/d.png"),
        *("any/folder/e.jpg", "any/folder/f.jpg"),
    ),
}
"""What a folder of one's own may look like: words, and files of an example."""


def datasets_of_presets() -> Mapping[str, Dataset]:
    """The data set that each preset names; presets that cannot be read are left out.

    Read again only when a preset's file has changed: a page asks every few seconds.
    """
    return _datasets_named(tuple(_stamp(name) for name in preset_names()))


@lru_cache(maxsize=1)
def _datasets_named(stamps: tuple[tuple[str, int, int], ...]) -> Mapping[str, Dataset]:
    found: dict[str, Dataset] = {}
    for name, _, _ in stamps:
        with suppress(RecipeError):
            found[name] = load_preset(name).data.dataset
    return MappingProxyType(found)


def _stamp(name: str) -> tuple[str, int, int]:
    # A file that goes between listing and looking is left out like any that cannot be read.
    try:
        about = preset_file(name).stat()
    except (OSError, RecipeError):
        return name, 0, 0
    return name, about.st_mtime_ns, about.st_size


def training_of(item: Holding, identities: int | None = None) -> dict[str, Any]:
    """Preset and overrides that train on exactly this data set, and the command that does it.

    ``identities`` to train on, where they were counted, bound how many a batch asks for.
    """
    preset, overrides = _fitting(item.kind), dict[str, Any]()
    data = load_preset(preset).data
    if data.dataset.kind != item.kind:
        overrides[f"{GROUP}kind"] = item.kind
    if item.settings is not None:
        kept, wanted = data.dataset.model_dump(), item.settings.model_dump()
        overrides |= {GROUP + name: value for name, value in wanted.items() if kept[name] != value}
        identities = item.settings.train_identities
    if item.layout is not None:
        return _trial(preset, item.layout, item.kind)
    if item.path is not None and not _drawn_anyway(item):
        overrides["data.root"] = root_of(item.path)
    asked = data.sampler.batch_identities
    if identities and asked > identities > 1:
        overrides["data.sampler.identities"] = identities
    command = train_command(preset, overrides)
    return {"preset": preset, "overrides": overrides, "command": command}


def _trial(preset: str, layout: str, kind: Kind) -> dict[str, Any]:
    """A preset tried on a miniature; one of another kind of data set takes that one's place."""
    overrides: dict[str, Any] = {"data.root": miniature_root(layout)}
    if load_preset(preset).data.dataset.kind != kind:
        overrides[f"{GROUP}kind"] = kind
        command = train_command(preset, overrides)
    else:
        small = on_miniature(preset)
        overrides = small | overrides
        usual = f"workbench train {preset} --miniature"
        command = usual if overrides == small else train_command(preset, overrides)
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
            {"words": words, "files": list(files), "tree": _tree(str(home), files)}
            for words, files in LAYOUTS.items()
        ],
        "terms": ENTRIES[FOLDER].terms,
        "commands": [
            f"workbench data check {shlex.quote(str(home))}",
            train_command(FITTING[FOLDER], {"data.root": EXAMPLE}),
        ],
        "known": [
            {"title": entry.title, "folders": list(entry.folders), "layout": entry.layout}
            for kind, entry in ENTRIES.items()
            if kind not in (PLAYGROUND, FOLDER, CSV)
        ],
    }


def playground_form(overrides: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The generated controls of a playground's settings, and whether it is drawn already."""
    wanted = {path: value for path, value in overrides.items() if path.startswith(GROUP)}
    form = edited(DEFAULT_PRESET, wanted, changes)
    fields = [
        field | {"label": field["label"].removeprefix("dataset: ")}
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

    Only they are judged: a playground may be drawn that the usual preset could not train on. Raises
    RecipeError for what is refused, or is no setting of a playground.
    """
    given = load_preset(DEFAULT_PRESET).data.dataset.model_dump()
    for path, value in overrides.items():
        if not path.startswith(GROUP) or path == f"{GROUP}kind":
            raise RecipeError(f"{path} = {value}: not a setting of a playground.", path)
        given[path.removeprefix(GROUP)] = value
    dataset = validated(*overlay(None, {"data": {"dataset": given}})).data.dataset
    assert isinstance(dataset, Playground)  # the usual preset draws one
    return dataset


def _tree(root: str, files: Sequence[str]) -> str:
    """Files as an indented list in which every folder stands once."""
    lines, told = [f"{root}/"], set[str]()
    for file in files:
        parts = file.split("/")
        for depth, name in enumerate(parts):
            path, last = "/".join(parts[: depth + 1]), depth == len(parts) - 1
            if path not in told:
                lines.append("  " * (depth + 1) + name + "/" * (not last))
            told.add(path)
    return "\n".join(lines)


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
