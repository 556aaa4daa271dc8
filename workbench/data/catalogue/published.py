"""The data sets the workbench knows: origin, terms, published counts, names of their folders."""

from collections.abc import Iterator, Mapping

from workbench.data.catalogue import people, things
from workbench.data.catalogue.entry import Entry
from workbench.data.readers.nested import PREPARED_FOLDERS
from workbench.data.readers.table import LAYOUTS
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import DATASETS, Dataset, Kind
from workbench.recipe.shapes import summary

# The layumi baseline's description renames Market-1501's folder.
RENAMED_MARKET = ("market1501_prepared", "Market")
_KNOWN: dict[Kind, Entry] = {
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
        folders=("prepared", *RENAMED_MARKET, "pytorch"),
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
    "csv": Entry(
        name="csv",
        title="A list of one's own",
        origin="Your own images.",
        terms="Yours to know: images of people need their consent or another lawful ground.",
        homepage="",
        layout=(
            "a CSV file images.csv with columns path and identity, and as needed camera and split"
            " (train, query, gallery, test, validation)"
        ),
        how_to_get="Set data.root to a CSV file with a row for each image.",
    ),
}


class _Entries(Mapping[Kind, Entry]):
    """What is known of every kind of data set that is registered, also of those of others."""

    def __getitem__(self, kind: Kind) -> Entry:
        if kind in _KNOWN:
            return _KNOWN[kind]
        settings = DATASETS.kinds[kind]
        return LAYOUTS[kind].entry or Entry(
            name=kind,
            title=summary(settings).rstrip("."),
            origin="Unknown.",
            terms="Yours to know: images of people need their consent or another lawful ground.",
            homepage="",
            layout=summary(settings),
            how_to_get="Put it under the data sets folder, or set data.root to where it is.",
            folders=(kind,),
        )

    def __iter__(self) -> Iterator[Kind]:
        return iter(DATASETS.kinds)

    def __len__(self) -> int:
        return len(DATASETS.kinds)


ENTRIES: Mapping[Kind, Entry] = _Entries()


def dataset_of(kind: Kind) -> Dataset:
    """A data set of this kind with the settings of the schema's defaults."""
    return Data.model_validate({"dataset": {"kind": kind}}).dataset
