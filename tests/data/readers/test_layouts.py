"""Every reader on its miniature, whose counts are known by how it is made."""

import shutil
from collections import Counter

import pytest

from workbench import paths
from workbench.data.catalogue.counts import counts
from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import locate, read_folder, read_split
from workbench.data.checks.check import check, guess_kind
from workbench.data.readers.flat import MSMT17_TEST_RAISED
from workbench.data.readers.occluded_reid import RAISED
from workbench.data.samples import Pairing, matches
from workbench.errors import MissingDataset
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import CUHK03NP, MSMT17, Prepared, VehicleID

# 16 people, the last of whom appears once, five images of the others.
PEOPLE = {"train_identities": 16, "train_images": 15 * 5 + 1}
# Queries of two cameras, images of three.
RANKED = {"query_identities": 8, "query_images": 16, "gallery_identities": 8, "gallery_images": 24}
EXPECTED = {
    "market1501": {
        **PEOPLE,
        **RANKED,
        "gallery_images": 24 + 4 + 3,
        "gallery_images_without_junk": 24 + 4,
        "multi_query_images": 32,
        "cameras": 6,
    },
    "dukemtmc": {
        **PEOPLE,
        **RANKED,
        "gallery_identities": 10,
        "gallery_images": 24 + 2,
        "cameras": 6,
    },
    "occluded_duke": {**PEOPLE, **RANKED, "gallery_identities": 10, "gallery_images": 26},
    "msmt17": {**PEOPLE, **RANKED, "cameras": 5},
    "msmt17_v2": {**PEOPLE, **RANKED, "cameras": 5},
    "msmt17_flat": {**PEOPLE, **RANKED, "cameras": 5},
    "cuhk03_np": {**PEOPLE, **RANKED, "gallery_images": 16, "cameras": 2},
    "occluded_reid": {**PEOPLE, **RANKED, "query_images": 24, "cameras": 6},
    "p_dukemtmc": {**PEOPLE, **RANKED, "cameras": 0},
    "veri776": {
        **PEOPLE,
        "query_identities": 6,
        "query_images": 12,
        "gallery_images": 18,
        "cameras": 5,
    },
    "vehicleid": {"train_identities": 64, "train_images": 64 * 3, "query_images": 6 * 4},
    "cars196": {"train_identities": 8, "train_images": 48, "query_images": 6 * 6 + 1},
    "cars196_parts": {"train_identities": 8, "train_images": 48, "query_images": 6 * 6 + 1},
    "cub200": {"train_identities": 8, "train_images": 48, "query_images": 6 * 6 + 1},
    "sop": {"train_identities": 32, "train_images": 128, "query_images": 10 * 4 + 1},
    "in_shop": {
        "train_identities": 32,
        "train_images": 31 * 4 + 1,
        "query_images": 16,
        "gallery_images": 16,
    },
    "university1652": {
        "train_identities": 8,
        "train_drone_images": 48,
        "train_satellite_images": 8,
        "query_identities": 6,
        "query_drone_images": 24,
        "query_satellite_images": 6,
        "gallery_identities": 8,
        "gallery_drone_images": 32,
        "gallery_satellite_images": 8,
    },
    "prepared": {
        "train_identities": 16,
        "train_images": 15 * 4 + 1,
        "validation_images": 15,
        "gallery_images_without_junk": 28,
        "multi_query_images": 32,
    },
}


def kind_of(layout):
    return next(k for k in (layout, layout.rsplit("_", 1)[0]) if k in {*EXPECTED} - FURTHER)


FURTHER = {"msmt17_v2", "msmt17_flat", "cars196_parts"}


