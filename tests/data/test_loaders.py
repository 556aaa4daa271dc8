import gc
import multiprocessing
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.data.catalogue.splits import read_split
from workbench.data.images.image_file import open_resized
from workbench.data.loaders import Batch, EvaluationLoader, TrainLoader
from workbench.data.samples import Sample, Split
from workbench.errors import BrokenImage, EmptySplit, RecipeError
from workbench.recipe.settings.data import Data, Loader, Market1501
from workbench.recipe.settings.samplers import IdentityBatches, Shuffle
from workbench.recipe.settings.transforms import (
    AutoAugment,
    ColourJitter,
    Erasing,
    PadAndCrop,
    Rotation,
    Transforms,
)

TRANSFORMS = Transforms(
    margin=4,
    auto_augment=AutoAugment(probability=0.4),
    rotation=Rotation(degrees=90),
    pad_and_crop=PadAndCrop(pixels=3, fill="symmetric"),
    colour=ColourJitter(brightness=0.2, contrast=0.2, saturation=0.2, channel_gain=0.1),
    erasing=Erasing(probability=0.5, fill="random"),
)


def recipe(sampler=None, **loader) -> Data:
    return Data(
        height=20,
        width=16,
        transforms=TRANSFORMS,
        sampler=sampler or IdentityBatches(identities=2, images=2),
        loader=Loader(**loader),
    )


@pytest.fixture
def split(market) -> Split:
    return read_split(Data(dataset=Market1501(), root=str(market)))


def equal(one: list[Batch], other: list[Batch]) -> bool:
    return len(one) == len(other) and all(
        torch.equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one, other, strict=True)
        for name in ("images", "labels", "identities", "indices")
    )


def test_a_batch_says_what_it_shows(split):
    loader = TrainLoader(split, recipe(), seed=0)
    assert loader.kind == "cached"
    batches = list(loader.epoch(0))
    assert len(batches) == loader.steps_per_epoch == 3
    for batch in batches:
        assert batch.images.shape == (4, 3, 20, 16)
        assert batch.images.is_contiguous(memory_format=torch.channels_last)
        shown = [split.train[index] for index in batch.indices.tolist()]
        assert [sample.identity for sample in shown] == batch.identities.tolist()
        assert [split.labels[sample.identity] for sample in shown] == batch.labels.tolist()


def test_without_augmentation_images_are_only_resized_and_normalised(split):
    plain = recipe().model_copy(update={"transforms": Transforms(flip=0.0, normalise="none")})
    for batch in TrainLoader(split, plain, seed=0).epoch(0):
        for image, index in zip(batch.images, batch.indices.tolist(), strict=True):
            pixels = open_resized(split.root / split.train[index].path, 20, 16, "bilinear")
            expected = pixels.transpose(2, 0, 1) / np.float32(255)
            np.testing.assert_allclose(image.numpy(), expected, atol=1e-6)


@pytest.mark.thorough
@pytest.mark.parametrize("sampler", [None, Shuffle(batch_size=7, drop_last=False)])
def test_an_epoch_can_be_entered_anywhere(split, sampler):
    loader = TrainLoader(split, recipe(sampler), seed=4)
    whole = list(loader.epoch(2))
    for start in range(len(whole) + 1):
        assert equal(list(loader.epoch(2, start)), whole[start:])
    assert not equal(list(loader.epoch(3)), whole)
    assert not equal(list(TrainLoader(split, recipe(sampler), seed=5).epoch(2)), whole)


@pytest.mark.thorough
def test_loading_leaves_the_random_numbers_of_training_alone(split):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    list(TrainLoader(split, recipe(), seed=0).epoch(0))
    assert torch.equal(torch.get_rng_state(), before)


def test_progress_is_told(split):
    told = []
    TrainLoader(split, recipe(), seed=0, progress=lambda *news: told.append(news))
    assert told == [("loading", 36, 36)]


