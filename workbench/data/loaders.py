"""Batches for training and for evaluation. Two ways to bring them, one result.

Images are kept decoded in memory where they fit, else processes decode and augment them ahead of
time. Both apply the same plans with the same code, so the batches are equal bit for bit, whatever
the number of processes, and an epoch can be entered anywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Int, UInt8
from torch import Tensor

from workbench.data.batch_plan import batch_plan
from workbench.data.batch_sources import CachedImages, ImageFeed, WorkerImages
from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE
from workbench.data.images.tensors import ImageSource, decode_batches, fits_in_memory
from workbench.data.samplers import Views, steps_per_epoch
from workbench.data.samples import Progress, Sample, Split, require_training
from workbench.data.transforms import evaluation_batch
from workbench.recipe.settings.data import Data


@dataclass(frozen=True)
class Batch:
    """Training images with what they show.

    Attributes:
        images: normalised, channels_last, on the loader's device.
        labels: class index of each image, from 0, on the loader's device.
        identities: identity numbers of the data set, on the processor.
        indices: places among the split's training samples, on the processor.
    """

    images: Float32[Tensor, "batch 3 height width"]
    labels: Int[Tensor, "batch"]
    identities: Int[Tensor, "batch"]
    indices: Int[Tensor, "batch"]


class TrainLoader:
    """Training batches of a split, as the recipe asks for.

    ``kind`` is ``cached`` or ``workers``. ``close`` ends the processes of the latter; a loader is
    also a context manager that does so.
    """

    def __init__(
        self,
        split: Split,
        data: Data,
        seed: int,
        *,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        """Decode the images where they fit in memory.

        With ``device`` the batches, and decoded images, live there. Raises EmptySplit where there
        is nothing to learn from, RecipeError where a batch is larger than the data set, BrokenImage
        for a file that cannot be read.
        """
        require_training(split)
        self._identities = np.array([sample.identity for sample in split.train])
        self._labels = np.array([split.labels[sample.identity] for sample in split.train])
        self._views = Views.of(split.train)
        self._data, self._seed, self._device = data, seed, torch.device(device)
        self.steps_per_epoch = steps_per_epoch(data.sampler, self._labels)
        source = ImageSource.for_training(split.train, split.root, data, split.levels)
        self.kind = "cached" if fits_in_memory(source, data) else "workers"
        self._feed: ImageFeed = (
            CachedImages(source, data, self._device, progress)
            if self.kind == "cached"
            else WorkerImages(source, data, self._device)
        )

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch in order, from batch ``start`` on.

        Raises BrokenImage when a file cannot be read.
        """
        plans = batch_plan(self._data, self._labels, self._seed, epoch, start, self._views)
        for plan, images in self._feed.batches(plans):
            yield Batch(
                images=images,
                labels=torch.from_numpy(self._labels[plan.indices]).to(self._device),
                identities=torch.from_numpy(self._identities[plan.indices]),
                indices=torch.from_numpy(plan.indices),
            )

    def close(self) -> None:
        """End the processes and forget the images. May be called twice; no epoch comes after it."""
        self._feed.close()

    def __enter__(self) -> "TrainLoader":
        """The loader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the loader."""
        self.close()


class EvaluationLoader:
    """Images in the order of their samples, resized, cut from the centre and normalised.

    Iterating gives ``(images, slice of the samples)``. Where the images fit in memory they are kept
    decoded from the first round on.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        root: Path,
        data: Data,
        batch_size: int,
        *,
        levels: Levels = ALONE,
        device: torch.device | str = "cpu",
    ) -> None:
        """Nothing is read before the first round. ``levels`` are those of the samples' split."""
        self._source = ImageSource.of(samples, root, data, levels)
        self._data, self._batch_size, self._device = data, batch_size, torch.device(device)
        self._keeps = fits_in_memory(self._source, data)
        self._kept: list[UInt8[Tensor, "batch height width 3"]] = []

    def __len__(self) -> int:
        """Number of batches."""
        return -(-len(self._source.files) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Float32[Tensor, "batch 3 height width"], slice]]:
        """One round over the images. Raises BrokenImage when a file cannot be read."""
        start = 0
        for images in self._decoded():
            on_device = images.to(self._device, non_blocking=True)
            batch = evaluation_batch(on_device, self._data.transforms.normalise)
            yield batch, slice(start, start + len(images))
            start += len(images)

    def _decoded(self) -> Iterator[UInt8[Tensor, "batch height width 3"]]:
        if len(self._kept) == len(self):
            yield from self._kept
            return
        decoded = []
        for images in decode_batches(self._source, self._batch_size, self._data.loader.workers):
            if self._keeps:
                decoded.append(images)
            yield images
        self._kept = decoded
