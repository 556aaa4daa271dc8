"""Maps of embeddings, and how far to believe them."""

import tracemalloc

import numpy as np
import pytest

from workbench.errors import ShapeError
from workbench.retrieval.exact import product_blocks
from workbench.retrieval.projection import principal_components, projection
from workbench.retrieval.projection.projection import neighbours, pca, pca_of_parts, turned
from workbench.retrieval.projection.trust import nearest_in_the_plane, trust


def cloud(points, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(points, dim)).astype(np.float32)


def clusters(seed=0):
    centres = 4 * cloud(4, 8, 9)
    return (np.repeat(centres, 15, axis=0) + cloud(60, 8, seed)).astype(np.float32)


def brute_neighbours(vectors, k):
    apart = np.linalg.norm(vectors[:, None].astype(np.float64) - vectors[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return np.argsort(apart, axis=1)[:, :k]


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_neighbours_are_those_of_all_pairs(distance):
    vectors = cloud(50, 6)
    reference = vectors
    if distance == "cosine":
        reference = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = neighbours(vectors, 7, distance)
    assert np.array_equal(found.index, brute_neighbours(reference, 7))
    expected = np.linalg.norm(reference[0] - reference[found.index[0]], axis=1)
    np.testing.assert_allclose(found.distance[0], expected, rtol=1e-3)


def test_neighbours_do_not_depend_on_the_block(monkeypatch):
    vectors = cloud(50, 6)
    together = neighbours(vectors, 5)
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 7)
    assert np.array_equal(neighbours(vectors, 5).index, together.index)


def test_equal_points_are_neighbours_and_none_is_its_own():
    points = np.zeros((6, 2), dtype=np.float32)
    points[5] = 3, 4
    found = neighbours(points, 3, "euclidean")
    assert found.index.tolist() == [
        [1, 2, 3],
        [0, 2, 3],
        [0, 1, 3],
        [0, 1, 2],
        [0, 1, 2],
        [0, 1, 2],
    ]
    assert found.distance.tolist() == [[0, 0, 0]] * 5 + [[5, 5, 5]]


def test_principal_components_by_hand():
    # Spread 2 along x, 1 along y, nothing along z.
    vectors = np.array([[2, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32)
    plane = pca(vectors, "euclidean")
    np.testing.assert_allclose(plane, [[2, 0], [-2, 0], [0, 1], [0, -1]], atol=1e-6)


def spread(points, dim, seed=0):
    """A cloud with two directions of larger variance than all others."""
    generator = np.random.default_rng(seed)
    axes = np.linalg.qr(generator.normal(size=(dim, 2)))[0].T
    strong = generator.normal(size=(points, 2)) * [9, 5]
    return (strong @ axes + 0.1 * generator.normal(size=(points, dim))).astype(np.float32)


def exact_plane(vectors):
    centred = vectors.astype(np.float64) - vectors.mean(0, dtype=np.float64)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(2), np.abs(right[:2]).argmax(1)])
    return left[:, :2] * sizes[:2] * signs


@pytest.mark.parametrize("limit", [64, 8])  # by the points' products; by a space of directions
def test_components_of_wide_vectors_are_those_of_the_whole_matrix(monkeypatch, limit):
    monkeypatch.setattr(projection, "LARGEST_DENSE", limit)
    vectors = spread(40, 300)
    plane = pca(vectors, "euclidean")
    np.testing.assert_allclose(plane, exact_plane(vectors), atol=1e-3)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(pca(vectors), exact_plane(unit), atol=1e-3)


def test_parts_of_stored_vectors_are_read_in_blocks_as_one_array(monkeypatch, tmp_path):
    monkeypatch.setattr(projection, "LARGEST_DENSE", 8)
    monkeypatch.setattr(principal_components, "ROWS", 7 * 30)
    vectors = spread(50, 30)
    np.save(tmp_path / "all.npy", vectors)
    stored = np.load(tmp_path / "all.npy", mmap_mode="r")
    parts = pca_of_parts([stored[:11], stored[11:]], "euclidean")
    np.testing.assert_allclose(parts, exact_plane(vectors), atol=1e-3)
    assert np.array_equal(parts, pca_of_parts([stored[:11], stored[11:]], "euclidean"))
    vectors[3, 4] = np.nan
    with pytest.raises(ShapeError, match="not finite"):
        pca(vectors)


@pytest.mark.thorough
def test_a_map_of_the_widest_vectors_needs_no_square_of_their_width():
    vectors = spread(300, 12_288)
    pca(vectors[:8])  # imports what it needs
    tracemalloc.start()
    pca(vectors)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # their covariance alone has 1.2 GB


def test_points_on_a_line_have_no_second_component():
    vectors = np.outer(np.arange(5), [1.0, 2.0, 2.0]).astype(np.float32)
    plane = pca(vectors, "euclidean")
    np.testing.assert_allclose(plane[:, 0], 3 * (np.arange(5) - 2), atol=1e-5)
    np.testing.assert_allclose(plane[:, 1], 0, atol=1e-5)


def test_vectors_of_one_number_make_a_line():
    assert pca(np.arange(4, dtype=np.float32)[:, None], "euclidean").shape == (4, 2)


def test_a_map_is_turned_back_onto_itself():
    plane = cloud(20, 2)
    angle = 2.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    moved = (plane @ turn + 5).astype(np.float32)
    np.testing.assert_allclose(turned(moved, plane), plane, atol=1e-4)


@pytest.mark.parametrize("k", [1, 5, 10])
def test_trust_is_the_share_of_true_neighbours(k):
    vectors, plane = cloud(40, 6), cloud(40, 2, 1)
    true, shown = brute_neighbours(vectors, k), brute_neighbours(plane, k)
    expected = [len(set(a) & set(b)) / k for a, b in zip(true, shown, strict=True)]
    found = trust(vectors, plane, k, "euclidean")
    np.testing.assert_allclose(found.per_point, expected)
    assert found.overall == pytest.approx(np.mean(expected))
    assert found.chance == pytest.approx(k / 39)


@pytest.mark.parametrize("k", [1, 4, 30])
def test_neighbours_in_the_plane_are_those_of_all_pairs_and_of_equal_ones_the_first(k):
    plane = np.random.default_rng(0).integers(0, 4, (40, 2)).astype(np.float64)
    plane[20:30] += 0.5 * cloud(10, 2)
    plane[30:] = plane[0]  # more equal points than some k
    apart = np.square(plane[:, None] - plane).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    expected = np.argsort(apart, axis=1, kind="stable")[:, :k]
    found = nearest_in_the_plane(plane, k)
    assert np.array_equal(np.sort(found, axis=1), np.sort(expected, axis=1))


def test_a_plane_is_its_own_map():
    plane = cloud(30, 2)
    assert trust(plane, plane, 10, "euclidean").overall == 1.0


def test_equal_images_are_each_others_true_neighbours():
    vectors = np.zeros((6, 3), dtype=np.float32)
    vectors[:, 0] = 1
    assert trust(vectors, cloud(6, 2), 2).overall == 1.0


def test_trust_does_not_depend_on_the_block(monkeypatch):
    vectors, plane = cloud(40, 6), cloud(40, 2, 1)
    together = trust(vectors, plane)
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 9)
    assert np.array_equal(trust(vectors, plane).per_point, together.per_point)


def test_what_cannot_be_mapped_is_refused():
    with pytest.raises(ShapeError, match="at least 4 images, here are 2"):
        pca(cloud(2, 4))
    with pytest.raises(ShapeError, match="not finite"):
        pca(np.full((4, 2), np.nan, dtype=np.float32))
    with pytest.raises(ShapeError, match="5 points for 6 vectors"):
        trust(cloud(6, 3), cloud(5, 2))


@pytest.mark.long  # numba compiles for half a minute
@pytest.mark.filterwarnings("ignore:Tensorflow not installed:ImportWarning")
def test_umap_is_equal_for_equal_seeds_and_keeps_neighbours():
    from workbench.retrieval.projection.umap_projection import umap_map

    vectors = clusters()
    first, again = (umap_map(vectors, epochs=5) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, umap_map(vectors, epochs=5, seed=1))
    found = trust(vectors, umap_map(vectors, epochs=50))
    assert found.overall > 2 * found.chance
    start = pca(vectors)
    near_start = turned(umap_map(vectors, start, epochs=1), start)
    assert near_start.shape == start.shape
    assert umap_map(np.zeros((4, 3), dtype=np.float32), epochs=2).shape == (4, 2)
