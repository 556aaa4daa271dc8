"""Indexes on disk: what they find, what they measured, and what they refuse."""

import numpy as np
import pytest

from workbench.errors import DataError, EmptySplit, RecipeError, RunError, ShapeError
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
from workbench.retrieval.embeddings.vector_files import read_vectors
from workbench.retrieval.index.faiss_index import IndexSettings, SearchIndex, build_index


@pytest.fixture
def vectors():
    numbers = np.random.default_rng(0)
    centres = numbers.standard_normal((30, 16))
    return (centres[np.arange(600) % 30] + numbers.standard_normal((600, 16))).astype(np.float32)


@pytest.mark.thorough
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("kind", ["flat", "ivf", "hnsw"])
def test_every_kind_finds_a_vector_itself_and_knows_its_recall(tmp_path, vectors, kind, distance):
    settings = IndexSettings(kind=kind, distance=distance, probes=600)
    about = build_index(vectors, tmp_path / "index", settings)
    index = SearchIndex(tmp_path / "index")
    assert index.about == about
    distances, rows = index.search(vectors[:20], k=5)
    assert rows[:, 0].tolist() == list(range(20))
    np.testing.assert_allclose(distances[:, 0], 0, atol=1e-3)
    assert (np.diff(distances, axis=1) >= -1e-6).all()
    assert about.recall == pytest.approx(1, abs=0.01)


@pytest.mark.thorough
def test_short_codes_find_less_and_say_so(tmp_path, vectors):
    about = build_index(vectors, tmp_path / "index", IndexSettings("pq", lists=2, code_bytes=1))
    assert 0.1 < about.recall < 0.9
    assert SearchIndex(tmp_path / "index").search(vectors[:3], k=4)[1].shape == (3, 4)


@pytest.mark.thorough
def test_fewer_probes_find_less(tmp_path, vectors):
    few = build_index(vectors, tmp_path / "few", IndexSettings(lists=40, probes=1))
    assert few.recall < build_index(vectors, tmp_path / "all", IndexSettings(lists=40)).recall
    wide = SearchIndex(tmp_path / "few").search(vectors[:5], 3, probes=40)[1]
    exact = build_index(vectors, tmp_path / "flat", IndexSettings("flat"))
    assert exact.recall == 1
    np.testing.assert_array_equal(wide, SearchIndex(tmp_path / "flat").search(vectors[:5], 3)[1])


def test_a_request_beyond_the_gallery_is_shortened(tmp_path):
    build_index(np.eye(3), tmp_path / "index", IndexSettings("flat"))
    assert SearchIndex(tmp_path / "index").search(np.eye(3), k=10)[1].shape == (3, 3)


@pytest.mark.thorough
def test_one_gallery_image_is_legal(tmp_path):
    assert build_index(np.ones((1, 4)), tmp_path / "index").images == 1


@pytest.mark.thorough
def test_a_file_is_read_block_by_block_and_watched(tmp_path, vectors, monkeypatch):
    monkeypatch.setattr("workbench.retrieval.index.building.BLOCK", 100)
    path = tmp_path / "gallery.npy"
    np.save(path, vectors)
    build_index(path, tmp_path / "index", IndexSettings("flat"))
    assert SearchIndex(tmp_path / "index").search(vectors[7:8], 1)[1].item() == 7
    np.save(path, vectors[::-1])
    with pytest.raises(RunError, match=r"gallery\.npy has changed since .*index was built"):
        SearchIndex(tmp_path / "index")


@pytest.mark.thorough
def test_building_again_replaces_an_index_and_nothing_else(tmp_path, vectors):
    folder = tmp_path / "index"
    build_index(vectors, folder, IndexSettings("flat"))
    build_index(vectors[:5], folder, IndexSettings("flat"))
    assert SearchIndex(folder).about.images == 5
    (tmp_path / "mine").mkdir()
    with pytest.raises(DataError, match="exists and is not an index"):
        build_index(vectors, tmp_path / "mine", IndexSettings("flat"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "mine"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"probes": 0}, RecipeError, "probes = 0"),
        ({"shards": 601}, RecipeError, "shards = 601: there are 600 images"),
        ({"lists": 601}, RecipeError, "lists = 601: there are only 600"),
        ({"kind": "pq", "code_bytes": 7}, RecipeError, "must divide the width 16"),
    ],
)
def test_settings_are_refused_in_one_sentence(tmp_path, vectors, settings, error, sentence):
    with pytest.raises(error, match=sentence):
        build_index(vectors, tmp_path / "index", IndexSettings(**settings))
    assert not list(tmp_path.iterdir())


