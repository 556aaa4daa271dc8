import pytest

from workbench.data.readers import flat
from workbench.data.samples import Sample
from workbench.errors import MissingDataset


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("0001_c1s1_000151_01.jpg", (1, 1)),
        ("1501_c6s4_001902_01.jpg", (1501, 6)),
        ("-1_c3s2_000098_04.jpg", (-1, 3)),
        ("0000_c2s1_000099_01.jpg", (0, 2)),
        ("0005_c2_f0046985.jpg", (5, 2)),
        ("0002_c002_00030600_0.jpg", (2, 2)),
        ("0007_c15_00.jpg", (7, 15)),
        ("portrait.jpg", None),
        ("0001.jpg", None),
        ("-2_c1s1_000151_01.jpg", None),
        ("a0001_c1s1_000151_01.jpg", None),
    ],
)
def test_names(name, meaning):
    assert flat.MARKET1501.parse(name) == meaning


def test_parts_are_read_in_the_order_of_their_names(market):
    split = flat.read(flat.MARKET1501, market)
    assert split.name == "market1501"
    assert split.train[0] == Sample("bounding_box_train/0002_c1s1_000010_01.png", 2, 1)
    assert [sample.path for sample in split.train] == sorted(s.path for s in split.train)
    assert len(split.train) == 36
    assert split.labels == {2: 0, 3: 1, 5: 2, 7: 3, 11: 4, 13: 5}
    assert [sample.identity for sample in split.query] == [1, 4]
    assert sorted(sample.identity for sample in split.gallery) == [-1, 0, 1, 1, 1, 4, 4, 4]
    assert split.notes == ()
    assert not split.leave_one_out


def test_other_files_are_no_images(market, make_images):
    (market / "query" / "Thumbs.db").write_bytes(b"x")
    (market / "query" / "._0001_c1s1_000001_00.png").write_bytes(b"x")
    make_images(market, ["query/0009_c1s1_000001_00.png/0009_c1s1_000001_00.png"])
    assert len(flat.read(flat.MARKET1501, market).query) == 2


def test_what_is_left_out_is_said(market, make_images):
    make_images(market, ["bounding_box_train/face.png", "query/-1_c1s1_000001_00.png"])
    split = flat.read(flat.MARKET1501, market)
    assert len(split.train) == 36
    assert len(split.query) == 2
    assert split.notes == (
        "bounding_box_train: 1 image left out, the name of face.png does not say identity and"
        " camera as 0001_c1s1_000151_01.jpg does.",
        "query: 1 image left out, marked as junk (-1).",
    )


def test_absent_folders_are_named(tmp_path):
    (tmp_path / "bounding_box_train").mkdir()
    with pytest.raises(MissingDataset, match="no folder query and no folder bounding_box_test"):
        flat.read(flat.MARKET1501, tmp_path)
    with pytest.raises(MissingDataset, match="nowhere does not exist"):
        flat.read(flat.MARKET1501, tmp_path / "nowhere")
