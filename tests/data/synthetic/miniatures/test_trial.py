"""Published recipes on miniatures: what changes, and that nothing else does."""

import numpy as np
import pytest

from workbench.data.catalogue.splits import drawn_on_demand, read_folder, read_split
from workbench.data.readers.division import divided
from workbench.data.samplers import steps_per_epoch
from workbench.data.synthetic.miniatures import making
from workbench.data.synthetic.miniatures.making import layout_for
from workbench.data.synthetic.miniatures.trial import (
    FEWEST,
    LENGTH,
    miniature_settings,
    on_miniature,
)
from workbench.errors import DataError, MissingDataset
from workbench.recipe.compare import belongs, differences
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset, preset_names
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.datasets import CUB200, Market1501

CHANGED = (
    *("data.height", "data.width", "model.weights", "training.length.count", "training.schedule"),
    *("training.averaging.first_epoch", "training.loss_warmup.epochs", "training.evaluate.count"),
    *("training.parameter_groups", "training.checkpoints", "training.precision"),
    "data.sampler.drop_last",
)
PUBLISHED = [
    name for name in preset_names() if not name.startswith(("playground/", "baseline/folder"))
]


def test_places_of_a_training_keep_their_share():
    assert miniature_settings(load_preset("rpm/market1501")) == {
        "data.root": "miniatures/market1501-2",
        "data.height": 128,
        "data.width": 48,  # a third of 128 is 42.7: the next multiple of 16
        "model.weights.kind": "none",
        "training.length.count": 6,  # of 100 epochs
        "training.schedule.warmup.count": 1,  # 5 epochs would be 0.3
        "training.schedule.horizon": 4,  # 75 epochs would be 4.5
        "training.averaging.first_epoch": 4,  # 60 epochs would be 3.6
        "training.evaluate.count": 3,
        "training.checkpoints.every.count": 6,
    }


def test_a_recipe_that_counts_steps_has_few_steps():
    small = miniature_settings(load_preset("mgn/market1501"))
    assert small["training.length.count"] == LENGTH
    assert small["training.schedule.at"] == [3, 5]  # 8,000 and 14,000 of 18,000
    assert small["training.schedule.warmup.count"] == 1


def test_steps_of_a_recipe_that_counts_epochs_keep_their_share():
    # 12,936 images make 202 batches of 64; 6 epochs of a miniature count as 6 batches.
    recipe = resolve("fastreid/mgn_market1501", {"training.schedule.warmup.count": 4 * 60 * 101})
    assert miniature_settings(recipe)["training.schedule.warmup.count"] == 12


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("preset", "size"),
    [
        ("nama/uc_tri_market1501", (96, 48)),
        ("mgn/market1501", (192, 64)),  # eight rows of a third cannot be cut into three
        ("layumi/pcb", (192, 96)),  # nor into six
        ("msvit/market1501_s", (128, 128)),  # 8 x 8 tokens at a sixteenth of the image
        ("msvit/cub200_s", (112, 112)),
    ],
)
def test_images_are_as_small_as_the_network_takes(preset, size):
    small = miniature_settings(load_preset(preset))
    assert (small["data.height"], small["data.width"]) == size


def test_half_precision_of_gpus_is_left_open():
    assert miniature_settings(load_preset("layumi/fp16"))["training.precision"] == "auto"
    assert "training.precision" not in miniature_settings(load_preset("layumi/market1501"))


def test_what_is_given_wins():
    assert on_miniature("rpm/sop", {"data.height": "96"})["data.height"] == "96"


@pytest.mark.parametrize("preset", ["playground/quick", "baseline/folder"])
def test_what_is_drawn_or_ones_own_has_no_miniature(preset):
    with pytest.raises(DataError, match="has no miniature"):
        on_miniature(preset)


@pytest.mark.thorough
@pytest.mark.parametrize("preset", PUBLISHED)
def test_every_published_recipe_resolves_and_differs_in_nothing_else(preset):
    recipe = load_preset(preset)
    small = resolve(preset, on_miniature(preset))
    assert all(belongs(path, CHANGED) for path in differences(small, recipe))
    assert small.data.height * small.data.width < recipe.data.height * recipe.data.width
    assert making.layout_at(small.data.root) == small.data.dataset.kind


@pytest.mark.thorough
def test_every_published_recipe_fills_a_batch_of_its_miniature(written):
    roots, seen = {}, set()
    for preset in PUBLISHED:
        data = resolve(preset, on_miniature(preset)).data
        if (key := (data.dataset.model_dump_json(), data.sampler.model_dump_json())) in seen:
            continue
        seen.add(key)
        layout = layout_for(data.dataset)
        roots[layout] = roots.get(layout) or written(layout)
        train = divided(read_folder(roots[layout], data.dataset), data.dataset.split).train
        assert len(train) >= FEWEST, preset
        identities = np.array([sample.identity for sample in train])
        assert steps_per_epoch(data.sampler, identities) >= 1, preset


@pytest.mark.thorough
def test_a_miniature_is_drawn_by_whoever_reads_it_first(tmp_path):
    data = Data(dataset=CUB200(), root=making.root_of("cub200"))
    told = []
    assert drawn_on_demand(data)
    split = read_split(data, lambda *news: told.append(news))
    assert told[-1] == ("drawing", 85, 85)
    assert split.root.is_relative_to(tmp_path / "datasets" / "miniatures")


def test_nothing_else_is_drawn():
    assert not drawn_on_demand(Data(dataset=CUB200(), root="miniatures/cub200-1"))
    assert not drawn_on_demand(Data(dataset=CUB200()))
    of_birds = Data(dataset=Market1501(), root=making.root_of("cub200"))
    assert not drawn_on_demand(of_birds)
    with pytest.raises(MissingDataset, match="Market-1501 is not in"):
        read_split(of_birds)
