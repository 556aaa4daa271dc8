"""Compiled and plain counting, on one thread and several, give the same counts and bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.retrieval.exact import compiled, counters, counting, pair_sides, pairs, vectors
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.products import margin_in_single
from workbench.retrieval.metrics import evaluate
from workbench.retrieval.relevance import Labels, find_relevance

FIELDS = ("starts", "ahead", "level", "earlier", "hits", "tie_start", "tie_size")


def problem(seed, images=60, dim=3, values=3, dtype=np.float32):
    """Vectors of few different numbers: many ties, many right answers."""
    numbers = np.random.default_rng(seed)
    query = numbers.integers(1, values + 1, (9, dim)).astype(dtype)
    gallery = numbers.integers(1, values + 1, (images, dim)).astype(dtype)
    labels = [numbers.integers(low, 4, size) for low, size in ((0, 9), (-1, images))]
    cameras = [numbers.integers(0, 3, size) for size in (9, images)]
    return query, gallery, Labels(*labels, *cameras)


def counts(query, gallery, labels, distance="cosine"):
    relevance = find_relevance(labels, drop_same_camera=True)
    found = counting.count(FeaturePairs(query, gallery, distance), relevance)
    return [getattr(found, name).tolist() for name in FIELDS]


def go_plain(monkeypatch):
    for module in (counting, pairs, pair_sides, vectors):
        monkeypatch.setattr(module, "kernels", lambda *_: None)


def test_this_machine_compiles():
    assert compiled.kernels() is not None


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["cosine", "euclidean"]),
    st.sampled_from([np.float16, np.float32, np.float64]),
    st.integers(1, 40),
)
def test_plain_and_compiled_count_alike(seed, distance, dtype, values):
    case = problem(seed, values=values, dtype=dtype)
    fast = counts(*case, distance)
    with pytest.MonkeyPatch.context() as patch:
        go_plain(patch)
        assert counts(*case, distance) == fast


@pytest.mark.thorough
@pytest.mark.parametrize("threads", ["1", "2", "5"])
@pytest.mark.parametrize("room", [1, 150])
def test_threads_and_room_for_open_pairs_do_not_matter(monkeypatch, threads, room):
    case = problem(1, images=100)
    expected = counts(*case)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setattr(counters, "OPEN_PAIRS", room)
    assert counts(*case) == expected


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_the_margin_of_a_float32_product_holds(distance):
    numbers = np.random.default_rng(5)
    # Lengths from 1e-12 to 1e12, and numbers that all but cancel.
    sizes = 10.0 ** numbers.uniform(-12, 12, 40)
    if distance == "euclidean":
        sizes = np.sqrt(sizes)
    gallery = (sizes[:, None] * numbers.standard_normal((40, 300))).astype(np.float32)
    gallery[1::2] = gallery[::2] * (1 + 1e-6 * numbers.standard_normal((20, 300)))
    both = FeaturePairs(gallery[:10], gallery, distance)
    for block in both.blocks():
        assert block.scores.dtype == np.float32
        rows, columns = np.indices(block.scores.shape)
        exact = both.scores(rows.ravel(), columns.ravel()).reshape(block.scores.shape)
        assert (np.abs(block.scores - exact) <= block.margin[:, None]).all()


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_values_that_differ_in_their_last_bit_keep_the_order_of_the_definition(distance):
    # The same numbers in other orders: sums that are equal on paper and not in float64.
    numbers = np.random.default_rng(6)
    query = np.full((1, 64), 0.1, dtype=np.float32)
    line = numbers.standard_normal(64).astype(np.float32)
    gallery = np.stack([numbers.permutation(line) for _ in range(40)])
    labels = Labels(
        np.array([1]), 1 + np.arange(40) % 2, *(-np.ones(size, dtype=int) for size in (1, 40))
    )
    values = FeaturePairs(query, gallery, distance).scores(np.zeros(40, dtype=int), np.arange(40))
    right, wrong = values[::2], values[1::2]
    assert 5 < len(np.unique(values)) < 40
    assert np.ptp(values) < 1e-12
    found = dict(zip(FIELDS, counts(query, gallery, labels, distance), strict=True))
    falling = sorted(right, reverse=True)
    assert found["ahead"] == [int((wrong > value).sum()) for value in falling]
    assert found["level"] == [int((wrong == value).sum()) for value in falling]
    assert found["tie_size"] == [int((right == value).sum()) for value in falling]


def test_the_margin_is_that_of_the_width():
    # A sum of n products is off by n units in the last place at most.
    assert margin_in_single(512) == pytest.approx(512 * 2.0**-24, rel=0.03)


def test_lengths_float32_cannot_hold_are_multiplied_in_float64():
    huge = np.full((2, 3), 1e30)
    block = next(FeaturePairs(huge, huge, "euclidean").blocks())
    assert block.scores.dtype == np.float64
    assert np.isfinite(block.scores).all()


@pytest.mark.thorough
def test_a_copy_of_the_vectors_gives_the_same_values():
    query, gallery, _ = problem(2, images=30, dim=7)
    rows, columns = (part.ravel() for part in np.indices((9, 30)))
    plain = FeaturePairs(query, gallery, "cosine").scores(rows, columns)
    frozen = gallery.copy()
    frozen.setflags(write=False)
    for other in (frozen, np.asfortranarray(gallery), np.repeat(gallery, 2, axis=0)[::2]):
        assert (FeaturePairs(query, other, "cosine").scores(rows, columns) == plain).all()


@pytest.mark.thorough
def test_no_compiled_loops_are_needed(monkeypatch):
    query, gallery, labels = problem(3)
    arguments = (query, gallery, labels.query_ids, labels.gallery_ids,
                 labels.query_cameras, labels.gallery_cameras)  # fmt: skip
    fast = evaluate(*arguments)
    go_plain(monkeypatch)
    plain = evaluate(*arguments)
    assert plain.average_precision.tobytes() == fast.average_precision.tobytes()
    assert plain.metrics() == fast.metrics()


def test_without_compiled_loops_on_request(monkeypatch):
    monkeypatch.setenv("WORKBENCH_COMPILED", "0")
    assert compiled.kernels.__wrapped__() is None


@pytest.mark.thorough
def test_progress_is_told_and_an_interrupt_ends_the_work():
    query, gallery, labels = problem(4)
    told = []
    relevance = find_relevance(labels, drop_same_camera=True)
    both = FeaturePairs(query, gallery, "cosine")
    counting.count(both, relevance, lambda *told_now: told.append(told_now))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1] == ("comparing", 540, 540)

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counting.count(both, relevance, interrupt)


def test_shares_cover_everything_once():
    for length in range(9):
        for number in (1, 2, 5):
            covered = [i for part in compiled.shares(length, number) for i in range(length)[part]]
            assert covered == list(range(length))
