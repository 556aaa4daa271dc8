"""Sizes of feature maps that are known without building the network."""

import re

from workbench.recipe.refusals import listed
from workbench.recipe.settings.backbones import Backbone, GridTransformer, TimmBackbone

_PLAIN_RESNET = re.compile(r"resnet\d+(\..+)?")
_HALVINGS = 5
"""A residual network halves its map five times; the last time only where the tail has stride 2."""
_ATTENTION_STRIDES = (4, 8, 16)
"""Pixels per token in the stages of a grid transformer that have attention."""


def map_rows(backbone: Backbone, tail: int, height: int) -> int | None:
    """Rows of a tail's map for an image of this height; None where only building it tells.

    >>> map_rows(TimmBackbone(name="resnet50", tail_strides=[1]), 0, 256)
    16
    """
    if isinstance(backbone, TimmBackbone) and not _PLAIN_RESNET.fullmatch(backbone.name):
        return None
    return _halved(height, _HALVINGS if backbone.tail_strides[tail] == 2 else _HALVINGS - 1)


def kept_keys(backbone: GridTransformer) -> int:
    """Keys that each token of a grid attends to.

    >>> kept_keys(GridTransformer(grid=[8, 8], kept_keys=0.3))
    19
    """
    rows, columns = backbone.grid
    # A share such as 0.29 of 100 is 28.999... in binary: it means 29.
    return int(rows * columns * backbone.kept_keys + 1e-9)


def grid_problem(backbone: GridTransformer, height: int, width: int) -> str | None:
    """Why its grid does not fit images of this size: a sentence that opens with the path."""
    path = "model.backbone.grid"
    for place, name, pixels in ((0, "rows", height), (1, "columns", width)):
        maps = [_halved(pixels, stride.bit_length() - 1) for stride in _ATTENTION_STRIDES]
        tokens = backbone.grid[place]
        if any(size % tokens for size in maps):
            fitting = [
                str(count) for count in range(1, 65) if all(size % count == 0 for size in maps)
            ]
            return (
                f"{path} = {backbone.grid}: the maps of images of {height} x {width} have"
                f" {', '.join(map(str, maps))} {name}, which {tokens} does not divide. Use"
                f" {listed(fitting)} for the {name}, or another image size."
            )
    if kept_keys(backbone) == 0:
        return (
            f"model.backbone.kept_keys = {backbone.kept_keys}: no key is left of the"
            f" {backbone.grid[0] * backbone.grid[1]} of a grid. Use a larger share."
        )
    return None


def _halved(pixels: int, times: int) -> int:
    for _ in range(times):
        pixels = -(-pixels // 2)
    return pixels
