"""Where on its map each part finds what makes a pair similar.

A part's share of the similarity is ``scale * <vector, other> + offset``. At an image, the way from
pooled values to the vector is affine (linear layer and batch normalisation in evaluation mode; a
rectifier is a fixed choice of lines there), so the other image's vector goes back through it as one
weight per channel, and what it does not reach is a constant. Through the pool every value of the
map gets value * gradient. These add up to the pooled vector, hence to the share of the similarity,
for every pool that is homogeneous of degree one (Euler), which all of ours are:

* average: each cell holds exactly what would be lost without it;
* max: all of a channel's share lies at the cell of its maximum, equally at equal maxima;
* average_max: the sum of both;
* generalised mean: shares proportional to x^p. They add up, but a cell's share is not what would be
  lost without it: the others would count more.

Value times gradient at the last map is HiResCAM (Draelos and Carin 2020, arXiv 2011.08891) with the
pair's similarity as its target, nothing clipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from workbench.explain.cams.cells import resampled
from workbench.explain.output_vectors import Terms, Vector
from workbench.explain.views import views
from workbench.model.network import Branch, PartNetwork
from workbench.recipe.settings.evaluation import Embedding

PROMISES = {
    "average": "exact: a cell holds what would be lost without it",
    "max": "exact sum: a channel's share lies at the cell of its maximum",
    "average_max": "exact sum: the mean's share in every cell, the maximum's at its cell",
    "generalised_mean": "exact sum: shares proportional to x^p, not what would be lost",
}
"""What the maps of each kind of pool promise."""


@dataclass(frozen=True)
class Evidence:
    """One part's share of a pair's similarity, laid out over one of the two images.

    Attributes:
        heat: what each cell of the map adds; negative where the cell speaks against the pair.
        constant: what no cell adds: offsets of the layers behind the pool.

    ``heat.sum() + constant`` is the part's share.
    """

    heat: Float[np.ndarray, "rows columns"]
    constant: float


def evidence_of(
    network: PartNetwork,
    image: Float[Tensor, "1 3 height width"],
    other: Vector,
    pair: Mapping[str, Terms],
    embedding: Embedding,
) -> dict[str, Evidence]:
    """The share of every output of the embedding in a pair's similarity, over one image of it.

    Args:
        network: in evaluation mode.
        image: the image that is laid out, normalised.
        other: vectors of the other image, by output.
        pair: how each output enters the similarity.
        embedding: which outputs are joined, over which copies of the image.
    """
    found: dict[str, Evidence] = {}
    for view in views(image, embedding):
        with torch.inference_mode(False), torch.no_grad():
            maps = network.feature_maps(view.images)
        for name, branch in network.branches.items():
            names = cast(Branch, branch).output_names(name)
            wanted = {part: pair[part].scale * other[part] for part in names if part in pair}
            if wanted:
                shares = _shares(cast(Branch, branch), maps[name], names, wanted, embedding.reads)
                for part, share in shares.items():
                    found[part] = _added(found.get(part), share, view.mirrored)
    return {
        name: Evidence(found[name].heat, found[name].constant + pair[name].offset) for name in pair
    }


def _shares(
    branch: Branch,
    feature_map: Float[Tensor, "1 channels rows columns"],
    names: list[str],
    wanted: Mapping[str, Float[Tensor, "1 _width"]],
    reads: str,
) -> dict[str, Evidence]:
    """``<wanted, vector>`` of each wanted part of one branch, for one copy of the image."""
    with torch.enable_grad():
        blocks = [block.detach().requires_grad_() for block in branch.regions(feature_map)]
        pooled = branch.pooled(blocks)
        outputs = [head(part) for head, part in zip(branch.heads, pooled, strict=True)]
        values = {
            name: (getattr(output, reads) * wanted[name]).sum()
            for name, output in zip(names, outputs, strict=True)
            if name in wanted
        }
        gradients = torch.autograd.grad(
            torch.stack(list(values.values())).sum(), blocks, allow_unused=True
        )
    weights = [
        torch.zeros_like(block) if gradient is None else gradient
        for block, gradient in zip(blocks, gradients, strict=True)
    ]
    with torch.no_grad():
        maps = branch.regions.evidence(feature_map, weights)[0].double().numpy()
    return {
        name: Evidence(maps[part], float(values[name].detach()) - float(maps[part].sum()))
        for part, name in enumerate(names)
        if name in values
    }


def _added(sum_so_far: Evidence | None, share: Evidence, mirrored: bool) -> Evidence:
    """A copy's share added to that of the copies before it, on the map of the first."""
    heat = share.heat[:, ::-1] if mirrored else share.heat
    if sum_so_far is None:
        return Evidence(heat, share.constant)
    heat = sum_so_far.heat + resampled(heat, *sum_so_far.heat.shape)
    return Evidence(heat, sum_so_far.constant + share.constant)
