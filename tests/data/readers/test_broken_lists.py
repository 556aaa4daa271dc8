"""Lists, tables and folders that do not fit: one sentence each."""

import os
import shutil

import numpy as np
import pytest
from scipy.io import savemat

from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_folder
from workbench.data.checks.check import check
from workbench.errors import DataError, MissingDataset
from workbench.recipe.settings.datasets import CUHK03NP, VehicleID

PARTITION = "list_eval_partition.txt"


def refused(root, kind, **settings):
    dataset = type(dataset_of(kind))(**settings)
    with pytest.raises(DataError) as caught:
        read_folder(root, dataset)
    said = str(caught.value)
    assert str(root) in said
    assert ": " in said
    report = check(root, settings=dataset)
    assert report.findings[0].sentence == f"{said.rpartition(': ')[0]}."
    assert report.findings[0].level == "error"
    return said


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("layout", "file", "lost"),
    [
        ("msmt17", "list_gallery.txt", "test/0000/0000_002_10_0303morning_0002_0.jpg"),
        ("vehicleid", "train_list.txt", "image/0000005.jpg"),
        ("cub200", "images.txt", "images/001.Drawn_Bird/Drawn_Bird_0002_2.jpg"),
        ("cars196", "cars_annos.mat", "car_ims/000003.jpg"),
        ("sop", "Ebay_test.txt", None),
        ("in_shop", PARTITION, None),
    ],
)
def test_lists_that_name_missing_images(written, layout, file, lost):
    root = written(layout)
    tested = read_folder(root, dataset_of(layout)).query[0].path
    (root / (lost or tested)).unlink()
    said = refused(root, layout)
    assert f"{file} names 1 image that is not in" in said
    assert f"{lost or tested} first" in said


def test_a_whole_folder_of_missing_images(written):
    root = written("msmt17")
    shutil.rmtree(root / "train" / "0003")
    assert "names 4 images that are not in" in refused(root, "msmt17")


def test_lists_that_are_missing(written):
    root = written("vehicleid")
    assert "test_list_13164.txt does not exist" in refused(root, "vehicleid", test_list=13164)
    (root / "train_test_split" / "train_list.txt").unlink()
    with pytest.raises(MissingDataset, match=r"train_list\.txt does not exist"):
        read_folder(root, VehicleID())


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("layout", "file", "line", "trouble"),
    [
        ("vehicleid", "train_test_split/train_list.txt", "0000001", "has 1 column where 2"),
        ("vehicleid", "train_test_split/train_list.txt", "0000001 red", "gives 'red' as a vehicle"),
        ("msmt17", "list_query.txt", "0000/portrait.jpg 0", "which says no camera"),
        ("msmt17", "list_query.txt", "../../secret_000_01_.jpg 0", "says no camera"),
        ("sop", "Ebay_train.txt", "1 1 1 ../secret.jpg", "which leads out of"),
        ("sop", "Ebay_train.txt", "1 1 1", "has 3 columns where 4 are needed"),
        (
            "in_shop",
            PARTITION,
            "img/a.jpg id_00000001 test",
            "uses img/a.jpg as test",
        ),
        ("in_shop", PARTITION, "img/a.jpg red train", "gives 'red' as an item"),
        ("cub200", "images.txt", "9999 a.jpg", "has no class for a.jpg"),
    ],
)
def test_lines_that_say_nothing(written, layout, file, line, trouble):
    root = written(layout)
    with (root / file).open("a") as table:
        table.write(f"{line}\n")
    assert trouble in refused(root, layout)


def test_a_list_that_is_no_text(written):
    root = written("sop")
    (root / "Ebay_train.txt").write_bytes(b"\xff\xfe\x00\x80")
    assert "cannot be read as text" in refused(root, "sop")


