"""The data sets the workbench knows: where they lie on disk, and their images as samples."""

from dataclasses import replace
from pathlib import Path

from workbench import paths
from workbench.data.catalogue.counts import differences
from workbench.data.catalogue.dataset_paths import beside, candidates, near_misses, same_name
from workbench.data.catalogue.published import ENTRIES, RENAMED_MARKET
from workbench.data.readers import folder, image_list, occluded_reid
from workbench.data.readers import playground as playground_reader
from workbench.data.readers.division import divided
from workbench.data.readers.flat import PLAYGROUND
from workbench.data.readers.listing import subfolders
from workbench.data.readers.nested import OCCLUDED_REID, PREPARED_FOLDERS
from workbench.data.readers.table import LAYOUTS
from workbench.data.samples import Progress, Split, require_ranking
from workbench.data.synthetic import playground
from workbench.data.synthetic.miniatures import making
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import (
    Dataset,
    ImageFolder,
    ImageList,
    Kind,
    Market1501,
    OccludedREID,
    Playground,
    Prepared,
    Published,
)

_WITHOUT_MINIATURE: tuple[Kind, ...] = ("playground", "folder", "csv")
# Data of one's own have any name, a prepared folder that of what it was made from.
_ANY_NAME: tuple[Kind, ...] = ("prepared", "folder", "csv")
# Archives often unpack into a folder of their own name, and prepared sets lie inside their source.
_INNER: dict[Kind, tuple[str, ...]] = {"prepared": ("pytorch",)}


def locate(data: Data) -> Path:
    """The folder of the recipe's data set.

    ``data.root`` where it is given (a relative one from the current folder, else under the data
    sets folder), or the only folder in it that has the layout; else the known names under the data
    sets folder. Raises MissingDataset saying where it looked and how to get or make one.
    """
    looked = _candidates(data)
    candidate = next((path for path in looked if _holds(path, data.dataset)), None)
    if candidate is None and data.root:
        candidate = _inside(data, looked)
    if candidate is None:
        raise _incomplete(data, looked) or _missing(data, looked)
    if isinstance(data.dataset, OccludedREID):
        _market_of(candidate)
    return candidate


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
            making.make(layout, paths.datasets_folder(), progress)
        split = read_folder(locate(data), dataset)
    require_ranking(split)
    split = replace(split, notes=(*split.notes, *differences(split, dataset)))
    return divided(split, dataset.split) if isinstance(dataset, Published) else split


def read_folder(root: Path, dataset: Dataset) -> Split:
    """The split of a data set in this very folder, its training images not yet divided.

    Raises as ``read_split`` does, but for what cannot be ranked.
    """
    match dataset:
        case Playground():
            return playground_reader.read(root)
        case ImageFolder():
            return folder.read(root, dataset)
        case ImageList():
            return image_list.read(root, dataset)
        case OccludedREID():
            return occluded_reid.read(root, _market_of(root))
        case _:
            return LAYOUTS[dataset.kind].read(root, dataset)


def playground_folder(settings: Playground) -> Path:
    """Where a playground of these settings lies, or will lie once it is drawn."""
    return paths.datasets_folder() / "playground" / playground.digest(settings)


def _candidates(data: Data) -> list[Path]:
    shelf = paths.datasets_folder()
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
            return path.is_dir() and folder.holds(path, dataset)
        case ImageList():
            return image_list.holds(path, dataset)
        case Playground():
            return PLAYGROUND.holds(path)
        case OccludedREID():
            return OCCLUDED_REID.holds(path)
        case _:
            return LAYOUTS[dataset.kind].holds(path)


def _inside(data: Data, looked: list[Path]) -> Path | None:
    """The only folder directly in one of ``looked`` that has the layout: the root is one too high.

    Folders named as another known data set are none of this one. A folder of one's own is read
    where it is, whatever it holds, so that its reader says what is wrong.
    """
    homes = [path for path in dict.fromkeys(looked) if path.is_dir()]
    others = [
        name
        for kind, entry in ENTRIES.items()
        if kind not in (data.dataset.kind, *_ANY_NAME)
        for name in entry.folders
    ]
    below = [
        home / name
        for home in homes
        for name in subfolders(home)
        if not same_name(name, others) and _holds(home / name, data.dataset)
    ]
    if len(below) > 1:
        raise MissingDataset(
            f"{homes[0]} holds several data sets, {below[0].name} and {below[1].name} among them:"
            " set data.root to one of them."
        )
    if not below and isinstance(data.dataset, ImageFolder):
        return homes[0] if homes else None
    return below[0] if below else None


def _market_of(occluded: Path) -> Path:
    """Where the training images of Occluded-REID are: beside it, or under the data sets folder."""
    names = ENTRIES["market1501"].folders
    looked = [
        *beside(occluded.parent, names),
        *candidates(paths.datasets_folder(), None, names, names),
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
    shelf, names = paths.datasets_folder(), _folder_names(data.dataset)
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
        reason = f"is looked for in data.root, which is empty. Its layout is {entry.layout}"
    elif absent:
        reason = f"is not in {tried}: there is no such folder"
    else:
        reason = f"is not in {tried}, where its layout would be {entry.layout}"
    return MissingDataset(f"{entry.title} {reason}.{guess} {entry.how_to_get}{small}")


def _folders_of(kind: Kind) -> set[str]:
    """The folders directly in a data set of this kind, as its layout spells them."""
    layout = LAYOUTS.get(kind)
    folders = PREPARED_FOLDERS if kind == "prepared" else layout.folders if layout else ()
    return {folder.partition("/")[0] for folder in folders}


def _incomplete(data: Data, looked: list[Path]) -> DataError | None:
    """What the reader misses in a given folder that has some of the layout's folders."""
    wanted = {folder.lower() for folder in _folders_of(data.dataset.kind)}
    for home in looked if data.root else []:
        if home.is_dir() and any(name.lower() in wanted for name in subfolders(home)):
            try:
                read_folder(home, data.dataset)
            except DataError as error:
                return error
    return None


def _miniature(data: Data) -> str | None:
    """The layout of the miniature that ``data.root`` names, where it is one of this data set."""
    layout, kind = making.layout_at(data.root), data.dataset.kind
    return layout if layout == kind or (layout or "").startswith(f"{kind}_") else None


def _playground(data: Data, settings: Playground, progress: Progress | None) -> Path:
    if data.root:
        return locate(data)
    return playground.make(settings, paths.datasets_folder(), progress=progress)
