"""Commands of RPM ("Revisiting Part Model")."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.block_trainer import (
    COMMON,
    EPOCH,
    OWN_NETWORK,
    WEIGHT,
    Settings,
    common_settings,
    placed,
    placement,
    preset_of,
    tested,
    triplet,
)
from workbench.interop.commands.flags import Flag, Given, parse, yes_or_no
from workbench.interop.commands.translation import NEWEST, Translation, done, translation
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
    given = parse(FLAGS, invocation.arguments)
    if given["--net"] not in NETS:
        raise RecipeError(f"--net {given['--net']}: is no network. Use {listed(list(NETS))}.")
    if given["--decoder"] not in DECODERS:
        raise RecipeError(f"--decoder {given['--decoder']}: use {listed(DECODERS)}.")
    settings = common_settings(given) | _network(given) | _losses(given)
    return [translation(_preset(given), settings | placement(given, invocation), given.notes)]


def test(invocation: Invocation) -> list[Translation]:
    """``test_<data set>.py``."""
    return tested(invocation, FLAGS, _preset)


def masks(invocation: Invocation) -> list[Translation]:
    """``vis_market1501.py``: the learned masks as pictures."""
    given = parse((*placed(FLAGS), WEIGHT), invocation.arguments)
    weight = given["--weight"]
    averaged = weight == WEIGHT.default
    notes = [*given.notes, NEWEST, OWN_NETWORK]
    notes += [] if averaged else [f"--weight {weight}: {EPOCH}"]
    weights = "averaged" if averaged else "raw"
    words = ["explain", "last", "--masks", "--weights", weights, "--out", f"vis/output_{weight}"]
    return [done("explain", words, notes, _preset(given))]


def _preset(given: Given) -> str:
    ending = "_prelu" if given["--net"].endswith("_prelu") else ""
    return preset_of("rpm", given["--dataset"], ending)


def _network(given: Given) -> Settings:
    activation, file = NETS[given["--net"]]
    whole: dict[str, Any] = {"width": given["--feat-num"] or None}
    settings: Settings = {
        "model.backbone.activation": activation,
        "model.weights.path": file,
        "model.branches.parts.pool.kind": given["--decoder"]
        .split("_")[1]
        .replace("avg", "average"),
        **_regions(given),
    }
    names = ["parts"]
    if given["--use-global"]:
        names += ["whole_average", "whole_max"]
    else:
        settings |= {"model.branches.whole_average": None, "model.branches.whole_max": None}
    for name in names:
        neck = f"model.branches.{name}.neck"
        settings |= {f"{neck}.{field}": value for field, value in whole.items()}
        settings |= {
            f"{neck}.bnneck.weight_std": given["--std"],
            f"{neck}.bnneck.bias_std": given["--std"],
        }
    return settings


def _regions(given: Given) -> Settings:
    parts, regions = given["--num-part"], "model.branches.parts.regions"
    if parts == 1:
        return {f"{regions}.kind": "whole"}
    if given["--decoder"].startswith("pcb"):
        return {f"{regions}.kind": "row_stripes", f"{regions}.count": parts}
    return {
        f"{regions}.kind": "channel_groups",
        f"{regions}.count": parts,
        f"{regions}.start_stripes": given["--num-stripe"],
    }


def _losses(given: Given) -> Settings:
    pattern = "whole_*" if given["--use-global"] else None
    return {"losses.identity.exponent": given["--ada-gamma"]} | triplet(given, pattern)
