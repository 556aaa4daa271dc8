"""The copies of an image whose vectors are added to its embedding."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from workbench.recipe.settings.evaluation import Embedding


@dataclass(frozen=True)
class View:
    """One copy of a batch of images, and whether it is mirrored."""

    images: Float[Tensor, "batch 3 height width"]
    mirrored: bool


def views(images: Float[Tensor, "batch 3 height width"], embedding: Embedding) -> Iterator[View]:
    """The copies a recipe's embedding adds up: each size, and mirrored where it says so."""
    for scale in embedding.scales:
        size = [max(round(side * scale), 1) for side in images.shape[2:]]
        copy = (
            images
            if scale == 1.0
            else F.interpolate(images, size=size, mode="bicubic", align_corners=False)
        )
        yield View(copy, mirrored=False)
        if embedding.flip:
            yield View(copy.flip(3), mirrored=True)
