"""Two images as one network sees them, side by side."""

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from workbench.data.transforms import evaluation_batch
from workbench.errors import ShapeError
from workbench.explain.evidence import Evidence, evidence_of
from workbench.explain.output_vectors import (
    Distance,
    Terms,
    Vector,
    Vectors,
    output_vectors,
    similarities,
    terms,
)
from workbench.model.network import PartNetwork
from workbench.recipe.schema import Recipe

Pixels = UInt8[np.ndarray, "height width 3"]


class PairReader:
    """Two images as one network sees them, side by side.

    Args:
        network: in evaluation mode, on the processor.
        recipe: whose normalisation, embedding and distance hold.
        query: pixels at the recipe's size.
        hit: the same of the other image.

    Raises ShapeError where an image has another size than the recipe's.
    """

    def __init__(self, network: PartNetwork, recipe: Recipe, query: Pixels, hit: Pixels) -> None:
        for image in (query, hit):
            if image.shape[:2] != (recipe.data.height, recipe.data.width):
                raise ShapeError(
                    f"An image of {image.shape[0]} x {image.shape[1]} pixels does not fit a network"
                    f" for {recipe.data.height} x {recipe.data.width}: resize it first."
                )
        self.network, self.recipe = network, recipe
        self.embedding = recipe.evaluation.embedding
        self.distance: Distance = recipe.evaluation.distance
        both = torch.from_numpy(np.stack([query, hit]))
        self.images = evaluation_batch(both, recipe.data.transforms.normalise)

    def vectors(self, images: Float[Tensor, "batch 3 height width"]) -> Vectors:
        """Vectors of other versions of the images, by output."""
        with torch.inference_mode(False), torch.no_grad():
            return output_vectors(self.network, images, self.embedding)

    @cached_property
    def both(self) -> tuple[Vector, Vector]:
        """Vectors of the query and of the hit."""
        found = self.vectors(self.images)
        query = {name: vector[:1] for name, vector in found.items()}
        return query, {name: vector[1:] for name, vector in found.items()}

    @cached_property
    def terms(self) -> dict[str, Terms]:
        """How each output enters the similarity."""
        return terms(*self.both, self.embedding, self.distance)

    @cached_property
    def worth(self) -> dict[str, float]:
        """Each output's share of the similarity; they sum to ``total``."""
        query, hit = self.both
        return {
            name: term.scale * float((query[name].double() * hit[name].double()).sum())
            + term.offset
            for name, term in self.terms.items()
        }

    @property
    def total(self) -> float:
        """The pair's similarity: cosine, or minus the squared distance."""
        return float(similarities(*self.both, self.embedding, self.distance)[0])

    def evidence(self) -> tuple[dict[str, Evidence], dict[str, Evidence]]:
        """Every output's share laid out over the query, and over the hit."""
        query, hit = self.both
        first = evidence_of(self.network, self.images[:1], hit, self.terms, self.embedding)
        second = evidence_of(self.network, self.images[1:], query, self.terms, self.embedding)
        return first, second
