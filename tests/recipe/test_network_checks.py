"""Names, necks, grids and weights that do not fit the backbone, refused before torch is loaded."""

import re

import pytest
from torch import nn

from workbench.errors import RecipeError
from workbench.recipe.checks.network_checks import RESERVED
from workbench.recipe.overrides import resolve
from workbench.recipe.settings.base import NAME_PATTERN
from workbench.recipe.settings.model import CompactResNet, GridTransformer, GroupedRegNet

GRID = {"model.backbone": {"kind": "grid_transformer", "grid": [4, 2]}, "data.height": 128}
COPY = {"start": "backbone", "width": 512}


def refusals(overrides):
    with pytest.raises(RecipeError) as refusal:
        resolve("playground/global", overrides)
    return refusal.value.by_path()


def test_names_of_a_mapping_of_modules_are_reserved():
    words = {name for name in dir(nn.ModuleDict()) if re.fullmatch(NAME_PATTERN, name)}
    assert words <= RESERVED


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("overrides", "path", "sentence"),
    [
        (
            {"model.branches.keys": {}},
            "model.branches.keys",
            "model.branches.keys: a branch cannot be called 'keys'. Rename it.",
        ),
        (
            {"model.weights": {"kind": "timm"}},
            "model.weights.kind",
            "timm has no weights of a compact_resnet. Use none, file or run",
        ),
        (
            {"model.backbone": {"kind": "grouped_regnet", "widths": [64, 128, 250, 512]}},
            "model.backbone.widths",
            "250 is no multiple of 8. Use 248 or 256.",
        ),
        (
            {**GRID, "model.backbone.heads": [2, 4, 5]},
            "model.backbone.heads",
            "5 does not divide the 128 channels of stage 3.",
        ),
        (
            {**GRID, "model.backbone.grid": [8, 3]},
            "model.backbone.grid",
            "the maps of images of 128 x 64 have 16, 8, 4 columns, which 3 does not divide. Use 1,"
            " 2 or 4 for the columns",
        ),
        (
            {**GRID, "model.backbone.kept_keys": 0.1},
            "model.backbone.kept_keys",
            "no key is left of the 8 of a grid.",
        ),
        (
            {"model.branches.whole.neck": COPY},
            "model.branches.whole.neck.start",
            "a compact_resnet has no layer of its own to copy. Use fan_out or fan_in.",
        ),
        (
            {**GRID, "model.branches.whole.neck": {**COPY, "width": 256}},
            "model.branches.whole.neck.start",
            "its layer has 512 outputs. Set width = 512.",
        ),
        (
            {**GRID, "model.branches.whole.neck": {**COPY, "bnneck": None}},
            "model.branches.whole.neck.start",
            "is followed by one norm.",
        ),
        (
            {
                **GRID,
                "model.branches.whole.neck": COPY,
                "model.branches.whole.regions.kind": "channel_groups",
            },
            "model.branches.whole.neck.start",
            "a group only some.",
        ),
        (
            {"model.branches.whole.classifier": {"cosine": True, "bias": True}},
            "model.branches.whole.classifier.bias",
            "cosines have no offset.",
        ),
        (
            {"model.backbone": {"kind": "timm", "widths": [8, 16]}},
            "model.backbone.widths",
            "too few. Use null or a JSON list of 4 entries",
        ),
        (
            {"model.backbone.width": 4},
            "model.backbone.width",
            "too small. Use a whole number from 8 to 256.",
        ),
    ],
)
def test_what_does_not_fit_names_path_reason_and_cure(overrides, path, sentence):
    found = refusals(overrides)
    assert path in found
    assert sentence in found[path]


@pytest.mark.parametrize(
    ("tokens", "share", "kept"), [([8, 8], 0.3, 19), ([7, 7], 0.3, 14), ([2, 2], 0.5, 2)]
)
def test_kept_keys_are_rounded_down(tokens, share, kept):
    assert GridTransformer(grid=tokens, kept_keys=share).attended_keys == kept


def test_published_grids_fit_published_images():
    for tokens, image in (([8, 8], (384, 128)), ([7, 7], (224, 224)), ([8, 8], (256, 256))):
        assert GridTransformer(grid=tokens).problems(*image) == []
    (problem,) = GridTransformer().problems(256, 192)
    assert "which 8 does not divide" in problem.message


@pytest.mark.parametrize("kind", [CompactResNet, GroupedRegNet, GridTransformer])
def test_rows_of_our_own_backbones(kind):
    assert [kind(tail_strides=[2, 1]).map_rows(tail, 384) for tail in (0, 1)] == [12, 24]
