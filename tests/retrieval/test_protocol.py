"""Every protocol on its miniature against figures counted image by image."""

import statistics
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score

from tests.retrieval.brute import figures_of, hits_of, unit, vectors_of
from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_folder
from workbench.errors import DataError, EmptySplit
from workbench.recipe.settings.evaluation import Clustering, Evaluation, GalleryDraws, ReRanking
from workbench.retrieval.clusters import cluster_agreement
from workbench.retrieval.protocol import protocol_report
from workbench.retrieval.protocol_parts import directions, draws, pooled_queries
from workbench.retrieval.rankings import Rankings

TRAPEZOID = Evaluation(average_precision="trapezoid", denominator="all", ranks=[1, 5, 10])


@pytest.fixture
def embedded(written):
    """Embeddings of a miniature, its images' names and folders alone."""

    def embed(kind, noise=1.2):
        return vectors_of(read_folder(written(kind), dataset_of(kind)), noise=noise)

    return embed


def sides(embeddings):
    query = list(zip(embeddings.query_images, embeddings.query, strict=True))
    return query, list(zip(embeddings.gallery_images, embeddings.gallery, strict=True))


def figures(embeddings, evaluation=TRAPEZOID, **more):
    return protocol_report(Rankings(embeddings, evaluation), **more)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "excluded"),
    [("market1501", True), ("p_dukemtmc", False), ("in_shop", False)],
)
def test_queries_against_a_gallery(embedded, kind, excluded):
    embeddings = embedded(kind)
    query, gallery = sides(embeddings)
    lists = [hits_of(vector, image, gallery) for image, vector in query]
    report = figures(embeddings)
    expected = figures_of(lists, trapezoid=True, every_query=True)
    assert report.metrics() == pytest.approx(expected)
    assert report.counts["queries"] == len(query)
    # No camera filter where the authors have none: nothing says a camera there.
    assert (report.counts["same_camera_pairs"] > 0) == excluded


@pytest.mark.thorough
def test_both_directions_are_counted_apart_and_weigh_the_same(embedded):
    embeddings = embedded("university1652")
    query, gallery = sides(embeddings)
    expected = {}
    for name, asking, answering in (
        ("satellite_to_drone", "satellite", "drone"),
        ("drone_to_satellite", "drone", "satellite"),
    ):
        others = [(image, vector) for image, vector in gallery if image.group == answering]
        lists = [hits_of(vec, image, others) for image, vec in query if image.group == asking]
        expected[name] = figures_of(lists, trapezoid=True, every_query=True)
    report = figures(embeddings)
    for name, own in expected.items():
        assert report.parts[name] == pytest.approx(own)
        assert report.metrics()[f"{name}.mAP"] == report.parts[name]["mAP"]
    both = [own["rank1"] for own in expected.values()]
    assert report.plain["rank1"] == pytest.approx(statistics.mean(both))
    assert both[0] != both[1]
    assert report.counts["queries"] == len(query)


@pytest.mark.thorough
def test_a_list_holds_only_the_other_kind_of_image(embedded):
    embeddings = embedded("university1652")
    rankings = Rankings(embeddings, Evaluation())
    again = rankings.re_ranked(ReRanking(k1=4, k2=2))
    satellite = next(i for i, s in enumerate(embeddings.query_images) if s.group == "satellite")
    behind = rankings.query_of(
        next(i for i, s in enumerate(embeddings.gallery_images) if s.group == "satellite")
    )
    drones = [i for i, s in enumerate(embeddings.gallery_images) if s.group == "drone"]
    for one in (rankings, again):
        for query in (satellite, behind):
            assert sorted(image.index for image in one.list(query, 1000)) == drones
        for query in (0, 3, 6, 20, 29):
            assert one.average_precision(query) == one.report.average_precision[query]


def test_a_direction_without_images_is_said(embedded):
    embeddings = embedded("university1652")
    kept = [i for i, sample in enumerate(embeddings.query_images) if sample.group == "drone"]
    alone = replace(
        embeddings,
        query=embeddings.query[kept],
        query_images=tuple(embeddings.query_images[i] for i in kept),
    )
    with pytest.raises(EmptySplit, match="0 satellite queries and 32 drone gallery images"):
        directions(alone)


