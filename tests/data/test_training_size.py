"""How much there is to train on, by published counts and by what is on disk."""

import pytest

from tests.ui import data_by_hand
from workbench.data.catalogue.training_size import (
    identities_of,
    images_an_epoch,
    require_trainable,
)
from workbench.errors import RecipeError
from workbench.recipe.presets import load_preset
from workbench.recipe.settings.data import Data


def data_of(kind, sampler=None, **dataset):
    tree = {"dataset": {"kind": kind, **dataset}}
    return Data.model_validate(tree | ({"sampler": sampler} if sampler else {}))


@pytest.mark.parametrize(
    ("data", "count", "known_from", "told"),
    [
        (data_of("playground", train_identities=40), 40, "recipe", "for 40 drawn identities"),
        (data_of("market1501"), 751, "published", "for the 751 identities published of Market-"),
        (data_of("prepared", made_from="market1501"), 751, "published", "published of Market-1501"),
        (data_of("prepared", made_from="dukemtmc"), 702, "published", "published of DukeMTMC-reID"),
        (data_of("prepared"), None, "", "without classifiers"),
        (data_of("folder"), None, "", "without classifiers"),
    ],
)
def test_identities_are_counted_and_it_is_said_whence(data, count, known_from, told):
    found = identities_of(data)
    assert (found.count, found.known_from) == (count, known_from)
    assert told in found.words


def test_a_folder_of_ones_own_is_counted_on_disk():
    root = data_by_hand.people()
    found = identities_of(Data(dataset=data_of("folder").dataset, root=str(root)))
    # One of the four people is held out.
    assert (found.count, found.known_from) == (3, "disk")
    assert found.words == "classifiers for the 3 identities on disk"


def test_presets_of_the_prepared_folder_say_what_it_is_made_from():
    assert identities_of(load_preset("layumi/market1501").data).count == 751
    assert identities_of(load_preset("layumi/dukemtmc").data).count == 702
    assert identities_of(load_preset("layumi/pcb").data).count == 751


@pytest.mark.parametrize(
    ("data", "images"),
    [
        # 12,936 training images of 751 identities; a shuffled epoch leaves out what fills no batch.
        (data_of("market1501", {"kind": "shuffle", "batch_size": 32}), 12_936 // 32 * 32),
        (
            data_of("market1501", {"kind": "shuffle", "batch_size": 32, "drop_last": False}),
            (12_936 // 32 + 1) * 32,
        ),
        # Every identity once: 46 batches of 16 with 4 images each.
        (data_of("market1501", {"kind": "identity_batches"}), 751 // 16 * 64),
        # As often as 4 images an identity fill the data set: 12,936 // (751 * 4) = 4 times.
        (
            data_of("market1501", {"kind": "identity_batches", "epoch": "images"}),
            751 * 4 // 16 * 64,
        ),
        # Drone and satellite images together.
        (data_of("university1652", {"kind": "shuffle", "batch_size": 1}), 37_854 + 701),
        (data_of("market1501", {"kind": "identity_batches", "epoch": "groups"}), None),
        (data_of("market1501", {"kind": "identity_batches", "identities": 1024}), None),
        (data_of("folder", {"kind": "shuffle"}), None),
        (data_of("playground", {"kind": "shuffle"}), None),
    ],
)
def test_images_of_an_epoch_by_published_counts(data, images):
    assert images_an_epoch(data) == images


def test_a_whole_batch():
    assert data_of("market1501", {"kind": "shuffle", "batch_size": 7}).sampler.batch_images == 7
    sampler = {"kind": "identity_batches", "identities": 3, "images": 5}
    assert data_of("market1501", sampler).sampler.batch_images == 15


def test_batches_larger_than_the_data_are_refused_by_the_setting_they_are_of():
    root = str(data_by_hand.people())
    wide = {"kind": "identity_batches", "identities": 4, "images": 2}
    with pytest.raises(RecipeError, match=r"data\.sampler\.identities = 4: the data set has 3"):
        require_trainable(
            data_of("folder", wide).model_copy(update={"root": root}), drop_same_camera=True
        )
    require_trainable(
        data_of("folder", wide | {"identities": 3}).model_copy(update={"root": root}),
        drop_same_camera=True,
    )
    shuffled = data_of("folder", {"kind": "shuffle", "batch_size": 64})
    with pytest.raises(RecipeError, match=r"data\.sampler\.batch_size = 64: the data set has"):
        require_trainable(shuffled.model_copy(update={"root": root}), drop_same_camera=True)
