"""The data sets of this machine as faces show them: plain JSON objects with the words."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.data.catalogue.counts import counts, published_counts
from workbench.data.catalogue.local_datasets import (
    FOLDER,
    PLAYGROUND,
    Holding,
    drawn_from,
    find,
    holdings,
)
from workbench.data.catalogue.published import dataset_of
from workbench.data.samples import PARTS, UNKNOWN_CAMERA, Part, Sample, Split
from workbench.data.wording import counted
from workbench.errors import DataError
from workbench.paths import datasets_folder
from workbench.recipe.settings.data import Playground
from workbench.ui.links import Link, write_link
from workbench.ui.views.data import data_tasks
from workbench.ui.views.data.data_advice import (
    check_command,
    datasets_of_presets,
    how_to_add,
    training_of,
)
from workbench.ui.views.data.data_samples import camera_words, open_set
from workbench.ui.views.data.data_words import about, subtitle
from workbench.ui.words import duration


def sets() -> dict[str, Any]:
    """Every data set in a line, those that are here first, and how to add one's own.

    Raises DataError where the data sets folder cannot be read.
    """
    items = known_sets()
    return {
        "folder": str(datasets_folder()),
        "sets": [_line(item) for item in sorted(items, key=lambda item: item.path is None)],
        "adding": how_to_add(),
    }


def known_sets() -> list[Holding]:
    """What lies in the data sets folder, what presets name, and playgrounds being drawn."""
    # Drawings first: one that ends in between is then a folder, and is not missed by both.
    drawn = [settings for _, settings in data_tasks.drawings()]
    items = {item.key: item for item in holdings()}
    named = datasets_of_presets().values()
    wanted = [dataset for dataset in named if isinstance(dataset, Playground)] + drawn
    for settings in wanted:
        item = drawn_from(settings)
        items.setdefault(item.key, item)
    return list(items.values())


def overview(key: str) -> dict[str, Any]:
    """One data set: what is in it beside what was published, its check, its terms, how to train.

    Its folder is read anew. What keeps it from being used stands in ``problem``. Raises DataError
    where there is no data set of this name.
    """
    item = find(key, known_sets())
    told = {
        **_line(item),
        "about": about(item),
        "presets": presets_of(item),
        "link": write_link(Link(tab="data", dataset=key)),
        "drawing": _drawing(item),
        "problem": None,
        "split": None,
        "check": None,
        "training": training_of(item) if item.path or item.settings or item.layout else None,
    }
    if item.path is None:
        return told
    told["folder"] = str(item.path)
    try:
        opened = open_set(key, anew=True)
    except DataError as error:
        return told | {"problem": str(error), "check": check_state(item)}
    told["training"] = training_of(item, opened.split.identities)
    check = check_state(item, opened.digests)
    return told | {"split": _split(item, opened.split), "check": check, "version": opened.version}


def check_again(key: str) -> None:
    """Start checking a data set. Raises MissingDataset where it is not there."""
    item = find(key)
    open_set(key) if item.path is None else data_tasks.start_check(item)


def draw(settings: Playground) -> str:
    """Start drawing a playground and return its key; one that is there stays as it is."""
    key = drawn_from(settings).key
    if all(item.key != key or item.path is None for item in holdings()):
        data_tasks.start_drawing(settings)
    return key


def draw_miniature(key: str) -> None:
    """Start drawing a miniature; one that is there stays as it is. Raises DataError for no such."""
    item = find(key)
    if item.layout is None:
        raise DataError(f"{item.title} is no miniature: it cannot be drawn from its name.")
    if item.path is None:
        data_tasks.start_miniature(item.layout)


def stop(key: str) -> None:
    """Stop whatever is done to a data set."""
    item = find(key, known_sets())
    if item.path is not None:
        data_tasks.stop(data_tasks.check_of(item))
    drawing = _drawing_task(item)
    if drawing is not None:
        data_tasks.stop(drawing)


def tasks_of(key: str) -> dict[str, Any]:
    """How the check and the drawing of a data set stand."""
    item = find(key, known_sets())
    return {"check": item.path and check_state(item), "drawing": _drawing(item)}


def check_state(item: Holding, digests: Mapping[str, str] | None = None) -> dict[str, Any]:
    """How the check of a data set stands, and what the last one found.

    With the present ``digests`` of its parts also whether the files have changed since.
    """
    task = data_tasks.check_of(item)
    found = task.result()
    return {
        **data_tasks.state_of(task),
        "command": check_command(item),
        "result": None if found is None else {**found, "words": _verdict(found, digests)},
    }


def presets_of(item: Holding) -> list[str]:
    """Presets that name this data set: its kind, for a playground its settings too."""
    named = datasets_of_presets()
    if item.kind == PLAYGROUND:
        return [
            name
            for name, dataset in named.items()
            if isinstance(dataset, Playground) and drawn_from(dataset).key == item.key
        ]
    return [name for name, dataset in named.items() if dataset.kind == item.kind]


def counts_of(item: Holding, split: Split) -> list[dict[str, Any]]:
    """The figures of a split beside the published ones, or beside those asked of a playground."""
    expected = _expected(item)
    return [
        {
            "name": name.replace("_", " "),
            "here": here,
            "expected": expected.get(name),
            "differs": expected.get(name, here) != here,
        }
        for name, here in counts(split).items()
        if here or name in expected
    ]


def camera_table(split: Split) -> list[dict[str, Any]]:
    """Identities trained on, identities ranked, and images, for each camera."""
    trained, ranked = (*split.train, *split.validation), (*split.query, *split.gallery)
    images = {(s.path, s.camera) for s in (*trained, *ranked)}
    cameras = sorted({camera for _, camera in images}, key=lambda one: (one == UNKNOWN_CAMERA, one))
    return [
        {
            "camera": camera,
            "words": camera_words(camera),
            "trained": _people(trained, camera),
            "ranked": _people(ranked, camera),
            "images": sum(one == camera for _, one in images),
        }
        for camera in cameras
    ]


def _line(item: Holding) -> dict[str, Any]:
    drawing = _drawing(item)
    return {
        "key": item.key,
        "kind": item.kind,
        "title": item.title,
        "here": item.path is not None,
        "subtitle": subtitle(item),
        "small": item.layout is not None,
        "busy": drawing["words"] if drawing and drawing["state"] == "working" else "",
    }


def _drawing(item: Holding) -> dict[str, Any] | None:
    task = _drawing_task(item)
    return None if task is None else data_tasks.state_of(task)


def _drawing_task(item: Holding) -> data_tasks.Task | None:
    if item.layout is not None:
        return data_tasks.drawing_of_miniature(item.layout)
    if item.settings is None or (item.path and item.kind == FOLDER):
        return None
    return data_tasks.drawing_of(item.settings)


def _split(item: Holding, split: Split) -> dict[str, Any]:
    figures, expected = counts_of(item, split), _expected(item)
    return {
        # The published counts stand in a table of their own.
        "notes": [note for note in split.notes if f" published for {item.entry.title}" not in note],
        "counts": figures,
        "expected": "Asked for" if item.kind == PLAYGROUND else "Published",
        "words": _counts_in_words(item, figures, bool(expected)),
        "parts": [
            {"name": part, "images": len(split.part(part)), "words": _part_words(split, part)}
            for part in PARTS
            if split.part(part)
        ],
        "cameras": camera_table(split),
    }


def _expected(item: Holding) -> dict[str, int]:
    if item.layout is not None:
        return {}
    if item.settings is None:
        return published_counts(dataset_of(item.kind))
    return {
        "train_identities": item.settings.train_identities,
        "query_identities": item.settings.test_identities,
    }


def _counts_in_words(item: Holding, figures: list[dict[str, Any]], known: bool) -> str:
    if item.layout is not None:
        return "A miniature to try things on: its figures say nothing about the published ones."
    if not known:
        return "Nobody published counts for this set: these are counted from its files."
    source = "asked for" if item.kind == PLAYGROUND else "published"
    compared = [one for one in figures if one["expected"] is not None]
    wrong = [one for one in compared if one["differs"]]
    if not wrong:
        return f"All {len(compared)} counts are those {source}."
    told = ", ".join(f"{w['name']} ({w['here']:,}, not {w['expected']:,})" for w in wrong)
    verb = "is" if len(wrong) == 1 else "are"
    return f"{len(wrong)} of {len(compared)} counts {verb} not as {source}: {told}."


def _part_words(split: Split, part: Part) -> str:
    samples = split.part(part)
    people = {sample.identity for sample in samples if sample.is_person}
    return f"{part}: {counted(len(samples), 'image')}, {counted(len(people), 'identity')}"


def _people(samples: Iterable[Sample], camera: int) -> int:
    return len({s.identity for s in samples if s.camera == camera and s.is_person})


def _verdict(found: dict[str, Any], digests: Mapping[str, str] | None) -> str:
    levels = [finding["level"] for finding in found["findings"]]
    told = [
        counted(levels.count(level), level) for level in ("error", "warning") if level in levels
    ]
    usable = "usable" if found["usable"] else "not usable as it is"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found["time"]))
    sentence = (
        f"Checked on {when} in {duration(found['seconds'])}: {usable},"
        f" {' and '.join(told) or 'nothing wrong'}."
    )
    if digests is not None and found["digests"] not in ({}, digests):
        sentence += " The files have changed since: check again."
    return sentence