@pytest.mark.thorough
def test_bad_vectors_are_refused_by_row(tmp_path, vectors):
    vectors[3, 2] = np.nan
    with pytest.raises(DataError, match=r"gallery\[3\] holds a value that is not finite"):
        build_index(vectors, tmp_path / "index")
    build_index(vectors[4:], tmp_path / "index", IndexSettings("flat"))
    index = SearchIndex(tmp_path / "index")
    with pytest.raises(DataError, match=r"queries\[0\] is a zero vector"):
        index.search(np.zeros((1, 16)))
    with pytest.raises(ShapeError, match="queries have width 3, the index 16"):
        index.search(np.ones((1, 3)))
    for bad in ({"k": 0}, {"probes": 0}):
        with pytest.raises(RecipeError, match=f"{next(iter(bad))} = 0"):
            index.search(np.ones((1, 16)), **bad)


def test_what_is_no_index_is_said(tmp_path):
    with pytest.raises(RunError, match="is not an index that can be read"):
        SearchIndex(tmp_path)
    (tmp_path / "words.npy").write_text("no")
    with pytest.raises(RunError, match=r"words\.npy cannot be read as an \.npy file"):
        build_index(tmp_path / "words.npy", tmp_path / "index")


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["flat", "ivf", "hnsw"])
def test_shards_find_what_one_index_finds(tmp_path, vectors, kind, monkeypatch):
    monkeypatch.setattr("workbench.retrieval.index.building.BLOCK", 70)
    whole = {"kind": kind, "lists": 8, "probes": 8}
    build_index(vectors, tmp_path / "one", IndexSettings(**whole))
    build_index(vectors, tmp_path / "three", IndexSettings(**whole, shards=3))
    assert len(list((tmp_path / "three").glob("*.faiss"))) == 3
    one, three = (SearchIndex(tmp_path / name).search(vectors[:30], 5) for name in ("one", "three"))
    np.testing.assert_array_equal(three[1], one[1])
    np.testing.assert_allclose(three[0], one[0], atol=1e-6)
    (tmp_path / "three" / "shard-001.faiss").unlink()
    with pytest.raises(RunError, match="is not an index that can be read"):
        SearchIndex(tmp_path / "three")


def embedded(path, vectors, run="run-1", split="gallery"):
    number = len(vectors)
    EmbeddingFile(
        vectors=vectors, path=np.array(["a.jpg"] * number), identity=np.ones(number, np.int64),
        camera=np.zeros(number, np.int64), split=np.array([split] * number),
        right=np.zeros(number, np.int8), distance="cosine", root="images", run=run,
    ).save(path)  # fmt: skip
    return path


@pytest.mark.thorough
def test_vectors_of_another_run_are_refused(tmp_path, vectors):
    gallery = embedded(tmp_path / "gallery.npz", vectors)
    build_index(gallery, tmp_path / "index", IndexSettings("flat"))
    index = SearchIndex(tmp_path / "index")
    own = read_vectors(embedded(tmp_path / "own.npz", vectors[:2], split="both"), "query")
    assert index.search(own, 1)[1].ravel().tolist() == [0, 1]
    other = embedded(tmp_path / "other.npz", vectors[:2], run="run-2", split="query")
    with pytest.raises(RunError, match=r"other\.npz was embedded by run-2, the index by run-1"):
        index.search(read_vectors(other, "query"))
    with pytest.raises(EmptySplit, match=r"gallery\.npz has no query image"):
        read_vectors(gallery, "query")


def test_a_file_touched_but_the_same_is_no_change(tmp_path, vectors):
    np.save(tmp_path / "gallery.npy", vectors)
    build_index(tmp_path / "gallery.npy", tmp_path / "index", IndexSettings("flat"))
    np.save(tmp_path / "gallery.npy", vectors)
    assert SearchIndex(tmp_path / "index").about.images == 600
