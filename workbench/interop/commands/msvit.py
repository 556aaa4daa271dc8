"""Commands of MSViT-ReID, "Multiple Sparse Vision Transformer for Occluded Person Re-ID"."""

from workbench.errors import RecipeError
from workbench.interop.commands.block_trainer import (
    COMMON,
    NEVER_USED,
    Settings,
    common_settings,
    placement,
    preset_of,
    tested,
    triplet,
)
from workbench.interop.commands.flags import Flag, Given, numbers, parse, yes_or_no
from workbench.interop.commands.translation import Translation, translation
from workbench.interop.shell.statements import Invocation
from workbench.recipe.refusals import listed

FLAGS = (
    *(flag for flag in COMMON if flag.name != "--std"),
    Flag("--std", 0.1, float, unused=NEVER_USED),
    Flag("--sparse-ratio", 1.0, float),
    Flag("--sparse-pool", True, yes_or_no),
    Flag("--split-size", (8, 8), numbers),
    Flag("--drop-path", 0.1, float),
    Flag("--stride", 1, int),
)
NETS = {
    "msvit_s": ("_s", [32, 64, 128, 256], "msvit_s.pth"),
    "msvit_l": ("_l", [48, 96, 192, 384], "msvit_l.pth"),
}


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for what the program itself would not take."""
    given = parse(FLAGS, invocation.arguments)
    preset = _preset(given)
    settings = common_settings(given) | _network(given) | triplet(given, "whole_*")
    return [translation(preset, settings | placement(given, invocation), given.notes)]


def test(invocation: Invocation) -> list[Translation]:
    """``test_<data set>.py``."""
    return tested(invocation, FLAGS, _preset)


def _preset(given: Given) -> str:
    if given["--net"] not in NETS:
        raise RecipeError(f"--net {given['--net']}: is no network. Use {listed(list(NETS))}.")
    return preset_of("msvit", given["--dataset"], NETS[given["--net"]][0])


def _network(given: Given) -> Settings:
    _, widths, file = NETS[given["--net"]]
    backbone, regions = "model.backbone", "model.branches.parts.regions"
    parts = given["--num-part"]
    kind = "interleaved_rows" if given["--sparse-pool"] else "row_stripes"
    division = {f"{regions}.kind": kind, f"{regions}.count": parts}
    return {
        f"{backbone}.widths": widths,
        f"{backbone}.drop_path": given["--drop-path"],
        f"{backbone}.kept_keys": given["--sparse-ratio"],
        f"{backbone}.grid": list(given["--split-size"]),
        f"{backbone}.tail_strides": [given["--stride"]] * 2,
        "model.weights.path": file,
        **(division if parts > 1 else {f"{regions}.kind": "whole"}),
    }
