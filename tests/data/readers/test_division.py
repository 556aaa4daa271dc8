from pathlib import Path

from workbench.data.readers.division import divided
from workbench.data.samples import Sample, Split

A1, A2, A3 = (Sample(f"train/a{n}.jpg", 1, n) for n in (1, 2, 3))
B1, B2 = (Sample(f"train/b{n}.jpg", 2, n) for n in (1, 2))
C1 = Sample("train/c1.jpg", 3, 1)
QUERY = (Sample("query/d.jpg", 4, 1),)
GALLERY = (
    Sample("test/d.jpg", 4, 2),
    Sample("test/0.jpg", 0, 2),
    Sample("test/-1.jpg", -1, 2),
    Sample("test/e.jpg", 5, 2),
)
SPLIT = Split("small", Path("root"), (A3, B2, A1, C1, A2, B1), QUERY, GALLERY)


def test_as_published_nothing_validates():
    assert divided(SPLIT, "published") is SPLIT


def test_the_first_image_of_each_identity_is_kept_out():
    split = divided(SPLIT, "train")
    assert split.validation == (A1, B1)
    assert split.train == (A3, B2, C1, A2)
    assert split.notes == ("1 identity with one image: it is trained on alone.",)
    assert split.labels == SPLIT.labels


def test_or_it_is_trained_on_too():
    split = divided(SPLIT, "train_all")
    assert split.validation == (A1, B1)
    assert split.train == SPLIT.train
    assert "trained on too" in split.notes[-1]


def test_everything_may_be_trained_on_but_distractors_and_junk():
    split = divided(SPLIT, "combine_all")
    assert split.train == (*SPLIT.train, QUERY[0], GALLERY[0], GALLERY[3])
    assert split.query == QUERY
    assert split.identities == 5
    assert "Trained on 3 images of query and gallery too" in split.notes[-1]


def test_images_of_a_leave_one_out_set_are_added_once():
    split = Split("small", Path("root"), (A1, B1), QUERY, QUERY, leave_one_out=True)
    assert divided(split, "combine_all").train == (A1, B1, QUERY[0])