@pytest.mark.thorough
def test_draws_take_one_image_of_each_vehicle(embedded):
    embeddings = embedded("vehicleid", noise=2.5)
    evaluation = TRAPEZOID.model_copy(update={"gallery_draws": GalleryDraws(count=4, seed=3)})
    report = figures(embeddings, evaluation)
    images, vehicles = len(embeddings.query_images), 6
    assert report.counts == {
        "queries": images - vehicles,
        "skipped_queries": 0,
        "gallery_images": vehicles,
        "junk_images": 0,
        "same_camera_pairs": 0,
    }
    each = []
    for part in draws(embeddings, 4, 3):
        query, gallery = sides(part.embeddings)
        assert [image.identity for image, _ in gallery] == sorted({i.identity for i, _ in gallery})
        assert len(gallery) == vehicles
        assert {i.path for i, _ in query} | {i.path for i, _ in gallery} == {
            image.path for image in embeddings.query_images
        }
        lists = [hits_of(vector, image, gallery) for image, vector in query]
        each.append(figures_of(lists, trapezoid=True, every_query=True))
        assert report.parts[part.name] == pytest.approx(each[-1])
    for name in ("mAP", "rank1", "rank5", "mINP"):
        values = [own[name] for own in each]
        assert report.plain[name] == pytest.approx(statistics.mean(values))
        assert report.parts["deviation"][name] == pytest.approx(statistics.stdev(values))
    assert len({own["mAP"] for own in each}) > 1
    assert "draw_4.rank1" in report.metrics()
    short = report.metrics(every_draw=False)
    assert "deviation.rank1" in short
    assert not any(name.startswith("draw_") for name in short)


def test_a_draw_does_not_depend_on_how_many_there_are(embedded):
    embeddings = embedded("vehicleid")
    few, many = draws(embeddings, 2, 0), draws(embeddings, 5, 0)
    for one, same in zip(few, many, strict=False):
        assert one.gallery.tolist() == same.gallery.tolist()
    assert [p.gallery.tolist() for p in draws(embeddings, 2, 1)] != [
        p.gallery.tolist() for p in few
    ]
    single = TRAPEZOID.model_copy(update={"gallery_draws": GalleryDraws(count=1)})
    report = figures(embeddings, single)
    assert dict(report.plain) == dict(report.parts["draw_1"])
    assert "deviation" not in report.parts


@pytest.mark.parametrize("kind", [pytest.param("cars196", marks=pytest.mark.thorough), "sop"])
def test_recall_and_agreement_leaving_one_out(embedded, kind):
    embeddings = embedded(kind)
    images = sides(embeddings)[1]
    lists = [
        hits_of(vector, image, images[:place] + images[place + 1 :])
        for place, (image, vector) in enumerate(images)
    ]
    expected = figures_of(lists, ranks=(1, 2, 4))
    evaluation = Evaluation(ranks=[1, 2, 4], clustering=Clustering(training_count=True, seed=1))
    report = figures(embeddings, evaluation, training_classes=8)
    found = report.metrics()
    assert list(found) == [
        *("mAP", "rank1", "mINP", "recall_at_1", "recall_at_2", "recall_at_4"),
        *("NMI", "NMI_training_count"),
    ]
    for k in (1, 2, 4):
        assert found[f"recall_at_{k}"] == pytest.approx(expected[f"rank{k}"])
    assert found["mAP"] == pytest.approx(expected["mAP"])
    classes = np.array([image.identity for image, _ in images])
    for name, clusters in (("NMI", len(set(classes.tolist()))), ("NMI_training_count", 8)):
        made = cluster_agreement(embeddings.gallery, classes, clusters=clusters, seed=1)
        assert found[name] == made.nmi
        assert made.nmi == pytest.approx(normalized_mutual_info_score(classes, made.assignments))


@pytest.mark.thorough
def test_queries_and_gallery_are_clustered_together(embedded):
    embeddings = embedded("in_shop")
    both = np.concatenate([embeddings.query, embeddings.gallery])
    classes = [s.identity for s in (*embeddings.query_images, *embeddings.gallery_images)]
    found = figures(embeddings, Evaluation(clustering=Clustering())).metrics()
    assert found["NMI"] == cluster_agreement(both, np.array(classes)).nmi


