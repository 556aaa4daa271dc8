"""The ways to scale pixel values for a network, by name. No torch."""

from typing import Literal, NamedTuple

Colour = tuple[float, float, float]
NormalisationKind = Literal["none", "imagenet", "half"]


class Normalisation(NamedTuple):
    """``(value - mean) / std`` per colour channel, with values in [0, 1]."""

    mean: Colour
    std: Colour


IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
NORMALISATIONS: dict[str, Normalisation] = {
    "none": Normalisation(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
    "imagenet": Normalisation(mean=IMAGENET_MEAN, std=(0.229, 0.224, 0.225)),
    "half": Normalisation(mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25)),
}


def mean_colour(kind: NormalisationKind) -> Colour:
    """The colour that normalising maps to zero, in [0, 1]; ImageNet's where it maps black."""
    return IMAGENET_MEAN if kind == "none" else NORMALISATIONS[kind].mean
