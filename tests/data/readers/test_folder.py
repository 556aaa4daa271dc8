import hashlib

import pytest

from workbench.data.readers import folder
from workbench.errors import EmptySplit, MissingDataset, RecipeError
from workbench.recipe.settings.data import ImageFolder


def named(people, count=2, top="", camera=lambda frame: frame):
    return [
        f"{top}{person}/shot_c{camera(frame)}_{frame}.png"
        for person in people
        for frame in range(1, count + 1)
    ]


def identities(samples) -> set[int]:
    return {sample.identity for sample in samples}


TEN = [f"person {letter}" for letter in "abcdefghij"]


def test_one_sub_folder_an_identity(tmp_path, make_images):
    split = folder.read(make_images(tmp_path / "own", named(TEN)), ImageFolder(held_out=0.3))
    assert len(identities(split.train)) == 7
    assert len(identities(split.query)) == 3
    assert not identities(split.train) & identities(split.query)
    assert identities((*split.train, *split.query)) == set(range(1, 11))
    assert split.gallery == split.query
    assert split.leave_one_out
    assert "3 identities of 10, chosen by split_seed 0, held out" in split.notes[0]
    assert "leave-one-out" in split.notes[1]


def test_the_seed_chooses_who_is_held_out_and_further_identities_move_nobody(tmp_path, make_images):
    root = make_images(tmp_path / "own", named(TEN))

    def held_out(**settings) -> set[str]:
        query = folder.read(root, ImageFolder(**settings)).query
        return {sample.path.partition("/")[0] for sample in query}

    chosen = held_out(held_out=0.3)
    assert held_out(held_out=0.3) == chosen
    assert len({frozenset(held_out(split_seed=seed)) for seed in range(5)}) > 1
    make_images(root, named(["person k"]))
    assert len(chosen - held_out(held_out=0.3)) <= 1


@pytest.mark.parametrize(("share", "count"), [(0.01, 1), (0.99, 8), (0.25, 2)])
def test_one_identity_at_least_is_held_out_and_two_stay(tmp_path, make_images, share, count):
    split = folder.read(make_images(tmp_path / "own", named(TEN)), ImageFolder(held_out=share))
    assert len(identities(split.query)) == count


def test_folders_for_each_use(tmp_path, make_images):
    root = make_images(
        tmp_path / "own",
        [
            *named(["0002", "0007"], top="train/"),
            *named(["0002", "0099"], 1, top="val/"),
            *named(["0001"], 1, top="query/"),
            *named(["0001", "0000", "-1"], top="gallery/"),
        ],
    )
    split = folder.read(root)
    assert identities(split.train) == {2, 7}
    assert [sample.path for sample in split.validation] == ["val/0002/shot_c1_1.png"]
    assert identities(split.query) == {1}
    assert [sample.identity for sample in split.gallery] == [-1, -1, 0, 0, 1, 1]
    assert not split.leave_one_out
    assert any(note.startswith("validation: 1 image left out") for note in split.notes)


def test_a_folder_named_zero_is_an_identity_where_it_is_asked_for(tmp_path, make_images):
    people = ["0", "1", "2"]
    root = make_images(
        tmp_path / "own",
        [
            *named(people, top="train/"),
            *named(people, top="query/"),
            *named(people, top="gallery/"),
        ],
    )
    split = folder.read(root)
    assert identities(split.train) == identities(split.query) == identities(split.gallery)
    assert identities(split.gallery) == {1, 2, 3}


def test_train_and_test_are_ranked_leave_one_out(tmp_path, make_images):
    root = make_images(
        tmp_path / "own", [*named(["a", "b"], top="train/"), *named(["c", "d"], top="test/")]
    )
    split = folder.read(root)
    assert identities(split.train) == {1, 2}
    assert split.query == split.gallery
    assert identities(split.query) == {3, 4}
    assert split.leave_one_out


def test_train_alone_is_split_by_identity(tmp_path, make_images):
    root = make_images(
        tmp_path / "own", [*named(TEN, top="train/"), *named(TEN, 1, top="validation/")]
    )
    split = folder.read(root)
    assert len(identities(split.query)) == 3
    assert identities(split.validation) == identities(split.train)


def test_cameras_are_unknown_without_a_pattern(tmp_path, make_images):
    split = folder.read(make_images(tmp_path / "own", named(TEN)))
    assert {sample.camera for sample in (*split.train, *split.query)} == {-1}
    assert "Cameras are unknown" in split.notes[-1]


