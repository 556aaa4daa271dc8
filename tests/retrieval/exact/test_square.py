"""Images ranked among themselves: each pair is multiplied once, and the figures stay the same."""

from dataclasses import replace
from threading import Lock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.retrieval.exact import counting, pairs, product_blocks
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.metrics import evaluate
from workbench.retrieval.recall import recall_at
from workbench.retrieval.relevance import Labels, find_relevance

FIELDS = ("starts", "ahead", "level", "earlier", "hits", "tie_start", "tie_size")


def crowd(seed=0, images=120, dim=12, identities=20):
    """Clustered vectors with duplicates, and the labels of both sides alternately."""
    numbers = np.random.default_rng(seed)
    ids = numbers.integers(-1, identities, images)
    vectors = numbers.standard_normal((identities, dim))[ids]
    vectors = (vectors + numbers.standard_normal((images, dim))).astype(np.float32)
    vectors[images // 2 :] = vectors[: images - images // 2]
    cameras = numbers.integers(0, 4, images)
    return vectors, (ids, ids, cameras, cameras)


def bits(report):
    return report.metrics(), report.tie_span, report.average_precision.tobytes()


@pytest.mark.thorough
@settings(max_examples=10, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["cosine", "euclidean"]),
    st.sampled_from([np.float16, np.float32, np.float64]),
    st.integers(9, 31),
    st.booleans(),
)
def test_it_counts_what_two_sides_count(seed, distance, dtype, step, compiled):
    numbers = np.random.default_rng(seed)
    vectors = numbers.integers(1, 4, (31, 3)).astype(dtype)  # few numbers: many ties
    ids, cameras = numbers.integers(-1, 4, 31), numbers.integers(0, 3, 31)
    relevance = find_relevance(
        Labels(ids, ids, cameras, cameras), drop_same_camera=True, itself=np.arange(31)
    )

    def counts(gallery):
        found = counting.count(FeaturePairs(vectors, gallery, distance), relevance)
        return [getattr(found, name).tolist() for name in FIELDS]

    expected = counts(vectors.copy())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product_blocks, "SQUARE_BLOCK", step)
        if not compiled:
            patch.setattr(counting, "kernels", lambda *_: None)
        assert counts(vectors) == expected


@pytest.mark.thorough
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize(("threads", "step"), [("1", 30), ("2", 70), ("5", 31)])
def test_the_same_bits_for_any_block_and_number_of_threads(monkeypatch, distance, threads, step):
    vectors, labels = crowd()
    options = {"distance": distance, "leave_one_out": True}
    expected = bits(evaluate(vectors, vectors.copy(), *labels, **options))
    recalled = recall_at(vectors, labels[0], distance=distance).metrics()
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", step)
    monkeypatch.setattr("workbench.retrieval.exact.compiled.WORTH_THREADS", 0)
    assert bits(evaluate(vectors, vectors, *labels, **options)) == expected
    assert recall_at(vectors, labels[0], distance=distance).metrics() == recalled


@pytest.mark.thorough
@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("unit", [True, False])
def test_the_same_bits_for_any_precision_and_order(monkeypatch, precision, unit):
    vectors, labels = crowd()
    if unit:
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = evaluate(vectors, vectors, *labels, leave_one_out=True)
    monkeypatch.setattr(product_blocks, "fastest", lambda: precision)
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 50)
    order = np.random.default_rng(1).permutation(len(vectors))
    shuffled = vectors[order]
    found = evaluate(shuffled, shuffled, *(part[order] for part in labels), leave_one_out=True)
    assert found.metrics() == expected.metrics()
    assert found.average_precision.tobytes() == expected.average_precision[order].tobytes()


@pytest.mark.thorough
def test_the_same_bits_for_any_product_within_its_margin(monkeypatch):
    vectors, labels = crowd()
    expected = bits(evaluate(vectors, vectors, *labels, leave_one_out=True))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # noise is drawn in one order
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 10)
    numbers, made = np.random.default_rng(2), []
    product, ways = (getattr(product_blocks.ProductBlocks, name) for name in ("_block", "_error"))

    def blurred(*given):
        block = product(*given)
        made.append(block.scores.size)
        return replace(
            block, scores=block.scores + numbers.uniform(-0.01, 0.01, block.scores.shape)
        )

    monkeypatch.setattr(product_blocks.ProductBlocks, "_block", blurred)
    monkeypatch.setattr(product_blocks.ProductBlocks, "_error", lambda *_: ways(*_) + 0.01)
    assert bits(evaluate(vectors, vectors, *labels, leave_one_out=True)) == expected
    assert sum(made) < 0.6 * len(vectors) ** 2


def test_where_float32_ranks_wrongly_on_either_side_of_the_diagonal(monkeypatch):
    # As in test_metrics: the cosines to the query differ by 8e-11, far less than float32 can tell.
    query, wrong, right = [1, 1, 1], [1, 1, 1.00004], [1, 1, 1.00003]
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 1)
    for place, images, ids in (
        (0, [query, wrong, right], [1, 2, 1]),
        (2, [wrong, right, query], [2, 1, 1]),
    ):
        vectors = np.array(images, dtype=np.float32)
        report = evaluate(vectors, vectors, ids, ids, None, None, ties="worst", leave_one_out=True)
        assert report.average_precision[place] == 1


@pytest.mark.parametrize("threads", ["1", "5"])
def test_no_query_is_used_by_two_at_a_time_and_every_pair_comes_once(monkeypatch, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 9)
    monkeypatch.setattr("workbench.retrieval.exact.compiled.WORTH_THREADS", 0)
    vectors, _ = crowd(images=30)
    seen, busy, looking = np.zeros((30, 30), dtype=int), set(), Lock()

    def use(block):
        mine = set(range(block.queries.start, block.queries.stop))
        with looking:
            assert not mine & busy
            busy.update(mine)
        seen[block.queries, block.gallery] += 1
        exact = both.scores(np.repeat(sorted(mine), 30), np.tile(np.arange(30), len(mine)))
        exact = exact.reshape(-1, 30)[:, block.gallery]
        assert (np.abs(block.scores - exact) <= block.margin[:, None]).all()
        with looking:
            busy.difference_update(mine)

    both = FeaturePairs(vectors, vectors, "cosine")
    both.each_block(use)
    assert (seen == 1).all()


def test_an_interrupt_ends_the_work_and_leaves_nobody_waiting(monkeypatch):
    monkeypatch.setattr(product_blocks, "SQUARE_BLOCK", 9)
    vectors, _ = crowd(images=30)
    both = FeaturePairs(vectors, vectors, "cosine")

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        both.each_block(interrupt)
    given = []
    both.each_block(lambda block: given.append(block.scores.size))
    assert sum(given) == 900


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_memory_map_gives_the_same_bits(tmp_path, monkeypatch, dtype):
    vectors, labels = crowd()
    vectors = vectors.astype(dtype)
    expected = bits(evaluate(vectors, vectors, *labels, leave_one_out=True))
    monkeypatch.setattr(product_blocks, "BLOCK_NUMBERS", 12 * 60)
    monkeypatch.setattr(pairs, "PAIR_NUMBERS", 12 * 60)
    np.save(tmp_path / "vectors.npy", vectors)
    on_disk = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    assert bits(evaluate(on_disk, on_disk, *labels, leave_one_out=True)) == expected
