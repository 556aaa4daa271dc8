"""The data sets a recipe can name: drawn here, published, or a folder of one's own."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from workbench.recipe.settings.base import Group, OneOf, Share, setting
from workbench.registry import Registry

Division = Annotated[
    Literal["published", "train", "train_all", "combine_all"],
    setting(
        "published: the training images, none of them for validation; train: the first image of"
        " each identity is kept out for validation; train_all: it validates and is trained on;"
        " combine_all: train on query and gallery images too."
    ),
]
"""Which images are trained on and which validate; query and gallery stay as they are."""


class DatasetSettings(Group):
    """What every data set has in common."""

    kind: Any


class Published(DatasetSettings):
    """What published data sets have in common."""

    is_one_folder: ClassVar[bool] = True
    """Whether all of its images lie in one folder."""

    split: Division = "published"


class Own(DatasetSettings):
    """Images of one's own, divided into training and test identities."""

    if TYPE_CHECKING:  # the last fields of each kind
        held_out: float
        split_seed: int


DATASETS: Registry[DatasetSettings] = Registry("data set")
"""Their implementations are layouts, see ``workbench.data.readers.layout.Layout``."""


@DATASETS.settings("workbench.data.readers.playground")
class Playground(DatasetSettings):
    """Procedural pedestrians, drawn on this machine on first use."""

    kind: Literal["playground"] = "playground"
    train_identities: Annotated[
        int, setting("Identities to train on.", important=True, ge=4, le=10_000)
    ] = 150
    test_identities: Annotated[int, setting("Identities to be ranked.", ge=2, le=10_000)] = 100
    image_height: Annotated[
        int, setting("Height of the drawn images in pixels; width is half of it.", ge=32, le=512)
    ] = 128
    look_alikes: Annotated[
        Share, setting("Share of identities that have a look-alike (differs in one part).")
    ] = 0.52
    seed: Annotated[int, setting("Seed of the drawing.", ge=0, le=2**31 - 1)] = 0


@DATASETS.settings("workbench.data.readers.flat")
class Market1501(Published):
    """Market-1501, or another set in its layout: bounding_box_train, query, bounding_box_test."""

    kind: Literal["market1501"] = "market1501"


@DATASETS.settings("workbench.data.readers.flat")
class DukeMTMC(Published):
    """DukeMTMC-reID: bounding_box_train, query, bounding_box_test."""

    kind: Literal["dukemtmc"] = "dukemtmc"


@DATASETS.settings("workbench.data.readers.msmt17")
class MSMT17(Published):
    """MSMT17: version 1 or 2 with its four lists, or flattened as Market-1501 is."""

    kind: Literal["msmt17"] = "msmt17"
    with_val: Annotated[
        bool,
        setting(
            "Train on list_val.txt too, 32,621 images; off: list_train.txt alone, 30,248 images."
            " A flattened folder holds both and cannot tell them apart."
        ),
    ] = True


@DATASETS.settings("workbench.data.readers.flat")
class CUHK03NP(Published):
    """CUHK03, new protocol: folders detected and labeled, each laid out as Market-1501 is."""

    kind: Literal["cuhk03_np"] = "cuhk03_np"
    boxes: Annotated[
        Literal["detected", "labelled"],
        setting("Boxes of a detector, or drawn by hand.", important=True),
    ] = "detected"


@DATASETS.settings("workbench.data.readers.flat")
class OccludedDuke(Published):
    """Occluded-Duke: DukeMTMC-reID drawn anew, so that every query is occluded."""

    kind: Literal["occluded_duke"] = "occluded_duke"


@DATASETS.settings("workbench.data.readers.occluded_reid")
class OccludedREID(Published):
    """Occluded-REID: occluded queries, whole bodies as gallery, trained on Market-1501."""

    is_one_folder = False
    kind: Literal["occluded_reid"] = "occluded_reid"


@DATASETS.settings("workbench.data.readers.nested")
class PDukeMTMC(Published):
    """P-DukeMTMC-reID: train and test folders of occluded and whole bodies."""

    kind: Literal["p_dukemtmc"] = "p_dukemtmc"


