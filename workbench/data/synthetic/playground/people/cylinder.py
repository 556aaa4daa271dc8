"""Cloth wrapped round an elliptic cylinder: what is on the back stays on the back."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, UInt8
from PIL import Image

from workbench.data.synthetic.playground.canvas import Canvas
from workbench.data.synthetic.playground.people.body_parts import Part
from workbench.data.synthetic.playground.people.skeleton import Point

TEXTURE_WIDTH, TEXTURE_HEIGHT = 256, 96

Texture = UInt8[np.ndarray, "96 256 3"]
"""An unrolled cylinder: the middle column is the front, the first and last meet at the back."""

Texels = Bool[np.ndarray, "96 256"]

_STEPS = 512
_ANGLES = np.arcsin(np.linspace(-1.0, 1.0, _STEPS + 1)).astype(np.float32)
_NEARNESS = np.cos(_ANGLES)
_COLUMNS_PER_RADIAN = TEXTURE_WIDTH / (2.0 * math.pi)


def column(angle: float) -> float:
    """The texture's column at an angle round the body; 0 is the front, pi / 2 the left side."""
    return (angle + math.pi) * _COLUMNS_PER_RADIAN


@dataclass(frozen=True)
class Tube:
    """An upright cylinder in the picture, in pixels.

    ``profile`` lists (share of the way from top to bottom, half the width there), from 0 to 1.
    ``sag`` is how far the near edge of a ring hangs below its far ends, for a camera looking down.
    """

    top: Point
    bottom: Point
    profile: tuple[tuple[float, float], ...]
    sag: float = 0.0

    @property
    def hang(self) -> float:
        """The sag in rows of a texture."""
        return TEXTURE_HEIGHT * self.sag / self.height

    @property
    def height(self) -> float:
        """Pixels from the axis' upper to its lower end."""
        return self.bottom[1] - self.top[1]


def wrap(
    canvas: Canvas,
    tube: Tube,
    texture: Texture,
    part: Part,
    yaw: float,
    light: float,
    bag: Texels | None = None,
) -> None:
    """Paint a texture round a tube headed ``yaw``, shaded from ``light`` (-1 left, 1 right).

    Texels marked in ``bag`` are labelled as the bag's.
    """
    left, upper, right, lower = _extent(canvas, tube)
    if left >= right or upper >= lower:
        return
    share = (np.arange(upper, lower, dtype=np.float32) + (0.5 - tube.top[1])) / tube.height
    places, widths = zip(*tube.profile, strict=True)
    half = np.interp(share, places, widths).astype(np.float32)
    middle = tube.top[0] + (tube.bottom[0] - tube.top[0]) * share
    across = np.arange(left, right, dtype=np.float32) + (0.5 - middle[:, None])
    across /= half[:, None]
    step = ((across + 1.0) * (_STEPS / 2)).astype(np.intp).clip(0, _STEPS)
    # Seen from above a ring is an ellipse, and its near point lies lowest.
    row = TEXTURE_HEIGHT * share[:, None] - (tube.hang * _NEARNESS).take(step)
    inside = (np.abs(across) <= 1.0) & (row <= TEXTURE_HEIGHT)
    turned = ((_ANGLES + (math.pi - yaw)) * _COLUMNS_PER_RADIAN).astype(np.intp) % TEXTURE_WIDTH
    texels = row.astype(np.intp).clip(0, TEXTURE_HEIGHT - 1) * TEXTURE_WIDTH + turned.take(step)
    brightness = (0.70 + 0.36 * np.cos(_ANGLES - 0.8 * light)).take(step)
    # ``take`` along an axis is four times as fast as indexing with an array.
    colours = texture.reshape(-1, 3).take(texels, axis=0) * brightness[..., None]
    colours = np.minimum(colours, 255.0).astype(np.uint8)
    box = (left, upper, right, lower)
    mask = Image.fromarray(inside.view(np.uint8) * 255)
    canvas.colours.paste(Image.fromarray(colours), box, mask)
    canvas.labels.paste(canvas.label(part), box, mask)
    if bag is not None:
        strap = inside & bag.reshape(-1).take(texels)
        canvas.labels.paste(canvas.label("bag"), box, Image.fromarray(strap.view(np.uint8) * 255))


def _extent(canvas: Canvas, tube: Tube) -> tuple[int, int, int, int]:
    """The part of the canvas that the tube can touch: left, upper, right, lower."""
    reach = max(width for _, width in tube.profile) + 1.0
    return (
        max(0, int(min(tube.top[0], tube.bottom[0]) - reach)),
        max(0, math.ceil(tube.top[1])),
        min(canvas.width, int(max(tube.top[0], tube.bottom[0]) + reach) + 1),
        min(canvas.height, math.ceil(tube.bottom[1] + tube.sag) + 1),
    )
