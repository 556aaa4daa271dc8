import shutil
from collections import Counter

import pytest

from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_folder, read_split
from workbench.data.export import export_prepared
from workbench.data.samples import Sample, Split
from workbench.errors import DataError, PlaceError
from workbench.interop.commands.layumi_results import PREPARATIONS
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import Prepared


def test_a_prepared_folder_is_the_same_set_and_moves_no_file(written, tmp_path):
    root = written("market1501")
    before = sorted(root.rglob("*"))
    split = read_folder(root, dataset_of("market1501"))
    links = export_prepared(split, tmp_path / "pytorch")
    assert links == {
        "train": 61,
        "val": 15,
        "train_all": 76,
        "query": 16,
        "gallery": 31,
        "multi-query": 32,
    }
    assert sorted(root.rglob("*")) == before
    again = read_split(Data(dataset=Prepared(split="train_all"), root=str(tmp_path / "pytorch")))

    def seen(samples):
        return sorted((s.path.rpartition("/")[2], s.identity, s.camera) for s in samples)

    for part in ("train", "query", "gallery", "multi_query"):
        assert seen(again.part(part)) == seen(split.part(part))
    link = tmp_path / "pytorch" / again.query[0].path
    assert link.is_symlink()
    assert link.resolve().is_relative_to(root)


def test_the_first_listed_image_of_a_vehicle_is_the_gallery(written, tmp_path):
    split = read_folder(written("vehicleid"), dataset_of("vehicleid"))
    links = export_prepared(split, tmp_path / "pytorch")
    assert (links["query"], links["gallery"]) == (6 * 3, 6)
    again = read_folder(tmp_path / "pytorch", Prepared())
    assert {sample.camera for sample in again.query} == {-1}
    first = {sample.identity: sample.path for sample in reversed(split.query)}
    assert {s.path.rpartition("/")[2] for s in again.gallery} == {
        path.rpartition("/")[2] for path in first.values()
    }


def test_names_that_are_alike_are_kept_apart(written, tmp_path):
    root = written("p_dukemtmc")
    place = root / "train" / "whole_body_images" / "0001"
    twin = next((root / "train" / "occluded_body_images" / "0001").iterdir())
    shutil.copy(twin, place / twin.name)
    split = read_folder(root, dataset_of("p_dukemtmc"))
    assert export_prepared(split, tmp_path / "pytorch")["train_all"] == 77
    names = {path.name for path in (tmp_path / "pytorch" / "train_all" / "0001").iterdir()}
    # The names of this set say cameras, which its protocol knows nothing of.
    assert {twin.name.replace("_c", "-c"), f"0001_{twin.name}"} <= names


FILTERED = ["market1501", "dukemtmc", "occluded_duke", "msmt17", "cuhk03_np", "veri776"]


@pytest.mark.parametrize(
    "layout",
    ["p_dukemtmc", *(pytest.param(layout, marks=pytest.mark.thorough) for layout in FILTERED)],
)
def test_a_prepared_folder_says_the_cameras_of_its_set(written, tmp_path, layout):
    root = written(layout)
    split = read_folder(root, dataset_of(layout))
    export_prepared(split, tmp_path / "pytorch")
    again = read_folder(tmp_path / "pytorch", Prepared(split="train_all"))

    def seen(samples):
        return Counter((sample.identity, sample.camera) for sample in samples)

    for part in ("train", "query", "gallery"):
        assert seen(again.part(part)) == seen(split.part(part))


def test_a_link_says_another_camera_than_its_file_where_the_split_does(tmp_path, make_images):
    root = make_images(tmp_path / "own", ["side/7_c1_a.png", "side/portrait.png", "7_c3_b.png"])
    cameras = {"side/7_c1_a.png": 2, "side/portrait.png": 5, "7_c3_b.png": 3}
    samples = tuple(Sample(path, 7, camera) for path, camera in cameras.items())
    export_prepared(Split("own", root, samples, samples, samples), tmp_path / "pytorch")
    assert {path.name for path in (tmp_path / "pytorch" / "query" / "0007").iterdir()} == {
        "0007_c2_7_c1_a.png",
        "0007_c5_portrait.png",
        "7_c3_b.png",
    }


@pytest.mark.parametrize("layout", PREPARATIONS.values())
def test_every_set_that_the_baseline_prepares_is_exported(written, tmp_path, layout):
    links = export_prepared(read_folder(written(layout), dataset_of(layout)), tmp_path / "pytorch")
    assert links["train"] + links["val"] == links["train_all"]
    assert min(links[part] for part in ("train", "val", "query", "gallery")) > 0


@pytest.mark.parametrize("layout", ["university1652", "cub200"])
def test_sets_without_one_query_and_gallery_are_refused(written, tmp_path, layout):
    split = read_folder(written(layout), dataset_of(layout))
    with pytest.raises(DataError, match="has no one query and gallery"):
        export_prepared(split, tmp_path / "pytorch")
    assert not (tmp_path / "pytorch").exists()


@pytest.mark.thorough
def test_what_is_there_is_not_written_over(written, tmp_path):
    split = read_folder(written("dukemtmc"), dataset_of("dukemtmc"))
    (tmp_path / "full").mkdir()
    with pytest.raises(PlaceError, match="is there already"):
        export_prepared(split, tmp_path / "full")

    def stop(stage, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_prepared(split, tmp_path / "other", stop)
    assert not (tmp_path / "other").exists()
    assert not list(tmp_path.glob(".other*"))
