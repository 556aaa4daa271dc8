"""Images as points in a plane, and the few weights of a network that embeds them. No torch here."""

import math

import numpy as np
from jaxtyping import Float64, Int64

from workbench.lessons.settings import LossSetting
from workbench.retrieval.recall import recall_at

IDENTITIES = 4
IMAGES = 8
CENTRE_RADIUS = 0.6
"""How far the middle of each person is from the origin."""
HIDDEN = 16
WEIGHTS = 5 * HIDDEN
"""Of the network: to the hidden units, their biases, and to the plane again."""

Points = Float64[np.ndarray, "points 2"]
Weights = Float64[np.ndarray, "weights"]
Labels = Int64[np.ndarray, "points"]


def labels() -> Labels:
    """Who is on each image: 0 to 3, eight images each."""
    return np.repeat(np.arange(IDENTITIES), IMAGES)


def images(setting: LossSetting) -> Points:
    """The images before any network: around the middle of their person, more or less alike."""
    angles = 2 * math.pi * labels() / IDENTITIES + math.pi / 4
    centres = CENTRE_RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    noise = np.random.default_rng(setting.seed).standard_normal(centres.shape)
    return centres + setting.likeness * noise


def network(setting: LossSetting) -> Weights:
    """The weights of an untrained network of two layers, as one list."""
    generator = np.random.default_rng([setting.seed, 1])
    layers = (
        generator.normal(0.0, 0.7, 2 * HIDDEN),
        generator.normal(0.0, 0.5, HIDDEN),
        generator.normal(0.0, 0.2, 2 * HIDDEN),
    )
    return np.concatenate(layers)


def untrained(setting: LossSetting) -> Points:
    """Where the untrained network puts the images."""
    weights = network(setting)
    inward, biases, outward = np.split(weights, [2 * HIDDEN, 3 * HIDDEN])
    hidden = np.tanh(images(setting) @ inward.reshape(2, HIDDEN) + biases)
    return hidden @ outward.reshape(HIDDEN, 2)


def class_vectors(setting: LossSetting) -> Points:
    """Where the class weights of softmax and the proxies begin, one for each person."""
    return 0.5 * np.random.default_rng([setting.seed, 2]).standard_normal((IDENTITIES, 2))


def spread(points: Points) -> float:
    """Mean distance of the points to their middle."""
    return float(np.linalg.norm(points - points.mean(axis=0), axis=1).mean())


def recall_at_1(points: Points) -> float:
    """Recall@1: share of points whose nearest other point is the same person; ties by chance."""
    return recall_at(points, labels(), ks=(1,), distance="euclidean").recall[1]
