"""Pictures of heat: alone, over an image, and many on one sheet. Pillow, no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from workbench.explain.colours import Palette, coloured

OPACITY = 0.55
_GAP, _LINE = 8, 14
_PAPER, _INK = (20, 22, 26), (232, 232, 232)


def heat_picture(
    heat: Float[np.ndarray, "rows columns"],
    size: tuple[int, int],
    palette: Palette = "viridis",
    highest: float | None = None,
) -> Image.Image:
    """Heat as a picture of ``size`` (width, height): zero and below dark, the highest light.

    ``highest`` lets several maps share one scale; by default the map's own maximum. It is enlarged
    by bicubic interpolation, which is smooth and shows no cells: say the size of the map beside it.
    """
    top = float(heat.max()) if highest is None else highest
    warm = np.clip(heat / top, 0.0, 1.0) if top > 0 else np.zeros_like(heat)
    # "F" keeps fractions; the cells' edges are the picture's edges in both.
    smooth = Image.fromarray(warm.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    return Image.fromarray(coloured(np.asarray(smooth, dtype=np.float64), palette))


def overlay(
    image: UInt8[np.ndarray, "height width 3"],
    heat: Float[np.ndarray, "rows columns"],
    opacity: float = OPACITY,
    palette: Palette = "viridis",
    highest: float | None = None,
) -> Image.Image:
    """An image under its heat; ``opacity`` 0 shows the image alone, 1 the heat alone."""
    picture = Image.fromarray(image)
    return Image.blend(picture, heat_picture(heat, picture.size, palette, highest), opacity)


@dataclass(frozen=True)
class Tile:
    """A picture with a line of words below it."""

    picture: Image.Image
    caption: str


def contact_sheet(
    rows: Sequence[Sequence[Tile]], height: int = 160, title: str = ""
) -> Image.Image:
    """Rows of tiles of one height on dark paper, each with its caption."""
    scaled = [[_scaled(tile, height) for tile in row] for row in rows]
    font = ImageFont.load_default()
    widths = [
        max(max(tile.picture.width, int(font.getlength(tile.caption))) for tile in column) + _GAP
        for column in _columns(scaled)
    ]
    top = _LINE + _GAP if title else 0
    tall = height + _LINE + _GAP
    wide = max(sum(widths), int(font.getlength(title)) + _GAP) + _GAP
    sheet = Image.new("RGB", (wide, top + tall * len(scaled) + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, _GAP), title, fill=_INK, font=font)
    for number, row in enumerate(scaled):
        x, y = _GAP, top + _GAP + number * tall
        for tile, width in zip(row, widths, strict=False):
            sheet.paste(tile.picture, (x, y))
            draw.text((x, y + height + 1), tile.caption, fill=_INK, font=font)
            x += width
    return sheet


def _scaled(tile: Tile, height: int) -> Tile:
    width = max(round(tile.picture.width * height / tile.picture.height), 1)
    resized = tile.picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    return Tile(resized, tile.caption)


def _columns(rows: list[list[Tile]]) -> list[list[Tile]]:
    longest = max(len(row) for row in rows)
    return [[row[column] for row in rows if column < len(row)] for column in range(longest)]
