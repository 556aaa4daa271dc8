"""Pairs of whatever vectors a caller hands in; those on a device are multiplied there."""

from importlib import import_module
from typing import Any

from jaxtyping import Float
from numpy import ndarray

from workbench.retrieval.exact.pairs import Distance, FeaturePairs
from workbench.retrieval.features import Features, read_features


def device_of(*features: Features) -> str | None:
    """The device some of the vectors lie on, None where all are in main memory."""
    devices = [getattr(each, "device", None) for each in features]
    names = [str(device) for device in devices if getattr(device, "type", "cpu") != "cpu"]
    return names[0] if names else None


def given_pairs(
    query: Features,
    gallery: Features,
    distance: Distance,
    names: tuple[str, str] = ("query", "gallery"),
) -> FeaturePairs:
    """Pairs of two sets of vectors: arrays, memory maps, or tensors of any device.

    ``names`` are those of the caller's arguments.

    Raises ShapeError, DataError or EmptySplit, naming the argument, where they cannot be used.
    """
    left = read_features(query, names[0])
    right = left if gallery is query else read_features(gallery, names[1])
    return pairs_on(device_of(query, gallery), left, right, distance, names)


def pairs_on(
    device: str | None,
    query: Float[ndarray, "queries dim"],
    gallery: Float[ndarray, "images otherdim"],
    distance: Distance,
    names: tuple[str, str] = ("query", "gallery"),
) -> FeaturePairs:
    """Pairs of vectors whose products are made on a device, or here where it is None."""
    if device is None:
        return FeaturePairs(query, gallery, distance, names)
    on_device: Any = import_module("workbench.retrieval.exact.on_device")  # torch is slow to load
    return on_device.DevicePairs(query, gallery, distance, device, names)
