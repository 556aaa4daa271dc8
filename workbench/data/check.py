"""What a folder of images holds, what is wrong with it, and how to cure it. No torch."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workbench.data.catalogue import Kind, counts
from workbench.data.findings import (
    LOOKS,
    Finding,
    empty_folders,
    finding_of,
    left_out,
    same_files,
    unpublished,
)
from workbench.data.images import open_image
from workbench.data.readers import folder, market1501, playground
from workbench.data.readers.listing import images_below, require_folder
from workbench.data.samples import Progress, Split
from workbench.errors import BrokenImage, DataError
from workbench.recipe.data import ImageFolder

CHECKING = "checking"


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
    settings: ImageFolder | None = None,
    progress: Progress | None = None,
    threads: int = 2,
) -> Report:
    """Read every image of a data set and report.

    ``kind`` is guessed from the layout where it is None; ``settings`` are those of a folder of
    one's own. ``progress(stage, done, total)`` follows the reading. Raises MissingDataset where
    ``path`` is not a folder, RecipeError for a wrong camera pattern.
    """
    require_folder(path)
    kind = kind or guess_kind(path)
    tops = [""] if kind == "folder" else list(market1501.FOLDERS.values())
    tops = [top for top in tops if (path / top).is_dir()]
    names = [name for top in tops for name in images_below(path, top)]
    files = _read_all(path, names, progress, threads)
    findings = [finding_of(file.broken, file.path) for file in files if file.broken]
    findings += [finding for top in tops for finding in empty_folders(path, top)]
    try:
        split = _read_split(path, kind, settings)
    except DataError as error:
        facts = {"images": len(names)}
        return Report(path, kind, facts, (), (finding_of(error), *findings))
    findings += left_out(split, names, kind)
    findings += [finding for look in LOOKS for finding in look(split)]
    findings += same_files(split, {file.path: file.digest for file in files if file.digest})
    findings += unpublished(split, kind)
    return Report(path, kind, counts(split), split.notes, tuple(findings))


def guess_kind(path: Path) -> Kind:
    """The kind of data set whose layout a folder has."""
    if not any((path / market1501.FOLDERS[part]).is_dir() for part in ("train", "gallery")):
        return "folder"
    return "playground" if (path / "identities.json").is_file() else "market1501"


def _read_split(path: Path, kind: Kind, settings: ImageFolder | None) -> Split:
    match kind:
        case "playground":
            return playground.read(path)
        case "market1501":
            return market1501.read(path)
        case "folder":
            return folder.read(path, settings)


def _read_all(
    root: Path, names: Sequence[str], progress: Progress | None, threads: int
) -> list[_File]:
    files, pool = [], ThreadPoolExecutor(threads, thread_name_prefix="check")
    try:
        for file in pool.map(lambda name: _read(root, name), names):
            files.append(file)
            if progress and (len(files) % 100 == 0 or len(files) == len(names)):
                progress(CHECKING, len(files), len(names))
    finally:
        pool.shutdown(cancel_futures=True)
    return files


def _read(root: Path, name: str) -> _File:
    try:
        open_image(root / name)
    except BrokenImage as error:
        return _File(name, "", error)
    return _File(name, hashlib.sha256((root / name).read_bytes()).hexdigest(), None)
