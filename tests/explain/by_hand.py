"""Networks whose evidence can be told by looking at them."""

import numpy as np
import torch
from torch import nn

from workbench.model.necks import Head
from workbench.model.network import Branch, PartNetwork
from workbench.model.pooling import make_pool
from workbench.model.regions import Division, make_regions
from workbench.recipe.overrides import resolve
from workbench.recipe.settings import model as settings

HEIGHT, WIDTH = 32, 16
PLAIN = settings.Neck(bnneck=None)


class Cells(nn.Module):
    """Mean colour of each 8 x 8 square: a map of 4 x 2 cells with the three colours as channels."""

    def __init__(self):
        super().__init__()
        self.brightness = nn.Parameter(torch.ones(()))

    def forward_features(self, images):
        return nn.functional.avg_pool2d(images, 8) * self.brightness


SQUARES = settings.MapSize(3, 4, 2)


def divided(regions, size=SQUARES) -> Division:
    """The division of these settings, of maps of this size."""
    return make_regions(regions, size)


def network(regions=None, pool=None, neck=PLAIN, channels=3):
    """One branch, ``part``, straight on the mean colours."""
    branch = settings.Branch(neck=neck, classifier=None)
    regions = divided(regions or settings.Whole())
    heads = [Head(branch, channels, 1) for _ in range(regions.count)]
    made = Branch(0, regions, make_pool(pool or settings.AveragePool()), heads)
    return PartNetwork(Cells(), [nn.Sequential()], {"part": made}).eval()


def recipe(**changes):
    """A recipe for images of 32 x 16 whose values reach the network as 0 to 1."""
    plain = {
        "data.height": HEIGHT,
        "data.width": WIDTH,
        "data.transforms.normalise": "none",
        "model.branches.stripes": None,
    }
    return resolve(
        "playground/quick", plain | {p.replace("__", "."): v for p, v in changes.items()}
    )


def squares(*coloured):
    """A black image with some 8 x 8 squares of one colour: (row, column, (red, green, blue))."""
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    for row, column, colour in coloured:
        image[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = colour
    return image


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def shaken(network):
    """Every parameter and statistic away from zero and one, where mistakes hide."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for value in [*network.parameters(), *network.buffers()]:
            if value.is_floating_point():
                value.add_(0.1 * torch.rand(value.shape, generator=generator))
    return network.eval()
