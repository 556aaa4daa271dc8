"""The data sets a recipe can name: drawn here, published, or a folder of one's own."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, Share, setting

Division = Annotated[
    Literal["published", "train", "train_all", "combine_all"],
    setting(
        "published: the training images, none of them for validation; train: the first image of"
        " each identity is kept out for validation; train_all: it validates and is trained on;"
        " combine_all: train on query and gallery images too."
    ),
]
"""Which images are trained on and which validate; query and gallery stay as they are."""


class Playground(Group):
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


class Market1501(Group):
    """Market-1501, or another set in its layout: bounding_box_train, query, bounding_box_test."""

    kind: Literal["market1501"] = "market1501"
    split: Division = "published"


class DukeMTMC(Group):
    """DukeMTMC-reID: bounding_box_train, query, bounding_box_test."""

    kind: Literal["dukemtmc"] = "dukemtmc"
    split: Division = "published"


class MSMT17(Group):
    """MSMT17: version 1 or 2 with its four lists, or flattened as Market-1501 is."""

    kind: Literal["msmt17"] = "msmt17"
    split: Division = "published"
    with_val: Annotated[
        bool,
        setting(
            "Train on list_val.txt too, 32,621 images; off: list_train.txt alone, 30,248 images."
            " A flattened folder holds both and cannot tell them apart."
        ),
    ] = True


class CUHK03NP(Group):
    """CUHK03, new protocol: folders detected and labeled, each laid out as Market-1501 is."""

    kind: Literal["cuhk03_np"] = "cuhk03_np"
    split: Division = "published"
    boxes: Annotated[
        Literal["detected", "labelled"],
        setting("Boxes of a detector, or drawn by hand.", important=True),
    ] = "detected"


class OccludedDuke(Group):
    """Occluded-Duke: DukeMTMC-reID drawn anew, so that every query is occluded."""

    kind: Literal["occluded_duke"] = "occluded_duke"
    split: Division = "published"


class OccludedREID(Group):
    """Occluded-REID: occluded queries, whole bodies as gallery, trained on Market-1501."""

    kind: Literal["occluded_reid"] = "occluded_reid"
    split: Division = "published"


class PDukeMTMC(Group):
    """P-DukeMTMC-reID: train and test folders of occluded and whole bodies."""

    kind: Literal["p_dukemtmc"] = "p_dukemtmc"
    split: Division = "published"


class VeRi776(Group):
    """VeRi-776, vehicles: image_train, image_query, image_test."""

    kind: Literal["veri776"] = "veri776"
    split: Division = "published"


class VehicleID(Group):
    """PKU VehicleID: lists of images and vehicles; the gallery is drawn from a test list."""

    kind: Literal["vehicleid"] = "vehicleid"
    split: Division = "published"
    test_list: Annotated[
        Literal[800, 1600, 2400, 3200, 6000, 13164],
        setting("Vehicles of the test list: test_list_800.txt and so on.", important=True),
    ] = 800


class Cars196(Group):
    """CARS196: classes 1 to 98 to train on, 99 to 196 ranked against each other."""

    kind: Literal["cars196"] = "cars196"
    split: Division = "published"


class CUB200(Group):
    """CUB-200-2011: classes 1 to 100 to train on, 101 to 200 ranked against each other."""

    kind: Literal["cub200"] = "cub200"
    split: Division = "published"


class OnlineProducts(Group):
    """Stanford Online Products: Ebay_train.txt, and Ebay_test.txt ranked against each other."""

    kind: Literal["sop"] = "sop"
    split: Division = "published"


class InShop(Group):
    """DeepFashion In-shop Clothes Retrieval: list_eval_partition.txt says each image's use."""

    kind: Literal["in_shop"] = "in_shop"
    split: Division = "published"


class University1652(Group):
    """University-1652: buildings from a drone and from a satellite, ranked in both directions."""

    kind: Literal["university1652"] = "university1652"
    split: Division = "published"


class Prepared(Group):
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


class ImageFolder(Group):
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


class ImageList(Group):
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


Published = (
    Market1501
    | DukeMTMC
    | MSMT17
    | CUHK03NP
    | OccludedDuke
    | OccludedREID
    | PDukeMTMC
    | VeRi776
    | VehicleID
    | Cars196
    | CUB200
    | OnlineProducts
    | InShop
    | University1652
    | Prepared
)
Own = ImageFolder | ImageList
Dataset = Annotated[Playground | Published | Own, Field(discriminator="kind")]
Kind = Literal[
    "playground",
    "market1501",
    "dukemtmc",
    "msmt17",
    "cuhk03_np",
    "occluded_duke",
    "occluded_reid",
    "p_dukemtmc",
    "veri776",
    "vehicleid",
    "cars196",
    "cub200",
    "sop",
    "in_shop",
    "university1652",
    "prepared",
    "folder",
    "csv",
]