def test_cameras_come_from_the_pattern(tmp_path, make_images):
    root = make_images(tmp_path / "own", [*named(TEN), "person a/portrait.png"])
    split = folder.read(root, ImageFolder(camera_pattern=r"_c(\d+)"))
    for sample in (*split.train, *split.query):
        expected = -1 if "portrait" in sample.path else int(sample.path[-5])
        assert sample.camera == expected
    assert split.notes[-1].startswith("Camera unknown for 1 of 21 images")


def test_cameras_with_other_names_are_numbered(tmp_path, make_images):
    root = make_images(
        tmp_path / "own", [f"{person}/{side}.png" for person in TEN for side in ("left", "0")]
    )
    split = folder.read(root, ImageFolder(camera_pattern=r"^(left|0)\."))
    cameras = {s.path.split("/")[1]: s.camera for s in (*split.train, *split.query)}
    assert cameras == {"0.png": 1, "left.png": 2}
    assert "0 = 1, left = 2" in split.notes[-1]


def test_cameras_named_by_numbers_keep_them_and_0_is_one(tmp_path, make_images):
    root = make_images(tmp_path / "own", named(TEN, camera=lambda frame: frame - 1))
    split = folder.read(root, ImageFolder(camera_pattern=r"_c(\d+)"))
    assert {(s.path[-5], s.camera) for s in split.train} == {("1", 0), ("2", 1)}
    # Runs from before 0 was a camera hold digests in which these were cameras 1 and 2.
    before = folder.read(
        make_images(tmp_path / "before", named(TEN)), ImageFolder(camera_pattern=r"_c(\d+)")
    )
    lines = sorted(f"{s.path}\t{s.identity}\t{s.camera + 1}\n" for s in split.query)
    assert split.earlier_digest("query") == hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
    assert before.earlier_digest("query") == before.digest("query")


@pytest.mark.parametrize(
    ("pattern", "reason"), [("_c(", "not a regular expression"), ("_c1", "has no group")]
)
def test_a_wrong_pattern_is_refused(tmp_path, make_images, pattern, reason):
    root = make_images(tmp_path / "own", named(TEN))
    with pytest.raises(RecipeError, match=reason) as caught:
        folder.read(root, ImageFolder(camera_pattern=pattern))
    assert caught.value.path == "data.dataset.camera_pattern"


def test_nothing_to_read_is_refused(tmp_path, make_images):
    with pytest.raises(MissingDataset, match="does not exist"):
        folder.read(tmp_path / "nowhere")
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(MissingDataset, match="is a file"):
        folder.read(file)
    with pytest.raises(EmptySplit, match="has no images in sub-folders"):
        folder.read(make_images(tmp_path / "loose", ["a.png", "b.png"]))
    with pytest.raises(EmptySplit, match="has 2 identities with images: at least 3"):
        folder.read(make_images(tmp_path / "two", named(["a", "b"])))


def test_query_without_gallery_is_refused(tmp_path, make_images):
    root = make_images(tmp_path / "own", [*named(TEN, top="train/"), *named(TEN, top="query/")])
    with pytest.raises(MissingDataset, match="has a folder query and no folder gallery"):
        folder.read(root)


def test_another_layout_is_recognised(market):
    with pytest.raises(MissingDataset, match=r"set data\.dataset\.kind to market1501"):
        folder.read(market)


def test_files_that_are_no_images_are_told_in_one_sentence(tmp_path, make_images):
    root = make_images(tmp_path / "own", named(TEN))
    (root / "list.txt").write_text("not in a folder of an identity")
    (root / "person a" / "Thumbs.db").write_bytes(b"x")
    assert not any("no image" in note for note in folder.read(root).notes)
    (root / "person b" / "notes.txt").write_text("x")
    told = "One file that is no image is left out: person b/notes.txt."
    assert folder.read(root).notes[-1] == told
    (root / "person a" / "film.avi").write_bytes(b"x")
    split = folder.read(root)
    told = "2 files that are no images are left out, such as person a/film.avi."
    assert split.notes[-1] == told
    assert len(split.train) + len(split.query) == 20
    used = make_images(tmp_path / "used", [*named(TEN, top="train/"), *named(["c"], top="test/")])
    (used / "test" / "c" / "notes.txt").write_text("x")
    assert folder.read(used).notes[-1].endswith("is left out: test/c/notes.txt.")