@pytest.mark.thorough
def test_a_progress_that_raises_ends_the_loading(make_images, tmp_path, monkeypatch):
    names = [f"bounding_box_train/{n // 2:04d}_c1s1_{n:06d}_01.png" for n in range(1000)]
    root = make_images(tmp_path / "many", names)
    many = Split("many", root, tuple(Sample(name, n // 2) for n, name in enumerate(names)), (), ())
    read: list[Path] = []

    def counted(path, *rest):
        read.append(path)
        return open_resized(path, *rest)

    def stop(*_news):
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.data.images.tensors.open_resized", counted)
    with pytest.raises(KeyboardInterrupt):
        TrainLoader(many, recipe(), seed=0, progress=stop)
    assert len(read) < 1000


def test_the_kind_of_loader_follows_the_size(split):
    large = recipe(cache_megabytes=1).model_copy(update={"height": 1024, "width": 1024})
    loader = TrainLoader(split, large, seed=0)
    assert loader.kind == "workers"
    loader.close()
    loader.close()


def test_nothing_to_train_on_and_too_large_batches_are_refused(split):
    empty = Split("empty", split.root, (), split.query, split.gallery)
    with pytest.raises(EmptySplit, match="no images to train on"):
        TrainLoader(empty, recipe(), seed=0)
    with pytest.raises(RecipeError, match=r"data\.sampler\.identities = 9") as caught:
        TrainLoader(split, recipe(IdentityBatches(identities=9)), seed=0)
    assert caught.value.path == "data.sampler.identities"


def test_a_broken_image_is_named(split):
    broken = split.root / split.train[5].path
    broken.write_bytes(b"nothing")
    with pytest.raises(BrokenImage, match=broken.name):
        TrainLoader(split, recipe(), seed=0)
    loader = EvaluationLoader(split.train, split.root, recipe(), batch_size=3)
    with pytest.raises(BrokenImage, match=broken.name):
        list(loader)


@pytest.mark.process
def test_both_loaders_bring_the_same_bits_whatever_the_workers(split):
    rounds = [(0, 0), (1, 2), (1, 0)]
    with TrainLoader(split, recipe(), seed=1) as cached:
        expected = [list(cached.epoch(*where)) for where in rounds]
    torch.manual_seed(0)
    before = torch.get_rng_state()
    for workers in (1, 8):
        data = recipe(kind="workers", workers=workers)
        with TrainLoader(split, data, seed=1) as loader:
            assert loader.kind == "workers"
            for where, batches in zip(rounds, expected, strict=True):
                # A round that is left early disturbs nothing.
                next(iter(loader.epoch(7)))
                assert equal(list(loader.epoch(*where)), batches)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.process
def test_workers_name_a_broken_image_in_one_sentence_and_end(split):
    broken = split.root / split.train[0].path
    broken.write_bytes(b"nothing")
    everything = Shuffle(batch_size=36)
    loader = TrainLoader(split, recipe(everything, kind="workers", workers=1), seed=0)
    with pytest.raises(BrokenImage) as caught:
        list(loader.epoch(0))
    assert str(caught.value).startswith(str(broken))
    assert "\n" not in str(caught.value)
    del caught
    running = loader.epoch(1)
    assert multiprocessing.active_children()
    loader.close()
    gc.collect()
    deadline = time.monotonic() + 30
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not multiprocessing.active_children()
    assert list(running) == []


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["cached", "workers"])
def test_evaluation_brings_every_image_in_order(split, kind):
    data = recipe(kind=kind)
    loader = EvaluationLoader(split.train, split.root, data, batch_size=5)
    assert len(loader) == 8
    rounds = [list(loader) for _ in range(2)]
    for batches in rounds:
        assert [part for _, part in batches] == [
            slice(at, min(at + 5, 36)) for at in range(0, 36, 5)
        ]
        images = torch.cat([images for images, _ in batches])
        assert images.is_contiguous(memory_format=torch.channels_last)
        for image, sample in zip(images, split.train, strict=True):
            larger = open_resized(split.root / sample.path, 24, 20, "bilinear")
            pixels = larger[2:22, 2:18] / 255
            expected = (pixels - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
            np.testing.assert_allclose(image.numpy(), expected.transpose(2, 0, 1), atol=1e-5)
    assert all(torch.equal(a, b) for (a, _), (b, _) in zip(*rounds, strict=True))


def test_evaluation_reads_files_once_where_they_fit(split):
    loader = EvaluationLoader(split.query, split.root, recipe(), batch_size=64)
    first = [images for images, _ in loader]
    for sample in split.query:
        (split.root / sample.path).unlink()
    assert torch.equal(first[0], next(iter(loader))[0])


def test_evaluation_of_nothing_is_no_batch(split):
    loader = EvaluationLoader((), split.root, recipe(), batch_size=4)
    assert len(loader) == 0
    assert list(loader) == []