@pytest.mark.thorough
@pytest.mark.parametrize("layout", EXPECTED)
def test_what_is_read_is_what_was_written(written, layout):
    root = written(layout)
    assert guess_kind(root) == kind_of(layout)
    split = read_split(Data(dataset=dataset_of(kind_of(layout)), root=str(root)))
    found = counts(split)
    assert {name: found[name] for name in EXPECTED[layout]} == EXPECTED[layout]
    for part in (split.train, split.query, split.gallery):
        assert all((split.root / sample.path).is_file() for sample in part)
    assert not {sample.identity for sample in split.train} & {
        sample.identity for sample in split.query
    }


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("layout", "where"),
    [
        ("dukemtmc", "dukemtmc-reid/DukeMTMC-reID"),
        ("dukemtmc", "DukeMTMC-reID"),
        ("msmt17", "MSMT17_V1"),
        ("msmt17_v2", "MSMT17_V2"),
        ("msmt17_flat", "MSMT17"),
        ("msmt17_flat", "msmt17"),
        ("cuhk03_np", "cuhk03-np"),
        ("occluded_duke", "Occluded_Duke"),
        ("p_dukemtmc", "P-DukeMTMC-reid"),
        ("veri776", "VeRi"),
        ("veri776", "veri"),
        ("vehicleid", "VehicleID_V1.0"),
        ("cars196", "CARS"),
        ("cub200", "CUB_200_2011"),
        ("cub200", "CUB_200_2011/CUB_200_2011"),
        ("sop", "Stanford_Online_Products"),
        ("in_shop", "In-shop"),
        ("in_shop", "In-shop Clothes Retrieval Benchmark"),
        ("university1652", "University-Release"),
        ("prepared", "Market/pytorch"),
    ],
)
def test_each_spelling_of_a_folder_is_found(written, layout, where):
    home = paths.datasets_folder() / where
    home.parent.mkdir(parents=True)
    shutil.move(written(layout), home)
    assert locate(Data(dataset=dataset_of(kind_of(layout)))) == home


def test_a_prepared_folder_is_looked_for_under_the_name_of_its_source(written):
    shelf = paths.datasets_folder()
    of_duke, of_market = (Data(dataset=Prepared(made_from=k)) for k in ("dukemtmc", "market1501"))
    shutil.move(written("prepared"), shelf / "Market" / "pytorch")
    assert locate(of_market) == locate(Data(dataset=Prepared())) == shelf / "Market" / "pytorch"
    with pytest.raises(MissingDataset, match="dukemtmc_prepared"):
        locate(of_duke)
    for place in ("DukeMTMC-reID/pytorch", "dukemtmc_prepared"):
        shutil.copytree(shelf / "Market" / "pytorch", shelf / place)
        assert locate(of_duke) == shelf / place


def test_a_prepared_folder_is_compared_with_the_identities_of_its_source(written):
    root = str(written("prepared"))
    notes = read_split(Data(dataset=Prepared(made_from="dukemtmc"), root=root)).notes
    assert notes == (
        "train identities: 16 here, 702 published for DukeMTMC-reID.",
        "query identities: 8 here, 702 published for DukeMTMC-reID.",
    )
    assert not read_split(Data(dataset=Prepared(), root=root)).notes


def test_market1501_has_distractors_and_junk(written):
    gallery = read_folder(written("market1501"), dataset_of("market1501")).gallery
    assert Counter(s.identity for s in gallery if s.identity < 1) == {0: 4, -1: 3}


def test_multi_query_images_are_those_of_a_query_and_its_camera(written, make_images):
    root = written("market1501")
    make_images(root, ["gt_bbox/0001_c6s1_000001_00.jpg", "gt_bbox/0002_c1s1_000001_00.jpg"])
    split = read_folder(root, dataset_of("market1501"))
    asked = {(sample.identity, sample.camera) for sample in split.query}
    assert len(split.multi_query) == 32
    assert {(sample.identity, sample.camera) for sample in split.multi_query} == asked


@pytest.mark.parametrize("layout", ["msmt17", "msmt17_v2", "msmt17_flat"])
def test_msmt17_has_cameras_of_two_digits_and_people_of_its_own_in_each_half(written, layout):
    split = read_folder(written(layout), MSMT17())
    assert {sample.camera for sample in split.train} == {1, 4, 10, 12, 15}
    assert min(sample.identity for sample in split.train) == 1
    assert {s.identity for s in split.query} == {MSMT17_TEST_RAISED + n for n in range(8)}
    assert {s.identity for s in split.gallery} == {s.identity for s in split.query}


