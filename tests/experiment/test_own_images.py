"""Vectors and ranks of any images, in Python and from the shell."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

import workbench
from workbench.cli import main
from workbench.errors import BrokenImage, DataError
from workbench.experiment import open_rankings
from workbench.experiment.own_images import rank_image
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
from workbench.retrieval.embeddings.vector_files import read_vectors


def gallery_files(rankings, *numbers):
    root, images = rankings.embeddings.root, rankings.embeddings.gallery_images
    return [root / images[number].path for number in numbers]


@pytest.fixture
def shell(finished_run, monkeypatch, capsys):
    """Runs a command over the finished run; its exit code, records and standard error."""
    monkeypatch.setenv("WORKBENCH_RUNS", str(finished_run.path.parent))

    def run(command, *arguments):
        code = main([command, "last", *map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


def test_each_row_is_the_vector_of_the_evaluation_in_the_order_given(finished_run):
    for weights in ("averaged", "raw"):
        rankings = open_rankings(finished_run, weights)
        files = gallery_files(rankings, 9, 2, 17, 2)
        found = workbench.embed(finished_run, files, weights)
        assert found.paths == tuple(map(str, files))
        expected = rankings.embeddings.gallery[[9, 2, 17, 2]]
        np.testing.assert_allclose(found.vectors, expected, rtol=1e-4, atol=1e-5)


def test_a_folder_is_embedded_whole_whatever_its_names_say(finished_run):
    rankings = open_rankings(finished_run)
    folder = rankings.embeddings.root / "bounding_box_test"
    found = workbench.embed(finished_run, [folder])
    assert found.paths == tuple(str(path) for path in sorted(folder.iterdir()))
    own = {image.path: row for row, image in enumerate(rankings.embeddings.gallery_images)}
    # Junk is in the folder too and is embedded like the rest.
    rows = [own[f"bounding_box_test/{path.name}"] for path in sorted(folder.iterdir())]
    np.testing.assert_allclose(
        found.vectors, rankings.embeddings.gallery[rows], rtol=1e-4, atol=1e-5
    )


def test_the_shell_writes_what_python_gives(finished_run, shell, tmp_path):
    first, second = gallery_files(open_rankings(finished_run), 3, 1)
    crops = tmp_path / "crops"
    for path, source in ((crops / "b" / "one", first), (crops / "two.png", second)):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)
    wanted = [crops / "b" / "one", crops, second]
    code, (record,), err = shell("embed", "--images", *wanted, "--out", tmp_path / "v.npz")
    assert (code, record["images"], record["left_out"]) == (0, 3, 1)
    assert f"1 file left out, not named as an image: {crops}/b/one." in err
    expected = workbench.embed(finished_run, [crops / "b" / "one", crops / "two.png", second])
    with np.load(tmp_path / "v.npz") as stored:
        np.testing.assert_array_equal(stored["vectors"], expected.vectors)
        assert stored["paths"].tolist() == list(expected.paths)
    # It is a gallery, or queries, to every other command.
    assert EmbeddingFile.load(tmp_path / "v.npz").run == finished_run.id
    for part in ("query", "gallery"):
        assert len(read_vectors(tmp_path / "v.npz", part).vectors) == 3


@pytest.mark.parametrize("what", ["persons", "persons/a", "persons/a/0.png"])
def test_data_without_a_layout_is_embedded_alike(finished_run, shell, tmp_path, what):
    for name in ("a/0.png", "a/1.png", "b/0.png", "b/1.png", "c/0.png"):
        path = tmp_path / "persons" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 21), (10 * len(name), 90, 30)).save(path)
    vectors = []
    for flag in ("--data", "--images"):
        out = tmp_path / f"{flag}.npz"
        code, (record,), _ = shell("embed", flag, tmp_path / what, "--out", out)
        assert (code, record["kind"]) == (0, "embedding")
        with np.load(out) as stored:
            vectors.append((stored["vectors"], stored["paths"].tolist()))
    np.testing.assert_array_equal(vectors[0][0], vectors[1][0])
    assert vectors[0][1] == vectors[1][1]


def test_data_with_a_layout_keeps_queries_gallery_and_paths(finished_run, shell, tmp_path):
    root = open_rankings(finished_run).embeddings.root
    code, (record,), err = shell("embed", "--data", root, "--out", tmp_path / "v.npz")
    assert (code, record["images"]) == (0, 37), err
    with np.load(tmp_path / "v.npz") as stored:
        assert stored["paths"].tolist() == [f"{root}/{path}" for path in stored["path"]]
        assert set(stored["split"]) == {"query", "gallery"}


def test_a_broken_image_is_named(finished_run, shell, tmp_path):
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    with pytest.raises(BrokenImage, match=r"torn\.jpg cannot be read as an image"):
        workbench.embed(finished_run, [tmp_path])
    for ask in (
        ("embed", "--images", tmp_path, "--out", tmp_path / "v.npz"),
        ("rank", "--image", tmp_path / "torn.jpg"),
    ):
        code, (record,), _ = shell(*ask)
        assert (code, record["kind"]) == (1, "refused")
        assert str(tmp_path / "torn.jpg") in record["error"]
    assert not (tmp_path / "v.npz").exists()


def test_an_image_is_ranked_against_the_gallery_of_the_run(finished_run, shell):
    (file,) = gallery_files(open_rankings(finished_run), 4)
    code, (record,), _ = shell("rank", "--image", file, "-k", "5")
    assert (code, record["query"], record["image"]) == (0, None, str(file))
    assert record["images"][0]["image"] == f"bounding_box_test/{file.name}"
    assert record["images"][0]["distance"] == pytest.approx(0, abs=1e-5)
    ranked = [row["rank"] for row in record["images"] if row["excluded"] is None]
    assert ranked == [1, 2, 3, 4, 5]
    assert {row["verdict"] for row in record["images"]} == {None}


def test_an_image_is_ranked_against_other_images(finished_run, shell, tmp_path):
    rankings = open_rankings(finished_run)
    asked, *others = gallery_files(rankings, 4, 20, 4, 11)
    code, (record,), _ = shell("rank", "--image", asked, "--gallery", *others)
    assert code == 0
    itself, *rest = record["images"]
    assert (itself["image"], itself["rank"]) == (str(asked), 1)
    vectors = rankings.embeddings.gallery.astype(float)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = sorted(1 - float(unit[4] @ unit[number]) for number in (11, 20))
    assert [row["distance"] for row in rest] == pytest.approx(expected, abs=1e-4)
    assert {row["identity"] for row in record["images"]} == {None}


def test_what_cannot_be_ranked_is_refused(finished_run, shell, tmp_path):
    (file,) = gallery_files(open_rankings(finished_run), 0)
    with pytest.raises(DataError, match="is a folder: name the one image file"):
        rank_image(finished_run, tmp_path)
    assert "goes with --image" in shell("rank", "--gallery", file)[2]
    assert "not allowed with" in shell("rank", "--image", file, "--query", "1")[2]
    code, _, err = shell("embed", "--images", file, "--set", "data.height=1", "--out", "x")
    assert code == 2
    assert "--images are embedded as they are" in err
