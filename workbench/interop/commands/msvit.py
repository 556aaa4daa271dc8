"""Commands of MSViT-ReID, "Multiple Sparse Vision Transformer for Occluded Person Re-ID"."""

from workbench.errors import RecipeError
from workbench.interop.commands.block_trainer import (
    COMMON,
    NEVER_USED,
    Settings,
    common_settings,
    evaluation_of,
    placement,
    preset_of,
    triplet,
)
from workbench.interop.commands.flags import Flag, FlagValues, numbers, parse, yes_or_no
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
    flags = parse(FLAGS, invocation.arguments)
    preset = _preset(flags)
    settings = common_settings(flags) | _network(flags) | triplet(flags, "whole_*")
    return [translation(preset, settings | placement(flags, invocation), flags.notes)]


def test(invocation: Invocation) -> list[Translation]:
    """``test_<data set>.py``."""
    return evaluation_of(invocation, FLAGS, _preset)


def _preset(flags: FlagValues) -> str:
    if flags["--net"] not in NETS:
        raise RecipeError(f"--net {flags['--net']}: is no network. Use {listed(list(NETS))}.")
    return preset_of("msvit", flags["--dataset"], NETS[flags["--net"]][0])


def _network(flags: FlagValues) -> Settings:
    _, widths, file = NETS[flags["--net"]]
    backbone, regions = "model.backbone", "model.branches.parts.regions"
    parts = flags["--num-part"]
    kind = "interleaved_rows" if flags["--sparse-pool"] else "row_stripes"
    division = {f"{regions}.kind": kind, f"{regions}.count": parts}
    return {
        f"{backbone}.widths": widths,
        f"{backbone}.drop_path": flags["--drop-path"],
        f"{backbone}.kept_keys": flags["--sparse-ratio"],
        f"{backbone}.grid": list(flags["--split-size"]),
        f"{backbone}.tail_strides": [flags["--stride"]] * 2,
        "model.weights.path": file,
        **(division if parts > 1 else {f"{regions}.kind": "whole"}),
    }
