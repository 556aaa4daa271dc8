"""Re-ranking against the formula of the paper, written plainly over full matrices."""

import numpy as np
import pytest
import torch

from workbench.errors import DataError, RecipeError, ShapeError
from workbench.retrieval.exact import nearest, pair_sides, pairs, product_blocks, vectors
from workbench.retrieval.exact.matrix_pairs import MatrixPairs
from workbench.retrieval.exact.nearest import find_nearest
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.metrics import (
    Rules,
    evaluate,
    evaluate_distances,
    read_labels,
    relevance_of,
    report,
)
from workbench.retrieval.reranking import neighbourhoods, reranked_pairs, sparse
from workbench.retrieval.reranking.rerank import rerank


def crowd(seed=0, queries=25, images=90, dim=8, identities=12):
    numbers = np.random.default_rng(seed)
    centres = numbers.standard_normal((identities, dim))

    def part(size):
        ids = numbers.integers(0, identities, size)
        return (centres[ids] + 0.7 * numbers.standard_normal((size, dim))).astype(np.float32), ids

    return part(queries), part(images)


def by_the_paper(query, gallery, k1, k2, weight, distance, power=1):
    """Zhong et al. 2017, sections 3.2 to 3.5."""
    everything = np.concatenate([query, gallery]).astype(np.float64)
    if distance == "cosine":
        everything /= np.linalg.norm(everything, axis=1, keepdims=True)
    original = ((everything[:, None] - everything[None]) ** 2).sum(axis=2)
    original = (original / original.max(axis=1, keepdims=True)) ** power
    nearest = np.argsort(original, axis=1, kind="stable")
    number = len(everything)

    def reciprocal(image, k):
        return [j for j in nearest[image, : k + 1] if image in nearest[j, : k + 1]]

    encoding = np.zeros((number, number))
    for image in range(number):
        members = set(reciprocal(image, k1))
        for candidate in reciprocal(image, k1):
            others = set(reciprocal(candidate, int(np.around(k1 / 2))))
            if len(others & set(reciprocal(image, k1))) > 2 / 3 * len(others):
                members |= others
        chosen = sorted(members)
        encoding[image, chosen] = np.exp(-original[image, chosen])
        encoding[image] /= encoding[image].sum()
    encoding = np.stack([encoding[nearest[image, :k2]].mean(axis=0) for image in range(number)])
    result = np.empty((len(query), len(gallery)))
    for q in range(len(query)):
        for g in range(len(gallery)):
            left, right = encoding[q], encoding[len(query) + g]
            jaccard = 1 - np.minimum(left, right).sum() / np.maximum(left, right).sum()
            result[q, g] = (1 - weight) * jaccard + weight * original[q, len(query) + g]
    return result


@pytest.mark.thorough
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize(("k1", "k2", "weight"), [(20, 6, 0.3), (5, 1, 0.0), (7, 9, 1.0)])
def test_the_formula_of_the_paper(k1, k2, weight, distance):
    (query, _), (gallery, _) = crowd()
    found = rerank(query, gallery, k1=k1, k2=k2, weight=weight, distance=distance)
    assert found.dtype == np.float32
    expected = by_the_paper(query, gallery, k1, k2, weight, distance)
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("compiled", [True, False])
def test_layumis_squares_the_squared_distance_once_more(monkeypatch, compiled):
    if not compiled:
        monkeypatch.setattr(reranked_pairs, "kernels", lambda *_: None)
    (query, _), (gallery, _) = crowd(queries=8, images=40)
    found = rerank(query, gallery, k1=10, k2=3, squared=True)
    expected = by_the_paper(query, gallery, 10, 3, 0.3, "cosine", power=2)
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)
    assert np.abs(found - rerank(query, gallery, k1=10, k2=3)).max() > 0.01


def test_squared_distances_give_the_same_figures_block_by_block():
    (query, query_ids), (gallery, gallery_ids) = crowd(queries=10, images=60)
    labels = query_ids, gallery_ids, None, None
    whole = evaluate_distances(rerank(query, gallery, k1=10, k2=3, squared=True), *labels)
    everything = np.concatenate([query, gallery])
    near = neighbourhoods.Neighbourhoods(everything, 10, 3, "cosine", squared=True)
    fused = near.pairs(np.arange(10), slice(10, None), 0.3)
    relevance = relevance_of(read_labels(*labels, fused.shape), True, False)
    assert report(fused, relevance, Rules()).metrics() == whole.metrics()


@pytest.mark.thorough
def test_block_sizes_do_not_matter(monkeypatch):
    (query, _), (gallery, _) = crowd()
    whole = rerank(query, gallery)
    monkeypatch.setattr("workbench.retrieval.reranking.neighbourhoods.ROWS", 7)
    monkeypatch.setattr(product_blocks, "QUERY_BLOCK", 11)
    monkeypatch.setattr(product_blocks, "BLOCK_NUMBERS", 13 * 8)
    np.testing.assert_allclose(rerank(query, gallery), whole, atol=1e-7, rtol=0)


def test_it_helps_where_identities_are_clusters():
    (query, query_ids), (gallery, gallery_ids) = crowd(images=300)
    labels = query_ids, gallery_ids, None, None
    plain = evaluate(query, gallery, *labels)
    again = evaluate_distances(rerank(torch.from_numpy(query), gallery), *labels)
    assert again.mAP > plain.mAP + 0.05


