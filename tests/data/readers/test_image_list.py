"""A CSV file of one's own as a data set."""

import os

import pytest

from workbench.data.catalogue.splits import locate, read_split
from workbench.data.checks.check import check, guess_kind
from workbench.data.readers import image_list
from workbench.errors import DataError, EmptySplit, MissingDataset
from workbench.recipe.settings.data import Data, ImageList

IMAGES = [f"{person}{shot}.png" for person in "abcdef" for shot in (1, 2)]


@pytest.fixture
def listed(tmp_path, make_images):
    """Writes lines into images.csv beside drawn images; returns the file."""

    def write(*lines: str, images=IMAGES, encoding="utf-8"):
        root = make_images(tmp_path / "own", images)
        (root / "images.csv").write_text("\n".join(lines) + "\n", encoding=encoding)
        return root / "images.csv"

    return write


def rows(split) -> list[tuple[str, int, int]]:
    return [(sample.path, sample.identity, sample.camera) for sample in split]


def test_a_list_says_identity_camera_and_use_of_each_image(listed):
    file = listed(
        "camera,path,identity,split,remark",
        "3,a1.png,10,train,x",
        "4,a2.png,10,train,",
        "3,b1.png,20,train",
        "3,c1.png,30,query",
        "4,c2.png,30,gallery",
        ",d1.png,0,gallery",
        "4,d2.png,-1,gallery",
    )
    split = image_list.read(file)
    assert rows(split.train) == [("a1.png", 10, 3), ("a2.png", 10, 4), ("b1.png", 20, 3)]
    assert rows(split.query) == [("c1.png", 30, 3)]
    assert [(s.path, s.identity) for s in split.gallery] == [
        ("c2.png", 30),
        ("d1.png", 0),
        ("d2.png", -1),
    ]
    assert not split.leave_one_out
    assert any(note.startswith("Camera unknown for 1 of 7 images") for note in split.notes)


def test_without_a_split_identities_are_held_out_and_any_text_names_them(listed):
    split = image_list.read(listed("path;identity", *(f"{name};{name[0]}" for name in IMAGES)))
    assert split.leave_one_out
    people = {sample.path[0]: sample.identity for sample in (*split.train, *split.query)}
    assert people == {name: place for place, name in enumerate("abcdef", start=1)}
    assert len({sample.identity for sample in split.query}) == 2
    assert not {s.identity for s in split.train} & {s.identity for s in split.query}


@pytest.mark.parametrize("long", ["9" * 30, "9" * 5000])
def test_numbers_too_long_for_64_bits_are_names(listed, long):
    lines = ("path,identity,camera,split", "a1.png,7,5,train", "b1.png,7,6,train")
    tested = (f"c1.png,{long},{long},query", f"c2.png,{long},6,gallery")
    split = image_list.read(listed(*lines, *tested))
    assert [s.identity for s in (*split.train, *split.query, *split.gallery)] == [1, 1, 2, 2]
    assert [s.camera for s in (*split.train, *split.query, *split.gallery)] == [1, 2, 3, 2]


def test_a_spreadsheets_mark_quotes_and_absolute_paths_are_read(listed, tmp_path, make_images):
    make_images(tmp_path / "own", ["with, comma/é.png"])
    lines = [f'"{tmp_path / "own" / name}",{name[0]}' for name in IMAGES]
    file = listed("Path,Identity", '"with, comma/é.png",g', *lines, encoding="utf-8-sig")
    split = image_list.read(file)
    assert {s.path for s in (*split.train, *split.query)} == {*IMAGES, "with, comma/é.png"}


def test_a_file_name_that_is_not_utf8_is_kept(listed, tmp_path, make_images):
    file = listed("path,identity", *(f"{name},{name[0]}" for name in IMAGES))
    os.rename(tmp_path / "own" / "a1.png", os.fsencode(tmp_path / "own") + b"/\xe9.png")
    file.write_bytes(file.read_bytes().replace(b"a1.png", b"\xe9.png"))
    split = image_list.read(file)
    paths = {sample.path for sample in (*split.train, *split.query)}
    assert os.fsdecode(b"\xe9.png") in paths
    assert all((split.root / path).is_file() for path in paths)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("file,person", "a1.png,1"), "has no column path and no column identity but file, person"),
        (("path,identity", "a1.png,"), "line 2, has no identity"),
        (
            ("path,identity,split", "a1.png,1,Probe"),
            "split 'Probe' is none of train, query",
        ),
        (("path,identity", "a1.png,1", "a1.png,1"), r"names a1\.png twice: remove one"),
        (("path,identity,split", "a1.png,1,train", "b1.png,2,"), r"others, b1\.png first, none"),
        (
            ("path,identity,split", "a1.png,1,query", "a1.png,2,gallery"),
            "two identities",
        ),
        (("path,identity", "../secret.png,1"), "leads out of"),
        (("path,identity", "/etc/passwd,1"), "leads out of"),
        (("path,identity", "zz.png,1"), r"names 1 image that is not in .*, zz\.png first"),
        (("path,identity", "a1.png,1,2,3"), "line 2, has more columns than the first line names"),
        (("path,identity", '"a1.png,1'), "is no CSV file"),
    ],
)
def test_a_wrong_list_is_refused_in_a_sentence_that_says_the_line(listed, lines, reason):
    with pytest.raises(DataError, match=reason):
        image_list.read(listed(*lines))


def test_an_empty_list_and_an_absent_one_are_refused(listed, tmp_path):
    with pytest.raises(EmptySplit, match="has no rows"):
        image_list.read(listed("path,identity"))
    with pytest.raises(MissingDataset, match=r"other\.csv does not exist"):
        image_list.read(tmp_path, ImageList(file="other.csv"))


def test_the_file_and_its_folder_are_the_same_data_set_for_check_and_training(listed):
    file = listed("path,identity", *(f"{name},{name[0]}" for name in IMAGES))
    for root in (file, file.parent):
        assert guess_kind(root) == "csv"
        data = Data(dataset=ImageList(), root=str(root))
        assert locate(data) == root
        report = check(root)
        assert report.kind == "csv"
        assert report.usable, report.findings
        split = read_split(data)
        assert report.facts["train_images"] == len(split.train) == 8
        assert split.root == file.parent
