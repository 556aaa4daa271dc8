"""Commands of the layumi baseline, Person_reID_baseline_pytorch."""

from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.flags import Flag, Given, numbers, parse
from workbench.interop.commands.shell import Invocation
from workbench.interop.commands.translation import Translation, translation

Settings = dict[str, Any]
DATA = "../Market/pytorch"
NEEDS = "is not built here: "
LOSSES: dict[str, Settings] = {
    "--circle": {"kind": "circle", "margin": 0.25, "scale": 32.0},
    "--triplet": {
        "kind": "metric_learning",
        "name": "TripletMarginLoss",
        "arguments": ["margin=0.3"],
        "miner": "MultiSimilarityMiner",
    },
    "--lifted": {
        "kind": "metric_learning",
        "name": "GeneralizedLiftedStructureLoss",
        "arguments": ["neg_margin=1", "pos_margin=0"],
    },
    "--contrast": {
        "kind": "metric_learning",
        "name": "ContrastiveLoss",
        "arguments": ["pos_margin=0", "neg_margin=1"],
    },
    "--sphere": {"kind": "metric_learning", "name": "SphereFaceLoss", "arguments": ["margin=4"]},
    "--arcface": {"kind": "metric_learning", "name": "ArcFaceLoss"},
    "--cosface": {"kind": "metric_learning", "name": "CosFaceLoss"},
    "--instance": {"kind": "instance"},
    "--instance_id": {"kind": "instance", "average_identities": True},
}
"""Terms that the newest version adds to the classification."""
AVERAGING: Settings = {
    "training.averaging.kind": "exponential",
    "training.averaging.decay": 0.996,
    "training.averaging.ramp": False,
    "training.averaging.start": 0.8,
    "training.averaging.refresh": True,
}
PER_IMAGE = ("--circle", "--sphere", "--arcface", "--cosface", "--instance", "--instance_id")
TRAINED = "the class weights of this loss are trained here; the program leaves them as they start."
NETWORKS = {
    "--use_dense": ("densenet121", "densenet121.tv_in1k"),
    "--use_NAS": ("nasnetalarge", "nasnetalarge.tf_in1k"),
    "--use_swin": ("swin_base_patch4_window7_224", "swin_base_patch4_window7_224.ms_in22k_ft_in1k"),
    "--use_convnext": ("convnext_base", "convnext_base.fb_in22k_ft_in1k"),
    "--use_hr": ("hrnet_w18", "hrnet_w18.ms_in1k"),
    "--use_efficient": ("efficientnet_b4", "efficientnet_b4.ra2_in1k"),
}
POOLS = {"avg": "average", "max": "max", "avg+max": "average_max"}
DEVELOPMENT = (
    Flag("--resume", read=None, unused="a run that ended goes on by: workbench resume RUN."),
    Flag("--pool", "average", lambda text: POOLS[text]),
    Flag("--pad", 10, int),
    Flag("--h", 0, int),
    Flag("--w", 0, int),
    Flag("--erasing_p_plus", 0.0, float, refused=f"{NEEDS}several erased rectangles."),
    Flag("--DA", read=None, refused=f"{NEEDS}its own policy of editing."),
    Flag("--moving_avg", 1.0, float, refused=f"{NEEDS}its own average of weights; --wa is built."),
    Flag("--angle", read=None, refused=f"{NEEDS}its own angular classifier."),
    Flag("--arc", read=None, refused=f"{NEEDS}its own angular classifier; --arcface is built."),
)
"""Of the branch that its news of July 2019 is about."""
FLAGS = (
    Flag("--gpu_ids", "0"),
    Flag("--name", "ft_ResNet50"),
    Flag("--data_dir", DATA),
    Flag("--train_all", read=None),
    Flag("--color_jitter", read=None),
    Flag("--batchsize", 32, int),
    Flag("--stride", 2, int),
    Flag("--erasing_p", 0.0, float),
    *(Flag(name, read=None) for name in NETWORKS),
    Flag("--warm_epoch", 0, int),
    Flag("--total_epoch", 60, int),
    Flag("--lr", 0.05, float),
    Flag("--weight_decay", 5e-4, float),
    Flag("--droprate", 0.5, float),
    Flag("--linear_num", 512, int),
    Flag("--PCB", read=None),
    Flag("--fp16", read=None),
    Flag("--bf16", read=None),
    Flag("--cosine", read=None),
    Flag("--ibn", read=None),
    Flag("--ins_gamma", 32.0, float),
    *(Flag(name, read=None) for name in LOSSES),
    Flag("--use_swinv2", read=None, refused=f"{NEEDS}a Swin of the second version."),
    Flag("--use_dino", read=None, refused=f"{NEEDS}weights behind a licence."),
    Flag("--DG", read=None, refused=f"{NEEDS}images made by a generator (DG-Market)."),
    Flag("--adv", 0.0, float, refused=f"{NEEDS}batches of adversarial images."),
    Flag("--aiter", 10, int, refused=f"{NEEDS}batches of adversarial images."),
    Flag("--usam", read=None, refused=f"{NEEDS}attention in the stem."),
    Flag("--FSGD", read=None, refused=f"{NEEDS}a private optimizer."),
    Flag("--wa", read=None),
    *DEVELOPMENT,
)


