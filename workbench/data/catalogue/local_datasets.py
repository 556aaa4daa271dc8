"""What lies under the data sets folder: known sets, what was drawn, folders of one's own.

No torch. Only what is found by listing that folder can be named, so a name from elsewhere leads
nowhere. A link that somebody put directly into the folder is followed, as training follows it.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from workbench import paths
from workbench.data.catalogue.entry import Entry
from workbench.data.catalogue.published import ENTRIES
from workbench.data.catalogue.splits import locate, read_split
from workbench.data.checks.check import guess_kind
from workbench.data.readers.listing import subfolders
from workbench.data.samples import PARTS, Split
from workbench.data.synthetic import miniatures, playground
from workbench.data.synthetic.miniatures.making import root_of
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.data import Data, Playground
from workbench.recipe.settings.datasets import Kind

PLAYGROUND: Kind = "playground"
FOLDER: Kind = "folder"
CSV: Kind = "csv"


@dataclass(frozen=True)
class Holding:
    """One data set: its name in links, its kind, where it lies.

    ``path`` is None for a set that is known but not there. ``settings`` are those a playground was
    or would be drawn from, None where its folder does not say. ``layout`` is that of a miniature.
    """

    key: str
    kind: Kind
    path: Path | None
    settings: Playground | None = None
    layout: str | None = None

    @property
    def entry(self) -> Entry:
        """What the catalogue knows about sets of this kind."""
        return ENTRIES[self.kind]

    @property
    def title(self) -> str:
        """What people call it: a known set by its name, a playground by its size, else a folder."""
        if self.kind == PLAYGROUND and self.settings is not None:
            sizes = (self.settings.train_identities, self.settings.test_identities)
            return f"Playground: {sizes[0]:,} + {sizes[1]:,} people"
        if self.layout is not None:
            return f"{self.entry.title}, miniature"
        return self.key.rpartition("/")[2] if "/" in self.key else self.entry.title

    @property
    def data(self) -> Data:
        """The recipe's data group that reads exactly this folder and never draws."""
        dataset = self.settings or {"kind": self.kind}
        return Data.model_validate({"dataset": dataset, "root": str(self.path)})


def holdings() -> list[Holding]:
    """Every data set: drawn playgrounds, known sets, folders of one's own, miniatures.

    Known sets and miniatures are named also where they are not there.

    Raises DataError where the data sets folder cannot be read.
    """
    home = paths.datasets_folder()
    try:
        known = list(_known())
        taken = {_top(item.path, home) for item in known if item.path}
        taken |= {PLAYGROUND, miniatures.FOLDER, paths.weights_folder().name}
        names = subfolders(home) if home.is_dir() else []
        own = [_own(home / name) for name in names if name not in taken]
        return [*_drawn(home / PLAYGROUND), *known, *own, *_miniatures(home)]
    except OSError as error:
        raise unreadable(home, error) from error


def find(key: str, items: Sequence[Holding] | None = None) -> Holding:
    """The data set of a key. Raises MissingDataset where there is none of this name."""
    for item in holdings() if items is None else items:
        if item.key == key:
            return item
    raise MissingDataset(
        f"There is no data set '{key}' under {paths.datasets_folder()}: it was removed or renamed."
        " Choose another one."
    )


def read(item: Holding) -> Split:
    """The samples of a data set that is there.

    Raises DataError, in one sentence, where it is gone, unreadable, or nothing can be ranked in it.
    """
    if item.path is None or not item.path.is_dir():
        where = item.path or paths.datasets_folder()
        raise MissingDataset(f"{item.title} is not in {where}. {item.entry.how_to_get}")
    try:
        return read_split(item.data)
    except OSError as error:
        raise unreadable(item.path, error) from error


def digests_of(split: Split) -> dict[str, str]:
    """A digest of the file list of every part: what tells whether a set is still the same."""
    return {part: split.digest(part) for part in PARTS}


def drawn_from(settings: Playground, path: Path | None = None) -> Holding:
    """The playground of some settings; ``path`` None where it is not drawn."""
    return Holding(f"{PLAYGROUND}/{playground.digest(settings)}", PLAYGROUND, path, settings)


def settings_in_words(settings: Playground) -> str:
    """What else tells one playground from another: size, seed, and look-alikes if not as usual."""
    alike = f", {100 * settings.look_alikes:g} % look-alikes"
    usual = settings.look_alikes == Playground().look_alikes
    return f"{settings.image_height} px, seed {settings.seed}{'' if usual else alike}"


def unreadable(path: Path, error: OSError) -> DataError:
    """The one sentence for what the file system refuses."""
    return DataError(
        f"{path} cannot be read ({error.strerror or error}): make it readable for the user who"
        " runs the workbench, or choose another data set."
    )


def _known() -> Iterator[Holding]:
    for kind in ENTRIES:
        if kind in (PLAYGROUND, FOLDER, CSV):
            continue
        try:
            path = locate(Data.model_validate({"dataset": {"kind": kind}}))
        except (DataError, PermissionError):
            path = None
        yield Holding(kind, kind, path)


def _drawn(home: Path) -> list[Holding]:
    if not home.is_dir():
        return []
    return [
        Holding(f"{PLAYGROUND}/{name}", PLAYGROUND, home / name, _settings_in(home / name))
        for name in subfolders(home)
    ]


def _miniatures(home: Path) -> Iterator[Holding]:
    for layout in miniatures.NAMES:
        kind = _kind_of(layout)
        root = home / root_of(layout)
        path = root if root.is_dir() else None
        if path is not None:
            # The images may lie in a folder of it, as in the published archive.
            with suppress(DataError, PermissionError):
                path = locate(Data.model_validate({"dataset": {"kind": kind}, "root": str(root)}))
        yield Holding(f"{miniatures.FOLDER}/{layout}", kind, path, layout=layout)


def _kind_of(layout: str) -> Kind:
    """The kind of data set that a miniature is read as: some kinds have several layouts."""
    named: list[Kind] = [kind for kind in ENTRIES if f"{layout}_".startswith(f"{kind}_")]
    return sorted(named, key=len)[-1]


def _settings_in(path: Path) -> Playground | None:
    try:
        stored = json.loads((path / "playground.json").read_bytes())
        fields = {name: stored[name] for name in Playground.model_fields if name != "kind"}
        return Playground.model_validate(fields)
    except (OSError, ValueError, TypeError, KeyError, ValidationError):
        return None


def _own(path: Path) -> Holding:
    try:
        kind = guess_kind(path)
    except OSError:
        kind = FOLDER
    settings = _settings_in(path) if kind == PLAYGROUND else None
    return Holding(f"{FOLDER}/{path.name}", kind, path, settings)


def _top(path: Path, home: Path) -> str:
    return path.relative_to(home).parts[0] if path.is_relative_to(home) else ""
