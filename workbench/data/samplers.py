"""Which images form the batches of an epoch: a pure function of seed and epoch. No torch."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Int

from workbench.data.samples import UNKNOWN_CAMERA, Sample
from workbench.data.wording import counted
from workbench.errors import RecipeError
from workbench.recipe.settings import samplers as settings
from workbench.recipe.settings.samplers import IdentityBatches, Shuffle

S = TypeVar("S", bound=settings.SamplerSettings)
_SHUFFLE, _REST, _ORDER, _IMAGES, _GROUPS = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Views:
    """Where each training image comes from: its camera, and its group of pictures."""

    cameras: Int[np.ndarray, "images"]
    groups: tuple[str, ...]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Views":
        """Those of these samples."""
        cameras = np.array([sample.camera for sample in samples], dtype=np.int64)
        return cls(cameras, tuple(sample.group for sample in samples))

    @classmethod
    def unknown(cls, images: int) -> "Views":
        """Those of images nothing is known about."""
        return cls(np.full(images, UNKNOWN_CAMERA, dtype=np.int64), ("",) * images)


def keyed_generator(seed: int, stream: int, epoch: int, position: int) -> np.random.Generator:
    """Random numbers that depend on the key alone. The key has a fixed length on purpose.

    numpy pads short keys with zeros, so that (1, 2) and (1, 2, 0) would give the same numbers.
    """
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence((seed, stream, epoch, position)))
    )


class Sampler(Generic[S]):
    """What every kind of sampler is: batches of image indices, a pure function of seed and epoch.

    Args:
        sampler: its settings.
        identities: the identity of each training image.
        views: where each image comes from; None where nothing is known.
    """

    def __init__(
        self,
        sampler: S,
        identities: Int[np.ndarray, "images"],
        views: Views | None = None,
    ) -> None:
        self.sampler = sampler
        self.identities = identities
        self.views = views or Views.unknown(len(identities))

    @abstractmethod
    def steps(self) -> int:
        """Batches of an epoch. Raises RecipeError where a batch is larger than the data set."""

    @abstractmethod
    def batches(self, seed: int, epoch: int) -> list[Int[np.ndarray, "batch"]]:
        """Image indices of every batch of an epoch. Raises RecipeError as ``steps`` does."""


@settings.SAMPLERS.implements(settings.Shuffle)
class ShuffleSampler(Sampler[settings.Shuffle]):
    """Every image once an epoch."""

    def steps(self) -> int:
        """All full batches, and the rest of at least two images where it is not dropped."""
        return _shuffle_steps(self.sampler, len(self.identities))

    def batches(self, seed: int, epoch: int) -> list[Int[np.ndarray, "batch"]]:
        """A permutation of the images, cut into batches."""
        steps, size = self.steps(), self.sampler.batch_size
        order = _permutation(keyed_generator(seed, _SHUFFLE, epoch, 0), len(self.identities))
        return [order[step * size : (step + 1) * size] for step in range(steps)]


@settings.SAMPLERS.implements(settings.IdentityBatches)
class IdentitySampler(Sampler[settings.IdentityBatches]):
    """P identities with K images each."""

    def steps(self) -> int:
        """As ``epoch`` says. Raises RecipeError where there are fewer than P identities."""
        sampler, identities = self.sampler, self.identities
        count = len(np.unique(identities))
        if sampler.identities > count:
            raise RecipeError(
                f"data.sampler.identities = {sampler.identities}: the data set has"
                f" {counted(count, 'identity')} to train on. Use 2 to {count}, or add identities.",
                path="data.sampler.identities",
            )
        if sampler.epoch == "groups_of_images":
            return max(1, len(identities) // (sampler.identities * sampler.images))
        if sampler.epoch == "groups":
            each = np.unique(identities, return_counts=True)[1]
            return int(np.maximum(each // sampler.images, 1).sum()) // sampler.identities
        return count * _passes(sampler, identities) // sampler.identities

    def batches(self, seed: int, epoch: int) -> list[Int[np.ndarray, "batch"]]:
        """P x K images each. Raises RecipeError where no image is of the group asked for."""
        sampler, steps = self.sampler, self.steps()
        _refuse_unknown_group(sampler, self.views)
        images = _images_by_identity(self.identities)
        if sampler.in_groups:
            draws = keyed_generator(seed, _GROUPS, epoch, 0)
            return _grouped_batches(sampler, images, draws, steps)
        draws = keyed_generator(seed, _IMAGES, epoch, 0)
        return [
            np.concatenate(
                [_draw(sampler, images[identity], self.views, draws) for identity in group]
            )
            for group in _identity_groups(sampler, self.identities, seed, epoch)
        ]


def epoch_batches(
    sampler: settings.Sampler,
    identities: Int[np.ndarray, "images"],
    seed: int,
    epoch: int,
    views: Views | None = None,
) -> list[Int[np.ndarray, "batch"]]:
    """Image indices of every batch of an epoch.

    ``identities`` holds the identity of each training image, ``views`` where it comes from. Raises
    RecipeError where a batch is larger than the data set, or no image is of the group asked for.
    """
    return _sampler(sampler, identities, views).batches(seed, epoch)


def steps_per_epoch(sampler: settings.Sampler, identities: Int[np.ndarray, "images"]) -> int:
    """Batches of an epoch.

    Raises RecipeError where a batch is larger than the data set.
    """
    return _sampler(sampler, identities).steps()


def _sampler(
    sampler: settings.Sampler, identities: Int[np.ndarray, "images"], views: Views | None = None
) -> Sampler[Any]:
    return settings.SAMPLERS.implementation(sampler)(sampler, identities, views)


def _shuffle_steps(sampler: Shuffle, images: int) -> int:
    full, rest = divmod(images, sampler.batch_size)
    if sampler.drop_last and not full:
        raise RecipeError(
            f"data.sampler.batch_size = {sampler.batch_size}: the data set has"
            f" {counted(images, 'image')} to train on. Use 1 to {images}, or set"
            " data.sampler.drop_last to false.",
            path="data.sampler.batch_size",
        )
    # A single image is left out of larger batches' company: BatchNorm cannot train on one vector.
    keep_rest = not sampler.drop_last and (rest > 1 or (rest == 1 and not full))
    return full + int(keep_rest)


def _passes(sampler: IdentityBatches, identities: Int[np.ndarray, "images"]) -> int:
    """How often an epoch visits every identity."""
    if sampler.epoch == "identities":
        return 1
    return max(1, len(identities) // (len(np.unique(identities)) * sampler.images))


def _identity_groups(
    sampler: IdentityBatches, identities: Int[np.ndarray, "images"], seed: int, epoch: int
) -> Int[np.ndarray, "steps identities"]:
    """The identities of each batch, as positions in their sorted order; distinct within a batch."""
    count, size = len(np.unique(identities)), sampler.identities
    passes = _passes(sampler, identities)
    draws = keyed_generator(seed, _ORDER, epoch, 0)
    orders = [_permutation(draws, count) for _ in range(passes)]
    if passes == 1:
        orders = [_last(orders[0], _resting(count, size, seed, epoch))]
    stream: list[int] = []
    for order in orders:
        unfinished = len(stream) % size
        stream += _first_without(order, stream[len(stream) - unfinished :], size - unfinished)
    steps = len(stream) // size
    return np.array(stream[: steps * size]).reshape(steps, size)


def _resting(count: int, size: int, seed: int, epoch: int) -> Int[np.ndarray, "rest"]:
    """The identities that do not fill a batch in this epoch.

    They walk round a fixed order, so nobody rests in two epochs running and all rest equally often.
    """
    rest = count % size
    fixed = _permutation(keyed_generator(seed, _REST, 0, 0), count)
    return fixed[(epoch * rest + np.arange(rest)) % count]


def _last(order: Int[np.ndarray, "n"], late: Int[np.ndarray, "rest"]) -> Int[np.ndarray, "n"]:
    """``order`` with the members of ``late`` moved to its end."""
    is_late = np.isin(order, late)
    return np.concatenate([order[~is_late], order[is_late]])


def _first_without(order: Int[np.ndarray, "n"], taken: Iterable[int], places: int) -> list[int]:
    """``order`` with its first ``places`` entries drawn from those not yet ``taken``."""
    fresh = order[~np.isin(order, list(taken))][:places]
    return [*fresh.tolist(), *order[~np.isin(order, fresh)].tolist()]


def _images_by_identity(identities: Int[np.ndarray, "images"]) -> list[Int[np.ndarray, "..."]]:
    by_identity = np.argsort(identities, kind="stable")
    starts = np.unique(identities[by_identity], return_index=True)[1]
    return np.split(by_identity, starts[1:])


def _draw(
    sampler: IdentityBatches,
    images: Int[np.ndarray, "n"],
    views: Views,
    draws: np.random.Generator,
) -> Int[np.ndarray, "count"]:
    """K of an identity's images; where it has fewer, each is used before any repeats."""
    order = images[_permutation(draws, len(images))]
    if sampler.first_group is None and not sampler.other_cameras:
        return np.resize(order, sampler.images)
    first = order[0]
    others = views.cameras[order] != views.cameras[first]
    if sampler.first_group is not None:
        others = np.array([views.groups[image] != sampler.first_group for image in order])
        # Images are listed by identity in their own order: the first of a group is always the same.
        first = order[0] if others.all() else order[~others].min()
    rest = order[others] if others.any() else order[order != first]
    if not len(rest):
        return np.full(sampler.images, first)
    return np.append(first, np.resize(rest, sampler.images - 1))


