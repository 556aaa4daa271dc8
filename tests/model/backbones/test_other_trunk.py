"""The trunk for those without the authors' files, as comments of presets print it."""

import re
import shlex

import pytest
import torch

from workbench.cli.settings import split_settings
from workbench.experiment.networks import new_network
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset, preset_text

NAMED = [("rpm/market1501", []), ("msvit/market1501_s", ["whole_1", "whole_2", "whole_3", "parts"])]


def printed_settings(preset):
    """What the ``--set`` lines of a preset's comment set."""
    lines = re.findall(r"^#\s+(--set .*)$", preset_text(preset), re.MULTILINE)
    (_, *rest), settings = split_settings(["PRESET", *shlex.split(" ".join(lines))])
    assert not rest
    return settings


@pytest.mark.thorough
@pytest.mark.parametrize(("preset", "copied"), NAMED)
def test_the_printed_override_is_a_network_of_the_same_parts(preset, copied):
    settings = printed_settings(preset)
    assert set(settings) == {
        "model.backbone",
        "model.weights.kind",
        "data.transforms.normalise",
    }
    starts = {f"model.branches.{name}.neck.start": "fan_out" for name in copied}
    recipe = resolve(preset, settings | starts)
    assert recipe.data.transforms.normalise == "imagenet"
    assert recipe.model.weights.kind == "timm"
    with torch.device("meta"):
        network = new_network(recipe, 751).eval()
        image = torch.empty(1, 3, 384, 128)
        with torch.no_grad():
            maps = network.feature_maps(image).values()
            outputs = network(image)
    # The trunk's own 888 channels: the 1x1 block that ends the published tails is not there.
    assert len(network.tails) == 2
    assert {tuple(found.shape[1:]) for found in maps} == {(888, 24, 8)}
    own = load_preset(preset).model
    assert recipe.model.branches.keys() == own.branches.keys()
    widths = {output.embedding.shape[1] for output in outputs.values()}
    assert widths == {branch.neck.width for branch in own.branches.values()}


@pytest.mark.parametrize(
    ("preset", "page", "missing"),
    [("rpm/market1501", "rpm", "1x1 block to 1024"), ("msvit/market1501_s", "msvit", "to 512")],
)
def test_the_page_prints_the_same_override_and_what_it_lacks(request, preset, page, missing):
    text = (request.config.rootpath / f"docs/systems/{page}.md").read_text()
    flat = " ".join(text.split())
    for path, value in printed_settings(preset).items():
        assert f"{path}={value}" in flat
    for told in (flat, " ".join(preset_text(preset).replace("#", " ").split())):
        assert "888 channels" in told
        assert missing in told
