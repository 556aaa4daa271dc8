"""What a resolved recipe says of each flag of RPM's and MSViT-ReID's training programs."""

from workbench.interop.commands import msvit, rpm


def branches(recipe, read):
    """What all branches have alike."""
    (common,) = {read(branch) for branch in recipe.model.branches.values()}
    return common


def network(recipe):
    trunk = recipe.model.backbone
    if trunk.kind == "grouped_regnet":
        name = "regnet_y_1_6gf" + {"relu": "", "prelu": "_prelu"}[trunk.activation]
        assert recipe.model.weights.path == f"checkpoint_{name}.pth"
    else:
        name = {(32, 64, 128, 256): "msvit_s", (48, 96, 192, 384): "msvit_l"}[(*trunk.widths,)]
        assert recipe.model.weights.path == f"{name}.pth"
    return name


def data_set(recipe):
    kind = recipe.data.dataset.kind
    if kind == "cuhk03_np":
        return {"detected": "npdetected", "labelled": "nplabeled"}[recipe.data.dataset.boxes]
    return {"cars196": "car196", "in_shop": "deepfashion"}.get(kind, kind)


def decoder(recipe):
    parts = recipe.model.branches["parts"]
    kind = {"channel_groups": "rpm", "row_stripes": "pcb"}[parts.regions.kind]
    return f"{kind}_{parts.pool.kind}"


def has_globals(recipe):
    whole = [name for name in recipe.model.branches if name.startswith("whole_")]
    assert recipe.losses["triplet"].branches == ["whole_*"]
    return str(whole == ["whole_average", "whole_max"])


def frozen(recipe):
    groups = recipe.training.parameter_groups
    assert all(group.pattern == f"trunk.{name}.*" for name, group in groups.items())
    return ",".join(name for name, group in groups.items() if group.frozen)


def averaging_start(recipe):
    schedule = recipe.training.schedule
    assert recipe.training.averaging.kind == "uniform"
    assert schedule.hold_from == recipe.training.averaging.first_epoch / schedule.horizon
    return schedule.hold_from


def largest_area(recipe):
    erasing = recipe.data.transforms.erasing
    assert (erasing.probability, erasing.min_area, erasing.fill) == (0.5, 0.02, "zero")
    return erasing.max_area


def bnneck_deviation(branch):
    neck = branch.neck.bnneck
    assert neck.weight_std == neck.bias_std
    return neck.weight_std


FLAG_VALUES = {
    "--net": network,
    "--dataset": data_set,
    "--dataset-root": lambda recipe: recipe.data.root.rpartition("/")[0],
    "--gpus": lambda recipe: ",".join(recipe.run.devices).replace("cuda:", ""),
    "--img-height": lambda recipe: recipe.data.height,
    "--img-width": lambda recipe: recipe.data.width,
    "--batch-size": lambda recipe: recipe.data.sampler.identities * recipe.data.sampler.images,
    "--instance-num": lambda recipe: recipe.data.sampler.images,
    "--lr": lambda recipe: recipe.training.optimizer.learning_rate,
    "--epochs": lambda recipe: (
        f"{recipe.training.schedule.warmup.count},{recipe.training.schedule.horizon}"
    ),
    "--erasing": largest_area,
    "--freeze": frozen,
    "--triplet-weight": lambda recipe: recipe.losses["triplet"].weight,
    "--ema-ratio": averaging_start,
    "--ema-extra": lambda recipe: recipe.training.length.count - recipe.training.schedule.horizon,
    "--num-part": lambda recipe: recipe.model.branches["parts"].regions.count,
    "--decoder": decoder,
    "--num-stripe": lambda recipe: recipe.model.branches["parts"].regions.start_stripes,
    "--use-global": has_globals,
    "--feat-num": lambda recipe: branches(recipe, lambda branch: branch.neck.width),
    "--ada-gamma": lambda recipe: recipe.losses["identity"].exponent,
    "--sparse-ratio": lambda recipe: recipe.model.backbone.kept_keys,
    "--split-size": lambda recipe: ",".join(map(str, recipe.model.backbone.grid)),
    "--drop-path": lambda recipe: recipe.model.backbone.drop_path,
}
"""What a resolved recipe says of each flag that published commands write."""
AS_TEXT = {"--gpus", "--epochs", "--split-size"}
"""Flags whose values are compared as they are written; of others numbers count as numbers."""
ALWAYS = {
    "--amp": (True, lambda recipe: recipe.training.precision == "auto"),
    "--num-workers": (4, lambda recipe: recipe.data.loader.workers),
    "--norm": (True, lambda recipe: recipe.losses["triplet"].normalise),
    "--seed": (613, lambda recipe: recipe.training.seed),
}
DEFAULTED = {
    "rpm": ALWAYS | {"--std": (0.1, lambda recipe: branches(recipe, bnneck_deviation))},
    "msvit": ALWAYS
    | {
        "--stride": (1, lambda recipe: max(recipe.model.backbone.tail_strides)),
        "--sparse-pool": (
            True,
            lambda recipe: recipe.model.branches["parts"].regions.kind == "interleaved_rows",
        ),
    },
}
"""Flags that no published command writes: their default, and what a recipe says of them."""
PROGRAMS = {"rpm": rpm.FLAGS, "msvit": msvit.FLAGS}
NO_EFFECT = ("--lr-decay", "--print-sub-loss", "--save-mid-epoch")
WITHOUT_EFFECT = {"rpm": NO_EFFECT, "msvit": (*NO_EFFECT, "--std")}


def read(name, text):
    try:
        return text if name in AS_TEXT else float(text)
    except ValueError:
        return text