def train(invocation: Invocation) -> list[Translation]:
    """A training command. Raises RecipeError for what the program itself would not take."""
    given = parse(FLAGS, invocation.arguments)
    settings = _data(given) | _network(given) | _losses(given) | _training(given)
    notes = [f"{name}: {TRAINED}" for name in ("--sphere", "--arcface", "--cosface") if given[name]]
    placed = _placement(given, invocation)
    return [translation(_preset(given), settings | placed, [*given.notes, *notes])]


def _preset(given: Given) -> str:
    """The published training that is nearest; all differ from each other in a few settings."""
    if given["--PCB"]:
        return f"layumi/pcb_{given['--batchsize']}" if given["--batchsize"] == 64 else "layumi/pcb"
    if given["--use_dense"]:
        return "layumi/densenet121"
    losses = [name for name in LOSSES if given[name]]
    if len(losses) == 1:
        return f"layumi/{losses[0].removeprefix('--')}"
    if given["--warm_epoch"] and given["--stride"] == 1:
        return "layumi/all_tricks"
    if given["--fp16"]:
        return "layumi/fp16" if given["--train_all"] else "layumi/fp16_train"
    if given["--erasing_p"]:
        return "layumi/erasing"
    return "layumi/market1501" if given["--train_all"] else "layumi/market1501_train"


def _data(given: Given) -> Settings:
    transforms, pcb = "data.transforms", given["--PCB"]
    jitter = 0.1 if given["--color_jitter"] else 0.0
    return {
        "data.dataset.split": "train_all" if given["--train_all"] else "train",
        "data.height": given["--h"] or (384 if pcb else 256),
        "data.width": given["--w"] or (192 if pcb else 128),
        "data.sampler.batch_size": given["--batchsize"],
        f"{transforms}.pad_and_crop.pixels": 0 if pcb else given["--pad"],
        f"{transforms}.pad_and_crop.fill": "edge" if "--pad" in given.written else "zeros",
        f"{transforms}.erasing.probability": given["--erasing_p"],
        **{
            f"{transforms}.colour.{name}": jitter
            for name in ("brightness", "contrast", "saturation")
        },
    }


def _network(given: Given) -> Settings:
    chosen = [name for name in NETWORKS if given[name]]
    if len(chosen) + given["--PCB"] + given["--ibn"] > 1:
        raise RecipeError("More than one network is asked for: leave one of the flags.")
    name, weights = NETWORKS[chosen[0]] if chosen else ("resnet50", "resnet50.tv_in1k")
    branch = "model.branches.parts" if given["--PCB"] else "model.branches.whole"
    neck = f"{branch}.neck"
    width = given["--linear_num"]
    settings: Settings = {
        "model.backbone.name": name,
        "model.backbone.last_activation": not given["--use_dense"],
        "model.backbone.instance_norm": given["--ibn"],
        "model.weights.name": weights,
        f"{neck}.dropout": given["--droprate"],
        f"{branch}.pool.kind": given["--pool"],
    }
    if not chosen:
        settings["model.backbone.tail_strides"] = [1 if given["--PCB"] else given["--stride"]]
    if given["--ibn"]:
        settings |= {"model.weights.kind": "file"}
        settings |= {"model.weights.path": "resnet50_ibn_a-d9d0bb7b.pth"}
        del settings["model.weights.name"]
    if not given["--PCB"]:
        settings[f"{neck}.width"] = width if width > 0 else None
    return settings


def _losses(given: Given) -> Settings:
    settings: Settings = {}
    for name, term in LOSSES.items():
        path = f"losses.{name.removeprefix('--')}"
        if not given[name]:
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
    schedule: Settings = {"training.schedule.at": [epochs * 2 // 3]}
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


def _placement(given: Given, invocation: Invocation) -> Settings:
    found: Settings = {}
    if "--name" in given.written:
        found["run.name"] = given["--name"]
    if "--data_dir" in given.written:
        found["data.root"] = given["--data_dir"]
    devices = invocation.environment.get("CUDA_VISIBLE_DEVICES", "")
    if "--gpu_ids" in given.written:
        devices = given["--gpu_ids"]
    if devices:
        found["run.devices"] = [f"cuda:{number}" for number in numbers(devices)]
    return found
