"""Tables of the layumi baseline's flags: the commands it prints, and what each flag is here."""

LOSSES = (
    *("circle", "triplet", "lifted", "contrast", "sphere", "arcface", "cosface"),
    *("instance", "instance_id"),
)
PUBLISHED = [
    ("market1501", {"train_all": ""}),
    ("market1501", {"gpu_ids": "0", "name": "ft_ResNet50", "train_all": "", "batchsize": "32"}),
    (
        "erasing",
        {
            "gpu_ids": "0",
            "name": "ft_ResNet50",
            "train_all": "",
            "batchsize": "32",
            "data_dir": "your_data_path",
            "erasing_p": "0.5",
        },
    ),
    ("market1501_train", {}),
    ("densenet121", {"name": "ft_net_dense", "use_dense": "", "train_all": ""}),
    ("densenet121_train", {"use_dense": ""}),
    ("pcb", {"name": "PCB", "PCB": "", "train_all": "", "lr": "0.02"}),
    ("pcb_64", {"PCB": "", "batchsize": "64", "name": "PCB-64"}),
    ("pcb_32", {"batchsize": "32", "lr": "0.01", "PCB": ""}),
    ("fp16", {"name": "fp16", "fp16": "", "train_all": ""}),
    ("fp16_train", {"fp16": ""}),
    (
        "all_tricks",
        {
            "warm_epoch": "5",
            "stride": "1",
            "erasing_p": "0.5",
            "batchsize": "8",
            "lr": "0.02",
            "name": "warm5_s1_b8_lr2_p0.5",
        },
    ),
    *((name, {name: ""}) for name in LOSSES),
]
FLAG_CHECKS = {
    "gpu_ids": lambda recipe, text: recipe.run.devices == [f"cuda:{text}"],
    "name": lambda recipe, text: recipe.run.name == text,
    "data_dir": lambda recipe, text: recipe.data.root == text,
    "train_all": lambda recipe, _: recipe.data.dataset.split == "train_all",
    "batchsize": lambda recipe, text: recipe.data.sampler.batch_size == int(text),
    "erasing_p": lambda recipe, text: recipe.data.transforms.erasing.probability == float(text),
    "warm_epoch": lambda recipe, text: recipe.training.loss_warmup.epochs == int(text),
    "stride": lambda recipe, text: recipe.model.backbone.tail_strides == [int(text)],
    "lr": lambda recipe, text: recipe.training.optimizer.learning_rate == float(text),
    "fp16": lambda recipe, _: recipe.training.precision == "fp16",
    "use_dense": lambda recipe, _: recipe.model.backbone.name == "densenet121",
    "PCB": lambda recipe, _: (
        recipe.model.branches["parts"].regions.count == 6
        and recipe.model.branches["parts"].neck.width == 256
        and recipe.model.backbone.tail_strides == [1]
        and (recipe.data.height, recipe.data.width) == (384, 192)
    ),
    **{
        name: lambda recipe, _, name=name: set(recipe.losses) == {"identity", name}
        for name in LOSSES
    },
}
"""What each flag of a printed command is in the recipe that comes of it."""
DEFAULT_CHECKS = {
    "train_all": lambda recipe: recipe.data.dataset.split == "train",
    "batchsize": lambda recipe: recipe.data.sampler.batch_size == 32,
    "erasing_p": lambda recipe: recipe.data.transforms.erasing.probability == 0.0,
    "warm_epoch": lambda recipe: recipe.training.loss_warmup is None,
    "lr": lambda recipe: recipe.training.optimizer.learning_rate == 0.05,
    "fp16": lambda recipe: recipe.training.precision == "fp32",
    "total_epoch": lambda recipe: (
        recipe.training.length.count == 60 and recipe.training.schedule.at == [40]
    ),
    "droprate": lambda recipe: {b.neck.dropout for b in recipe.model.branches.values()} == {0.5},
    "weight_decay": lambda recipe: recipe.training.optimizer.weight_decay == 5e-4,
}
"""What it is where the command is silent: the program's defaults."""
WHOLE = "model.branches.whole.neck"
NAME, WEIGHTS = "model.backbone.name", "model.weights.name"
DROP = {"model.backbone.drop_path": 0.2}
ONE_FLAG = [
    ("gpu_ids", "1,2", {"run.devices": ["cuda:1", "cuda:2"]}, ""),
    ("name", "mine", {"run.name": "mine"}, ""),
    ("data_dir", "a/pytorch", {"data.root": "a/pytorch"}, ""),
    (
        "color_jitter",
        "",
        {
            f"data.transforms.colour.{name}": 0.1
            for name in ("brightness", "contrast", "saturation")
        },
        "",
    ),
    ("batchsize", "16", {"data.sampler.batch_size": 16}, ""),
    ("workers", "4", {}, "changes no training"),
    ("stride", "1", {"model.backbone.tail_strides": [1]}, ""),
    (
        "use_NAS",
        "",
        {
            NAME: "nasnetalarge",
            WEIGHTS: "nasnetalarge.tf_in1k",
            "model.backbone.last_activation": False,
        },
        "",
    ),
    (
        "use_swin",
        "",
        {
            "data.height": 224,
            "data.width": 224,
            NAME: "swin_base_patch4_window7_224",
            WEIGHTS: "swin_base_patch4_window7_224.ms_in22k_ft_in1k",
            **DROP,
        },
        "",
    ),
    (
        "use_swinv2",
        "",
        {NAME: "swinv2_base_window8_256", WEIGHTS: "swinv2_base_window8_256.ms_in1k", **DROP},
        "",
    ),
    (
        "use_convnext",
        "",
        {NAME: "convnext_base", WEIGHTS: "convnext_base.fb_in22k_ft_in1k", **DROP},
        "",
    ),
    ("use_hr", "", {NAME: "hrnet_w18", WEIGHTS: "hrnet_w18.ms_in1k"}, ""),
    (
        "use_efficient",
        "",
        {NAME: "efficientnet_b4", WEIGHTS: "efficientnet_b4.ra2_in1k", **DROP},
        "of another package",
    ),
    (
        "ibn",
        "",
        {
            "model.backbone.instance_norm": True,
            "model.weights.kind": "file",
            "model.weights.path": "resnet50_ibn_a-d9d0bb7b.pth",
            "model.weights.strict": False,
        },
        "",
    ),
    (
        "warm_epoch",
        "5",
        {
            "training.loss_warmup": True,
            "training.loss_warmup.epochs": 5,
            "training.loss_warmup.start_factor": 0.1,
        },
        "",
    ),
    ("droprate", "0.2", {f"{WHOLE}.dropout": 0.2}, ""),
    ("linear_num", "256", {f"{WHOLE}.width": 256}, ""),
    ("linear_num", "0", {f"{WHOLE}.width": None}, ""),
    ("lr", "0.01", {"training.optimizer.learning_rate": 0.01}, ""),
    ("weight_decay", "1e-3", {"training.optimizer.weight_decay": 0.001}, ""),
    ("total_epoch", "90", {"training.length.count": 90, "training.schedule.at": [60]}, ""),
    ("total_epoch", "1", {"training.length.count": 1, "training.schedule.at": [1]}, ""),
    ("bf16", "", {"training.precision": "bf16"}, ""),
    (
        "cosine",
        "",
        {
            "training.schedule.kind": "cosine",
            "training.schedule.unit": "epoch",
            "training.schedule.floor": 0.01,
            "training.schedule.delay": None,
            "training.schedule.horizon": None,
            "training.schedule.hold_from": 1.0,
        },
        "stops at a tenth",
    ),
    (
        "wa",
        "",
        {
            "training.averaging.kind": "exponential",
            "training.averaging.decay": 0.996,
            "training.averaging.every": "epoch",
            "training.averaging.ramp": False,
            "training.averaging.start": 0.8,
            "training.averaging.refresh": True,
        },
        "",
    ),
    ("ins_gamma", "64", {}, "has no effect without --instance"),
    ("pool", "avg+max", {}, "average pooling in any case"),
    ("h", "384", {"data.height": 384}, ""),
    ("w", "192", {"data.width": 192}, ""),
    ("pad", "10", {"data.transforms.pad_and_crop.fill": "edge"}, ""),
    (
        "pad",
        "4",
        {
            "data.transforms.pad_and_crop.pixels": 4,
            "data.transforms.pad_and_crop.fill": "edge",
        },
        "",
    ),
    ("resume", "", {}, "workbench resume RUN"),
]
"""Beside ``--train_all``: the flag, its value, what differs from the preset, and what is said."""
OTHER_PRESETS = {
    "train_all": ("", "market1501"),
    "erasing_p": ("0.5", "erasing"),
    "fp16": ("", "fp16"),
    "use_dense": ("", "densenet121"),
}
"""Flags that, beside ``--train_all``, make another preset."""
OTHER_NETWORKS = [
    ("densenet121", "--use_dense --stride 1", {"model.backbone.tail_strides": [1]}, "has 15 x 7"),
    ("densenet121", "--use_dense --droprate 0.2", {f"{WHOLE}.dropout": 0.2}, ""),
    ("densenet121", "--use_dense --linear_num 256", {f"{WHOLE}.width": 256}, ""),
    ("pcb", "--PCB --lr 0.02", {}, ""),
    ("pcb", "--PCB --lr 0.01", {"training.optimizer.learning_rate": 0.01}, ""),
    ("pcb", "--PCB --lr 0.02 --erasing_p 0.4", {"data.transforms.erasing.probability": 0.4}, ""),
    *(
        ("pcb", f"--PCB --lr 0.02 --{flag}", {}, f"--{flag.split()[0]}: has no effect with --PCB")
        for flag in ("stride 1", "droprate 0.2", "linear_num 128", "pad 4", "h 256", "w 128")
    ),
    ("pcb", "--PCB --lr 0.02 --instance_id", {}, "--instance_id: has no effect with --PCB"),
    *(
        (
            "market1501",
            f"--use_{name} --stride 1",
            None,
            f"--stride: has no effect with --use_{name}",
        )
        for name in ("NAS", "swin", "swinv2", "convnext", "hr")
    ),
]
"""Networks beside which a flag means something else: preset, flags, overrides, what is said.

None: what the network's flag changes alone.
"""
