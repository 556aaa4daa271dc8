"""What the layumi baseline does with a trained network, and before: test, evaluate, prepare."""

import math
from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.flags import Flag, FlagValues, parse
from workbench.interop.commands.translation import (
    NEWEST,
    OWN_DEVICE,
    Translation,
    action_translation,
)
from workbench.interop.shell.statements import Invocation


def _sizes(text: str) -> list[float]:
    sizes = [float(part) for part in text.split(",")]
    if min(sizes) <= 0:
        raise ValueError
    return sizes


LINES = ("--lines", "layumi")
"""Figures are printed as the program prints them."""
OWN_NETWORK = "the run knows its own network."
OWN_IMAGES = "the run knows where its images are."
NETWORKS = ("dense", "NAS", "swin", "swinv2", "convnext", "hr", "efficient", "dino")
SHARED = (Flag("--gpu_ids", "0", unused=OWN_DEVICE), Flag("--name", ""))
TEST = (
    *SHARED,
    Flag("--batchsize", 256, int),
    Flag("--which_epoch", "last"),
    Flag("--test_dir", ""),
    Flag("--data_dir", ""),
    Flag("--workers", 0, int, unused="how many processes read images changes no figure."),
    Flag("--multi", read=None),
    Flag("--ms", [1.0], _sizes),
    *(Flag(name, read=None, unused=OWN_NETWORK) for name in ("--PCB", "--ibn", "--fp16", "--bf16")),
    *(Flag(f"--use_{name}", read=None, unused=OWN_NETWORK) for name in NETWORKS),
    Flag("--linear_num", 512, int, unused=OWN_NETWORK),
    Flag("--stride", 2, int, unused=OWN_NETWORK),
)
DEMO = (Flag("--query_index", 777, int), Flag("--test_dir", "", unused=OWN_IMAGES))
HEATMAP = (
    *SHARED,
    Flag("--batchsize", 1, int, unused="two images are drawn."),
    Flag("--data_dir", "", unused=OWN_IMAGES),
)
DEMO_IMAGES = 10
"""Images in the demonstration's row."""
LAST = ("--checkpoint", "last")
"""What the program tests unless it is told otherwise: the end of the training."""
LAST_EPOCHS = ("last", "59", "059", "60", "060")
"""Names of the weights after 60 epochs: counted from 0 at first, by length in later versions."""
WEIGHT_ARGUMENTS = {
    "average": ("--weights", "averaged", *LAST),
    "average_bn": ("--weights", "averaged", *LAST),
    "best": ("--checkpoint", "best"),
}
"""Other weights that are there at the end, by what ``--which_epoch`` calls them."""
PREPARATIONS = {
    "prepare.py": "market1501",
    "prepare_Duke.py": "dukemtmc",
    "prepare_MSMT.py": "msmt17",
    "prepare_VeRi.py": "veri776",
    "prepare_VehicleID.py": "vehicleid",
}
SQUARED = "evaluation.re_ranking.squared"
NOT_BUILT = {
    "train_DDP.py": "several processes that train together. Paste the same flags behind train.py.",
    "test_with_TensorRT.py": "TensorRT.",
    "prepare_viper.py": "VIPeR.",
    "prepare_CUB.py": (
        "folders of CUB-200-2011, which has no query and gallery. Train on it as it is, with"
        " data.dataset.kind=cub200."
    ),
    "prepare_static.py": "means and deviations of the colours of one's own images.",
}


def test(invocation: Invocation) -> list[Translation]:
    """``test.py``: features and figures of a trained network."""
    flags = parse(TEST, invocation.arguments)
    notes = [*flags.notes, *_test_notes(flags)]
    arguments = [
        "evaluate",
        _run(flags),
        *LINES,
        *WEIGHT_ARGUMENTS.get(flags["--which_epoch"], LAST),
    ]
    return [action_translation("evaluate", arguments, notes, settings=_protocol(flags))]


def evaluate(invocation: Invocation) -> list[Translation]:
    """``evaluate.py``, ``evaluate_gpu.py``: figures of the features of the last test."""
    parse((), invocation.arguments)
    return [action_translation("evaluate", ["evaluate", "last", *LINES, *LAST], [NEWEST])]


def evaluate_re_ranked(invocation: Invocation) -> list[Translation]:
    """``evaluate_rerank.py``: the same after k-reciprocal re-ranking."""
    parse((), invocation.arguments)
    arguments = ["evaluate", "last", "--re-rank", *LINES, *LAST]
    return [action_translation("evaluate", arguments, [NEWEST], settings={SQUARED: True})]


def demo(invocation: Invocation) -> list[Translation]:
    """``demo.py``: a query and the first ten of its list."""
    flags = parse(DEMO, invocation.arguments)
    arguments = [
        "rank",
        "last",
        *LAST,
        "--query",
        str(flags["--query_index"]),
        "-k",
        str(DEMO_IMAGES),
    ]
    return [action_translation("rank", arguments, [*flags.notes, NEWEST])]


def heatmap(invocation: Invocation) -> list[Translation]:
    """``visual_heatmap.py``: the sum of the channels before the last stage, over one image."""
    flags = parse(HEATMAP, invocation.arguments)
    note = "Query 0 and its first hit are drawn; the program draws its first training image."
    arguments = ["explain", _run(flags), *LAST, "--method", "activation_sum", "--out", "heatmap"]
    return [action_translation("explain", arguments, [*flags.notes, note])]


def prepare(invocation: Invocation) -> list[Translation]:
    """``prepare.py`` and its like: a folder for each identity."""
    parse((), invocation.arguments)
    note = "Images are linked, and stay where they are; the first of each identity validates."
    arguments = ["data", "export", "layumi", PREPARATIONS[invocation.program]]
    return [action_translation("prepare", arguments, [note])]


def refuse(invocation: Invocation) -> list[Translation]:
    """A program of theirs that is not built here. Raises RecipeError saying so."""
    raise RecipeError(f"{invocation.program}: not built here: {NOT_BUILT[invocation.program]}")


def _run(flags: FlagValues) -> str:
    return flags["--name"] or "last"


def _test_notes(flags: FlagValues) -> list[str]:
    notes = [] if flags["--name"] else [NEWEST]
    epoch = flags["--which_epoch"]
    if epoch == "best":
        notes.append("--which_epoch best: here the one with the best mAP on the test queries.")
    if epoch not in (*LAST_EPOCHS, *WEIGHT_ARGUMENTS):
        notes.append(
            f"--which_epoch {epoch}: checkpoints here are named by steps; this takes the last one."
            " Name another with --checkpoint."
        )
    return notes


def _protocol(flags: FlagValues) -> dict[str, Any]:
    """What a test changes of the run's own evaluation, and where its images are."""
    settings: dict[str, Any] = {}
    if root := flags["--test_dir"] or flags["--data_dir"]:
        settings["data.root"] = root
    if "--batchsize" in flags.written:
        settings["evaluation.batch_size"] = flags["--batchsize"]
    if flags["--multi"]:
        settings["evaluation.multi_query"] = True
    if "--ms" in flags.written:
        # The program's sizes are areas; ours are lengths.
        scales = [round(math.sqrt(scale), 4) for scale in flags["--ms"]]
        settings["evaluation.embedding.scales"] = scales
    return settings
