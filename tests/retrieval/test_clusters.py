"""Clusters: information by another library, k-means against another, exact assignments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score

from workbench.errors import DataError, RecipeError
from workbench.retrieval import clusters
from workbench.retrieval.clusters import cluster_agreement, normalised_mutual_information


def crowd(noise=0.5, images=400, groups=20, dim=16):
    numbers = np.random.default_rng(0)
    ids = numbers.integers(0, groups, images)
    vectors = numbers.standard_normal((groups, dim))[ids]
    return (vectors + noise * numbers.standard_normal(vectors.shape)).astype(np.float32), ids


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2)), min_size=1, max_size=12))
def test_information_as_scikit_learn_counts_it(pairs):
    left, right = np.array(pairs).T
    expected = normalized_mutual_info_score(left, right)
    found = normalised_mutual_information(left, right)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.thorough
def test_clear_groups_are_found():
    vectors, ids = crowd(noise=0.01, groups=3)
    assert cluster_agreement(vectors, ids, seed=1).nmi == 1


@pytest.mark.thorough
def test_as_good_as_scikit_learn():
    vectors, ids = crowd()
    points = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def peer(seed):
        model = KMeans(20, n_init=1, init="random", max_iter=20, random_state=seed).fit(points)
        return normalized_mutual_info_score(ids, model.labels_)

    ours = np.mean([cluster_agreement(vectors, ids, seed=seed).nmi for seed in range(8)])
    assert ours > np.mean([peer(seed) for seed in range(8)]) - 0.02


@pytest.mark.thorough
def test_every_vector_is_with_its_nearest_centre_and_no_cluster_is_empty():
    vectors, ids = crowd()
    found = cluster_agreement(vectors, ids, iterations=200, normalise=False)
    assert found.iterations < 200  # nothing moved any more
    assert np.unique(found.assignments).tolist() == list(range(20))
    centres = np.stack([vectors[found.assignments == i].mean(axis=0) for i in range(20)])
    apart = ((vectors[:, None] - centres[None]) ** 2).sum(axis=2)
    np.testing.assert_array_equal(apart.argmin(axis=1), found.assignments)
    assert found.distortion == pytest.approx(apart.min(axis=1).sum(), rel=1e-5)


@pytest.mark.thorough
def test_threads_do_not_matter(monkeypatch):
    vectors, ids = crowd()
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        found.append(cluster_agreement(vectors, ids).assignments.tobytes())
    assert found[0] == found[1]


@pytest.mark.thorough
@pytest.mark.parametrize("room", [30, 16_384])
def test_comparing_with_moved_centres_alone_changes_nothing(monkeypatch, room):
    monkeypatch.setattr(clusters, "POINTS", room)
    points = crowd()[0]
    points[200:300] = points[:100]  # ties
    numbers = np.random.default_rng(2)
    centres = points[:40].copy()
    latest = clusters._assigned(points, centres, None, None)
    for moved in (0, 1, 10, 40):
        changed = centres.copy()
        changed[:moved] += numbers.standard_normal((moved, 16)).astype(np.float32) / 3
        quick = clusters._assigned(points, changed, latest, None)
        whole = clusters._assigned(points, changed, None, None)
        np.testing.assert_array_equal(quick.clusters, whole.clusters)
        np.testing.assert_array_equal(quick.distances, whole.distances)


def test_all_vectors_equal():
    found = cluster_agreement(np.ones((6, 3)), [1, 1, 2, 2, 3, 3])
    assert (found.num_clusters, found.distortion, found.nmi) == (3, 0, 0)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"clusters": 7}, RecipeError, "clusters = 7: must be from 1 to 2"),
        ({"iterations": 0}, RecipeError, "iterations = 0"),
        ({"features": np.zeros((2, 2))}, DataError, r"features\[0\] is a zero vector"),
    ],
)
def test_one_sentence_says_what_is_wrong(change, error, sentence):
    arguments = {"features": np.ones((2, 2)), "ids": [1, 2], **change}
    with pytest.raises(error, match=sentence):
        cluster_agreement(arguments.pop("features"), arguments.pop("ids"), **arguments)
