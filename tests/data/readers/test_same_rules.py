"""``check`` and a start judge a data set by one set of rules, and say what is really wrong."""

import pytest

from workbench.data.catalogue.training_size import require_trainable
from workbench.data.checks.check import check, guess_kind
from workbench.data.samples import matches
from workbench.errors import DataError, WorkbenchError
from workbench.recipe.settings.data import Data


def market_of(cameras, people=8, shots=2):
    """Files in Market-1501's layout; the first three identities are ranked."""
    for person in range(1, people + 1):
        for camera in cameras:
            for shot in range(shots):
                ranked = "query" if shot == 0 else "bounding_box_test"
                use = ranked if person <= 3 else "bounding_box_train"
                yield f"{use}/{person:04d}_c{camera}s1_{shot:06d}_00.png"


def startable(root, kind="market1501", *, drop_same_camera=True, **settings):
    """What a start says of a data set: None, or why not."""
    sampler = {"kind": "shuffle", "batch_size": 2}
    data = {"dataset": {"kind": kind} | settings, "root": str(root), "sampler": sampler}
    try:
        require_trainable(Data.model_validate(data), drop_same_camera=drop_same_camera)
    except WorkbenchError as error:
        return str(error)
    return None


def errors(report):
    return [finding for finding in report.findings if finding.level == "error"]


def test_one_camera_is_refused_by_both_with_the_setting_that_helps(tmp_path, make_images):
    root = make_images(tmp_path / "one", market_of([1]))
    report = check(root)
    (error,) = errors(report)
    assert "every match in the gallery is from the query's own camera" in error.sentence
    assert error.cure.startswith("Set evaluation.drop_same_camera=false, or add images")
    assert "set evaluation.drop_same_camera=false" in (startable(root) or "")
    assert check(root, drop_same_camera=False).usable
    assert startable(root, drop_same_camera=False) is None


def test_two_cameras_are_usable_for_both(tmp_path, make_images):
    root = make_images(tmp_path / "two", market_of([1, 2]))
    assert check(root).usable
    assert startable(root) is None


