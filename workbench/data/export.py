"""A data set sorted into a folder for each identity, by links to its own files. No torch."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.data.readers.division import divided
from workbench.data.readers.nested import camera_in
from workbench.data.samples import JUNK, UNKNOWN_CAMERA, Progress, Sample, Split
from workbench.errors import DataError, PlaceError

STAGE = "linking"


def export_prepared(split: Split, target: Path, progress: Progress | None = None) -> dict[str, int]:
    """Link a split's images into train, val, train_all, query, gallery and multi-query.

    The files themselves stay where they are. ``target`` is made whole or not at all; the number of
    links in each folder comes back. The first image of each identity, in the order of paths, is in
    val and not in train. Where published figures draw the gallery, the first listed image of each
    identity is the gallery. A link has the name of its file, changed where that would say another
    camera than the split: the folder is then ranked by the same rule as the set itself.

    Raises DataError for a split that such folders cannot express, PlaceError where ``target``
    exists or cannot be written.
    """
    folders = _folders(split)
    if target.exists():
        raise PlaceError(f"{target} is there already: name another folder, or remove it.")
    aside = target.with_name(f".{target.name}.{os.getpid()}.new")
    total, done = sum(len(samples) for samples in folders.values()), 0
    try:
        for folder, samples in folders.items():
            for name, sample in _names(samples):
                link = aside / folder / name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to((split.root / sample.path).resolve())
                done += 1
                if progress and (done % 500 == 0 or done == total):
                    progress(STAGE, done, total)
        aside.rename(target)
    except OSError as error:
        raise PlaceError(
            f"Links could not be made in {target.parent}: {error.strerror or error}. Choose a"
            " folder on a disk that allows them."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {folder: len(samples) for folder, samples in folders.items()}


def _folders(split: Split) -> Mapping[str, Sequence[Sample]]:
    if split.pairings or (split.leave_one_out and not split.gallery_draws):
        raise DataError(
            f"{split.name} has no one query and gallery, which folders of identities could hold:"
            " use the data set as it is."
        )
    apart = divided(split, "train")
    query, gallery = split.query, split.gallery
    if split.gallery_draws:
        first = {sample.identity: sample for sample in reversed(split.query)}
        gallery = tuple(first.values())[::-1]
        query = tuple(sample for sample in split.query if sample != first[sample.identity])
    folders = {
        "train": apart.train,
        "val": apart.validation,
        "train_all": split.train,
        "query": query,
        "gallery": gallery,
        "multi-query": split.multi_query,
    }
    return {folder: samples for folder, samples in folders.items() if samples}


def _names(samples: Sequence[Sample]) -> list[tuple[str, Sample]]:
    """A path for each sample: identity, and its file's own name, longer where two are alike."""
    by_path: dict[str, Sample] = {}
    for sample in samples:
        person = str(JUNK) if sample.identity == JUNK else f"{sample.identity:04d}"
        *above, name = sample.path.split("/")
        while (path := f"{person}/{_of_camera(name, person, sample.camera)}") in by_path:
            name = f"{above.pop()}_{name}"
        by_path[path] = sample
    return list(by_path.items())


def _of_camera(name: str, person: str, camera: int) -> str:
    """The name, changed where a reader of it would see another camera."""
    if camera_in(name) == camera:
        return name
    # 0001-c2_f0046985.jpg still begins with the identity, as other programs expect.
    hidden = name.replace("_", "-", 1)
    return hidden if camera == UNKNOWN_CAMERA else f"{person}_c{camera}_{name}"
