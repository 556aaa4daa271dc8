"""Counting on a device gives the figures of counting here; the processor stands in for one."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.retrieval import clusters
from workbench.retrieval.clusters import cluster_agreement
from workbench.retrieval.exact import counting, on_device
from workbench.retrieval.exact import vector_pairs as given_module
from workbench.retrieval.exact.on_device import DevicePairs
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.metrics import evaluate
from workbench.retrieval.recall import recall_at
from workbench.retrieval.relevance import Labels, find_relevance
from workbench.retrieval.reranking import rerank

FIELDS = ("starts", "ahead", "level", "earlier", "hits", "tie_start", "tie_size")


def problem(seed, values=3, images=60, dim=3):
    """Vectors of few different numbers: many ties, many right answers."""
    numbers = np.random.default_rng(seed)
    query = numbers.integers(1, values + 1, (9, dim)).astype(np.float32)
    gallery = numbers.integers(1, values + 1, (images, dim)).astype(np.float32)
    labels = [numbers.integers(low, 4, size) for low, size in ((0, 9), (-1, images))]
    cameras = [numbers.integers(0, 3, size) for size in (9, images)]
    return query, gallery, Labels(*labels, *cameras)


def counts(pairs, labels):
    found = counting.count(pairs, find_relevance(labels, drop_same_camera=True))
    return [getattr(found, name).tolist() for name in FIELDS]


@pytest.mark.thorough
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["cosine", "euclidean"]), st.integers(1, 40))
def test_it_counts_what_is_counted_here(seed, distance, values):
    query, gallery, labels = problem(seed, values)
    here = counts(FeaturePairs(query, gallery, distance), labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_device, "QUERIES", 4)
        patch.setattr(on_device, "IMAGES", 17)
        assert counts(DevicePairs(query, gallery, distance, "cpu"), labels) == here


@pytest.mark.thorough
def test_pairs_that_are_looked_at_closer_come_in_parts(monkeypatch):
    monkeypatch.setattr(on_device, "CLOSER_PAIRS", 5)
    query, gallery, labels = problem(1)
    here = counts(FeaturePairs(query, gallery, "cosine"), labels)
    assert counts(DevicePairs(query, gallery, "cosine", "cpu"), labels) == here


@pytest.mark.thorough
def test_blocks_and_closer_scores_stay_within_their_margins():
    query, gallery, _ = problem(2, values=30, dim=40)
    for distance in ("cosine", "euclidean"):
        both = DevicePairs(query, gallery, distance, "cpu")
        rows, columns = (part.ravel() for part in np.indices(both.shape))
        exact = both.scores(rows, columns)
        for precision in (None, "float64"):
            for block in both.blocks(precision):
                apart = np.abs(
                    block.scores - exact.reshape(both.shape)[block.queries, block.gallery]
                )
                assert (apart <= block.margin[:, None]).all()
        closer, margins = both.quick_scores(rows, columns)
        assert (np.abs(closer - exact) <= margins[rows]).all()


def test_lengths_float32_cannot_hold_are_counted_here():
    huge = np.array([[1e30, 0], [0, 1e30], [1e30, 1e30]])
    labels = Labels(*(np.array([1, 1, 2]),) * 2, *(np.full(3, -1),) * 2)
    assert not DevicePairs(huge, huge, "euclidean", "cpu").can_count()
    here = counts(FeaturePairs(huge, huge, "euclidean"), labels)
    assert counts(DevicePairs(huge, huge, "euclidean", "cpu"), labels) == here


def test_progress_is_told():
    query, gallery, labels = problem(4)
    told = []
    relevance = find_relevance(labels, drop_same_camera=True)
    both = DevicePairs(query, gallery, "cosine", "cpu")
    counting.count(both, relevance, lambda *now: told.append(now))
    assert told == [("comparing", 540, 540)]


def everything(query, gallery, labels):
    arrays = labels.query_ids, labels.gallery_ids, labels.query_cameras, labels.gallery_cameras
    report = evaluate(query, gallery, *arrays)
    recalled = recall_at(gallery, labels.gallery_ids, ks=(1, 2))
    return (
        report.metrics(), report.average_precision.tobytes(), recalled.metrics(),
        rerank.rerank(query, gallery, k1=5, k2=2).tobytes(),
        cluster_agreement(gallery, labels.gallery_ids).assignments.tobytes(),
    )  # fmt: skip


@pytest.mark.thorough
def test_every_public_call_on_a_device(monkeypatch):
    query, gallery, labels = problem(3, values=40, dim=8)
    here = everything(query, gallery, labels)
    used = []
    original = DevicePairs.__init__
    monkeypatch.setattr(
        DevicePairs, "__init__", lambda self, *given: (used.append(1), original(self, *given))[0]
    )
    for module in (given_module, rerank, clusters):
        monkeypatch.setattr(module, "device_of", lambda *_: "cpu")
    assert everything(query, gallery, labels) == here
    assert len(used) > 4  # evaluate, recall_at, twice for re-ranking, every round of k-means


def test_the_device_of_what_is_given():
    here, there = torch.zeros(1, 1), torch.zeros(1, 1, device="meta")
    assert given_module.device_of(np.zeros(1), here) is None
    assert given_module.device_of(here, there) == "meta"


@pytest.mark.gpu
def test_a_gpu_gives_the_same_bits():
    query, gallery, labels = problem(5, values=60, images=3000, dim=64)
    here = everything(query, gallery, labels)
    there = everything(torch.from_numpy(query).cuda(), torch.from_numpy(gallery).cuda(), labels)
    assert there == here


@pytest.mark.gpu
def test_a_gpu_may_use_short_products_elsewhere():
    query, gallery, labels = problem(6, values=60, images=3000, dim=64)
    here = everything(query, gallery, labels)
    torch.set_float32_matmul_precision("medium")
    try:
        vectors = torch.from_numpy(query).cuda(), torch.from_numpy(gallery).cuda()
        assert everything(*vectors, labels) == here
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")
