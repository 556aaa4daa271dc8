"""Questions to wide vectors that are stored: answered in blocks, as of one array in memory."""

import tracemalloc

import numpy as np
import pytest

from workbench.data.samples import Sample
from workbench.errors import ShapeError
from workbench.inspection.map_making import right_first
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.exact import stacked_vectors
from workbench.retrieval.exact.stacked_vectors import lengths, rows_of
from workbench.retrieval.projection import projection
from workbench.retrieval.projection import trust as trust_module
from workbench.retrieval.projection.projection import nearest_to, neighbours
from workbench.retrieval.projection.trust import true_neighbours, trust
from workbench.retrieval.rankings import Rankings

WIDE = 12_288


def cloud(points, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(points, dim)).astype(np.float32)


@pytest.fixture
def in_blocks(monkeypatch):
    """Blocks of seven rows of 30 numbers, and no copy of all."""
    monkeypatch.setattr(stacked_vectors, "NUMBERS", 7 * 30)
    monkeypatch.setattr(projection, "LARGEST_COPY", 0)
    monkeypatch.setattr(projection, "ASKING", 8)


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_neighbours_in_blocks_are_those_of_one_array(in_blocks, monkeypatch, distance):
    vectors = cloud(50, 30)
    vectors[20:28] = vectors[20]  # more equal points than k
    parts = [vectors[:11], vectors[11:]]
    blocked = neighbours(parts, 5, distance)
    monkeypatch.setattr(projection, "LARGEST_COPY", 10**9)
    whole = neighbours(vectors, 5, distance)
    assert np.array_equal(blocked.index, whole.index)
    assert np.array_equal(blocked.distance, whole.distance)
    monkeypatch.setattr(stacked_vectors, "NUMBERS", 10**9)
    one = nearest_to(vectors, 3, 9, distance)
    monkeypatch.setattr(stacked_vectors, "NUMBERS", 7 * 30)
    assert np.array_equal(nearest_to(parts, 3, 9, distance), one)


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_trust_at_some_points_is_that_of_all_points_there(in_blocks, monkeypatch, distance):
    vectors, plane = cloud(60, 30), cloud(60, 2, 1)
    exact = trust(vectors, plane, distance=distance)
    assert exact.measured == 60
    monkeypatch.setattr(trust_module, "LARGEST_EXACT", 1)
    monkeypatch.setattr(trust_module, "SAMPLE", 13)
    monkeypatch.setattr(trust_module, "SHOWN_AT_ONCE", 4)
    some = trust([vectors[:11], vectors[11:]], plane, distance=distance)
    known = np.isfinite(some.per_point)
    assert some.measured == known.sum() == 13
    assert np.array_equal(some.per_point[known], exact.per_point[known])
    assert some.overall == pytest.approx(exact.per_point[known].mean())
    assert (some.chance, some.k) == (exact.chance, exact.k)


def test_rows_and_lengths_of_parts_are_those_of_one_array(in_blocks):
    vectors = cloud(50, 30)
    parts = [vectors[:11], vectors[11:]]
    places = np.array([49, 0, 11, 10])
    assert np.array_equal(rows_of(parts, places), vectors[places])
    np.testing.assert_allclose(lengths(parts), np.linalg.norm(vectors, axis=1), rtol=1e-6)
    vectors[40, 2] = np.inf
    with pytest.raises(ShapeError, match="not finite"):
        nearest_to(parts, 1, 3)


def written(folder, count, dim):
    vectors = cloud(count, dim)
    np.save(folder / "all.npy", vectors)
    return np.load(folder / "all.npy", mmap_mode="r")


@pytest.mark.thorough
def test_panels_of_the_widest_vectors_make_no_copy_of_them(monkeypatch, tmp_path):
    stored = written(tmp_path, 600, WIDE)  # 29 MB
    parts, plane = [stored[:60], stored[60:]], cloud(600, 2, 1)
    images = tuple(Sample(f"{place}.png", 1 + place % 50, 1 + place // 60) for place in range(600))
    embeddings = Embeddings(*parts, images[:60], images[60:], tmp_path)
    whole = trust(stored, plane)
    monkeypatch.setattr(stacked_vectors, "NUMBERS", 2**19)
    monkeypatch.setattr(projection, "LARGEST_COPY", 2**20)
    monkeypatch.setattr(projection, "ASKING", 50)
    monkeypatch.setattr(trust_module, "LARGEST_EXACT", 1)
    monkeypatch.setattr(trust_module, "SAMPLE", 20)
    monkeypatch.setattr(trust_module, "SHOWN_AT_ONCE", 5)
    panels = {
        "trust": lambda: trust(parts, plane),
        "point": lambda: true_neighbours(parts, plane, 3),
        "lengths": lambda: lengths(parts),
        "first hits": lambda: right_first(Rankings(embeddings, Evaluation())),
        "list": lambda: Rankings(embeddings, Evaluation()).list(3),
        "neighbours": lambda: neighbours([stored[:50], stored[50:150]], 14),
    }
    for name, ask in panels.items():
        tracemalloc.start()
        found = ask()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20e6, name
        if name == "trust":
            known = np.isfinite(found.per_point)
            assert np.array_equal(found.per_point[known], whole.per_point[known])
