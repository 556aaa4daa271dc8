from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.samplers import epoch_batches, keyed_generator, steps_per_epoch
from workbench.errors import RecipeError
from workbench.recipe.samplers import IdentityBatches, Shuffle


def identities_of(*counts: int) -> np.ndarray:
    """Identity 0 with so many images, identity 1 with so many, ..."""
    return np.repeat(np.arange(len(counts)), counts)


many = st.lists(st.integers(1, 7), min_size=2, max_size=20).map(lambda counts: tuple(counts))


def test_keys_that_differ_in_a_trailing_zero_differ():
    draws = {
        keyed_generator(*key).random()
        for key in ((1, 2, 0, 0), (1, 2, 0, 1), (1, 2, 1, 0), (1, 0, 2, 0), (0, 1, 2, 0))
    }
    assert len(draws) == 5


@given(
    images=st.integers(2, 60), size=st.integers(1, 12), drop=st.booleans(), epoch=st.integers(0, 3)
)
def test_shuffle_shows_every_image_once_but_a_rest(images, size, drop, epoch):
    sampler = Shuffle(batch_size=size, drop_last=drop)
    if drop and size > images:
        return
    batches = epoch_batches(sampler, np.arange(images), seed=5, epoch=epoch)
    shown = np.concatenate(batches)
    assert len(batches) == steps_per_epoch(sampler, np.arange(images))
    assert len(set(shown.tolist())) == len(shown)
    rest = images % size
    left_out = rest if drop else int(rest == 1 and images > size)
    assert len(shown) == images - left_out
    assert all(len(batch) == size for batch in batches[:-1])


@settings(deadline=None)
@given(counts=many, p=st.integers(2, 8), k=st.integers(2, 5), epoch=st.integers(0, 5))
@pytest.mark.parametrize("mode", ["identities", "images"])
def test_every_batch_has_p_identities_with_k_images(mode, counts, p, k, epoch):
    identities = identities_of(*counts)
    if p > len(counts):
        return
    sampler = IdentityBatches(identities=p, images=k, epoch=mode)
    batches = epoch_batches(sampler, identities, seed=1, epoch=epoch)
    assert len(batches) == steps_per_epoch(sampler, identities)
    for batch in batches:
        people, images_each = np.unique(identities[batch], return_counts=True)
        assert len(people) == p
        assert set(images_each.tolist()) == {k}
        for person in people:
            shown = batch[identities[batch] == person]
            assert len(set(shown.tolist())) == min(k, counts[person])


@settings(deadline=None, max_examples=40)
@given(count=st.integers(2, 25), p=st.integers(2, 9), seed=st.integers(0, 99))
def test_nobody_is_left_out_of_two_epochs_running_and_all_equally_often(count, p, seed):
    if p > count:
        return
    identities = identities_of(*([3] * count))
    sampler = IdentityBatches(identities=p, images=2)
    resting = [
        set(range(count))
        - set(identities[np.concatenate(epoch_batches(sampler, identities, seed, epoch))].tolist())
        for epoch in range(count)
    ]
    assert all(len(rest) == count % p for rest in resting)
    assert all(not now & then for now, then in pairwise(resting))
    rests = [sum(person in rest for rest in resting) for person in range(count)]
    assert set(rests) == {count % p}


@pytest.mark.parametrize(
    ("identities", "images", "batch", "k", "steps"),
    [(751, 12_936, 24, 4, 500), (702, 16_522, 24, 4, 585), (767, 7_365, 48, 4, 127)],
)
def test_an_epoch_by_images_has_the_published_length(identities, images, batch, k, steps):
    """Market-1501, DukeMTMC-reID and CUHK03 as the RPM system counts them."""
    sampler = IdentityBatches(identities=batch // k, images=k, epoch="images")
    each = np.resize(np.arange(identities), images)
    assert steps_per_epoch(sampler, each) == steps


def test_an_epoch_by_images_has_at_least_one_pass():
    sampler = IdentityBatches(identities=2, images=4, epoch="images")
    assert steps_per_epoch(sampler, identities_of(1, 1, 1, 1)) == 2


def test_epochs_and_seeds_differ_and_repeat():
    sampler = IdentityBatches(identities=3, images=2)
    identities = identities_of(*([4] * 9))
    drawn = {
        key: np.concatenate(epoch_batches(sampler, identities, *key)).tolist()
        for key in ((0, 0), (0, 1), (1, 0))
    }
    assert drawn[0, 0] != drawn[0, 1] != drawn[1, 0] != drawn[0, 0]
    again = np.concatenate(epoch_batches(sampler, identities, 0, 1)).tolist()
    assert again == drawn[0, 1]


def test_the_order_is_the_same_on_every_machine():
    sampler = IdentityBatches(identities=2, images=2)
    batches = epoch_batches(sampler, identities_of(3, 3, 3, 3), seed=0, epoch=0)
    assert [batch.tolist() for batch in batches] == [[10, 11, 8, 6], [3, 5, 2, 1]]


def test_too_many_identities_name_field_value_and_cure():
    with pytest.raises(RecipeError) as caught:
        steps_per_epoch(IdentityBatches(identities=5, images=2), identities_of(3, 3, 3))
    assert caught.value.path == "data.sampler.identities"
    assert str(caught.value) == (
        "data.sampler.identities = 5: the data set has 3 identities to train on. Use 2 to 3, or add"
        " identities."
    )


def test_too_large_a_batch_names_field_value_and_cure():
    with pytest.raises(RecipeError, match=r"batch_size = 8: the data set has 5 images") as caught:
        steps_per_epoch(Shuffle(batch_size=8), np.arange(5))
    assert caught.value.path == "data.sampler.batch_size"
    assert steps_per_epoch(Shuffle(batch_size=8, drop_last=False), np.arange(5)) == 1
