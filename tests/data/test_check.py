import shutil

import pytest
from PIL import Image

from workbench.data.checks.check import Report, check, guess_kind
from workbench.errors import MissingDataset


def sentences(report: Report, level: str) -> list[str]:
    return [finding.sentence for finding in report.findings if finding.level == level]


def warned(report: Report, beginning: str) -> list[str]:
    """Files of the warnings that begin so."""
    return [
        finding.file or ""
        for finding in report.findings
        if finding.level == "warning" and finding.sentence.startswith(beginning)
    ]


def own(people, count=2):
    return [f"{person}/{frame}.png" for person in people for frame in range(count)]


def test_what_is_there(market):
    told = []
    report = check(market, progress=lambda *news: told.append(news))
    assert report.kind == "market1501"
    assert report.usable
    assert report.facts["train_identities"] == 6
    assert report.facts["train_images"] == 36
    assert report.facts["gallery_images"] == 8
    assert report.facts["gallery_images_without_junk"] == 7
    assert report.facts["cameras"] == 3
    assert told[-1] == ("checking", 46, 46)


def test_differences_from_the_published_counts(market):
    found = sentences(check(market), "warning")
    assert "train images: 36 here, 12,936 published for Market-1501." in found
    assert len(found) == 8


def test_a_sound_folder_has_no_findings(tmp_path, make_images):
    report = check(make_images(tmp_path / "own", own("abcdef")))
    assert report.kind == "folder"
    assert report.findings == ()
    assert report.notes


@pytest.mark.thorough
def test_every_broken_and_huge_image_is_named(tmp_path, make_images):
    root = make_images(tmp_path / "own", own("abcdef"))
    (root / "a" / "0.png").write_bytes(b"")
    (root / "c" / "1.png").write_bytes((root / "c" / "1.png").read_bytes()[:60])
    Image.new("L", (8000, 7000)).save(root / "e" / "big.png")
    report = check(root)
    broken = [finding for finding in report.findings if finding.level == "error"]
    assert [finding.file for finding in broken] == ["a/0.png", "c/1.png", "e/big.png"]
    assert not report.usable
    assert "8000 x 7000 pixels" in broken[2].sentence
    assert [finding.cure for finding in broken] == [
        "Replace it or remove it.",
        "Replace it or remove it.",
        "Shrink it or remove it.",
    ]


def test_copies_between_parts(market):
    query = market / "query" / "0001_c1s1_000001_00.png"
    shutil.copy(query, market / "bounding_box_test" / "0001_c2s1_000777_01.png")
    shutil.copy(query, market / "bounding_box_train" / "0002_c1s1_000777_01.png")
    report = check(market)
    assert warned(report, "Images in gallery that are the same file as one in query: 1.") == [
        "bounding_box_test/0001_c2s1_000777_01.png"
    ]
    assert warned(report, "Images in query that are the same file as one in train: 1.")
    assert warned(report, "Images in gallery that are the same file as one in train: 1.")


def test_lonely_images_and_single_cameras(market, make_images):
    make_images(
        market,
        [
            "bounding_box_train/0020_c1s1_000001_01.png",
            "bounding_box_train/0021_c4s1_000001_01.png",
            "bounding_box_train/0021_c4s1_000002_01.png",
            "query/0030_c5s1_000001_00.png",
            "bounding_box_test/0030_c5s1_000002_01.png",
            "query/0031_c5s1_000001_00.png",
            "query/0002_c5s1_000001_00.png",
        ],
    )
    report = check(market)
    assert warned(report, "Identities with one training image: 1.") == [
        "bounding_box_train/0020_c1s1_000001_01.png"
    ]
    assert warned(report, "Identities trained on and seen by one camera only: 1 of 8.") == [
        "bounding_box_train/0021_c4s1_000001_01.png"
    ]
    assert warned(report, "Identities asked for and seen by one camera only: 1 of 5.") == [
        "query/0030_c5s1_000001_00.png"
    ]
    # 0030 is seen by camera 5 alone, 0031 and 0002 are not in the gallery.
    assert warned(report, "Queries without a match in the gallery, skipped: 3 of 5.") == [
        "query/0002_c5s1_000001_00.png"
    ]
    assert warned(
        report, "Identities both trained on and asked for, which makes figures too good: 1."
    ) == ["query/0002_c5s1_000001_00.png"]


def test_empty_folders_and_unread_names(market, make_images, tmp_path):
    make_images(market, ["query/face.png", "query/-1_c1s1_000001_00.png"])
    report = check(market)
    assert warned(report, "Images whose name does not say identity and camera: 1.") == [
        "query/face.png"
    ]
    assert warned(report, "Images outside the gallery marked as junk (-1), left out: 1.")
    root = make_images(tmp_path / "own", [*own("abcdef"), "loose.png", "a/deep/1.png"])
    (root / "g").mkdir()
    report = check(root)
    assert warned(report, "The folder g has no images") == ["g"]
    assert warned(
        report, "Images in no identity's folder, or of an identity without a class: 2."
    ) == ["a/deep/1.png"]


@pytest.mark.parametrize("names", [[], own("a"), own("ab"), ["loose.png"], own("abcdef", count=1)])
def test_an_unusable_folder_is_a_report_too(tmp_path, make_images, names):
    root = make_images(tmp_path / "own", names)
    root.mkdir(exist_ok=True)
    report = check(root)
    assert not report.usable
    (error,) = [finding for finding in report.findings if finding.level == "error"]
    assert str(root) in error.sentence
    assert error.cure[0].isupper()


def test_one_identity_to_train_on(market):
    for image in (market / "bounding_box_train").iterdir():
        if not image.name.startswith("0002"):
            image.unlink()
    report = check(market)
    assert sentences(report, "error") == [f"{market} has one identity to train on (6 images)."]


def test_an_incomplete_layout_is_recognised(market):
    shutil.rmtree(market / "bounding_box_train")
    assert guess_kind(market) == "market1501"
    (error,) = sentences(check(market), "error")
    assert error == f"{market} has no folder bounding_box_train."


def test_no_folder_is_refused(tmp_path):
    with pytest.raises(MissingDataset, match="does not exist"):
        check(tmp_path / "nowhere")
