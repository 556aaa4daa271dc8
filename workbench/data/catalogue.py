"""The data sets the workbench knows: origin, terms, published counts, and where they lie on disk.

Counts here are what the authors published. Training uses what is on disk and names a difference.
"""

from dataclasses import replace
from pathlib import Path

from workbench import places
from workbench.data import playground
from workbench.data.known import people, things
from workbench.data.known.entry import Entry as Entry
from workbench.data.miniatures import making
from workbench.data.readers import folder, occluded_reid
from workbench.data.readers import playground as playground_reader
from workbench.data.readers.division import divided
from workbench.data.readers.flat import PLAYGROUND
from workbench.data.readers.nested import OCCLUDED_REID, PREPARED_FOLDERS
from workbench.data.readers.table import LAYOUTS
from workbench.data.samples import DISTRACTOR, JUNK, Progress, Sample, Split, require_ranking
from workbench.data.shelf import beside, candidates, near_misses
from workbench.errors import MissingDataset
from workbench.recipe.data import Data
from workbench.recipe.datasets import Dataset, ImageFolder, Market1501, OccludedREID, Playground
from workbench.recipe.datasets import Kind as Kind

ENTRIES: dict[Kind, Entry] = {
    "playground": Entry(
        name="playground",
        title="Playground: procedural pedestrians",
        origin="Drawn by the workbench on this machine: no picture of a real person is involved.",
        terms="Free to use. Figures say nothing about sets of real images.",
        homepage="",
        layout=(
            "playground/<digest of its settings>/ with bounding_box_train, query, bounding_box_test"
            " and masks"
        ),
        how_to_get="It is drawn on first use, or now by: workbench data make playground",
        folders=("playground",),
    ),
    "market1501": people.MARKET1501,
    "dukemtmc": people.DUKEMTMC,
    "msmt17": people.MSMT17,
    "cuhk03_np": people.CUHK03_NP,
    "occluded_duke": people.OCCLUDED_DUKE,
    "occluded_reid": people.OCCLUDED_REID,
    "p_dukemtmc": people.P_DUKEMTMC,
    "veri776": things.VERI776,
    "vehicleid": things.VEHICLEID,
    "cars196": things.CARS196,
    "cub200": things.CUB200,
    "sop": things.SOP,
    "in_shop": things.IN_SHOP,
    "university1652": things.UNIVERSITY1652,
    "prepared": Entry(
        name="prepared",
        title="A prepared folder",
        origin="Another data set, sorted into a folder for each identity.",
        terms="Those of the data set it was made from.",
        homepage="",
        layout=f"{', '.join(PREPARED_FOLDERS)}, each with a folder for each identity",
        how_to_get=(
            "Make it from another set, for example by: workbench data export layumi market1501. Or"
            " set data.root to one."
        ),
        folders=("prepared", "market1501_prepared", "pytorch", "Market"),
    ),
    "folder": Entry(
        name="folder",
        title="A folder of one's own",
        origin="Your own images.",
        terms="Yours to know: images of people need their consent or another lawful ground.",
        homepage="",
        layout=(
            "one sub-folder for each identity; or train, query and gallery folders of such; or"
            " train and test folders of such"
        ),
        how_to_get="Set data.root to a folder with one sub-folder of images for each identity.",
    ),
}
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


def published_counts(dataset: Dataset) -> dict[str, int]:
    """Published figures under the settings of a data set; empty where there are none."""
    entry = ENTRIES[dataset.kind]
    figures: dict[str, int | None] = dict(entry.counts)
    for setting, others in entry.variants.items():
        name, _, value = setting.partition("=")
        if str(getattr(dataset, name)) == value:
            figures |= others
    return {name: figure for name, figure in figures.items() if figure is not None}


def published_identities(dataset: Dataset) -> int | None:
    """Identities to train on as published, or as asked of the playground; None where unknown."""
    if isinstance(dataset, Playground):
        return dataset.train_identities
    figures = published_counts(dataset)
    trained = figures.get("train_identities")
    if trained is None or isinstance(dataset, ImageFolder) or dataset.split != "combine_all":
        return trained
    return trained + figures.get("gallery_identities", figures["query_identities"])


def differences(split: Split, dataset: Dataset) -> list[str]:
    """A sentence for each figure of an undivided split that is not the published one."""
    found, title = counts(split), ENTRIES[dataset.kind].title
    return [
        f"{name.replace('_', ' ')}: {found.get(name, 0):,} here, {published:,} published"
        f" for {title}."
        for name, published in published_counts(dataset).items()
        if found.get(name, 0) != published
    ]


def counts(split: Split) -> dict[str, int]:
    """The figures of a split by the names the catalogue uses."""
    everything = (*split.train, *split.query, *split.gallery)
    grouped = {
        f"{part}_{group}_images": sum(sample.group == group for sample in split.part(part))
        for part in ("train", "query", "gallery")
        for group in sorted({sample.group for sample in everything} - {""})
    }
    return {
        "train_identities": split.identities,
        "train_images": len(split.train),
        "query_identities": _identities(split.query),
        "query_images": len(split.query),
        "gallery_identities": _identities(split.gallery),
        "gallery_images": len(split.gallery),
        "gallery_images_without_junk": sum(s.identity != JUNK for s in split.gallery),
        "validation_images": len(split.validation),
        "multi_query_images": len(split.multi_query),
        "cameras": len({sample.camera for sample in everything if sample.camera}),
        **grouped,
    }


def dataset_of(kind: Kind) -> Dataset:
    """A data set of this kind with the settings of the schema's defaults."""
    return Data.model_validate({"dataset": {"kind": kind}}).dataset


def shared_identities(trained: Dataset, ranked: Dataset) -> str | None:
    """A warning where two different data sets show the same people or things, else None.

    What was learned on one may then be asked for in the other.
    """
    first, second = ENTRIES[trained.kind], ENTRIES[ranked.kind]
    if first.name == second.name or not first.shows or first.shows != second.shows:
        return None
    return (
        f"{first.title} and {second.title} both show people of {first.shows}: some who are asked"
        " for may have been trained on, so figures of one after training on the other are too good."
    )


def playground_folder(settings: Playground) -> Path:
    """Where a playground of these settings lies, or will lie once it is drawn."""
    return places.datasets_folder() / "playground" / playground.digest(settings)


def _identities(samples: tuple[Sample, ...]) -> int:
    return len({sample.identity for sample in samples if sample.identity > DISTRACTOR})


def _candidates(data: Data) -> list[Path]:
    kind, shelf = data.dataset.kind, places.datasets_folder()
    names = ENTRIES[kind].folders
    if isinstance(data.dataset, Playground):
        return candidates(shelf, data.root, ()) or [playground_folder(data.dataset)]
    return candidates(shelf, data.root, names, (*names, *_INNER.get(kind, ())))


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
    shelf, names = places.datasets_folder(), entry.folders
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
