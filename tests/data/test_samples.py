from pathlib import Path

import pytest

from workbench.data.samples import (
    Sample,
    Split,
    matches,
    require_ranking,
    require_training,
)
from workbench.errors import EmptySplit

A1, A2 = Sample("a/1.png", identity=7, camera=1), Sample("a/2.png", identity=7, camera=2)
B1 = Sample("b/1.png", identity=3, camera=1)


def split(train=(), query=(), gallery=(), **others) -> Split:
    return Split("small", Path("somewhere"), train, query, gallery, **others)


def test_labels_are_ranks_of_the_training_identities():
    assert split(train=(A1, B1, A2)).labels == {3: 0, 7: 1}
    assert split(train=(A1, B1, A2)).identities == 2


def test_a_digest_sees_names_identities_and_cameras_but_not_their_order():
    digest = split(train=(A1, B1)).digest("train")
    assert digest == split(train=(B1, A1)).digest("train")
    assert len(digest) == 16
    assert set(digest) <= set("0123456789abcdef")
    others = [
        Sample("a/1.jpg", 7, 1),
        Sample("a/1.png", 8, 1),
        Sample("a/1.png", 7, 2),
    ]
    assert len({digest, *(split(train=(other, B1)).digest("train") for other in others)}) == 4


def test_a_match_is_another_image_of_the_identity():
    assert matches(split(query=(A1, B1), gallery=(A2, A1, B1))) == [2, 1]
    alone = split(query=(A1, A2, B1), gallery=(A1, A2, B1), leave_one_out=True)
    assert matches(alone) == [1, 1, 0]


def test_nothing_to_train_on_is_refused():
    with pytest.raises(EmptySplit, match="somewhere has no images to train on"):
        require_training(split())
    with pytest.raises(EmptySplit, match=r"somewhere has one identity to train on \(2 images\)"):
        require_training(split(train=(A1, A2)))
    require_training(split(train=(A1, B1)))


def test_nothing_to_rank_is_refused():
    with pytest.raises(EmptySplit, match="no query images"):
        require_ranking(split(gallery=(A1,)))
    with pytest.raises(EmptySplit, match="no gallery images"):
        require_ranking(split(query=(A1,)))
    with pytest.raises(
        EmptySplit, match="somewhere has 1 query and for none of them another image"
    ):
        require_ranking(split(query=(A1,), gallery=(B1,)))
    require_ranking(split(query=(A1,), gallery=(A2,)))
