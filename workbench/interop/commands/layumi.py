"""Commands of the layumi baseline, Person_reID_baseline_pytorch."""

from workbench.errors import RecipeError
from workbench.interop.commands.flags import FlagValues, parse
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
IGNORED_BY_PCB = ("--stride", "--droprate", "--linear_num", "--pad", "--h", "--w")
"""Flags whose values the program does not hand on to the network and images of ``--PCB``."""
WITHOUT_EMBEDDING = ("--PCB", "--use_NAS")
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
    flags = parse(FLAGS, invocation.arguments)
    network, losses = _network(flags), _loss_flags(flags)
    settings = (
        _images(flags, network)
        | _model(flags, network, losses)
        | _loss_settings(flags, losses)
        | _training(flags)
    )
    placement = _placement(flags, invocation)
    notes = [
        *flags.notes,
        *_ignored_flag_notes(flags, network),
        *_deviation_notes(flags, network, losses),
    ]
    return [translation(_preset(flags, losses), settings | placement, notes)]


def _network(flags: FlagValues) -> Network:
    chosen = [name for name in NETWORKS if flags[name]]
    if len(chosen) + flags["--PCB"] + flags["--ibn"] > 1:
        raise RecipeError("More than one network is asked for: leave one of the flags.")
    return NETWORKS[chosen[0]] if chosen else RESNET


def _loss_flags(flags: FlagValues) -> list[str]:
    """Flags of the terms that are added. Raises RecipeError where no vector is there for them."""
    losses = [name for name in LOSSES if flags[name]]
    conflicting = next((name for name in WITHOUT_EMBEDDING if flags[name]), "")
    if not conflicting:
        return losses
    if reading_vectors := [name for name in losses if name != "--instance_id"]:
        raise RecipeError(
            f"{reading_vectors[0]}: cannot be trained with {conflicting}, which gives no"
            " vector to compare. Drop one of the flags."
        )
    return []


def _preset(flags: FlagValues, losses: list[str]) -> str:
    """The published training that is nearest; all differ from each other in a few settings."""
    if flags["--PCB"]:
        by_batch = "layumi/pcb_64" if flags["--batchsize"] == 64 else "layumi/pcb_32"
        return "layumi/pcb" if flags["--train_all"] else by_batch
    if flags["--use_dense"]:
        return "layumi/densenet121" if flags["--train_all"] else "layumi/densenet121_train"
    if len(losses) == 1:
        return f"layumi/{losses[0].removeprefix('--')}"
    if flags["--warm_epoch"] and flags["--stride"] == 1:
        return "layumi/all_tricks"
    if flags["--fp16"]:
        return "layumi/fp16" if flags["--train_all"] else "layumi/fp16_train"
    if flags["--erasing_p"]:
        return "layumi/erasing"
    return "layumi/market1501" if flags["--train_all"] else "layumi/market1501_train"


def _images(flags: FlagValues, network: Network) -> Settings:
    transforms, pcb = "data.transforms", flags["--PCB"]
    jitter = 0.1 if flags["--color_jitter"] else 0.0
    height, width = network.size
    return {
        "data.dataset.split": "train_all" if flags["--train_all"] else "train",
        "data.height": 384 if pcb else flags["--h"] or height,
        "data.width": 192 if pcb else flags["--w"] or width,
        "data.sampler.batch_size": flags["--batchsize"],
        f"{transforms}.pad_and_crop.pixels": 0 if pcb else flags["--pad"],
        f"{transforms}.pad_and_crop.fill": (
            "edge" if "--pad" in flags.written and not pcb else "zeros"
        ),
        f"{transforms}.erasing.probability": flags["--erasing_p"],
        **{
            f"{transforms}.colour.{name}": jitter
            for name in ("brightness", "contrast", "saturation")
        },
    }


