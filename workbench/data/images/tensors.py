"""Images as uint8 tensors: all of them once, or a few after another, decoded by threads."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE, Interpolation, open_resized, resized
from workbench.data.pixel_positions import empty_store, store_images, stored_size
from workbench.data.samples import Progress, Sample
from workbench.recipe.settings.data import Data

LOADING = "loading"
_AHEAD = 2


@dataclass(frozen=True)
class ImageSource:
    """Files of one size; opening them needs nothing else, so it can be sent to a process.

    Images are resized ``margin`` pixels larger than ``height`` and ``width``, then cut from the
    centre. ``levels`` say what is white in deep ones.
    """

    files: tuple[Path, ...]
    height: int
    width: int
    interpolation: Interpolation
    margin: int = 0
    levels: Levels = ALONE

    @classmethod
    def of(
        cls, samples: Sequence[Sample], root: Path, data: Data, levels: Levels = ALONE
    ) -> "ImageSource":
        """The files of these samples at the recipe's size, as evaluation sees them."""
        files, how = tuple(root / sample.path for sample in samples), data.transforms
        return cls(files, data.height, data.width, how.interpolation, how.margin, levels)

    @classmethod
    def for_training(
        cls, samples: Sequence[Sample], root: Path, data: Data, levels: Levels = ALONE
    ) -> "ImageSource":
        """The same with the recipe's margin around them, from which training cuts at random."""
        files = tuple(root / sample.path for sample in samples)
        return cls(files, *stored_size(data), data.transforms.interpolation, levels=levels)

    @property
    def decoded_bytes(self) -> int:
        """Memory of all images decoded."""
        return len(self.files) * self.height * self.width * 3

    def read(self, index: int) -> UInt8[np.ndarray, "height width 3"]:
        """One image. Raises BrokenImage."""
        height, width = self.height + self.margin, self.width + self.margin
        file = self.files[index]
        image = open_resized(file, height, width, self.interpolation, self.levels)
        return _centre(image, self.margin)

    def store(self, indices: Sequence[int]) -> UInt8[Tensor, "pixels 3"]:
        """A pixel store of these images in this order. Raises BrokenImage."""
        store = empty_store(len(indices), self.height, self.width)
        images = store_images(store, self.height, self.width).numpy()
        for place, index in enumerate(indices):
            images[place] = self.read(index)
        return store


def open_evaluated(
    file: Path, data: Data, levels: Levels = ALONE
) -> UInt8[np.ndarray, "height width 3"]:
    """An image file as evaluation sees it. Raises BrokenImage."""
    how = data.transforms
    size = (data.height, data.width, how.interpolation, how.margin)
    return ImageSource((file,), *size, levels).read(0)


def evaluated(image: Image.Image, data: Data) -> UInt8[np.ndarray, "height width 3"]:
    """An RGB image that is already open, as evaluation sees the files of a data set."""
    height, width = stored_size(data)
    larger = resized(image, height, width, data.transforms.interpolation)
    return _centre(larger, data.transforms.margin)


def fits_in_memory(source: ImageSource, data: Data) -> bool:
    """Whether the recipe's loader keeps these images decoded in memory."""
    if data.loader.kind == "auto":
        return source.decoded_bytes <= data.loader.cache_megabytes * 1e6
    return data.loader.kind == "cached"


def decode_all(
    source: ImageSource, threads: int, progress: Progress | None = None
) -> UInt8[Tensor, "pixels 3"]:
    """A pixel store of all images. Raises BrokenImage at the first file that cannot be read."""
    total = len(source.files)
    store = empty_store(total, source.height, source.width)
    images = store_images(store, source.height, source.width).numpy()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    try:
        for index, image in enumerate(pool.map(source.read, range(total))):
            images[index] = image
            if progress and ((index + 1) % 100 == 0 or index + 1 == total):
                progress(LOADING, index + 1, total)
    finally:
        # Nothing more is read when a file is broken or the progress asks to stop.
        pool.shutdown(cancel_futures=True)
    return store


def decode_batches(
    source: ImageSource, batch_size: int, threads: int
) -> Iterator[UInt8[Tensor, "batch height width 3"]]:
    """The images in order, a batch at a time, with some batches decoded ahead.

    Raises BrokenImage when the batch of the broken file comes.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    waiting: deque[list[Future[np.ndarray]]] = deque()
    try:
        for start in range(0, len(source.files), batch_size):
            indices = range(start, min(start + batch_size, len(source.files)))
            waiting.append([pool.submit(source.read, index) for index in indices])
            if len(waiting) > _AHEAD:
                yield _joined(waiting.popleft())
        while waiting:
            yield _joined(waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _centre(
    image: UInt8[np.ndarray, "tall wide 3"], margin: int
) -> UInt8[np.ndarray, "height width 3"]:
    """The image without its margin, of which the smaller half lies above and to the left."""
    start = margin // 2
    tall, wide, _ = image.shape
    return image[start : start + tall - margin, start : start + wide - margin]


def _joined(images: list[Future[np.ndarray]]) -> UInt8[Tensor, "batch height width 3"]:
    return torch.from_numpy(np.stack([image.result() for image in images]))
