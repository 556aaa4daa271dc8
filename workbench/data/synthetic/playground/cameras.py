"""Six cameras: where they stand, and what their sensors do to a picture."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageFilter

from workbench.data.synthetic.playground.randomness import Draws

SceneKind = Literal["plaza", "brick", "lawn", "shops", "street", "hall"]

_BLUR_HEIGHT = 256
"""Blur is stated in pixels of a picture of this height."""
_NOISE_SIZE = 1024


@dataclass(frozen=True)
class Camera:
    """One camera.

    ``headings`` are the two directions, in degrees, in which people pass it. ``balance`` are the
    gains of red, green and blue. ``blur`` is the radius of defocus in pixels of a picture
    256 high, ``noise`` a standard deviation in grey levels, ``detail`` the
    share of the resolution that is real, ``occlusion`` the share of pictures with an obstacle.
    """

    scene: SceneKind
    headings: tuple[float, float]
    pitch: float
    light: float
    distance: float
    balance: tuple[float, float, float]
    gamma: float
    gain: float
    saturation: float
    blur: float
    noise: float
    detail: float
    jpeg_quality: int
    occlusion: float


CAMERAS = (
    Camera(
        scene="plaza",
        headings=(15.0, 195.0),
        pitch=0.12,
        light=0.6,
        distance=1.00,
        balance=(1.01, 1.00, 0.98),
        gamma=1.00,
        gain=1.04,
        saturation=1.04,
        blur=0.20,
        noise=3.0,
        detail=1.0,
        jpeg_quality=88,
        occlusion=0.14,
    ),
    Camera(
        scene="brick",
        headings=(60.0, 240.0),
        pitch=0.18,
        light=-0.7,
        distance=0.97,
        balance=(1.06, 1.00, 0.91),
        gamma=1.06,
        gain=0.96,
        saturation=0.97,
        blur=0.45,
        noise=5.0,
        detail=1.0,
        jpeg_quality=82,
        occlusion=0.18,
    ),
    Camera(
        scene="lawn",
        headings=(90.0, 270.0),
        pitch=0.10,
        light=0.2,
        distance=1.02,
        balance=(0.98, 1.01, 0.96),
        gamma=1.00,
        gain=1.02,
        saturation=1.06,
        blur=0.25,
        noise=3.0,
        detail=1.0,
        jpeg_quality=85,
        occlusion=0.22,
    ),
    Camera(
        scene="shops",
        headings=(340.0, 160.0),
        pitch=0.15,
        light=-0.3,
        distance=0.96,
        balance=(0.95, 0.99, 1.08),
        gamma=1.06,
        gain=0.94,
        saturation=0.92,
        blur=0.70,
        noise=6.0,
        detail=1.0,
        jpeg_quality=78,
        occlusion=0.22,
    ),
    Camera(
        scene="street",
        headings=(35.0, 215.0),
        pitch=0.22,
        light=0.8,
        distance=1.00,
        balance=(1.02, 0.99, 0.98),
        gamma=1.16,
        gain=0.92,
        saturation=0.88,
        blur=0.55,
        noise=8.0,
        detail=1.0,
        jpeg_quality=76,
        occlusion=0.24,
    ),
    Camera(
        scene="hall",
        headings=(0.0, 180.0),
        pitch=0.25,
        light=0.0,
        distance=0.95,
        balance=(1.03, 1.01, 0.94),
        gamma=0.97,
        gain=1.00,
        saturation=0.88,
        blur=0.40,
        noise=7.0,
        detail=0.5,
        jpeg_quality=70,
        occlusion=0.12,
    ),
)
"""Camera ``k`` of a file name is ``CAMERAS[k - 1]``."""


def expose(
    radiance: Float[np.ndarray, "height width 3"],
    camera: Camera,
    brightness: float,
    seed: int,
    draws: Draws,
) -> UInt8[np.ndarray, "height width 3"]:
    """What the sensor makes of a picture with values 0 to 255.

    In this order: saturation, tone curve with white balance, resolution, blur, noise.
    """
    coloured = radiance.reshape(-1, 3) @ _saturation(camera)
    clipped = np.clip(coloured, 0, 255).astype(np.uint8)
    image = Image.fromarray(clipped.reshape(radiance.shape))
    image = _soften(image.point(_tone_curves(camera, brightness)), camera, draws)
    strength = camera.noise * draws.uniform(0.7, 1.3)
    grain = _grain(seed, image.height, image.width, draws) * np.float32(strength)
    return np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)


@lru_cache(len(CAMERAS))
def _saturation(camera: Camera) -> Float[np.ndarray, "3 3"]:
    """The matrix that moves every colour away from its grey, or towards it."""
    mean = np.full((3, 3), (1.0 - camera.saturation) / 3.0, np.float32)
    return mean + camera.saturation * np.eye(3, dtype=np.float32)


@lru_cache(64)
def _tone_curves(camera: Camera, brightness: float) -> list[int]:
    """Lookup tables of the three channels, one after the other."""
    levels = np.arange(256) / 255.0
    curves = [
        (levels**camera.gamma) * (255.0 * camera.gain * brightness * gain)
        for gain in camera.balance
    ]
    return np.clip(np.concatenate(curves), 0, 255).astype(np.uint8).tolist()


def _soften(image: Image.Image, camera: Camera, draws: Draws) -> Image.Image:
    """Lose resolution, then focus; about one picture in twelve is badly focused."""
    width, height = image.size
    if camera.detail < 1.0:
        smaller = (math.ceil(width * camera.detail), math.ceil(height * camera.detail))
        image = image.resize(smaller, Image.Resampling.BOX)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    radius = camera.blur * height / _BLUR_HEIGHT * draws.uniform(0.6, 1.5)
    if draws.chance(0.08):
        radius *= 2.5
    # A defocused lens spreads a point over a disc; a box is near enough and a third of the work
    # of a Gaussian.
    return image.filter(ImageFilter.BoxBlur(radius)) if radius > 0.05 else image


def _grain(seed: int, height: int, width: int, draws: Draws) -> Float[np.ndarray, "height width 3"]:
    """A random window of a sheet of noise with deviation 1."""
    sheet = _noise_sheet(seed)
    top = draws.integer(0, _NOISE_SIZE - height)
    left = draws.integer(0, _NOISE_SIZE - width)
    return sheet[top : top + height, left : left + width]


@lru_cache(1)
def _noise_sheet(seed: int) -> Float[np.ndarray, "1024 1024 3"]:
    # RandomState, because numpy promises to keep its numbers and not those of its newer generators.
    noise = np.random.RandomState(seed).standard_normal((_NOISE_SIZE, _NOISE_SIZE, 3))
    return noise.astype(np.float32)
