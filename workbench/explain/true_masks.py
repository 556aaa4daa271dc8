"""How much of a heat lies where it should, by the true part masks of the playground. No torch."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8

from workbench.data.images.decoder import Limits, open_within
from workbench.data.synthetic.playground import PARTS
from workbench.errors import BrokenImage
from workbench.explain.cams.cells import resampled

MASKS = "masks"
_LIMITS = Limits(formats=("PNG",))
PERSON = ("head", "hat", "torso", "arms", "legs", "shoes", "bag")
"""Labels that belong to the person of the image."""


@dataclass(frozen=True)
class Shares:
    """Where a map's heat lies, each a share from 0 to 1.

    A map that knows nothing would have the share of the area: ``person_area``, ``part_area``.

    Attributes:
        on_person: on the person.
        person_area: pixels of the image that are the person.
        on_part: on each label; they sum to 1, or to 0 where the map has no heat.
        part_area: pixels of the image with each label.
    """

    on_person: float
    person_area: float
    on_part: dict[str, float]
    part_area: dict[str, float]


def true_parts(root: Path, path: str) -> UInt8[np.ndarray, "height width"] | None:
    """The mask of an image, indices into ``PARTS``; None where the data set has no masks.

    Raises BrokenImage where there are masks, but this one cannot be read.
    """
    folder = root / MASKS
    if not folder.is_dir():
        return None
    file = folder / f"{Path(path).stem}.png"
    try:
        with ExitStack() as held:
            mask = np.asarray(open_within(held, file, _LIMITS).convert("L"))
    except FileNotFoundError:
        return None
    except Exception as error:
        # Decoders raise nearly anything over damaged files, and none of it is a bug of ours.
        raise BrokenImage(
            f"{file} cannot be read as a mask ({error}): draw the playground again."
        ) from error
    return np.minimum(mask, len(PARTS) - 1).astype(np.uint8)


def shares(
    heat: Float[np.ndarray, "rows columns"], mask: UInt8[np.ndarray, "height width"]
) -> Shares:
    """Shares of a map's heat on each label; what is below zero is not counted."""
    warm = resampled(np.clip(heat, 0.0, None), *mask.shape)
    total = float(warm.sum())
    sums = np.bincount(mask.ravel(), weights=warm.ravel(), minlength=len(PARTS))
    areas = np.bincount(mask.ravel(), minlength=len(PARTS)) / mask.size
    on_part = sums / total if total > 0 else np.zeros(len(PARTS))
    return Shares(
        on_person=float(sum(on_part[PARTS.index(label)] for label in PERSON)),
        person_area=float(sum(areas[PARTS.index(label)] for label in PERSON)),
        on_part=dict(zip(PARTS, on_part.tolist(), strict=True)),
        part_area=dict(zip(PARTS, areas.tolist(), strict=True)),
    )
