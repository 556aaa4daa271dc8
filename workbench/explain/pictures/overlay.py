"""Pictures of heat: alone, as a layer, and over an image. Pillow, no torch."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from workbench.explain.pictures.colours import Palette, coloured

OPACITY = 0.85
VEIL = 0.3
"""How much a layer darkens what is cold, so that what is hot stands out from a bright image."""


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
    return Image.fromarray(coloured(_warmth(heat, size, highest), palette))


def heat_layer(
    heat: Float[np.ndarray, "rows columns"],
    size: tuple[int, int],
    palette: Palette = "viridis",
    highest: float | None = None,
) -> Image.Image:
    """The same to lay over an image, with transparency (RGBA).

    What is hottest hides the image, what is cold only darkens it, so that its colours can be seen.
    """
    warm = _warmth(heat, size, highest)[..., None]
    cover = 1.0 - (1.0 - VEIL) * (1.0 - warm)
    colour = coloured(warm[..., 0], palette) * (warm / cover)
    layer = np.concatenate([colour, 255.0 * cover], axis=-1)
    return Image.fromarray(layer.round().astype(np.uint8))


def overlay(
    image: UInt8[np.ndarray, "height width 3"],
    heat: Float[np.ndarray, "rows columns"],
    opacity: float = OPACITY,
    palette: Palette = "viridis",
    highest: float | None = None,
) -> Image.Image:
    """An image under its heat; ``opacity`` 0 shows the image alone, 1 hides it where it is hot."""
    picture = Image.fromarray(image)
    layer = heat_layer(heat, picture.size, palette, highest)
    mask = layer.getchannel("A").point([round(opacity * cover) for cover in range(256)])
    return Image.composite(layer.convert("RGB"), picture, mask)


def _warmth(
    heat: Float[np.ndarray, "rows columns"], size: tuple[int, int], highest: float | None
) -> Float[np.ndarray, "height width"]:
    """From 0 (cold, or against) to 1 (the highest) on the pixels of a picture."""
    top = float(heat.max()) if highest is None else highest
    warm = np.clip(heat / top, 0.0, 1.0) if top > 0 else np.zeros_like(heat)
    # "F" keeps fractions; the cells' edges are the picture's edges in both.
    smooth = Image.fromarray(warm.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    return np.clip(np.asarray(smooth, dtype=np.float64), 0.0, 1.0)
