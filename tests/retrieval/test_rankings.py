"""Questions about stored embeddings: the answers agree with each other and with `evaluate`."""

from pathlib import Path

import numpy as np
import pytest

from workbench.data.samples import Sample
from workbench.errors import DataError, RecipeError
from workbench.recipe.settings.evaluation import Evaluation, ReRanking
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.metrics import evaluate, evaluate_distances
from workbench.retrieval.rankings import Rankings
from workbench.retrieval.reranking.rerank import rerank

RE_RANKING = ReRanking(k1=6, k2=3)


def images(numbers, size, part):
    ids, cameras = numbers.integers(-1, 5, size), numbers.integers(0, 4, size)
    pairs = zip(ids.tolist(), cameras.tolist(), strict=True)
    return tuple(Sample(f"{part}/{i}.png", *labels) for i, labels in enumerate(pairs))


def embeddings(leave_one_out=False):
    numbers = np.random.default_rng(5)
    gallery_images = images(numbers, 40, "gallery")
    query_images = gallery_images if leave_one_out else images(numbers, 9, "query")
    centres = numbers.standard_normal((6, 8))

    def vectors(samples):
        of = np.stack([centres[sample.identity] for sample in samples])
        return (of + numbers.standard_normal(of.shape)).astype(np.float32)

    gallery = vectors(gallery_images)
    gallery[30:] = gallery[:10]
    query = gallery if leave_one_out else vectors(query_images)
    if not leave_one_out:
        query_images = tuple(s for s in query_images if s.identity > 0)
        query = query[: len(query_images)]
    return Embeddings(query, gallery, query_images, gallery_images, Path("shown"), leave_one_out)


def same(left, right):
    assert left.metrics() == right.metrics()
    np.testing.assert_array_equal(left.average_precision, right.average_precision)


@pytest.mark.thorough
@pytest.mark.parametrize("leave_one_out", [False, True])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_the_report_is_that_of_evaluate(leave_one_out, distance):
    stored = embeddings(leave_one_out)
    labels = stored.labels()
    settings = Evaluation(
        distance=distance,
        average_precision="trapezoid",
        denominator="all",
        drop_same_camera=False,
        ranks=[1, 3],
        ties="worst",
    )
    expected = evaluate(
        stored.query, stored.gallery, labels.query_ids, labels.gallery_ids, labels.query_cameras,
        labels.gallery_cameras, distance=distance, average_precision="trapezoid",
        denominator="all", drop_same_camera=False, ranks=(1, 3), ties="worst",
        leave_one_out=leave_one_out,
    )  # fmt: skip
    same(Rankings(stored, settings).report, expected)


@pytest.mark.thorough
@pytest.mark.parametrize("re_ranking", [None, RE_RANKING])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("ties", ["mean", "index"])
def test_one_query_agrees_with_the_report(re_ranking, distance, ties):
    settings = Evaluation(distance=distance, ties=ties, re_ranking=re_ranking)
    rankings = Rankings(embeddings(), settings)
    for query, expected in enumerate(rankings.report.average_precision.tolist()):
        found = rankings.average_precision(query)
        assert found == expected or (found is None and np.isnan(expected))
        if ties == "index" and found is not None:
            assert rankings.precision_recall(query)[1].mean() == pytest.approx(found)


@pytest.mark.thorough
@pytest.mark.parametrize("re_ranking", [None, RE_RANKING])
def test_lists_are_in_order_and_complete(re_ranking):
    rankings = Rankings(embeddings(), Evaluation(re_ranking=re_ranking))
    found = rankings.list(0, k=1000)
    assert sorted(image.index for image in found) == list(range(40))
    distances = [image.distance for image in found]
    assert distances == sorted(distances)
    assert 0 <= distances[0] <= distances[-1] <= 2
    assert [image.rank for image in found if not image.excluded] == list(
        range(1, 1 + sum(not image.excluded for image in found))
    )


@pytest.mark.thorough
def test_re_ranking_is_a_switch():
    stored = embeddings()
    plain = Rankings(stored, Evaluation())
    again = plain.re_ranked(RE_RANKING)
    labels = stored.labels()
    expected = evaluate_distances(
        rerank(stored.query, stored.gallery, k1=6, k2=3, weight=0.3),
        *(labels.query_ids, labels.gallery_ids, labels.query_cameras, labels.gallery_cameras),
    )
    same(again.report, expected)
    same(again.re_ranked(None).report, plain.report)
    assert again.report.mAP != plain.report.mAP


@pytest.mark.parametrize("re_ranking", [None, RE_RANKING])
def test_any_gallery_image_can_be_the_query(re_ranking):
    rankings = Rankings(embeddings(), Evaluation(re_ranking=re_ranking))
    query = rankings.query_of(3)
    assert query == rankings.num_queries + 3 == rankings.query_of("gallery/3.png")
    assert rankings.image_of(query).path == "gallery/3.png"
    found = rankings.list(query, k=40)
    # Gallery image 33 has the same vector, image 3 is the query itself.
    assert {image.index for image in found[:2]} == {3, 33}
    assert [image.excluded for image in found if image.index == 3] == ["the query itself"]


@pytest.mark.thorough
def test_leave_one_out_numbers_an_image_once():
    rankings = Rankings(embeddings(leave_one_out=True), Evaluation(re_ranking=RE_RANKING))
    assert rankings.query_of(3) == rankings.query_of("gallery/3.png") == 3
    assert [i.excluded for i in rankings.list(3, 40) if i.index == 3] == ["the query itself"]
    assert 0 <= rankings.report.mAP <= 1


def test_orders():
    rankings = Rankings(embeddings(), Evaluation())
    worst = rankings.report.average_precision[rankings.order("worst")]
    valid = worst[~np.isnan(worst)]
    assert np.isnan(worst[len(valid) :]).all()
    np.testing.assert_array_equal(valid, np.sort(valid))
    ids = [rankings.image_of(int(query)).identity for query in rankings.order("id")]
    assert ids == sorted(ids)
    drawn = rankings.order("random", seed=1)
    np.testing.assert_array_equal(drawn, rankings.order("random", seed=1))
    assert sorted(drawn.tolist()) == list(range(rankings.num_queries))
    assert drawn.tolist() != rankings.order("random", seed=2).tolist()


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda r: r.query_of(40), "There is no gallery image 40: they are numbered from 0 to 39"),
        (lambda r: r.query_of("a.png"), "'a.png' is neither a query nor a gallery image of shown"),
        (lambda r: r.list(-1), "There is no query -1"),
        (lambda r: r.list(1000), "There is no query 1000: they are numbered from 0 to"),
    ],
)
def test_what_is_not_there_is_said(ask, sentence):
    with pytest.raises(DataError, match=sentence):
        ask(Rankings(embeddings(), Evaluation()))


def test_too_few_images_to_re_rank_is_said():
    rankings = Rankings(embeddings(), Evaluation(re_ranking=ReRanking(k1=200)))
    with pytest.raises(RecipeError, match="k1 = 200: must be from 1 to") as refusal:
        _ = rankings.report
    assert refusal.value.path == "evaluation.re_ranking.k1"