def test_matches_without_the_querys_camera_are_counted_by_hand(tmp_path, make_images):
    root = make_images(
        tmp_path / "mixed",
        [
            *market_of([1, 2]),
            "query/0009_c1s1_000000_00.png",  # camera 1 alone
            "bounding_box_test/0009_c1s1_000001_00.png",
        ],
    )
    from workbench.data.catalogue.published import dataset_of
    from workbench.data.catalogue.splits import read_folder

    split = read_folder(root, dataset_of("market1501"))
    assert [sample.identity for sample in split.query] == [1, 1, 2, 2, 3, 3, 9]
    assert matches(split) == [2, 2, 2, 2, 2, 2, 1]
    assert matches(split, drop_same_camera=True) == [1, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("name", ["Market-1501-v15.09.15", "anything"])
def test_a_folder_one_too_high_is_read_by_both(tmp_path, make_images, name):
    make_images(tmp_path / "up" / name, market_of([1, 2]))
    report = check(tmp_path / "up")
    assert report.kind == "market1501"
    assert report.usable
    assert report.notes[0] == f"Read from {tmp_path / 'up' / name}."
    assert startable(tmp_path / "up") is None


def test_several_data_sets_in_a_folder_are_not_guessed_among(tmp_path, make_images):
    for name in ("first", "second"):
        make_images(tmp_path / "up" / name, market_of([1, 2]))
    (error,) = errors(check(tmp_path / "up"))
    assert "holds several data sets, first and second among them" in error.sentence
    assert "several data sets" in (startable(tmp_path / "up") or "")


def test_another_known_data_set_in_the_folder_is_not_taken_for_this_one(tmp_path, make_images):
    make_images(tmp_path / "up" / "DukeMTMC-reID", market_of([1, 2]))
    assert "is not in" in (startable(tmp_path / "up") or "")
    assert startable(tmp_path / "up", "dukemtmc") is None


def own(uses, people="abcdef"):
    return [f"{use}/{person}/{shot}.png" for use in uses for person in people for shot in (1, 2)]


def test_capitals_of_use_folders_do_not_matter(tmp_path, make_images):
    root = make_images(
        tmp_path / "caps", [*own(["Train"]), *own(["Query"], "gh"), *own(["GALLERY"], "gh")]
    )
    report = check(root)
    assert report.usable
    assert report.facts["train_identities"] == 6
    assert report.facts["query_images"] == report.facts["gallery_images"] == 4
    assert startable(root, "folder") is None


def test_two_spellings_of_a_use_are_refused(tmp_path, make_images):
    root = make_images(tmp_path / "both", [*own(["Train"]), *own(["train"], "gh")])
    (error,) = errors(check(root))
    assert "Train and train, which differ in capitals only" in error.sentence
    assert "differ in capitals only" in (startable(root, "folder") or "")


def test_capitals_of_a_published_layout_are_named(tmp_path, make_images):
    names = [name.replace("query/", "Query/") for name in market_of([1, 2])]
    root = make_images(tmp_path / "caps", names)
    reason = f"{root} has the folder Query where Market-1501's layout has query"
    assert startable(root) == f"{reason}: rename it."
    (error,) = errors(check(root, "market1501"))
    assert (error.sentence, error.cure) == (f"{reason}.", "Rename it.")


def camera_folders(root, make_images):
    return make_images(
        root,
        [
            f"{use}/cam{camera:02d}/person{person:02d}_{shot}.png"
            for use, people in (("train", range(6)), ("query", (6, 7)), ("gallery", (6, 7)))
            for person in people
            for camera in range(2)
            for shot in range(2)
        ],
    )


def test_folders_of_cameras_are_not_taken_for_identities(tmp_path, make_images):
    root = camera_folders(tmp_path / "cams", make_images)
    (error,) = errors(check(root))
    assert "has sub-folders named as cameras, cam00 to cam01" in error.sentence
    assert "data.dataset.identity_pattern" in error.sentence + error.cure
    assert "named as cameras" in (startable(root, "folder") or "")


def test_patterns_read_identities_from_names_and_cameras_from_folders(tmp_path, make_images):
    from workbench.recipe.settings.data import ImageFolder

    root = camera_folders(tmp_path / "cams", make_images)
    settings = {"identity_pattern": r"^person(\d+)_", "camera_pattern": r"cam(\d+)/"}
    report = check(root, settings=ImageFolder(**settings))
    assert report.usable
    assert report.facts["train_identities"] == 6
    assert report.facts["query_identities"] == 2
    assert report.facts["cameras"] == 2
    assert startable(root, "folder", **settings) is None


def test_one_flat_folder_is_read_by_names_and_what_says_no_identity_is_counted(
    tmp_path, make_images
):
    from workbench.data.readers import folder
    from workbench.recipe.settings.data import ImageFolder

    names = [f"{person:04d}_c{camera}.png" for person in range(1, 7) for camera in (1, 2)]
    root = make_images(tmp_path / "flat", [*names, "floor.png"])
    settings = ImageFolder(identity_pattern=r"^(\d+)_", camera_pattern=r"_c(\d)")
    split = folder.read(root, settings)
    by_path = {s.path: (s.identity, s.camera) for s in (*split.train, *split.query)}
    assert by_path == {name: (int(name[:4]), int(name[6])) for name in names}
    assert split.notes[-1].startswith("1 image left out")
    assert split.notes[-1].endswith("such as floor.png.")
    report = check(root, settings=settings)
    assert [f.file for f in report.findings if "does not say an identity" in f.sentence] == [
        "floor.png"
    ]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [("(", "not a regular expression"), (r"\d+", "has no group"), ("(zzz)", "in none of their")],
)
def test_a_wrong_identity_pattern_is_refused(tmp_path, make_images, pattern, reason):
    from workbench.data.readers import folder
    from workbench.recipe.settings.data import ImageFolder

    root = make_images(tmp_path / "flat", ["1_a.png", "2_a.png", "3_a.png"])
    with pytest.raises((DataError, WorkbenchError), match=reason):
        folder.read(root, ImageFolder(identity_pattern=pattern))


def test_a_folder_whose_images_lie_deeper_is_told_where_the_first_is(tmp_path, make_images):
    root = make_images(tmp_path / "deep", ["x/y/z/1.png"])
    (error,) = errors(check(root))
    assert "the first image is x/y/z/1.png" in error.sentence
    assert guess_kind(root) == "folder"
