"""The data sets the workbench knows: origin, terms, published counts, and where they lie on disk.

Counts here are what the authors published. Training uses what is on disk and names a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from workbench import places
from workbench.data import playground
from workbench.data.readers import folder, market1501
from workbench.data.readers import playground as playground_reader
from workbench.data.samples import JUNK, Progress, Split, require_ranking
from workbench.errors import MissingDataset
from workbench.recipe.data import Data, Dataset, ImageFolder, Market1501, Playground

Kind = Literal["playground", "market1501", "folder"]


@dataclass(frozen=True)
class Entry:
    """What is known about one kind of data set.

    ``counts`` are published figures by name (``train_identities``, ``train_images``, ...), empty
    where nobody published any. ``folders`` are the names looked for under the data sets folder.
    """

    name: str
    title: str
    origin: str
    terms: str
    homepage: str
    layout: str
    how_to_get: str
    counts: Mapping[str, int] = field(default_factory=dict)
    folders: tuple[str, ...] = ()


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
    "market1501": Entry(
        name="market1501",
        title="Market-1501",
        origin=(
            "Zheng, Shen, Tian, Wang, Wang, Tian: Scalable Person Re-identification: A Benchmark,"
            " ICCV 2015. Recorded by six cameras in front of a supermarket at Tsinghua University."
        ),
        terms=(
            "For academic research; the authors ask to be cited. It shows real people who were not"
            " each asked: do not try to find out who they are, do not pass the images on, show no"
            " more of them than a result needs, and check what your institution and law require."
        ),
        homepage="https://zheng-lab.cecs.anu.edu.au/Project/project_reid.html",
        layout=f"{', '.join(market1501.FOLDERS.values())} with files such as {market1501.EXAMPLE}",
        how_to_get=(
            "Get it from https://zheng-lab.cecs.anu.edu.au/Project/project_reid.html and unpack it"
            " under the data sets folder as market1501, or set data.root to where it is; or begin"
            " with playground/quick, which draws its own images."
        ),
        counts={
            "train_identities": 751,
            "train_images": 12_936,
            "query_identities": 750,
            "query_images": 3_368,
            "gallery_images": 19_732,
            "gallery_images_without_junk": 15_913,
            "cameras": 6,
        },
        folders=("market1501", "Market-1501-v15.09.15", "Market-1501", "Market1501", "market"),
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


def locate(data: Data) -> Path:
    """The folder of the recipe's data set.

    ``data.root`` where it is given (a relative one from the current folder, else under the data
    sets folder), else the known names under the data sets folder. Raises MissingDataset saying
    where it looked and how to get or make one.
    """
    entry, looked = ENTRIES[data.dataset.kind], _candidates(data)
    for candidate in looked:
        if _holds(candidate, data.dataset):
            return candidate
    tried = " or ".join(str(candidate) for candidate in looked) or "data.root, which is empty"
    raise MissingDataset(
        f"{entry.title} is not in {tried}, where its layout would be {entry.layout}."
        f" {entry.how_to_get}"
    )


def read_split(data: Data, progress: Progress | None = None) -> Split:
    """The recipe's data set as samples; a playground that is not there yet is drawn.

    ``progress(stage, done, total)`` follows the drawing. A difference from the published counts
    stands in the notes. Raises MissingDataset, EmptySplit, or RecipeError for settings that do not
    fit the files.
    """
    dataset = data.dataset
    match dataset:
        case Playground():
            split = playground_reader.read(_playground(data, dataset, progress))
        case Market1501():
            split = market1501.read(locate(data))
        case ImageFolder():
            split = folder.read(locate(data), dataset)
    require_ranking(split)
    return replace(split, notes=(*split.notes, *differences(split, ENTRIES[dataset.kind])))


def published_identities(dataset: Dataset) -> int | None:
    """Identities to train on as published, or as asked of the playground; None where unknown."""
    if isinstance(dataset, Playground):
        return dataset.train_identities
    return ENTRIES[dataset.kind].counts.get("train_identities")


def differences(split: Split, entry: Entry) -> list[str]:
    """A sentence for each figure of a split that is not the published one."""
    found = counts(split)
    return [
        f"{name.replace('_', ' ')}: {found[name]:,} here, {published:,} published"
        f" for {entry.title}."
        for name, published in entry.counts.items()
        if found[name] != published
    ]


def counts(split: Split) -> dict[str, int]:
    """The figures of a split by the names the catalogue uses."""
    everything = (*split.train, *split.query, *split.gallery)
    return {
        "train_identities": split.identities,
        "train_images": len(split.train),
        "query_identities": len({sample.identity for sample in split.query}),
        "query_images": len(split.query),
        "gallery_images": len(split.gallery),
        "gallery_images_without_junk": sum(s.identity != JUNK for s in split.gallery),
        "validation_images": len(split.validation),
        "cameras": len({sample.camera for sample in everything if sample.camera}),
    }


def _candidates(data: Data) -> list[Path]:
    shelf = places.datasets_folder()
    if data.root:
        given = Path(data.root).expanduser()
        homes = [given] if given.is_absolute() else [given.absolute(), shelf / given]
    elif isinstance(data.dataset, Playground):
        return [playground_folder(data.dataset)]
    else:
        homes = [shelf / name for name in ENTRIES[data.dataset.kind].folders]
    # Archives often unpack into a folder of their own name.
    inner = ENTRIES["market1501"].folders if isinstance(data.dataset, Market1501) else ()
    return [*homes, *(home / name for home in homes for name in inner if (home / name).is_dir())]


def _holds(path: Path, dataset: Dataset) -> bool:
    if isinstance(dataset, ImageFolder):
        return path.is_dir()
    return (path / market1501.FOLDERS["train"]).is_dir()


def playground_folder(settings: Playground) -> Path:
    """Where a playground of these settings lies, or will lie once it is drawn."""
    return places.datasets_folder() / "playground" / playground.digest(settings)


def _playground(data: Data, settings: Playground, progress: Progress | None) -> Path:
    if data.root:
        return locate(data)
    return playground.make(settings, places.datasets_folder(), progress=progress)
