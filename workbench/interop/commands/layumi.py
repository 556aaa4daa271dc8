"""Commands of the layumi baseline, Person_reID_baseline_pytorch."""

from workbench.errors import RecipeError
from workbench.interop.commands.flags import Given, parse
from workbench.interop.commands.layumi_flags import (
    FLAGS,
    LOSSES,
    NETWORKS,
    RESNET,
    Network,
    Settings,
)
from workbench.interop.commands.translation import Translation, translation
from workbench.interop.shell.statements import Invocation, devices_of

AVERAGING: Settings = {
    "training.averaging.kind": "exponential",
    "training.averaging.decay": 0.996,
    "training.averaging.every": "epoch",
    "training.averaging.ramp": False,
    "training.averaging.start": 0.8,
    "training.averaging.refresh": True,
}
PER_IMAGE = ("--circle", "--sphere", "--arcface", "--cosface", "--instance", "--instance_id")
OWN_OF_PCB = ("--stride", "--droprate", "--linear_num", "--pad", "--h", "--w")
"""Flags whose values the program does not hand on to the network and images of ``--PCB``."""
OF_CLASSIFIERS_ALONE = ("--PCB", "--use_NAS")
"""Networks of which the program knows no vector that a further loss could read."""
NOTES = {
    "--sphere": "the class weights of this loss are trained here; the program leaves them as they"
    " start.",
    "--instance_id": "its term is added here; the program adds it only beside another of its"
    " losses.",
    "--cosine": "every rate falls to a hundredth of its start here; in the program that of the"
    " pretrained layers stops at a tenth.",
    "--use_efficient": "timm's network and weights are taken; the program's are of another package,"
    " whose padding differs.",
}
NOTES |= dict.fromkeys(("--arcface", "--cosface"), NOTES["--sphere"])
"""What a flag does here that it does otherwise there."""


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for what the program itself would not take."""
    given = parse(FLAGS, invocation.arguments)
    network, losses = _network(given), _losses(given)
    settings = (
        _images(given, network)
        | _model(given, network, losses)
        | _terms(given, losses)
        | _training(given)
    )
    placed = _placement(given, invocation)
    notes = [*given.notes, *_without_effect(given, network), *_otherwise(given, network, losses)]
    return [translation(_preset(given, losses), settings | placed, notes)]


def _network(given: Given) -> Network:
    chosen = [name for name in NETWORKS if given[name]]
    if len(chosen) + given["--PCB"] + given["--ibn"] > 1:
        raise RecipeError("More than one network is asked for: leave one of the flags.")
    return NETWORKS[chosen[0]] if chosen else RESNET


def _losses(given: Given) -> list[str]:
    """Flags of the terms that are added. Raises RecipeError where no vector is there for them."""
    losses = [name for name in LOSSES if given[name]]
    without = next((name for name in OF_CLASSIFIERS_ALONE if given[name]), "")
    if not without:
        return losses
    if read := [name for name in losses if name != "--instance_id"]:
        raise RecipeError(
            f"{read[0]}: cannot be trained with {without}, which gives the program no vector to"
            " compare. Leave one of the flags."
        )
    return []


def _preset(given: Given, losses: list[str]) -> str:
    """The published training that is nearest; all differ from each other in a few settings."""
    if given["--PCB"]:
        by_batch = "layumi/pcb_64" if given["--batchsize"] == 64 else "layumi/pcb_32"
        return "layumi/pcb" if given["--train_all"] else by_batch
    if given["--use_dense"]:
        return "layumi/densenet121" if given["--train_all"] else "layumi/densenet121_train"
    if len(losses) == 1:
        return f"layumi/{losses[0].removeprefix('--')}"
    if given["--warm_epoch"] and given["--stride"] == 1:
        return "layumi/all_tricks"
    if given["--fp16"]:
        return "layumi/fp16" if given["--train_all"] else "layumi/fp16_train"
    if given["--erasing_p"]:
        return "layumi/erasing"
    return "layumi/market1501" if given["--train_all"] else "layumi/market1501_train"


def _images(given: Given, network: Network) -> Settings:
    transforms, pcb = "data.transforms", given["--PCB"]
    jitter = 0.1 if given["--color_jitter"] else 0.0
    height, width = network.size
    return {
        "data.dataset.split": "train_all" if given["--train_all"] else "train",
        "data.height": 384 if pcb else given["--h"] or height,
        "data.width": 192 if pcb else given["--w"] or width,
        "data.sampler.batch_size": given["--batchsize"],
        f"{transforms}.pad_and_crop.pixels": 0 if pcb else given["--pad"],
        f"{transforms}.pad_and_crop.fill": (
            "edge" if "--pad" in given.written and not pcb else "zeros"
        ),
        f"{transforms}.erasing.probability": given["--erasing_p"],
        **{
            f"{transforms}.colour.{name}": jitter
            for name in ("brightness", "contrast", "saturation")
        },
    }


def _model(given: Given, network: Network, losses: list[str]) -> Settings:
    stride = given["--stride"] if network.strided else 2
    settings: Settings = {
        "model.backbone.name": network.name,
        "model.backbone.last_activation": network.last_activation,
        "model.backbone.drop_path": network.drop_path,
        "model.backbone.instance_norm": given["--ibn"],
        "model.backbone.tail_strides": [1 if given["--PCB"] else stride],
    }
    if given["--ibn"]:
        settings |= {"model.weights.kind": "file"}
        settings |= {"model.weights.path": "resnet50_ibn_a-d9d0bb7b.pth"}
    else:
        settings["model.weights.name"] = network.weights
    if not given["--PCB"]:
        neck, width = "model.branches.whole.neck", given["--linear_num"]
        settings |= {f"{neck}.dropout": given["--droprate"]}
        settings |= {f"{neck}.width": width if width > 0 else None}
        settings |= {f"{neck}.losses_after_dropout": bool(losses)}
    return settings


def _terms(given: Given, losses: list[str]) -> Settings:
    settings: Settings = {}
    for name, term in LOSSES.items():
        path = f"losses.{name.removeprefix('--')}"
        if name not in losses:
            settings[path] = None
            continue
        more: Settings = {"per_image": True} if name in PER_IMAGE else {}
        if term["kind"] == "instance":
            more["scale"] = given["--ins_gamma"]
        settings |= {f"{path}.{key}": value for key, value in (term | more).items()}
    return settings


def _training(given: Given) -> Settings:
    epochs, warm = given["--total_epoch"], given["--warm_epoch"]
    precision = "fp16" if given["--fp16"] else "bf16" if given["--bf16"] else "fp32"
    schedule: Settings = {"training.schedule.at": [max(1, epochs * 2 // 3)]}
    if given["--cosine"]:
        schedule = {
            "training.schedule.kind": "cosine",
            "training.schedule.unit": "epoch",
            "training.schedule.floor": 0.01,
        }
    warmup = {"training.loss_warmup": {"epochs": warm} if warm else None}
    return {
        "training.length.count": epochs,
        "training.optimizer.learning_rate": given["--lr"],
        "training.optimizer.weight_decay": given["--weight_decay"],
        "training.precision": precision,
        **schedule,
        **warmup,
        **(AVERAGING if given["--wa"] else {"training.averaging.kind": "none"}),
    }


def _without_effect(given: Given, network: Network) -> list[str]:
    """What the command says and the program does not use, flag by flag."""
    beside: dict[str, str] = {}
    if given["--PCB"]:
        beside = dict.fromkeys(OWN_OF_PCB, "--PCB")
    elif not network.strided:
        beside = {"--stride": next(name for name in NETWORKS if given[name])}
    for name in OF_CLASSIFIERS_ALONE:
        beside |= {"--instance_id": name} if given[name] else {}
    notes = [
        f"{name}: has no effect with {other}."
        for name, other in beside.items()
        if name in given.written
    ]
    if "--ins_gamma" in given.written and not (given["--instance"] or given["--instance_id"]):
        notes.append("--ins_gamma: has no effect without --instance or --instance_id.")
    return notes


def _otherwise(given: Given, network: Network, losses: list[str]) -> list[str]:
    """What is trained otherwise than by the program, flag by flag."""
    quiet = ("--instance_id",) if losses != ["--instance_id"] else ()
    notes = [f"{name}: {NOTES[name]}" for name in NOTES if given[name] and name not in quiet]
    if given["--use_dense"] and given["--stride"] == 1:
        rows, columns = (pixels // 16 for pixels in network.size)
        notes.append(
            f"--stride 1: the last pool is taken out here, and the map keeps {rows} x {columns};"
            f" the program slides its window by one and has {rows - 1} x {columns - 1}."
        )
    return notes


def _placement(given: Given, invocation: Invocation) -> Settings:
    found: Settings = {}
    if "--name" in given.written:
        found["run.name"] = given["--name"]
    if "--data_dir" in given.written:
        found["data.root"] = given["--data_dir"]
    if "--gpu_ids" in given.written:
        return found | devices_of("--gpu_ids ", given["--gpu_ids"])
    return found | invocation.devices
