"""Images that are named one by one or by their folder: which files these are, in which order."""

import pytest

from workbench.data.images.image_paths import own_files
from workbench.errors import EmptySplit, MissingDataset


@pytest.fixture
def folder(tmp_path):
    for name in ("b/2.jpg", "b/10.PNG", "a.jpg", "z.webp", "b/c/0.bmp"):
        path = tmp_path / "crops" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "crops"


def test_files_come_in_the_order_given_and_folders_sorted(folder):
    found = own_files([folder / "z.webp", folder / "b", folder / "a.jpg", folder / "z.webp"])
    inside = [folder / "b" / name for name in ("10.PNG", "2.jpg", "c/0.bmp")]
    assert found.images == (folder / "z.webp", *inside, folder / "a.jpg", folder / "z.webp")
    assert found.notes == ()
    whole = own_files([str(folder)]).images
    assert whole == (folder / "a.jpg", *inside, folder / "z.webp")


def test_paths_stay_as_they_were_named(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert [str(path) for path in own_files(["b", "a.jpg"]).images] == [
        *("b/10.PNG", "b/2.jpg", "b/c/0.bmp", "a.jpg")
    ]


def test_a_file_that_is_named_may_have_any_name(folder):
    (folder / "no_suffix").touch()
    assert own_files([folder / "no_suffix"]).images == (folder / "no_suffix",)


def test_what_is_left_out_of_a_folder_is_counted_with_an_example(folder):
    for name in ("labels.txt", "b/clip.mp4", "b/._2.jpg", ".DS_Store", "Thumbs.db"):
        (folder / name).touch()
    found = own_files([folder])
    assert len(found.images) == 5
    assert found.left_out == (folder / "b/._2.jpg", folder / "b/clip.mp4", folder / "labels.txt")
    (note,) = found.notes
    assert note.startswith(f"3 files left out, not named as an image: {folder}/b/._2.jpg.")


def test_links_are_followed_once_and_one_that_leads_nowhere_is_kept(folder, tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "1.jpg").touch()
    (folder / "linked").symlink_to(tmp_path / "far")
    (folder / "b" / "above").symlink_to(folder)
    (folder / "c.jpg").symlink_to(tmp_path / "gone.jpg")
    names = [path.relative_to(folder).as_posix() for path in own_files([folder]).images]
    expected = ["a.jpg", "b/10.PNG", "b/2.jpg", "b/c/0.bmp", "c.jpg", "linked/1.jpg", "z.webp"]
    assert names == expected


def test_a_path_that_is_not_there_and_a_folder_without_images_are_refused(folder):
    with pytest.raises(MissingDataset, match=r"crops/none does not exist: name an image file"):
        own_files([folder, folder / "none"])
    (folder / "empty").mkdir()
    with pytest.raises(EmptySplit, match=r"crops/empty holds no image file \(\.bmp"):
        own_files([folder / "empty"])