def test_msmt17_without_its_list_of_validation(written):
    whole = read_folder(written("msmt17"), MSMT17())
    half = read_folder(whole.root, MSMT17(with_val=False))
    assert len(whole.train) - len(half.train) == 15
    flat = read_folder(written("msmt17_flat"), MSMT17(with_val=False))
    assert "does not tell the images of list_val.txt apart" in flat.notes[-1]


def test_cuhk03_has_two_kinds_of_boxes(written):
    root = written("cuhk03_np")
    detected, labelled = (read_folder(root, CUHK03NP(boxes=b)) for b in ("detected", "labelled"))
    assert len(labelled.train) == len(detected.train) + 1
    assert labelled.root.name == "labeled"
    (root / "labeled").rename(root / "labelled")
    assert read_folder(root, CUHK03NP(boxes="labelled")).root.name == "labelled"


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["Occluded_REID", "Occluded-REID"])
def test_each_spelling_of_occluded_reid_is_found_beside_market1501(written, name):
    root, shelf = written("occluded_reid"), paths.datasets_folder()
    shutil.copytree(root.parent, shelf, dirs_exist_ok=True)
    (shelf / root.name).rename(shelf / name)
    assert locate(Data(dataset=dataset_of("occluded_reid"))) == shelf / name


def test_occluded_reid_is_trained_on_market1501(written):
    split = read_folder(written("occluded_reid"), dataset_of("occluded_reid"))
    assert all(s.path.startswith("Market-1501-v15.09.15/bounding_box_train/") for s in split.train)
    assert {s.identity for s in split.query} == {RAISED + n for n in range(1, 9)}
    assert {s.camera for s in (*split.query, *split.gallery)} == {-1}


def test_people_behind_something_are_asked_for_among_whole_ones(written):
    split = read_folder(written("p_dukemtmc"), dataset_of("p_dukemtmc"))
    assert {sample.path.split("/")[1] for sample in split.train} == {
        "occluded_body_images",
        "whole_body_images",
    }
    assert all(s.path.startswith("test/occluded_body_images/") for s in split.query)
    assert {s.camera for s in split.gallery} == {-1}


def test_veri_has_cameras_of_three_digits(written):
    split = read_folder(written("veri776"), dataset_of("veri776"))
    assert {sample.camera for sample in split.gallery} == {1, 4, 7, 12, 20}
    assert "_c020_" in "".join(sample.path for sample in split.gallery)


@pytest.mark.thorough
@pytest.mark.parametrize(("size", "vehicles"), [(800, 6), (1600, 8), (2400, 10)])
def test_vehicleid_has_one_list_for_each_size(written, size, vehicles):
    split = read_folder(written("vehicleid"), VehicleID(test_list=size))
    assert split.gallery_draws
    assert split.leave_one_out
    assert split.query == split.gallery
    images = Counter(sample.identity for sample in split.query)
    assert len(images) == vehicles
    assert sorted(images.values())[0] == (1 if size == 2400 else 4)


@pytest.mark.parametrize(
    ("layout", "last"), [("cars196", 98), ("cars196_parts", 98), ("cub200", 100)]
)
def test_classes_are_divided_in_the_middle(written, layout, last):
    split = read_folder(written(layout), dataset_of(kind_of(layout)))
    assert max(sample.identity for sample in split.train) <= last
    assert min(sample.identity for sample in split.query) > last
    assert split.leave_one_out
    assert matches(split).count(0) == 1


def test_both_downloads_of_the_cars_are_the_same_set(written):
    one, other = (
        read_folder(written(name), dataset_of("cars196")) for name in ("cars196", "cars196_parts")
    )
    for part in ("train", "query"):
        first, second = (
            Counter(sample.identity for sample in split.part(part)) for split in (one, other)
        )
        assert first == second


