"""How far to believe a map: are a point's neighbours there its true ones?"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64

from workbench.errors import ShapeError
from workbench.retrieval.projection import (
    BLOCK,
    Distance,
    Vectors,
    prepared,
    squared_distances,
)

K = 10


@dataclass(frozen=True)
class Trust:
    """Share of true neighbours among the neighbours on a map.

    Attributes:
        per_point: of each point, from 0 to 1.
        overall: mean over all points.
        chance: what a map that knows nothing would have.
        k: how many neighbours were looked at.
    """

    per_point: Float64[np.ndarray, "points"]
    overall: float
    chance: float
    k: int


def trust(
    vectors: Vectors,
    points: Float32[np.ndarray, "mapped 2"],
    k: int = K,
    distance: Distance = "cosine",
) -> Trust:
    """Of each point's ``k`` nearest on the map, how many are among its ``k`` nearest in truth.

    Another point as near as the k-th true neighbour counts as one. ``k`` is at most the number of
    other points. Raises ShapeError where map and vectors are not of the same images.
    """
    if len(vectors) != len(points):
        raise ShapeError(
            f"The map has {len(points)} points for {len(vectors)} vectors: make it again."
        )
    true = torch.from_numpy(prepared(vectors, distance))
    plane = torch.from_numpy(np.ascontiguousarray(points, dtype=np.float32)).double()
    k = min(k, len(true) - 1)
    shares = [_shares(true, plane, start, k) for start in range(0, len(true), BLOCK)]
    per_point = torch.cat(shares).numpy()
    return Trust(per_point, float(per_point.mean()), k / (len(true) - 1), k)


def _shares(
    true: Float32[torch.Tensor, "points dim"],
    plane: Float64[torch.Tensor, "points 2"],
    start: int,
    k: int,
) -> Float64[torch.Tensor, "rows"]:
    apart = squared_distances(true[start : start + BLOCK], true)
    shown = squared_distances(plane[start : start + BLOCK], plane)
    rows = torch.arange(len(apart))
    apart[rows, rows + start] = torch.inf
    shown[rows, rows + start] = torch.inf
    farthest = apart.kthvalue(k, dim=1, keepdim=True).values
    near = shown.topk(k, largest=False).indices
    return (apart.gather(1, near) <= farthest).double().mean(1)