@pytest.mark.thorough
@pytest.mark.parametrize("damage", [b"", b"no Matlab file", "cut", "bits"])
def test_a_damaged_matlab_file(written, damage):
    root = written("cars196")
    file = root / "cars_annos.mat"
    whole = file.read_bytes()
    if damage == "cut":
        damage = whole[: len(whole) // 2]
    elif damage == "bits":
        damage = whole[:200] + bytes(255 - byte for byte in whole[200:400]) + whole[400:]
    file.write_bytes(damage)
    assert "cannot be read as a Matlab file" in refused(root, "cars196")


@pytest.mark.thorough
def test_a_matlab_file_without_labels(written):
    root = written("cars196_parts")
    table = np.empty((1, 2), dtype=[("fname", object)])
    table["fname"][0] = ["00001.jpg", "00002.jpg"]
    savemat(root / "cars_test_annos_withlabels.mat", {"annotations": table})
    assert "has annotations without class: use the file that has labels" in refused(root, "cars196")
    (root / "cars_test_annos_withlabels.mat").unlink()
    assert "has no cars_test_annos_withlabels.mat" in refused(root, "cars196")


@pytest.mark.thorough
@pytest.mark.parametrize("label", [0, 2.5, "red", np.zeros((2, 2))])
def test_a_matlab_file_with_odd_labels(written, label):
    root = written("cars196")
    table = np.empty((1, 1), dtype=[("relative_im_path", object), ("class", object)])
    table["relative_im_path"][0, 0] = "car_ims/000001.jpg"
    table["class"][0, 0] = label
    savemat(root / "cars_annos.mat", {"annotations": table})
    assert "has an annotation that is not one name and one class" in refused(root, "cars196")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("layout", "folder"),
    [
        ("p_dukemtmc", "test/whole_body_images"),
        ("university1652", "test/query_drone"),
        ("veri776", "image_query"),
        ("dukemtmc", "query"),
        ("prepared", "gallery"),
    ],
)
def test_a_missing_folder_is_named(written, layout, folder):
    root = written(layout)
    shutil.rmtree(root / folder)
    assert f"has no folder {folder}: complete it" in refused(root, layout)


def test_msmt17_with_half_its_folders(written):
    root = written("msmt17")
    shutil.rmtree(root / "test")
    assert "train and test or mask_train_v2 and mask_test_v2" in refused(root, "msmt17")


def test_boxes_that_are_not_there(written):
    root = written("cuhk03_np")
    shutil.rmtree(root / "labeled")
    with pytest.raises(MissingDataset, match=r"no folder labeled: set data\.dataset\.boxes to det"):
        read_folder(root, CUHK03NP(boxes="labelled"))


@pytest.mark.thorough
def test_a_folder_that_names_no_identity(written, make_images):
    root = written("university1652")
    make_images(root, ["train/drone/library/image-01.jpeg"])
    assert "library is not named by the number of an identity" in refused(root, "university1652")
    shutil.rmtree(root / "train" / "drone" / "library")
    make_images(root, ["train/drone/-1/image-01.jpeg"])
    assert "is named as junk" in refused(root, "university1652")


def test_other_files_and_empty_folders_of_identities_are_reported(written):
    root = written("p_dukemtmc", real=True)
    (root / "train" / "whole_body_images" / "0001" / "notes.txt").write_text("x")
    (root / "train" / "whole_body_images" / "0001" / "Thumbs.db").write_bytes(b"x")
    (root / "test" / "whole_body_images" / "0999").mkdir()
    (root / "train" / "whole_body_images" / "0002" / "scan.jpg").write_text("no image")
    report = check(root)
    told = {finding.sentence: finding.file for finding in report.findings}
    sentence = "Files among images that are no images by their suffix, left out: 1."
    assert told[sentence] == "train/whole_body_images/0001/notes.txt"
    assert told["The folder test/whole_body_images/0999 has no images."]
    assert "train/whole_body_images/0002/scan.jpg" in told.values()
    assert not report.usable


@pytest.mark.parametrize("layout", ["p_dukemtmc", "prepared"])
def test_other_files_of_identities_are_told_by_the_split(written, layout):
    root = written(layout)
    dataset = dataset_of(layout)
    before = read_folder(root, dataset)
    assert not any("no image" in note for note in before.notes)
    first = next(iter(before.query)).path.rpartition("/")[0]
    (before.root / first / "notes.txt").write_text("x")
    after = read_folder(root, dataset)
    told = f"One file that is no image is left out: {first}/notes.txt."
    assert [note for note in after.notes if note not in before.notes] == [told]
    assert after.query == before.query


def test_lists_name_files_whose_names_are_not_utf8(written):
    root = written("vehicleid")
    file = root / "train_test_split" / "train_list.txt"
    name = read_folder(root, dataset_of("vehicleid")).train[0].path.removeprefix("image/")
    odd = os.fsdecode(b"\xe9.jpg")
    (root / "image" / name).rename(root / "image" / odd)
    stem = name.removesuffix(".jpg").encode()
    file.write_bytes(file.read_bytes().replace(stem + b" ", b"\xe9 ", 1))
    split = read_folder(root, dataset_of("vehicleid"))
    assert f"image/{odd}" in {sample.path for sample in split.train}