@DATASETS.settings("workbench.data.readers.flat")
class VeRi776(Published):
    """VeRi-776, vehicles: image_train, image_query, image_test."""

    kind: Literal["veri776"] = "veri776"


@DATASETS.settings("workbench.data.readers.vehicleid")
class VehicleID(Published):
    """PKU VehicleID: lists of images and vehicles; the gallery is drawn from a test list."""

    kind: Literal["vehicleid"] = "vehicleid"
    test_list: Annotated[
        Literal[800, 1600, 2400, 3200, 6000, 13164],
        setting("Vehicles of the test list: test_list_800.txt and so on.", important=True),
    ] = 800


@DATASETS.settings("workbench.data.readers.classes")
class Cars196(Published):
    """CARS196: classes 1 to 98 to train on, 99 to 196 ranked against each other."""

    kind: Literal["cars196"] = "cars196"


@DATASETS.settings("workbench.data.readers.classes")
class CUB200(Published):
    """CUB-200-2011: classes 1 to 100 to train on, 101 to 200 ranked against each other."""

    kind: Literal["cub200"] = "cub200"


@DATASETS.settings("workbench.data.readers.products")
class OnlineProducts(Published):
    """Stanford Online Products: Ebay_train.txt, and Ebay_test.txt ranked against each other."""

    kind: Literal["sop"] = "sop"


@DATASETS.settings("workbench.data.readers.products")
class InShop(Published):
    """DeepFashion In-shop Clothes Retrieval: list_eval_partition.txt says each image's use."""

    kind: Literal["in_shop"] = "in_shop"


@DATASETS.settings("workbench.data.readers.nested")
class University1652(Published):
    """University-1652: buildings from a drone and from a satellite, ranked in both directions."""

    kind: Literal["university1652"] = "university1652"


@DATASETS.settings("workbench.data.readers.nested")
class Prepared(Published):
    """Folders train, val, train_all, query, gallery and multi-query of identity folders."""

    kind: Literal["prepared"] = "prepared"
    split: Division = "train"
    made_from: Annotated[
        Literal["market1501", "dukemtmc", "msmt17", "veri776", "vehicleid"] | None,
        setting(
            "The data set it was made from, where the folder is looked for, whose published counts"
            " stand in until it is there; empty: not known. It changes nothing that is trained."
        ),
    ] = None


HeldOut = Annotated[float, setting("Share of identities kept for evaluation.", gt=0.0, lt=1.0)]
SplitSeed = Annotated[int, setting("Seed of the split into identities.", ge=0, le=2**31 - 1)]


@DATASETS.settings("workbench.data.readers.folder")
class ImageFolder(Own):
    """A folder of one's own: a sub-folder an identity, or train/query/gallery folders of such."""

    kind: Literal["folder"] = "folder"
    identity_pattern: Annotated[
        str | None,
        setting(
            "Regular expression whose first group is the identity in a file name, e.g. ^(\\d+)_;"
            " with a / in it, in the path of a file. Empty: the sub-folder is the identity."
        ),
    ] = None
    camera_pattern: Annotated[
        str | None,
        setting(
            "Regular expression whose first group is the camera in a file name, e.g. _c(\\d+);"
            " with a / in it, in the path of a file, e.g. cam(\\d+)/."
        ),
    ] = None
    held_out: HeldOut = 0.3
    split_seed: SplitSeed = 0


@DATASETS.settings("workbench.data.readers.image_list")
class ImageList(Own):
    """A CSV file of one's own with columns path, identity and, as needed, camera and split."""

    kind: Literal["csv"] = "csv"
    file: Annotated[
        str,
        setting(
            "Name of the CSV file in data.root, unless data.root is the file itself. Paths in it"
            " are relative to its folder."
        ),
    ] = "images.csv"
    held_out: HeldOut = 0.3
    split_seed: SplitSeed = 0


Dataset = Annotated[DatasetSettings, OneOf(DATASETS)]
Kind = str
"""The word that chooses a data set; ``DATASETS.kinds`` has all of them."""