def test_clothes_are_found_in_the_folders_of_the_archive(written):
    root = written("in_shop")
    plain = read_folder(root, dataset_of("in_shop"))
    assert plain.train[0].path.startswith("img/WOMEN/") or "MEN" in plain.train[0].path
    (root / "Eval").mkdir()
    (root / "list_eval_partition.txt").rename(root / "Eval" / "list_eval_partition.txt")
    (root / "Img").mkdir()
    (root / "img").rename(root / "Img" / "img_highres")
    moved = read_folder(root, dataset_of("in_shop"))
    assert [s.identity for s in moved.train] == [s.identity for s in plain.train]
    assert moved.train[0].path.startswith("Img/img_highres/")


def test_buildings_are_ranked_in_both_directions(written):
    split = read_folder(written("university1652"), dataset_of("university1652"))
    assert split.pairings == (
        Pairing("satellite_to_drone", "satellite", "drone"),
        Pairing("drone_to_satellite", "drone", "satellite"),
    )
    down, up = (split.paired(pairing) for pairing in split.pairings)
    assert [len(paths) for paths in (*down, *up)] == [6, 32, 24, 8]
    assert {split.query[place].group for place in down[0]} == {"satellite"}
    assert {split.gallery[place].group for place in down[1]} == {"drone"}
    # Four of the drone's images show each building, one the satellite's.
    found = matches(split)
    assert {found[place] for place in down[0]} == {4}
    assert {found[place] for place in up[0]} == {1}
    train = [sample for sample in split.train if sample.identity == 839]
    assert [sample.group for sample in train] == ["satellite", *6 * ["drone"]]


def test_buildings_counted_from_zero_are_moved_up(written):
    root = written("university1652")
    for folder in (root / "test").iterdir():
        (folder / "0001").rename(folder / "0000")
    split = read_folder(root, dataset_of("university1652"))
    assert split.notes == ("Folders count identities from 0; here they count from 1.",)
    assert {sample.identity for sample in split.query} == {1, 3, 4, 5, 6, 7}


@pytest.mark.thorough
def test_a_prepared_folder_says_what_is_trained_on(written):
    root = written("prepared")
    apart = read_split(Data(dataset=Prepared(), root=str(root)))
    both = read_split(Data(dataset=Prepared(split="train_all"), root=str(root)))
    alone = read_split(Data(dataset=Prepared(split="published"), root=str(root)))
    assert [len(s.train) for s in (apart, both, alone)] == [61, 76, 76]
    assert [len(s.validation) for s in (apart, both, alone)] == [15, 15, 0]
    assert all(sample.path.startswith("val/") for sample in apart.validation)
    assert {sample.camera for sample in apart.query} == {1, 2, 3, 4, 5, 6}
    assert Counter(s.identity for s in apart.gallery if s.identity < 1) == {0: 4, -1: 3}
    for folder in ("train", "val"):
        shutil.rmtree(root / folder)
    again = read_split(Data(dataset=Prepared(), root=str(root)))
    assert [len(again.train), len(again.validation)] == [61, 15]


@pytest.mark.thorough
@pytest.mark.parametrize("layout", ["university1652", "sop", "occluded_reid"])
def test_a_miniature_is_sound(written, layout):
    report = check(written(layout, real=True))
    assert report.kind == layout
    assert report.usable
    told = [f.sentence for f in report.findings if "published" not in f.sentence]
    assert all(
        sentence.startswith(("Identities with one training image: 1", "Queries without a match"))
        for sentence in told
    )


def test_identities_too_long_for_64_bits_are_left_out_and_counted(written):
    root = written("market1501")
    (root / "query" / f"{'9' * 30}_c1s1_000000_00.jpg").write_bytes(b"not looked at")
    split = read_folder(root, dataset_of("market1501"))
    assert max(sample.identity for sample in split.query) < 2**63
    assert any(note.startswith("query: 1 image left out, the name of 9999") for note in split.notes)
