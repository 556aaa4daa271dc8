"""The vector of an image output by output, and what a pair of them is worth.

A pair's similarity is a sum over outputs, each the product of two vectors times a scale:

* cosine: <q, h> / (|q| |h|), over all outputs together;
* euclidean: minus the squared distance, 2 <q, h> - |q|^2 - |h|^2, output by output.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from workbench.explain.views import views
from workbench.model.outputs import BranchOutput
from workbench.recipe.schema import select
from workbench.recipe.settings.evaluation import Embedding

Distance = Literal["cosine", "euclidean"]
Images = Float[Tensor, "batch 3 height width"]
Vectors = dict[str, Float[Tensor, "batch _width"]]
"""Of each output that is part of the embedding, summed over copies and not yet normalised."""
Vector = dict[str, Float[Tensor, "1 _width"]]
"""The same of one image."""

SMALLEST = 1e-12
"""Least length a vector is divided by, as in ``torch.nn.functional.normalize``."""


@dataclass(frozen=True)
class Terms:
    """How one output's vectors enter a pair's similarity: ``scale * <q, h> + offset``."""

    scale: float
    offset: float


def output_vectors(
    network: Callable[[Images], dict[str, BranchOutput]], images: Images, embedding: Embedding
) -> Vectors:
    """Vectors of each output that the embedding joins, in branch order, float32.

    Evaluation mode and the absence of gradients are the caller's.
    """
    sums: Vectors = {}
    for view in views(images, embedding):
        outputs = network(view.images)
        for name in select(embedding.branches, list(outputs)):
            vector = getattr(outputs[name], embedding.reads).float()
            sums[name] = sums[name] + vector if name in sums else vector
    return sums


def similarities(
    vectors: Vectors, reference: Vector, embedding: Embedding, distance: Distance
) -> Float[Tensor, "batch"]:
    """Similarity of each image of a batch to one reference image (a batch of one).

    A vector of length zero has cosine zero to everything.
    """
    joined, other = _joined(vectors, embedding), _joined(reference, embedding)
    if distance == "euclidean":
        return -(joined - other).square().sum(1)
    return _cosine(joined, other)


def cosines(vectors: Vectors, reference: Vector) -> dict[str, Float[Tensor, "batch"]]:
    """Each output's own cosine between each image of a batch and one reference image."""
    return {name: _cosine(vector, reference[name]) for name, vector in vectors.items()}


def terms(query: Vector, hit: Vector, embedding: Embedding, distance: Distance) -> dict[str, Terms]:
    """How each output's product enters the similarity of one pair (two batches of one)."""
    lengths = {
        name: _length(query[name]) * _length(hit[name]) if embedding.normalise_outputs else 1.0
        for name in query
    }
    if distance == "cosine":
        whole = _length(_joined(query, embedding)) * _length(_joined(hit, embedding))
        return {name: Terms(1.0 / (length * whole), 0.0) for name, length in lengths.items()}
    found: dict[str, Terms] = {}
    for name, length in lengths.items():
        pair = [vectors[name].double() for vectors in (query, hit)]
        squares = 2.0 if embedding.normalise_outputs else sum(float(v.square().sum()) for v in pair)
        found[name] = Terms(2.0 / length, -squares)
    return found


def _joined(vectors: Vectors | Vector, embedding: Embedding) -> Float[Tensor, "batch dim"]:
    parts = [vector.double() for vector in vectors.values()]
    if embedding.normalise_outputs:
        parts = [part / part.norm(dim=1, keepdim=True).clamp(min=SMALLEST) for part in parts]
    return torch.cat(parts, dim=1)


def _cosine(
    vectors: Float[Tensor, "batch dim"], other: Float[Tensor, "1 dim"]
) -> Float[Tensor, "batch"]:
    vectors, other = vectors.double(), other.double()
    lengths = (vectors.norm(dim=1) * other.norm(dim=1)).clamp(min=SMALLEST)
    return (vectors * other).sum(1) / lengths


def _length(vector: Float[Tensor, "1 dim"]) -> float:
    return max(float(vector.double().norm()), SMALLEST)
