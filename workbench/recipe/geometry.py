"""Sizes of feature maps that are known without building the network."""

import re

from workbench.recipe.model import CompactResNet, TimmBackbone

_PLAIN_RESNET = re.compile(r"resnet\d+(\..+)?")
_HALVINGS = 5
"""A residual network halves its map five times; the last time only where the tail has stride 2."""


def map_rows(backbone: CompactResNet | TimmBackbone, tail: int, height: int) -> int | None:
    """Rows of a tail's map for an image of this height; None where only building it tells.

    >>> map_rows(TimmBackbone(name="resnet50", tail_strides=[1]), 0, 256)
    16
    """
    if isinstance(backbone, TimmBackbone) and not _PLAIN_RESNET.fullmatch(backbone.name):
        return None
    rows = height
    for _ in range(_HALVINGS if backbone.tail_strides[tail] == 2 else _HALVINGS - 1):
        rows = -(-rows // 2)
    return rows
