"""Presets of published systems build networks of the size their sources state."""

import pytest

from workbench.experiment import parameters
from workbench.recipe.presets import load_preset

pytestmark = pytest.mark.thorough
NON_LOCAL = 2 * (3 * 513 + 4 * 512) + 3 * (3 * 1_025 + 4 * 1_024)


@pytest.mark.parametrize(
    ("preset", "count"),
    [
        ("rpm/market1501", 14_845_104),
        ("rpm/market1501_prelu", 14_877_136),
        ("msvit/market1501_s", 12_705_192),
        ("msvit/market1501_l", 23_643_320),
        ("mgn/market1501", 70_349_888),
        ("mgn/dukemtmc", 70_249_536),
        ("mgn/msmt17", 70_943_808),
        # ResNet-50 without its classifier, a norm of 2,048 and one vector of each identity.
        ("fastreid/bot_market1501", 23_508_032 + 4_096 + 2_048 * 751),
        # And two blocks of 512 channels, three of 1,024, with one inside; the power of a mean.
        ("fastreid/agw_dukemtmc", 23_508_032 + 4_096 + 2_048 * 702 + NON_LOCAL),
        ("fastreid/sbs_msmt17", 23_508_032 + 4_096 + 2_048 * 1_041 + NON_LOCAL + 1),
    ],
)
def test_parameters_to_the_digit(preset, count):
    assert parameters(load_preset(preset)) == count