@pytest.mark.thorough
def test_equal_images_are_equally_far():
    ones = np.ones((3, 4))
    assert np.unique(rerank(ones, ones, k1=2, k2=1)).size == 1


@pytest.mark.thorough
@pytest.mark.parametrize("k", [1, 4, 30, 100])
@pytest.mark.parametrize("numbers", [8, 8 * 7, 8 * 1000])
def test_nearest_in_exact_order_with_ties_by_column(monkeypatch, k, numbers):
    monkeypatch.setattr(product_blocks, "QUERY_BLOCK", 6)
    monkeypatch.setattr(product_blocks, "BLOCK_NUMBERS", numbers)
    gallery = np.random.default_rng(0).integers(1, 4, (40, 8)).astype(np.float32)
    gallery[20:] = gallery[:20]
    of_features = FeaturePairs(gallery[:9], gallery, "cosine")
    rows, columns = np.indices((9, 40))
    scores = of_features.scores(rows.ravel(), columns.ravel()).reshape(9, 40)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found = find_nearest(of_features, k)
    np.testing.assert_array_equal(found.columns, expected)
    np.testing.assert_allclose(found.lowest, scores.min(axis=1), atol=1e-14)
    np.testing.assert_array_equal(find_nearest(MatrixPairs(-scores), k).columns, expected)


@pytest.mark.thorough
@pytest.mark.parametrize("k", [1, 40])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("step", [7, 1000])
def test_images_among_themselves_are_multiplied_once(monkeypatch, k, distance, threads, step):
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", step)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    images = np.random.default_rng(0).integers(1, 4, (150, 8)).astype(np.float32)
    images[20:] *= np.linspace(1, 30, 130, dtype=np.float32)[:, None]  # margins differ by block
    images[100:130] = images[:30]
    square = FeaturePairs(images, images, distance)
    assert square.is_square
    rows, columns = np.indices((150, 150))
    scores = square.scores(rows.ravel(), columns.ravel()).reshape(150, 150)
    found = find_nearest(square, k)
    np.testing.assert_array_equal(found.columns, np.argsort(-scores, axis=1, kind="stable")[:, :k])
    np.testing.assert_array_equal(found.lowest, scores.min(axis=1))
    multiplied, given = [], []
    product = product_blocks.ProductBlocks._block

    def noted(*arguments):
        block = product(*arguments)
        multiplied.append(block.scores.size)
        return block

    monkeypatch.setattr(product_blocks.ProductBlocks, "_block", noted)
    square.each_block(lambda block: given.append(block.scores.size))
    assert sum(given) == 150**2
    assert sum(multiplied) < 0.6 * 150**2 or step > 50


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"k1": 9}, RecipeError, "k1 = 9: must be from 1 to 8"),
        ({"k1": 2, "k2": 0}, RecipeError, "k2 = 0: must be from 1 to 8"),
        ({"weight": 1.5}, RecipeError, "weight = 1.5: must be from 0 to 1"),
        ({"query": np.ones((3, 5))}, ShapeError, "width 5, gallery vectors 4"),
        ({"query": np.zeros((3, 4))}, DataError, r"query\[0\] is a zero vector"),
        ({"gallery": np.diag([1.0, 1, 0, 1])}, DataError, r"gallery\[2\] is a zero vector"),
    ],
)
def test_one_sentence_says_what_is_wrong(change, error, sentence):
    arguments = {"query": np.ones((3, 4)), "gallery": np.ones((6, 4)), "k1": 2, "k2": 1, **change}
    with pytest.raises(error, match=sentence):
        rerank(arguments.pop("query"), arguments.pop("gallery"), **arguments)


@pytest.mark.thorough
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_plain_and_compiled_give_the_same_bits(monkeypatch, distance):
    (query, _), (gallery, _) = crowd()
    gallery[40:60] = gallery[:20]
    fast = rerank(query, gallery, distance=distance)
    for module in (pairs, pair_sides, vectors, nearest, neighbourhoods, reranked_pairs, sparse):
        monkeypatch.setattr(module, "kernels", lambda *_: None)
    np.testing.assert_array_equal(rerank(query, gallery, distance=distance), fast)


@pytest.mark.thorough
@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_matrix_is_not_needed_for_the_figures(monkeypatch, threads):
    (query, query_ids), (gallery, gallery_ids) = crowd(images=400)
    gallery[100:200] = gallery[:100]
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    labels = query_ids, gallery_ids, None, None
    whole = evaluate_distances(rerank(query, gallery), *labels)
    everything = np.concatenate([query, gallery])
    fused = neighbourhoods.Neighbourhoods(everything, 20, 6, "cosine").pairs(
        np.arange(25), slice(25, None), 0.3
    )
    relevance = relevance_of(read_labels(*labels, fused.shape), True, False)
    found = report(fused, relevance, Rules())
    assert found.metrics() == whole.metrics()
    assert found.average_precision.tobytes() == whole.average_precision.tobytes()


def test_more_equal_images_than_there_is_room_for():
    query, gallery = np.ones((3, 4), dtype=np.float32), np.ones((200, 4), dtype=np.float32)
    gallery[7] = [1, 1, 1, 0]
    found = find_nearest(FeaturePairs(query, gallery, "cosine"), 5)
    np.testing.assert_array_equal(found.columns, [[0, 1, 2, 3, 4]] * 3)
    np.testing.assert_allclose(found.lowest, np.sqrt(0.75))