@pytest.mark.thorough
def test_nobody_is_clustered_who_shows_nobody(embedded):
    embeddings = embedded("market1501")
    images = [*embeddings.query_images, *embeddings.gallery_images]
    classes = np.array([image.identity for image in images])
    both = np.concatenate([embeddings.query, embeddings.gallery])[classes > 0]
    evaluation = Evaluation(clustering=Clustering(training_count=True))
    report = figures(embeddings, evaluation, training_classes=1000)
    assert report.metrics()["NMI"] == cluster_agreement(both, classes[classes > 0]).nmi
    assert "NMI_training_count" not in report.metrics()
    assert report.notes == (
        "NMI of 1000 clusters, as many as classes were trained on, is left out: there are 40"
        " images.",
    )


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["market1501", "prepared"])
def test_multiple_queries_are_means_of_directions(embedded, kind):
    embeddings = embedded(kind)
    query, gallery = sides(embeddings)
    more = list(zip(embeddings.multi_query_images, embeddings.multi_query, strict=True))
    lists = []
    for image, _ in query:
        same = [v for s, v in more if (s.identity, s.camera) == (image.identity, image.camera)]
        assert len(same) == 2
        lists.append(hits_of(np.mean([unit(vector) for vector in same], axis=0), image, gallery))
    report = figures(embeddings, TRAPEZOID.model_copy(update={"multi_query": True}))
    expected = figures_of(lists, trapezoid=True, every_query=True)
    assert report.parts["multi_query"] == pytest.approx(expected)
    assert report.plain == figures(embeddings).plain
    assert report.metrics()["multi_query.rank1"] == report.parts["multi_query"]["rank1"]


def test_a_query_without_more_images_stays_as_it_is(embedded):
    embeddings = embedded("market1501")
    first = embeddings.query_images[0]
    kept = [
        place
        for place, image in enumerate(embeddings.multi_query_images)
        if (image.identity, image.camera) != (first.identity, first.camera)
    ]
    fewer = replace(
        embeddings,
        multi_query=embeddings.multi_query[kept],
        multi_query_images=tuple(embeddings.multi_query_images[place] for place in kept),
    )
    pooled = pooled_queries(fewer)
    assert (pooled.query[0] == embeddings.query[0]).all()
    assert (pooled.query[2] != embeddings.query[2]).any()
    assert (embeddings.query == fewer.query).all()
    none = replace(embeddings, multi_query=None, multi_query_images=())
    asked = TRAPEZOID.model_copy(update={"multi_query": True})
    assert figures(none, asked).notes == (
        "There are no multi-query images: figures are of single queries alone.",
    )


@pytest.mark.thorough
def test_certainty_shortens_the_angle_to_an_image(embedded):
    embeddings, weight = embedded("market1501"), 0.7
    certainty = np.random.default_rng(4).normal(0, 0.5, len(embeddings.gallery)).astype(np.float32)
    certain = replace(embeddings, certainty=certainty)
    query, gallery = sides(embeddings)

    def near(own, other, place):
        chord = np.linalg.norm(own - other)
        return weight * float(certainty[place]) - 2 * np.arcsin(min(chord / 2, 1.0))

    lists = [hits_of(vector, image, gallery, near) for image, vector in query]
    evaluation = TRAPEZOID.model_copy(update={"certainty_weight": weight})
    expected = figures_of(lists, trapezoid=True, every_query=True)
    assert figures(certain, evaluation).plain == pytest.approx(expected)
    assert expected["mAP"] != figures(embeddings).plain["mAP"]
    rankings = Rankings(certain, evaluation)
    for row in (0, 5, 15):
        assert rankings.average_precision(row) == rankings.report.average_precision[row]
    distances = [image.distance for image in rankings.list(0, 1000)]
    assert distances == sorted(distances)
    with pytest.raises(DataError, match="say nothing of certainty"):
        figures(embeddings, evaluation)


@pytest.mark.thorough
def test_images_that_are_the_same_tie_under_certainty(embedded):
    embeddings = embedded("market1501")
    gallery = np.array(embeddings.gallery)
    gallery[:10] = embeddings.query[0]
    certainty = np.zeros(len(gallery), dtype=np.float32)
    same = replace(embeddings, gallery=gallery, certainty=certainty)
    plain = Rankings(same, TRAPEZOID).report
    angles = Rankings(same, TRAPEZOID.model_copy(update={"certainty_weight": 1.0})).report
    assert angles.metrics() == pytest.approx(plain.metrics())
    assert angles.tie_span == pytest.approx(plain.tie_span)
    assert plain.tie_span[0] < plain.tie_span[1]


def test_single_rankings_give_the_report_itself(embedded):
    embeddings = embedded("dukemtmc")
    rankings = Rankings(embeddings, TRAPEZOID)
    assert protocol_report(rankings).metrics() == rankings.report.metrics()
