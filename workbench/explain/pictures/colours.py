"""From heat to colours that rise evenly, also for the colour-blind and on a dark page. No torch.

Anchors of cividis (Nunez et al. 2018, arXiv 1712.01662), made for readers with and without colour
vision deficiency, and of viridis (van der Walt and Smith 2015); lightness rises along both.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

Palette = Literal["cividis", "viridis"]
_HEX: dict[Palette, str] = {
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "viridis": "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
}


def coloured(
    heat: Float[np.ndarray, "height width"], palette: Palette = "viridis"
) -> UInt8[np.ndarray, "height width 3"]:
    """Colours of values from 0 (dark) to 1 (light); beyond are the ends."""
    anchors = np.array([list(bytes.fromhex(code)) for code in _HEX[palette].split()], np.float64)
    at = np.linspace(0.0, 1.0, len(anchors))
    channels = [np.interp(heat, at, anchors[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)
