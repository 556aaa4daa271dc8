"""What a folder of images holds, what is wrong with it, and how to cure it. No torch."""

import hashlib
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workbench.data.catalogue.counts import counts
from workbench.data.catalogue.dataset_paths import same_name
from workbench.data.catalogue.published import ENTRIES, dataset_of
from workbench.data.catalogue.splits import locate, read_folder
from workbench.data.checks.findings import (
    LOOKS,
    Finding,
    empty_folders,
    finding_of,
    layout_of,
    left_out,
    other_files,
    same_files,
    special_identities,
    unpublished,
)
from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE, open_image
from workbench.data.readers import flat, folder, image_list
from workbench.data.readers.listing import (
    image_names,
    images_below,
    require_folder,
    subfolders,
)
from workbench.data.readers.nested import OCCLUDED_REID
from workbench.data.readers.table import LAYOUTS
from workbench.data.samples import PARTS, Progress, Split
from workbench.errors import BrokenImage, DataError
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import Dataset, Kind

CHECKING = "checking"
_FLAT: tuple[Kind, ...] = ("market1501", "dukemtmc", "occluded_duke", "msmt17")
# As in 0001_c1s1_000151_01.jpg, 0005_c2_f0046985.jpg, 0000_000_01_0303morning_0008_0.jpg.
_MARKS: dict[Kind, re.Pattern[str]] = {
    "market1501": re.compile(r"_c\d+s\d"),
    "dukemtmc": re.compile(r"_c\d+_f\d"),
    "msmt17": re.compile(r"^\d+_\d+_\d+_"),
}


@dataclass(frozen=True)
class Report:
    """What ``check`` found: counts by name, how files were understood, what is wrong."""

    path: Path
    kind: Kind
    facts: dict[str, int]
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether training and evaluation could run."""
        return all(finding.level != "error" for finding in self.findings)


@dataclass(frozen=True)
class _File:
    """What reading one file brought: a digest of its bytes, or why it cannot be used."""

    path: str
    digest: str
    broken: BrokenImage | None


def check(
    path: Path,
    kind: Kind | None = None,
    *,
    settings: Dataset | None = None,
    drop_same_camera: bool = True,
    progress: Progress | None = None,
    threads: int = 2,
) -> Report:
    """Read every image of a data set and report, by the rules that a start asks for too.

    ``kind`` is guessed from the layout where it is None; ``settings`` are those of the data set in
    a recipe, ``drop_same_camera`` is that of its evaluation. ``progress(stage, done, total)``
    follows the reading. Raises MissingDataset where ``path`` is neither a folder nor a CSV file,
    RecipeError for a wrong pattern.
    """
    if not image_list.holds(path):
        require_folder(path)
    dataset = settings or dataset_of(kind or guess_kind(path))
    kind = str(dataset.kind)
    try:
        root = locate(Data(dataset=dataset, root=str(path.absolute())))
        split = read_folder(root, dataset)
    except DataError as error:
        tops = _counting(path, kind) or [""]
        names = _names(path, tops)
        findings = [finding_of(error), *_of_files(_read_all(path, names, progress, threads))]
        findings += [finding for top in tops for finding in empty_folders(path, top)]
        return Report(path, kind, {"images": len(names)}, (), tuple(findings))
    tops = _counting(split.root, kind)
    names = sorted({*_names(split.root, tops), *_used(split)})
    files = _read_all(split.root, names, progress, threads, split.levels)
    findings = _of_files(files)
    findings += [finding for top in tops for finding in empty_folders(split.root, top)]
    findings += left_out(split, names, dataset)
    findings += other_files(split.root, tops)
    findings += [finding for look in LOOKS for finding in look(split, drop_same_camera)]
    findings += same_files(split, {file.path: file.digest for file in files if file.digest})
    findings += unpublished(split, dataset)
    where = () if root == path.absolute() else (f"Read from {root}.",)
    notes = (*where, *split.notes, *split.levels.notes, *special_identities(split))
    return Report(path, kind, counts(split), notes, tuple(findings))


def guess_kind(path: Path) -> Kind:
    """The kind of data set whose layout a folder has.

    Sets that share Market-1501's layout are told apart by the names of the folder and its files.
    Where the folder has no images of one's own but one layout is found in its sub-folders, that.
    """
    kind = _kind_at(path)
    if kind != "folder" or not path.is_dir() or folder.holds(path):
        return kind
    below: set[Kind] = {_kind_at(path / name) for name in subfolders(path)}
    below.discard(kind)
    return below.pop() if len(below) == 1 else kind


def _kind_at(path: Path) -> Kind:
    if image_list.holds(path):
        return "csv"
    if OCCLUDED_REID.holds(path):
        return "occluded_reid"
    alike: list[Kind] = [kind for kind in LAYOUTS if LAYOUTS[kind].holds(path)]
    if len(alike) == 1:
        return alike[0]
    if not any((path / flat.MARKET1501.folders[part]).is_dir() for part in ("train", "gallery")):
        return alike[0] if alike else "folder"
    if (path / "identities.json").is_file():
        return "playground"
    return _named(path) or _by_example(path)


def _named(path: Path) -> Kind | None:
    for kind in _FLAT:
        if same_name(path.name, ENTRIES[kind].folders):
            return kind
    return None


def _by_example(path: Path) -> Kind:
    train = path / flat.TRAIN
    example = next(iter(image_names(train)), "") if train.is_dir() else ""
    for kind, mark in _MARKS.items():
        if mark.search(example):
            return kind
    return "market1501"


def _counting(root: Path, kind: Kind) -> list[str]:
    """Folders all of whose images count."""
    if kind == "csv":
        return []
    if kind == "folder":
        return [""]
    layout = layout_of(kind)
    return [top for top in (layout.folders if layout else ()) if (root / top).is_dir()]


def _names(root: Path, tops: Sequence[str]) -> list[str]:
    return [name for top in tops for name in images_below(root, top)]


def _used(split: Split) -> set[str]:
    return {sample.path for part in PARTS for sample in split.part(part)}


def _of_files(files: Sequence[_File]) -> list[Finding]:
    return [finding_of(file.broken, file.path) for file in files if file.broken]


def _read_all(
    root: Path,
    names: Sequence[str],
    progress: Progress | None,
    threads: int,
    levels: Levels = ALONE,
) -> list[_File]:
    files, pool = [], ThreadPoolExecutor(threads, thread_name_prefix="check")
    try:
        for file in pool.map(lambda name: _read(root, name, levels), names):
            files.append(file)
            if progress and (len(files) % 100 == 0 or len(files) == len(names)):
                progress(CHECKING, len(files), len(names))
    finally:
        pool.shutdown(cancel_futures=True)
    return files


def _read(root: Path, name: str, levels: Levels) -> _File:
    try:
        open_image(root / name, levels)
    except BrokenImage as error:
        return _File(name, "", error)
    return _File(name, hashlib.sha256((root / name).read_bytes()).hexdigest(), None)
