"""The data sets the workbench knows: where they lie on disk, and their images as samples."""

from dataclasses import replace
from pathlib import Path

from workbench import places
from workbench.data import playground
from workbench.data.figures import differences
from workbench.data.known.table import ENTRIES, RENAMED_MARKET
from workbench.data.miniatures import making
from workbench.data.readers import folder, occluded_reid
from workbench.data.readers import playground as playground_reader
from workbench.data.readers.division import divided
from workbench.data.readers.flat import PLAYGROUND
from workbench.data.readers.nested import OCCLUDED_REID
from workbench.data.readers.table import LAYOUTS
from workbench.data.samples import Progress, Split, require_ranking
from workbench.data.shelf import beside, candidates, near_misses
from workbench.errors import MissingDataset
from workbench.recipe.data import Data
from workbench.recipe.datasets import (
    Dataset,
    ImageFolder,
    Kind,
    Market1501,
    OccludedREID,
    Playground,
    Prepared,
)

_WITHOUT_MINIATURE: tuple[Kind, ...] = ("playground", "folder")
# Archives often unpack into a folder of their own name, and prepared sets lie inside their source.
_INNER: dict[Kind, tuple[str, ...]] = {"prepared": ("pytorch",)}


def locate(data: Data) -> Path:
    """The folder of the recipe's data set.

    ``data.root`` where it is given (a relative one from the current folder, else under the data
    sets folder), else the known names under the data sets folder. Raises MissingDataset saying
    where it looked and how to get or make one.
    """
    looked = _candidates(data)
    for candidate in looked:
        if _holds(candidate, data.dataset):
            if isinstance(data.dataset, OccludedREID):
                _market_of(candidate)
            return candidate
    raise _missing(data, looked)


def drawn_on_demand(data: Data) -> bool:
    """Whether ``read_split`` draws the recipe's data set where it is not there yet."""
    if isinstance(data.dataset, Playground):
        return not data.root
    return _miniature(data) is not None


def read_split(data: Data, progress: Progress | None = None) -> Split:
    """The recipe's data set as samples; a playground or miniature that is not there yet is drawn.

    ``progress(stage, done, total)`` follows the drawing. A difference from the published counts
    stands in the notes. Raises MissingDataset, EmptySplit, RecipeError for settings that do not
    fit the files, or DataError for files that do not fit each other.
    """
    dataset = data.dataset
    if isinstance(dataset, Playground):
        split = playground_reader.read(_playground(data, dataset, progress))
    else:
        if layout := _miniature(data):
            making.make(layout, places.datasets_folder(), progress)
        split = read_folder(locate(data), dataset)
    require_ranking(split)
    split = replace(split, notes=(*split.notes, *differences(split, dataset)))
    return split if isinstance(dataset, Playground | ImageFolder) else divided(split, dataset.split)


def read_folder(root: Path, dataset: Dataset) -> Split:
    """The split of a data set in this very folder, its training images not yet divided.

    Raises as ``read_split`` does, but for what cannot be ranked.
    """
    match dataset:
        case Playground():
            return playground_reader.read(root)
        case ImageFolder():
            return folder.read(root, dataset)
        case OccludedREID():
            return occluded_reid.read(root, _market_of(root))
        case _:
            return LAYOUTS[dataset.kind].read(root, dataset)


def playground_folder(settings: Playground) -> Path:
    """Where a playground of these settings lies, or will lie once it is drawn."""
    return places.datasets_folder() / "playground" / playground.digest(settings)


def _candidates(data: Data) -> list[Path]:
    shelf = places.datasets_folder()
    if isinstance(data.dataset, Playground):
        return candidates(shelf, data.root, ()) or [playground_folder(data.dataset)]
    names = _folder_names(data.dataset)
    return candidates(shelf, data.root, names, (*names, *_INNER.get(data.dataset.kind, ())))


def _folder_names(dataset: Dataset) -> tuple[str, ...]:
    """Names of a data set's folder; of a prepared one first those that say what it is made from."""
    own = ENTRIES[dataset.kind].folders
    if not isinstance(dataset, Prepared) or dataset.made_from is None:
        return own
    if dataset.made_from != "market1501":
        own = tuple(name for name in own if name not in RENAMED_MARKET)
    return (f"{dataset.made_from}_prepared", *ENTRIES[dataset.made_from].folders, *own)


def _holds(path: Path, dataset: Dataset) -> bool:
    match dataset:
        case ImageFolder():
            return path.is_dir()
        case Playground():
            return PLAYGROUND.holds(path)
        case OccludedREID():
            return OCCLUDED_REID.holds(path)
        case _:
            return LAYOUTS[dataset.kind].holds(path)


def _market_of(occluded: Path) -> Path:
    """Where the training images of Occluded-REID are: beside it, or under the data sets folder."""
    names = ENTRIES["market1501"].folders
    looked = [
        *beside(occluded.parent, names),
        *candidates(places.datasets_folder(), None, names, names),
    ]
    for candidate in looked:
        if LAYOUTS["market1501"].holds(candidate):
            return candidate
    market = _missing(Data(dataset=Market1501()), looked)
    raise MissingDataset(f"Occluded-REID is trained on Market-1501, and {market}")


def _missing(data: Data, looked: list[Path]) -> MissingDataset:
    kind = data.dataset.kind
    entry = ENTRIES[kind]
    tried = " or ".join(str(candidate) for candidate in looked)
    absent = bool(data.root) and not any(path.is_dir() for path in looked)
    shelf, names = places.datasets_folder(), _folder_names(data.dataset)
    if absent:
        shelf, names = looked[0].parent, (looked[0].name,)
    guesses = near_misses(shelf, names) if absent or not data.root else []
    guess = f" {guesses[0]} looks like it under another name." if guesses else ""
    # What is looked for may be tried out before it is there.
    small = (
        ""
        if kind in _WITHOUT_MINIATURE
        else f" A small set in its layout is drawn by: workbench data make miniature {kind}; a"
        " recipe is tried on it with --miniature, on the page with the switch beside Start."
    )
    if not looked:
        told = f"is looked for in data.root, which is empty. Its layout is {entry.layout}"
    elif absent:
        told = f"is not in {tried}: there is no such folder"
    else:
        told = f"is not in {tried}, where its layout would be {entry.layout}"
    return MissingDataset(f"{entry.title} {told}.{guess} {entry.how_to_get}{small}")


def _miniature(data: Data) -> str | None:
    """The layout of the miniature that ``data.root`` names, where it is one of this data set."""
    layout, kind = making.layout_at(data.root), data.dataset.kind
    return layout if layout == kind or (layout or "").startswith(f"{kind}_") else None


def _playground(data: Data, settings: Playground, progress: Progress | None) -> Path:
    if data.root:
        return locate(data)
    return playground.make(settings, places.datasets_folder(), progress=progress)