def _model(flags: FlagValues, network: Network, losses: list[str]) -> Settings:
    stride = flags["--stride"] if network.strided else 2
    settings: Settings = {
        "model.backbone.name": network.name,
        "model.backbone.last_activation": network.last_activation,
        "model.backbone.drop_path": network.drop_path,
        "model.backbone.instance_norm": flags["--ibn"],
        "model.backbone.tail_strides": [1 if flags["--PCB"] else stride],
    }
    if flags["--ibn"]:
        settings |= {"model.weights.kind": "file"}
        settings |= {"model.weights.path": "resnet50_ibn_a-d9d0bb7b.pth"}
    else:
        settings["model.weights.name"] = network.weights
    if not flags["--PCB"]:
        neck, width = "model.branches.whole.neck", flags["--linear_num"]
        settings |= {f"{neck}.dropout": flags["--droprate"]}
        settings |= {f"{neck}.width": width if width > 0 else None}
        settings |= {f"{neck}.losses_after_dropout": bool(losses)}
    return settings


def _loss_settings(flags: FlagValues, losses: list[str]) -> Settings:
    settings: Settings = {}
    for name, term in LOSSES.items():
        path = f"losses.{name.removeprefix('--')}"
        if name not in losses:
            settings[path] = None
            continue
        extra: Settings = {"per_image": True} if name in PER_IMAGE else {}
        if term["kind"] == "instance":
            extra["scale"] = flags["--ins_gamma"]
        settings |= {f"{path}.{key}": value for key, value in (term | extra).items()}
    return settings


def _training(flags: FlagValues) -> Settings:
    epochs, warmup_epochs = flags["--total_epoch"], flags["--warm_epoch"]
    precision = "fp16" if flags["--fp16"] else "bf16" if flags["--bf16"] else "fp32"
    schedule: Settings = {"training.schedule.at": [max(1, epochs * 2 // 3)]}
    if flags["--cosine"]:
        schedule = {
            "training.schedule.kind": "cosine",
            "training.schedule.unit": "epoch",
            "training.schedule.floor": 0.01,
        }
    warmup = {"training.loss_warmup": {"epochs": warmup_epochs} if warmup_epochs else None}
    return {
        "training.length.count": epochs,
        "training.optimizer.learning_rate": flags["--lr"],
        "training.optimizer.weight_decay": flags["--weight_decay"],
        "training.precision": precision,
        **schedule,
        **warmup,
        **(AVERAGING if flags["--wa"] else {"training.averaging.kind": "none"}),
    }


def _ignored_flag_notes(flags: FlagValues, network: Network) -> list[str]:
    """What the command says and the program does not use, flag by flag."""
    overriding: dict[str, str] = {}
    if flags["--PCB"]:
        overriding = dict.fromkeys(IGNORED_BY_PCB, "--PCB")
    elif not network.strided:
        overriding = {"--stride": next(name for name in NETWORKS if flags[name])}
    for name in WITHOUT_EMBEDDING:
        overriding |= {"--instance_id": name} if flags[name] else {}
    notes = [
        f"{name}: has no effect with {other}."
        for name, other in overriding.items()
        if name in flags.written
    ]
    if "--ins_gamma" in flags.written and not (flags["--instance"] or flags["--instance_id"]):
        notes.append("--ins_gamma: has no effect without --instance or --instance_id.")
    return notes


def _deviation_notes(flags: FlagValues, network: Network, losses: list[str]) -> list[str]:
    """What is trained otherwise than by the program, flag by flag."""
    unmentioned = ("--instance_id",) if losses != ["--instance_id"] else ()
    notes = [f"{name}: {NOTES[name]}" for name in NOTES if flags[name] and name not in unmentioned]
    if flags["--use_dense"] and flags["--stride"] == 1:
        rows, columns = (pixels // 16 for pixels in network.size)
        notes.append(
            f"--stride 1: the last pool is taken out here, and the map keeps {rows} x {columns};"
            f" the program slides its window by one and has {rows - 1} x {columns - 1}."
        )
    return notes


def _placement(flags: FlagValues, invocation: Invocation) -> Settings:
    settings: Settings = {}
    if "--name" in flags.written:
        settings["run.name"] = flags["--name"]
    if "--data_dir" in flags.written:
        settings["data.root"] = flags["--data_dir"]
    if "--gpu_ids" in flags.written:
        return settings | devices_of("--gpu_ids ", flags["--gpu_ids"])
    return settings | invocation.devices
