"""Tokens of a map drawn over an image. Pillow, no torch."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from workbench.explain.attention import BlockAttention
from workbench.explain.pictures.colours import coloured

HEIGHT = 384
"""Pixels of a picture's height, so that the cells of the finest map can be told apart."""
DIMMED = 0.45
_OUTLINE, _TOKEN, _EDGE = (214, 220, 222), (255, 255, 255), (20, 22, 26)

Pixels = UInt8[np.ndarray, "height width 3"]


def groups_picture(image: Pixels, block: BlockAttention) -> Image.Image:
    """Cells of one colour are one group; the token's group is outlined."""
    groups = block.groups()
    top = max(int(groups.max()), 1)
    picture = _enlarged(image)
    cells = Image.fromarray(coloured(groups / top)).resize(picture.size, Image.Resampling.NEAREST)
    picture = Image.blend(picture, cells, 0.5)
    _outline(picture, block)
    return picture


def keys_picture(
    image: Pixels, block: BlockAttention, head: int | None = None, highest: float | None = None
) -> Image.Image:
    """The token, its group outlined, and what one head, or all on average, hears of each.

    The lighter a cell the more is heard; ``highest`` lets several pictures share one scale.
    """
    weights = block.weights(head)
    top = float(weights.max()) if highest is None else highest
    picture = Image.blend(_enlarged(image), Image.new("RGB", _size(image)), DIMMED)
    _fill(picture, weights / top if top > 0 else weights, block)
    _outline(picture, block)
    return picture


def _fill(
    picture: Image.Image, shares: Float[np.ndarray, "rows columns"], block: BlockAttention
) -> None:
    draw = ImageDraw.Draw(picture)
    colours = coloured(shares)
    for row, column in np.argwhere(shares > 0):
        ink = tuple(int(value) for value in colours[row, column])
        draw.rectangle(_cell(picture, block, int(row), int(column)), fill=ink)


def _outline(picture: Image.Image, block: BlockAttention) -> None:
    draw = ImageDraw.Draw(picture)
    for row, column in block.members():
        draw.rectangle(_cell(picture, block, row, column), outline=_OUTLINE)
    left, top, right, bottom = _cell(picture, block, block.row, block.column)
    # A ring around the cell: whatever colour it has, it stands out.
    for grown, ink in ((5, _EDGE), (4, _TOKEN), (3, _TOKEN), (2, _EDGE)):
        box = (left - grown, top - grown, right + grown, bottom + grown)
        draw.rectangle(box, outline=ink)


def _cell(
    picture: Image.Image, block: BlockAttention, row: int, column: int
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom pixel of a cell."""
    wide, high = picture.size
    edges = [column * wide / block.columns, row * high / block.rows]
    ends = [(column + 1) * wide / block.columns, (row + 1) * high / block.rows]
    left, top = (round(edge) for edge in edges)
    right, bottom = (
        max(round(end) - 1, start) for end, start in zip(ends, (left, top), strict=True)
    )
    return left, top, right, bottom


def _enlarged(image: Pixels) -> Image.Image:
    return Image.fromarray(image).resize(_size(image), Image.Resampling.BICUBIC)


def _size(image: Pixels) -> tuple[int, int]:
    high, wide = image.shape[:2]
    return max(round(wide * HEIGHT / high), 1), HEIGHT
