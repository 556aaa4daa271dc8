"""The vector of an image: chosen outputs joined, summed over mirrored and resized copies."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from workbench.model.outputs import BranchOutput
from workbench.recipe.schema import select
from workbench.recipe.settings.evaluation import Embedding

Images = Float[Tensor, "batch 3 height width"]


class Embedded(NamedTuple):
    """Vectors of images, and how certain the network is of each.

    ``certainty`` is the mean over the chosen outputs that learn it and over all copies; None where
    none does.
    """

    vectors: Float[Tensor, "batch dim"]
    certainty: Float[Tensor, "batch"] | None


def embed(
    network: Callable[[Images], dict[str, BranchOutput]], images: Images, embedding: Embedding
) -> Float[Tensor, "batch dim"]:
    """Vectors of the images in float32, the chosen outputs joined in branch order.

    Evaluation mode and the absence of gradients are the caller's. Vectors of mirrored and resized
    copies are added; with ``normalise_outputs`` each output's sum is divided by its length before
    joining.

    Raises:
        ShapeError: where a resized image gives a map that a branch cannot divide.
    """
    return embed_with_certainty(network, images, embedding).vectors


def embed_with_certainty(
    network: Callable[[Images], dict[str, BranchOutput]], images: Images, embedding: Embedding
) -> Embedded:
    """As ``embed``, with the certainty of each image."""
    sums: dict[str, Tensor] = {}
    certainties: list[Tensor] = []
    for copy in _copies(images, embedding):
        outputs = network(copy)
        for name in select(embedding.branches, list(outputs)):
            output = outputs[name]
            vector = getattr(output, embedding.reads).float()
            sums[name] = sums[name] + vector if name in sums else vector
            if output.certainty is not None:
                certainties.append(output.certainty.float())
    vectors = list(sums.values())
    if embedding.normalise_outputs:
        vectors = [F.normalize(vector, dim=1) for vector in vectors]
    certainty = torch.stack(certainties).mean(0) if certainties else None
    return Embedded(torch.cat(vectors, dim=1), certainty)


def _copies(images: Images, embedding: Embedding) -> Iterator[Images]:
    for scale in embedding.scales:
        resized = images if scale == 1.0 else _resized(images, scale)
        yield resized
        if embedding.flip:
            yield resized.flip(3)


def _resized(images: Images, scale: float) -> Float[Tensor, "batch 3 _height _width"]:
    height, width = (max(round(side * scale), 1) for side in images.shape[2:])
    return F.interpolate(images, size=(height, width), mode="bicubic", align_corners=False)
