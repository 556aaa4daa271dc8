"""Flags of the layumi baseline's ``train.py``, and what its networks and losses are called here."""

from dataclasses import dataclass
from typing import Any

from workbench.interop.commands.flags import Flag

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
    "--instance_id": {"kind": "instance", "average_identities": True, "average_units": True},
}
"""Terms that the newest version adds to the classification."""


@dataclass(frozen=True)
class Network:
    """What a network flag chooses.

    Attributes:
        name: Of the network in timm.
        weights: Its ImageNet weights there.
        last_activation: Whether the map that the program reads passes the last activation.
        drop_path: Share of skipped blocks with which the program makes it.
        strided: Whether ``--stride`` reaches it.
        size: Height and width of its images in pixels.
    """

    name: str
    weights: str
    last_activation: bool = True
    drop_path: float = 0.0
    strided: bool = False
    size: tuple[int, int] = (256, 128)


RESNET = Network("resnet50", "resnet50.tv_in1k", strided=True)
NETWORKS = {
    "--use_dense": Network(
        "densenet121", "densenet121.tv_in1k", last_activation=False, strided=True
    ),
    "--use_NAS": Network("nasnetalarge", "nasnetalarge.tf_in1k", last_activation=False),
    "--use_swin": Network(
        "swin_base_patch4_window7_224",
        "swin_base_patch4_window7_224.ms_in22k_ft_in1k",
        drop_path=0.2,
        size=(224, 224),
    ),
    "--use_swinv2": Network(
        "swinv2_base_window8_256", "swinv2_base_window8_256.ms_in1k", drop_path=0.2
    ),
    "--use_convnext": Network("convnext_base", "convnext_base.fb_in22k_ft_in1k", drop_path=0.2),
    "--use_hr": Network("hrnet_w18", "hrnet_w18.ms_in1k"),
    "--use_efficient": Network("efficientnet_b4", "efficientnet_b4.ra2_in1k", drop_path=0.2),
}
DEVELOPMENT = (
    Flag("--resume", read=None, unused="a run that ended goes on by: workbench resume RUN."),
    Flag(
        "--pool", "avg", unused="the program builds its network with average pooling in any case."
    ),
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
    Flag("--workers", 0, int, unused="how many processes read images changes no training."),
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
    Flag("--use_dino", read=None, refused=f"{NEEDS}weights behind a licence."),
    Flag("--DG", read=None, refused=f"{NEEDS}images made by a generator (DG-Market)."),
    Flag("--adv", 0.0, float, refused=f"{NEEDS}batches of adversarial images."),
    Flag("--aiter", 10, int, refused=f"{NEEDS}batches of adversarial images."),
    Flag("--usam", read=None, refused=f"{NEEDS}attention in the stem."),
    Flag("--FSGD", read=None, refused=f"{NEEDS}a private optimizer."),
    Flag("--wa", read=None),
    *DEVELOPMENT,
)
"""All that ``train.py`` reads, in the versions since 2020."""
