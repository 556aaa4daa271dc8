"""One ranked list: order, verdicts, and why an image does not count."""

import numpy as np
import pytest

from workbench.retrieval.ranked_list import Query, Ranking

# Identities and cameras of a gallery that stands in order of distance.
IDS = np.array([7, -1, 0, 7, 3, 7])
CAMERAS = np.array([1, 2, 2, 2, 1, -1])


def ranking(query, scores=None, drop_same_camera=True):
    scores = -np.arange(6.0) if scores is None else np.array(scores, dtype=np.float64)
    return Ranking(scores, -scores, query, IDS, CAMERAS, drop_same_camera=drop_same_camera)


def test_verdicts_and_reasons_by_hand():
    images = ranking(Query(identity=7, camera=1)).top(10)
    assert [(i.index, i.distance, i.verdict, i.excluded, i.rank) for i in images] == [
        (0, 0.0, "match", "same identity, same camera", None),
        (1, 1.0, "distractor", "junk", None),
        (2, 2.0, "distractor", None, 1),
        (3, 3.0, "match", None, 2),
        (4, 4.0, "wrong", None, 3),
        (5, 5.0, "match", None, 4),  # an unknown camera is nobody's own
    ]


def test_excluded_images_stand_in_their_place_and_do_not_use_up_the_list():
    images = ranking(Query(identity=7, camera=1)).top(2)
    assert [image.index for image in images] == [0, 1, 2, 3]
    assert ranking(Query(identity=7, camera=1)).top(0) == []


def test_a_gallery_image_does_not_find_itself():
    images = ranking(Query(identity=7, camera=2, column=3)).top(6)
    assert {image.index: image.excluded for image in images if image.excluded} == {
        1: "junk",
        3: "the query itself",
    }


@pytest.mark.parametrize(("identity", "column"), [(0, 2), (-1, 1)])
def test_a_distractor_or_junk_image_has_no_right_answer(identity, column):
    asked = ranking(Query(identity=identity, camera=2, column=column))
    assert not asked.hits().any()
    assert asked.recall().size == asked.precision().size == 0
    assert "match" not in {image.verdict for image in asked.top(6)}
    assert [i.excluded for i in asked.top(6) if i.index == column] == ["the query itself"]


def test_precision_and_recall_by_hand():
    asked = ranking(Query(identity=7, camera=1))
    np.testing.assert_allclose(asked.recall(), [1 / 2, 1])
    np.testing.assert_allclose(asked.precision(), [1 / 2, 2 / 4])
    np.testing.assert_array_equal(asked.hits(), [False, True, False, True])


def test_equal_distances_stand_in_gallery_order():
    images = ranking(Query(identity=7), scores=[1, 1, 2, 1, 2, 1]).top(6)
    assert [image.index for image in images] == [2, 4, 0, 1, 3, 5]


def test_cameras_count_only_where_asked():
    images = ranking(Query(identity=7, camera=1), drop_same_camera=False).top(1)
    assert (images[0].index, images[0].excluded) == (0, None)


def test_identity_0_is_a_person_where_a_query_has_it():
    scores = -np.arange(6.0)
    asked = Ranking(
        scores, -scores, Query(0, 1), IDS, CAMERAS, drop_same_camera=True, zero_is_person=True
    )
    verdicts = {image.index: image.verdict for image in asked.top(6)}
    assert verdicts == {0: "wrong", 1: "distractor", 2: "match", 3: "wrong", 4: "wrong", 5: "wrong"}
