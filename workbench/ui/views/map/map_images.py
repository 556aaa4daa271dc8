"""The images that the points of a map stand for: queries first, then the gallery."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workbench.data.samples import Sample, Split
from workbench.errors import DataError, PlaceError
from workbench.paths import confined
from workbench.retrieval.embeddings.store import Embeddings

Source = Literal["query", "gallery"]
DISTRACTOR_LABEL = -2
"""Of a point: 0 may be a person."""


def _number(image: Sample) -> int:
    """The identity of an image, of a distractor its label."""
    return DISTRACTOR_LABEL if image.distractor else image.identity


@dataclass(frozen=True)
class MapImages:
    """Images in the order of their points.

    Attributes:
        query: come first.
        gallery: come behind them.
        root: folder that paths are relative to.
        leave_one_out: the gallery is the queries, and counts once.
    """

    query: Sequence[Sample]
    gallery: Sequence[Sample]
    root: Path
    leave_one_out: bool

    @classmethod
    def of(cls, known: Embeddings | Split) -> "MapImages":
        """Those of embeddings, or of a data set before anything is embedded."""
        if isinstance(known, Split):
            return cls(known.query, known.gallery, known.root, known.leave_one_out)
        query, gallery = known.query_images, known.gallery_images
        return cls(query, gallery, known.root, known.leave_one_out)

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.query) + (0 if self.leave_one_out else len(self.gallery))

    def labels(self) -> bytes:
        """Identity (-1 junk, -2 distractor) and camera (-1 unknown) of each point, 32 bits each."""
        behind = () if self.leave_one_out else self.gallery
        rows = [(_number(one), one.camera) for one in (*self.query, *behind)]
        return np.array(rows, dtype="<i4").tobytes()

    def told(self, point: int) -> dict[str, Any]:
        """What one point is. Raises DataError where there is no such point."""
        source, index, sample = self._sample(point)
        who = {"identity": _number(sample), "camera": sample.camera}
        return {"point": point, "source": source, "index": index, **who}

    def is_there(self, point: int) -> bool:
        """Whether the file of one point is still on the disk."""
        try:
            return confined(self.root, self._sample(point)[2].path).is_file()
        except PlaceError:
            return False

    def _sample(self, point: int) -> tuple[Source, int, Sample]:
        if not 0 <= point < len(self):
            raise DataError(
                f"There is no point {point}: they are numbered from 0 to {len(self) - 1}."
            )
        behind = point - len(self.query)
        if behind < 0:
            return "query", point, self.query[point]
        return "gallery", behind, self.gallery[behind]
