"""What is behind a drawn thing: a street, a sky with leaves, a shop's paper, grass."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from workbench.data.synthetic.playground.people.palette import Colour, shade
from workbench.data.synthetic.playground.randomness import Draws

Point = tuple[int | float, int | float]
_FACADES: tuple[Colour, ...] = ((176, 150, 128), (150, 158, 168), (190, 180, 160), (128, 140, 130))
_SKIES: tuple[Colour, ...] = ((178, 208, 232), (206, 218, 226), (150, 184, 214), (226, 214, 196))
_PAPERS: tuple[Colour, ...] = ((244, 243, 240), (236, 232, 226), (228, 234, 238), (250, 250, 250))
_LEAVES: tuple[Colour, ...] = ((92, 132, 74), (120, 150, 84), (76, 112, 82), (150, 150, 92))


def shaded(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A smooth passage between two colours from top to bottom; ``size`` is width, height."""
    width, height = size
    share = np.linspace(0.0, 1.0, height)[:, None]
    column = np.array(top) * (1 - share) + np.array(bottom) * share
    rows = np.repeat(column[:, None], width, axis=1)
    return Image.fromarray(np.round(rows).astype(np.uint8))


def street(size: tuple[int, int], place: int, draws: Draws) -> Image.Image:
    """A road before facades; ``place`` fixes the street, ``draws`` where one looks along it."""
    width, height = size
    fixed = Draws("street", place)
    horizon = int(height * fixed.uniform(0.34, 0.44))
    asphalt = shade((122, 122, 126), fixed.uniform(0.8, 1.15))
    image = shaded(size, shade(asphalt, 1.12), shade(asphalt, 0.86))
    brush = ImageDraw.Draw(image)
    image.paste(shaded((width, horizon), fixed.pick(_SKIES), (226, 228, 226)), (0, 0))
    left = -draws.integer(0, width // 2)
    while left < width:
        broad = fixed.integer(width // 6, width // 3)
        top = horizon - fixed.integer(horizon // 4, horizon * 3 // 4)
        colour = shade(fixed.pick(_FACADES), fixed.uniform(0.8, 1.1))
        brush.rectangle((left, top, left + broad, horizon), fill=colour)
        for window in range(left + 3, left + broad - 4, 8):
            brush.rectangle((window, top + 4, window + 3, top + 8), fill=shade(colour, 0.7))
        left += broad
    brush.rectangle((0, horizon, width, horizon + height // 24), fill=shade(asphalt, 1.3))
    return image.filter(ImageFilter.GaussianBlur(height / 90))


def foliage(size: tuple[int, int], draws: Draws) -> Image.Image:
    """Sky or a blurred wood behind a bird."""
    width, height = size
    image = shaded(size, draws.pick(_SKIES), draws.pick((*_SKIES, *_LEAVES)))
    brush = ImageDraw.Draw(image)
    for _ in range(draws.integer(6, 16)):
        radius = height * draws.uniform(0.06, 0.2)
        x, y = draws.uniform(0, width), draws.uniform(0, height)
        colour = shade(draws.pick(_LEAVES), draws.uniform(0.85, 1.3))
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(height / 14))


def paper(size: tuple[int, int], draws: Draws) -> Image.Image:
    """The pale sheet before which goods are photographed, or the corner of a room."""
    width, height = size
    colour = draws.pick(_PAPERS)
    if draws.chance(0.6):
        return shaded(size, colour, shade(colour, 0.9))
    image = shaded(size, shade(draws.pick(_FACADES), 1.15), shade(colour, 0.9))
    floor = shaded((width, height - int(height * 0.62)), (176, 150, 120), (142, 116, 90))
    image.paste(floor, (0, int(height * 0.62)))
    return image


def soft_shadow(image: Image.Image, centre: Point, radii: Point, dark: float = 0.5) -> Image.Image:
    """A picture with a soft elliptical shadow; ``dark`` 1 is black."""
    veil = Image.new("L", image.size, 0)
    (x, y), (across, down) = centre, radii
    box = (x - across, y - down, x + across, y + down)
    ImageDraw.Draw(veil).ellipse(box, fill=round(255 * dark))
    veil = veil.filter(ImageFilter.GaussianBlur(max(1.0, down / 3)))
    return Image.composite(Image.new("RGB", image.size, (24, 24, 30)), image, veil)


def seen(image: Image.Image, camera: int, draws: Draws) -> Image.Image:
    """A picture as one camera shows it: its cast, the day's light, and a little noise."""
    fixed = Draws("sensor", camera)
    gains = [fixed.uniform(0.94, 1.06) for _ in range(3)]
    light = draws.uniform(0.86, 1.1)
    pixels = np.asarray(image, np.float32) * np.array([light * gain for gain in gains], np.float32)
    seed = draws.integer(0, 2**31 - 1)
    noise = np.random.default_rng(seed).normal(0.0, 3.0, pixels.shape).astype(np.float32)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
