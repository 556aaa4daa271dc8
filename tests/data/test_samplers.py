from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.data.samplers import Views, epoch_batches, keyed_generator, steps_per_epoch
from workbench.errors import RecipeError
from workbench.recipe.presets import load_preset
from workbench.recipe.settings.samplers import IdentityBatches, Shuffle


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


@pytest.mark.thorough
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


@pytest.mark.thorough
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


@pytest.mark.thorough
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
    [
        (751, 12_936, 24, 4, 500),  # Market-1501
        (702, 16_522, 24, 4, 585),  # DukeMTMC-reID
        (767, 7_365, 48, 4, 127),  # CUHK03-NP, detected
        (1_041, 32_621, 48, 4, 607),  # MSMT17, training and validation images
        (576, 37_778, 48, 4, 768),  # VeRi-776
        (13_164, 113_346, 256, 4, 411),  # VehicleID
        (98, 8_054, 48, 6, 159),  # CARS196
        (100, 5_864, 48, 6, 112),  # CUB-200-2011
        (11_318, 59_551, 128, 4, 353),  # Stanford Online Products
        (3_997, 25_882, 128, 4, 124),  # In-shop
        (701, 701 + 37_854, 24, 6, 1_577),  # University-1652, satellite and drone
        (702, 15_618, 24, 4, 585),  # Occluded-Duke
        (665, 12_927, 24, 4, 443),  # P-DukeMTMC
    ],
)
def test_an_epoch_by_images_has_the_published_length(identities, images, batch, k, steps):
    """The data sets as RPM counts them: its description's numbers of images and batches."""
    sampler = IdentityBatches(identities=batch // k, images=k, epoch="images")
    each = np.resize(np.arange(identities), images)
    assert steps_per_epoch(sampler, each) == steps


def test_a_pass_over_identities_has_the_published_length():
    """MGN on Market-1501: 46 batches of 16 show 736 of its 751 identities, 15 rest until the next.

    The other numbers are those of DukeMTMC-reID and MSMT17.
    """
    sampler = IdentityBatches(identities=16, images=4, epoch="identities")
    passes = {751: 46, 702: 43, 1_041: 65}
    for identities, steps in passes.items():
        assert steps_per_epoch(sampler, np.repeat(np.arange(identities), 2)) == steps
    shown = np.concatenate(epoch_batches(sampler, np.repeat(np.arange(751), 2), seed=0, epoch=0))
    assert len(np.unique(shown // 2)) == 46 * 16 == 736


def test_an_epoch_by_images_has_at_least_one_pass():
    sampler = IdentityBatches(identities=2, images=4, epoch="images")
    assert steps_per_epoch(sampler, identities_of(1, 1, 1, 1)) == 2


def views(cameras, groups=()):
    return Views(np.array(cameras), tuple(groups) or ("",) * len(cameras))


def blocks(sampler, identities, epoch=0, **where):
    batches = epoch_batches(sampler, identities, 3, epoch, views(**where))
    return np.concatenate(batches).reshape(-1, sampler.images)


def test_other_cameras_come_first():
    """A picture of each kind: enough other cameras, too few, none, a single image."""
    identities = identities_of(6, 3, 4, 1)
    cameras = [1, 1, 2, 2, 3, 3, 1, 1, 2, 5, 5, 5, 5, 1]
    sampler = IdentityBatches(identities=4, images=4, other_cameras=True)
    firsts = set()
    for epoch in range(40):
        for block in blocks(sampler, identities, epoch, cameras=cameras):
            person, first, *rest = identities[block[0]], *block
            others = {cameras[image] for image in rest}
            assert set(identities[block]) == {person}
            if person == 0:
                assert cameras[first] not in others
                assert len(set(rest)) == 3
                firsts.add(first)
            if person == 1:
                assert cameras[first] not in others
            if person == 2:
                assert sorted(block) == [9, 10, 11, 12]
            if person == 3:
                assert block.tolist() == [13] * 4
    assert firsts == set(range(6))


def test_a_block_opens_with_the_satellite_image_and_goes_on_with_the_drone():
    identities = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    groups = [
        "satellite",
        *["drone"] * 4,
        "drone",
        "drone",
        "drone",
        "satellite",
        "satellite",
        "drone",
    ]
    sampler = IdentityBatches(identities=3, images=3, epoch="images", first_group="satellite")
    first = {0: 0, 1: 8, 2: 9}
    shown = set()
    for epoch in range(20):
        for block in blocks(sampler, identities, epoch, cameras=[0] * 11, groups=groups):
            person = identities[block[0]]
            assert block[0] == first[person]
            assert {groups[image] for image in block[1:]} == {"drone"}
            shown.update(block.tolist())
    assert shown == set(range(11))


def test_a_group_that_no_image_has_is_refused():
    sampler = IdentityBatches(identities=2, images=2, first_group="satelite")
    identities = identities_of(2, 2)
    with pytest.raises(RecipeError, match=r"Groups are drone, satellite\.") as caught:
        epoch_batches(sampler, identities, 0, 0, views([0] * 4, ["satellite", "drone"] * 2))
    assert caught.value.path == "data.sampler.first_group"


@pytest.mark.thorough
@settings(deadline=None, max_examples=40)
@given(counts=many, p=st.integers(2, 8), k=st.integers(2, 5), epoch=st.integers(0, 3))
def test_an_epoch_of_groups_has_as_many_full_batches_as_its_groups_fill(counts, p, k, epoch):
    identities = identities_of(*counts)
    if p > len(counts):
        return
    sampler = IdentityBatches(identities=p, images=k, epoch="groups")
    batches = epoch_batches(sampler, identities, seed=1, epoch=epoch)
    groups = sum(max(count // k, 1) for count in counts)
    assert len(batches) == steps_per_epoch(sampler, identities) == groups // p
    for batch in batches:
        people, each = np.unique(identities[batch], return_counts=True)
        assert len(people) == p
        assert set(each.tolist()) == {k}


@pytest.mark.thorough
def test_identities_with_more_groups_left_are_drawn_more_often():
    identities = identities_of(40, 4, 4, 4, 4)
    sampler = IdentityBatches(identities=2, images=4, epoch="groups")
    first = [
        identities[epoch_batches(sampler, identities, 0, epoch)[0]].tolist() for epoch in range(400)
    ]
    # Ten of fourteen groups are the first identity's: drawn first 10/14, second 4/14 * 10/13.
    share = np.mean([0 in batch for batch in first])
    assert share == pytest.approx(10 / 14 + 4 / 14 * 10 / 13, abs=0.05)


def test_groups_of_an_epoch_do_not_share_an_image():
    identities = identities_of(*([12] * 6))
    sampler = IdentityBatches(identities=3, images=4, epoch="groups")
    shown = np.concatenate(epoch_batches(sampler, identities, 0, 0))
    assert len(shown) == 72
    # Only what was cut anew at the very end may come twice.
    assert len(set(shown.tolist())) >= 60


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


def test_an_epoch_of_groups_of_images_is_as_many_batches_as_the_images_fill():
    sampler = load_preset("fastreid/bot_market1501").data.sampler
    # Market-1501: 12,936 images of 751 identities; DukeMTMC-reID: 16,522 of 702.
    assert steps_per_epoch(sampler, np.arange(12_936) % 751) == 202
    assert steps_per_epoch(sampler, np.arange(16_522) % 702) == 258
    uneven = np.repeat(np.arange(20), np.arange(20) % 7 + 1)
    small = IdentityBatches(identities=3, images=4, epoch="groups_of_images")
    batches = epoch_batches(small, uneven, seed=0, epoch=1)
    assert len(batches) == len(uneven) // 12
    for batch in batches:
        identities = uneven[batch].reshape(3, 4)
        assert (identities == identities[:, :1]).all()
        assert len(set(identities[:, 0])) == 3
