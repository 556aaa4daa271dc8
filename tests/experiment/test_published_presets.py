"""Presets of published systems build networks of the size their sources state."""

import pytest

from workbench.experiment import parameters
from workbench.recipe.presets import load_preset

pytestmark = pytest.mark.thorough


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
    ],
)
def test_parameters_to_the_digit(preset, count):
    assert parameters(load_preset(preset)) == count
