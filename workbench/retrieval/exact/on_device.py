"""Pairs of vectors on a device: it multiplies and counts; what its margin leaves open comes here.

Loaded only where a caller hands in tensors of a device (``given``), so torch is there already.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import torch
from jaxtyping import Float, Float64, Int, Int64
from torch import Tensor

from workbench.retrieval.exact.blocks import Block, hand_out
from workbench.retrieval.exact.counters import CompiledTally, Places, RightAnswers
from workbench.retrieval.exact.pair_sides import Distance
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.products import Precision
from workbench.retrieval.relevance import Relevance

QUERIES, IMAGES = 1024, 32_768  # of one product that stays on the device: 128 MB of scores
HOST_QUERIES, HOST_IMAGES = 512, 8192  # of one whose scores are fetched
CLOSER_PAIRS = 2**16  # pairs looked at in float64 at once: 512 MB at width 512


@dataclass(frozen=True, eq=False)
class DeviceBlock:
    """A block whose scores lie on a device; the rest as for ``Block``."""

    queries: slice
    gallery: slice
    scores: Float[Tensor, "queries gallery"]
    margin: Float64[np.ndarray, "queries"]


class DevicePairs(FeaturePairs):
    """All pairs of query and gallery vectors, multiplied on a device in full float32.

    Args:
        query: As for ``FeaturePairs``, with the other arguments.
        gallery: Vectors ``(images, dim)``.
        distance: ``"cosine"`` or ``"euclidean"`` (squared).
        device: Where products are made, e.g. ``cuda:0``.
        names: What a caller calls the two.
    """

    def __init__(
        self,
        query: Float[np.ndarray, "queries dim"],
        gallery: Float[np.ndarray, "images otherdim"],
        distance: Distance,
        device: str,
        names: tuple[str, str] = ("query", "gallery"),
    ) -> None:
        super().__init__(query, gallery, distance, names)
        self._device = torch.device(device)

    def blocks(self, precision: Precision | None = None) -> Iterator[Block]:
        """Every pair once, in blocks; scores of a float32 product are fetched from the device."""
        if precision not in (None, "float32") or not self._fits_single():
            yield from super().blocks(precision)
            return
        for block in self.device_blocks(HOST_QUERIES, HOST_IMAGES):
            yield Block(block.queries, block.gallery, block.scores.cpu().numpy(), block.margin)

    def each_block(self, use: Callable[[Block], None], precision: Precision | None = None) -> None:
        """Give every block to ``use``, side by side; never two of the same query at a time."""
        hand_out(self.blocks(precision), use)

    def device_blocks(self, queries: int, images: int) -> Iterator[DeviceBlock]:
        """Every pair once, in blocks of at most so many queries and images; they stay there."""
        for start in range(0, self.shape[1], images):
            gallery = slice(start, min(start + images, self.shape[1]))
            right = self._sent(self._gallery.rows(gallery, "float32").numbers)
            for first in range(0, self.shape[0], queries):
                part = slice(first, min(first + queries, self.shape[0]))
                left = self._sent(self._query.rows(part, "float32").numbers)
                with _full_float32():
                    scores = left @ right.T
                if self.distance == "euclidean":
                    scores *= 2
                    scores -= self._sent(self._gallery.squares[gallery].astype(np.float32))
                    scores -= self._sent(self._query.squares[part, None].astype(np.float32))
                yield DeviceBlock(part, gallery, scores, self.margin(part, gallery, "float32"))

    def quick_scores(
        self, queries: Int64[np.ndarray, "pairs"], gallery: Int64[np.ndarray, "pairs"]
    ) -> tuple[Float64[np.ndarray, "pairs"], Float64[np.ndarray, "queries"]] | None:
        """Scores of the same pairs, summed in float64 by the device, and a margin for each."""
        scores = np.empty(len(queries))
        for start in range(0, len(queries), CLOSER_PAIRS):
            part = slice(start, start + CLOSER_PAIRS)
            left = self._wide(self._query.vectors, queries[part])
            right = self._wide(self._gallery.vectors, gallery[part])
            if self.distance == "cosine":
                lengths = self._query.lengths[queries[part]] * self._gallery.lengths[gallery[part]]
                found = (left * right).sum(dim=1) / self._sent(lengths)
            else:
                found = -(left - right).square_().sum(dim=1)
            scores[part] = found.cpu().numpy()
        return scores, self.margin(slice(None), slice(None), "float64")

    def counted(
        self,
        fast: ModuleType,
        relevance: Relevance,
        right: RightAnswers,
        tell: Callable[[int], None],
    ) -> Places:
        """Wrong answers ahead of, level with, and before every right one (``CompiledTally``)."""
        if not self._fits_single():
            raise AssertionError("lengths float32 cannot hold are counted on the processor")
        tally = DeviceTally(fast, self, right)
        for block in self.device_blocks(QUERIES, IMAGES):
            rows, hidden = relevance.hidden(block.queries, block.gallery)
            block.scores[self._sent(rows), self._sent(hidden)] = -torch.inf
            junk = np.flatnonzero(relevance.junk[block.gallery])
            block.scores[:, self._sent(junk)] = -torch.inf
            tally.add_on_device(block)
            tell(block.scores.numel())
        return tally.result()

    def can_count(self) -> bool:
        """Whether the vectors fit a float32 product."""
        return self._fits_single()

    def _wide(
        self, vectors: Float[np.ndarray, "images dim"], rows: Int64[np.ndarray, "pairs"]
    ) -> Float[Tensor, "pairs dim"]:
        once, place = np.unique(rows, return_inverse=True)
        return self._sent(np.asarray(vectors[once])).double()[self._sent(place)]

    def _sent(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)


class DeviceTally(CompiledTally):
    """Counting where the scores are; pairs within the margin come here to be decided."""

    def add_on_device(self, block: DeviceBlock) -> None:
        """Count the wrong answers of one block."""
        starts = self._starts[block.queries.start : block.queries.stop + 1]
        sizes = np.diff(starts)
        width = int(sizes.max())
        if not width:
            return
        place = np.arange(width)
        real = place < sizes[:, None]
        levels = np.where(real, starts[1:, None] - 1 - place, 0)  # rising scores
        rising = np.where(real, self._thresholds[levels], np.inf)
        band = (block.margin + self._slack[block.queries])[:, None]
        low = _outward(rising - band, -np.inf), block.scores.device
        high = _outward(rising + band, np.inf), block.scores.device
        lowest, surely = (torch.from_numpy(array).to(device) for array, device in (low, high))
        reaching = torch.searchsorted(lowest, block.scores, right=True, out_int32=True)
        row, column = reaching.nonzero(as_tuple=True)
        reached = reaching[row, column].long()
        del reaching
        above = torch.searchsorted(surely, block.scores, right=False, out_int32=True)
        passed = above[row, column].long()
        del above
        bins = torch.bincount(row * (width + 1) + passed, minlength=len(sizes) * (width + 1))
        histogram = bins.reshape(len(sizes), width + 1).cpu().numpy()
        ahead = histogram[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        self._ahead[levels[real]] += ahead[real]
        found = _open_pairs(row, column, passed, reached)
        found[2] = levels[found[0], found[2]]
        found[0] += block.queries.start
        found[1] += block.gallery.start
        self._settle(found)


def _open_pairs(
    row: Int[Tensor, "near"],
    column: Int[Tensor, "near"],
    passed: Int[Tensor, "near"],
    reached: Int[Tensor, "near"],
) -> Int64[np.ndarray, "3 pairs"]:
    """Row, column and place of every threshold that is reached but not surely passed."""
    chosen = passed < reached
    row, column, passed = row[chosen], column[chosen], passed[chosen]
    number = reached[chosen] - passed
    first = torch.repeat_interleave(number.cumsum(0) - number, number)
    step = torch.arange(len(first), device=first.device) - first
    parts = (torch.repeat_interleave(part, number) for part in (row, column, passed))
    row, column, passed = parts
    return torch.stack([row, column, passed + step]).cpu().numpy()


def _outward(values: Float64[np.ndarray, "*shape"], towards: float) -> Float[np.ndarray, "*shape"]:
    """The next float32 numbers in this direction, so that rounding never narrows a margin."""
    return np.nextafter(values.astype(np.float32), np.float32(towards))


@contextmanager
def _full_float32() -> Iterator[None]:
    """Products in float32 throughout, whatever the program allows elsewhere."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