def _grouped_batches(
    sampler: IdentityBatches,
    images: list[Int[np.ndarray, "..."]],
    draws: np.random.Generator,
    steps: int,
) -> list[Int[np.ndarray, "batch"]]:
    """Batches of P groups of different identities, drawn by how many groups an identity has left.

    Where fewer than P identities have any, all images are cut into groups anew: an epoch always has
    the same number of batches.
    """
    left: list[list[Int[np.ndarray, "K"]]] = [[] for _ in images]
    batches: list[Int[np.ndarray, "batch"]] = []
    while len(batches) < steps:
        if sum(map(bool, left)) < sampler.identities:
            left = [_groups(own, sampler.images, draws) for own in images]
        chances = np.array([len(groups) for groups in left])
        # The smallest of exponential waiting times: drawing without putting back, by chance.
        with np.errstate(divide="ignore"):
            waits = -np.log(1.0 - draws.random(len(left))) / chances
        chosen = np.argsort(waits, kind="stable")[: sampler.identities]
        batches.append(np.concatenate([left[identity].pop() for identity in chosen]))
    return batches


def _groups(
    images: Int[np.ndarray, "n"], size: int, draws: np.random.Generator
) -> list[Int[np.ndarray, "K"]]:
    """An identity's images in random order, cut into groups; a rest that fills none is left out."""
    order = images[_permutation(draws, len(images))]
    count = max(len(images) // size, 1)
    return list(np.resize(order, (count, size)))


def _refuse_unknown_group(sampler: IdentityBatches, views: Views) -> None:
    if sampler.first_group is not None and sampler.first_group not in views.groups:
        known = sorted({group for group in views.groups if group})
        cure = f"Groups are {', '.join(known)}." if known else "It has none: leave this empty."
        raise RecipeError(
            f"data.sampler.first_group = {sampler.first_group}: no training image is of this group."
            f" {cure}",
            path="data.sampler.first_group",
        )


def _permutation(draws: np.random.Generator, count: int) -> Int[np.ndarray, "count"]:
    # Sorting uniform numbers: numpy promises their values over its versions, not those of shuffles.
    return np.argsort(draws.random(count), kind="stable")
