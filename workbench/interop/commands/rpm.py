"""Commands of RPM ("Revisiting Part Model")."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.block_trainer import (
    COMMON,
    EPOCH_NOTE,
    OWN_NETWORK,
    WEIGHT_FLAG,
    Settings,
    common_settings,
    evaluation_of,
    placement,
    preset_of,
    run_where_trained,
    triplet,
)
from workbench.interop.commands.flags import Flag, FlagValues, parse, yes_or_no
from workbench.interop.commands.translation import (
    NEWEST,
    Translation,
    action_translation,
    translation,
)
from workbench.interop.shell.statements import Invocation
from workbench.recipe.refusals import listed

FLAGS = (
    *COMMON,
    Flag("--decoder", "rpm_max"),
    Flag("--num-stripe", 1, int),
    Flag("--feat-num", 0, int),
    Flag("--use-global", True, yes_or_no),
    Flag("--ada-gamma", 0.0, float),
)
NETS = {
    "regnet_y_1_6gf": ("relu", "checkpoint_regnet_y_1_6gf.pth"),
    "regnet_y_1_6gf_prelu": ("prelu", "checkpoint_regnet_y_1_6gf_prelu.pth"),
}
DECODERS = ("rpm_max", "rpm_avg", "pcb_max", "pcb_avg")


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for what the program itself would not take."""
    flags = parse(FLAGS, invocation.arguments)
    if flags["--net"] not in NETS:
        raise RecipeError(f"--net {flags['--net']}: is no network. Use {listed(list(NETS))}.")
    if flags["--decoder"] not in DECODERS:
        raise RecipeError(f"--decoder {flags['--decoder']}: use {listed(DECODERS)}.")
    settings = common_settings(flags) | _network(flags) | _losses(flags)
    return [translation(_preset(flags), settings | placement(flags, invocation), flags.notes)]


def test(invocation: Invocation) -> list[Translation]:
    """``test_<data set>.py``."""
    return evaluation_of(invocation, FLAGS, _preset)


def masks(invocation: Invocation) -> list[Translation]:
    """``vis_market1501.py``: the learned masks as pictures."""
    flags = parse((*run_where_trained(FLAGS), WEIGHT_FLAG), invocation.arguments)
    weight = flags["--weight"]
    averaged = weight == WEIGHT_FLAG.default
    notes = [*flags.notes, NEWEST, OWN_NETWORK]
    notes += [] if averaged else [f"--weight {weight}: {EPOCH_NOTE}"]
    weights = "averaged" if averaged else "raw"
    arguments = [
        "explain",
        "last",
        "--masks",
        "--weights",
        weights,
        "--out",
        f"vis/output_{weight}",
    ]
    return [action_translation("explain", arguments, notes, _preset(flags))]


def _preset(flags: FlagValues) -> str:
    ending = "_prelu" if flags["--net"].endswith("_prelu") else ""
    return preset_of("rpm", flags["--dataset"], ending)


def _network(flags: FlagValues) -> Settings:
    activation, file = NETS[flags["--net"]]
    neck_settings: dict[str, Any] = {"width": flags["--feat-num"] or None}
    settings: Settings = {
        "model.backbone.activation": activation,
        "model.weights.path": file,
        "model.branches.parts.pool.kind": flags["--decoder"]
        .split("_")[1]
        .replace("avg", "average"),
        **_regions(flags),
    }
    names = ["parts"]
    if flags["--use-global"]:
        names += ["whole_average", "whole_max"]
    else:
        settings |= {"model.branches.whole_average": None, "model.branches.whole_max": None}
    for name in names:
        neck = f"model.branches.{name}.neck"
        settings |= {f"{neck}.{field}": value for field, value in neck_settings.items()}
        settings |= {
            f"{neck}.bnneck.weight_std": flags["--std"],
            f"{neck}.bnneck.bias_std": flags["--std"],
        }
    return settings


def _regions(flags: FlagValues) -> Settings:
    parts, regions = flags["--num-part"], "model.branches.parts.regions"
    if parts == 1:
        return {f"{regions}.kind": "whole"}
    if flags["--decoder"].startswith("pcb"):
        return {f"{regions}.kind": "row_stripes", f"{regions}.count": parts}
    return {
        f"{regions}.kind": "channel_groups",
        f"{regions}.count": parts,
        f"{regions}.start_stripes": flags["--num-stripe"],
    }


def _losses(flags: FlagValues) -> Settings:
    pattern = "whole_*" if flags["--use-global"] else None
    return {"losses.identity.exponent": flags["--ada-gamma"]} | triplet(flags, pattern)
