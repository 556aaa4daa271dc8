"""The training program that two published systems (RPM, MSViT-ReID) share: its common flags."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.flags import Flag, FlagValues, numbers, parse, yes_or_no
from workbench.interop.commands.translation import (
    NEWEST,
    OWN_DEVICE,
    Translation,
    action_translation,
)
from workbench.interop.shell.statements import Invocation, devices_of
from workbench.recipe.presets import preset_names
from workbench.recipe.refusals import did_you_mean, listed

Settings = dict[str, Any]
PresetOf = Callable[[FlagValues], str]


@dataclass(frozen=True)
class Source:
    """A data set as the program names it: the folder its authors keep it in, and what it is here.

    ``preparation`` is how its images are prepared: ``body``, ``object`` or ``aerial``.
    """

    folder: str
    settings: Mapping[str, Any]
    preparation: str = "body"
    ranks: tuple[int, ...] = (1, 5, 10)
    colour: Mapping[str, float] = field(default_factory=dict[str, float])


def _kind(name: str, **more: str) -> Settings:
    below = {f"data.dataset.{key}": value for key, value in more.items()}
    return {"data.dataset.kind": name} | below


SOURCES = {
    "market1501": Source("Market-1501-v15.09.15", _kind("market1501")),
    "occluded_reid": Source(
        "Occluded_REID",
        _kind("occluded_reid"),
        colour={"brightness": 0.2, "contrast": 0.15},
    ),
    "dukemtmc": Source("DukeMTMC-reID", _kind("dukemtmc")),
    "npdetected": Source("cuhk03-np", _kind("cuhk03_np", boxes="detected")),
    "nplabeled": Source("cuhk03-np", _kind("cuhk03_np", boxes="labelled")),
    "msmt17": Source("MSMT17", _kind("msmt17")),
    "veri776": Source("VeRi", _kind("veri776")),
    "vehicleid": Source("VehicleID_V1.0", _kind("vehicleid")),
    "car196": Source("CARS", _kind("cars196"), "object", (1, 2, 4, 8)),
    "cub200": Source("CUB_200_2011", _kind("cub200"), "object", (1, 2, 4, 8)),
    "sop": Source("Stanford_Online_Products", _kind("sop"), "object", (1, 10)),
    "deepfashion": Source("In-shop", _kind("in_shop"), "object", (1, 10, 20, 30, 40)),
    "university1652": Source("University-Release", _kind("university1652"), "aerial"),
    "occluded_duke": Source("Occluded_Duke", _kind("occluded_duke")),
    "p_dukemtmc": Source("P-DukeMTMC-reid", _kind("p_dukemtmc")),
}
PREPARATIONS = {
    "body": {"margin": 0, "pad_and_crop.pixels": 8, "rotation.degrees": 0.0, "rotation.groups": []},
    "object": {
        "margin": 32,
        "pad_and_crop.pixels": 8,
        "rotation.degrees": 0.0,
        "rotation.groups": [],
    },
    "aerial": {
        "margin": 0,
        "pad_and_crop.pixels": 12,
        "rotation.degrees": 180.0,
        "rotation.groups": ["satellite"],
    },
}
RENAMED = {
    "npdetected": "cuhk03_detected",
    "nplabeled": "cuhk03_labelled",
    "car196": "cars196",
    "deepfashion": "in_shop",
}
"""Data sets whose presets are called otherwise than the program calls them."""
NEVER_USED = "the program reads it and never uses it, so it has no effect here."
SEEDED_HERE = "the program reads it and never uses it; here it seeds the training."
COMMON = (
    Flag("--amp", True, yes_or_no),
    Flag("--img-height", 384, int),
    Flag("--img-width", 128, int),
    Flag("--batch-size", 128, int),
    Flag("--num-workers", 4, int),
    Flag("--dataset-root", ""),
    Flag("--dataset", "market1501"),
    Flag("--instance-num", 4, int),
    Flag("--net", ""),
    Flag("--num-part", 2, int),
    Flag("--std", 0.1, float),
    Flag("--freeze", ""),
    Flag("--triplet-weight", 0.0, float),
    Flag("--norm", True, yes_or_no),
    Flag("--gpus", ""),
    Flag("--epochs", (5, 75), numbers),
    Flag("--lr", 2e-3, float),
    Flag("--seed", 613, int, unused=SEEDED_HERE),
    Flag("--lr-decay", 0.1, float, unused=NEVER_USED),
    Flag("--erasing", 0.0, float),
    Flag("--ema-ratio", 1.0, float),
    Flag("--ema-extra", 0, int),
    Flag("--print-sub-loss", False, yes_or_no, unused="every loss term has a curve here anyway."),
    Flag("--save-mid-epoch", 0, int, unused="checkpoints follow training.checkpoints."),
)
TEST = "test_"
WEIGHT_FLAG = Flag("--weight", "ema")
OWN_NETWORK = "The network is that of the run, whatever the flags say."
EPOCH_NOTE = "checkpoints here are named by steps: name another than the best by --checkpoint."
STAGES = {"stem": "stem", **{f"layer{number}": f"stage{number}" for number in (1, 2, 3)}}


def preset_of(system: str, dataset: str, ending: str) -> str:
    """A system's preset of a data set, that of Market-1501 where it has none."""
    preset = f"{system}/{RENAMED.get(dataset, dataset)}{ending}"
    return preset if preset in preset_names() else f"{system}/market1501{ending}"


def evaluation_of(
    invocation: Invocation, accepted: Sequence[Flag], preset_of_flags: PresetOf
) -> list[Translation]:
    """``test_<data set>.py``: figures of the averaged weights, which are the last ones."""
    name = invocation.program.removeprefix(TEST).removesuffix(".py")
    flags = parse(
        (*run_where_trained(accepted), WEIGHT_FLAG), ("--dataset", name, *invocation.arguments)
    )
    source_of(flags)
    preset = preset_of_flags(flags)
    system = preset.partition("/")[0]
    arguments = ["evaluate", "last", "--lines", system]
    notes = [*flags.notes, NEWEST, OWN_NETWORK]
    if flags["--weight"] == WEIGHT_FLAG.default:
        arguments += ["--checkpoint", "last"]
    else:
        arguments += ["--weights", "raw"]
        notes.append(f"--weight {flags['--weight']}: {EPOCH_NOTE}")
    return [
        action_translation(
            "evaluate", arguments, notes, preset, _evaluation_settings(flags, invocation)
        )
    ]


def _evaluation_settings(flags: FlagValues, invocation: Invocation) -> Settings:
    """What a test changes of the run's own evaluation and input, and where its images are."""
    settings = {
        path: flags[flag]
        for flag, path in (
            ("--img-height", "data.height"),
            ("--img-width", "data.width"),
            ("--batch-size", "evaluation.batch_size"),
        )
        if flag in flags.written
    }
    root = placement(flags, invocation).get("data.root")
    return ({"data.root": root} if root else {}) | settings


def run_where_trained(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """The flags as programs read them that do not train: they run where the run did."""
    return tuple(
        replace(flag, unused=OWN_DEVICE) if flag.name == "--gpus" else flag for flag in flags
    )


def source_of(flags: FlagValues) -> Source:
    """The data set of a command. Raises RecipeError for a name the program does not know."""
    name = flags["--dataset"]
    if name not in SOURCES:
        cure = did_you_mean(name, SOURCES) or f" Use one of {listed(list(SOURCES))}."
        raise RecipeError(f"--dataset {name}: is no data set of this program.{cure}")
    return SOURCES[name]


def common_settings(flags: FlagValues) -> Settings:
    """What the flags that both systems have mean here; losses and heads are each system's own."""
    return _data(flags) | _training(flags)


def placement(flags: FlagValues, invocation: Invocation) -> Settings:
    """Where the data are and which devices are used, as the command says; the rest is left open."""
    settings: Settings = {}
    if root := flags["--dataset-root"]:
        settings["data.root"] = f"{root.rstrip('/')}/{source_of(flags).folder}"
    named = devices_of("--gpus ", flags["--gpus"])
    return settings | (named or invocation.devices)


def _data(flags: FlagValues) -> Settings:
    source = source_of(flags)
    size, images = flags["--batch-size"], flags["--instance-num"]
    if images < 2 or size % images:
        raise RecipeError(
            f"--batch-size {size}: is not a multiple of --instance-num {images}, of which each"
            " identity of a batch has that many images. Use a multiple."
        )
    erasing = flags["--erasing"]
    preparation = {
        f"data.transforms.{name}": value for name, value in PREPARATIONS[source.preparation].items()
    }
    colour = {
        f"data.transforms.colour.{name}": source.colour.get(name, 0.0)
        for name in ("brightness", "contrast")
    }
    aerial = source.preparation == "aerial"
    return {
        **source.settings,
        "data.height": flags["--img-height"],
        "data.width": flags["--img-width"],
        "data.loader.workers": flags["--num-workers"],
        "data.sampler.identities": size // images,
        "data.sampler.images": images,
        "data.sampler.first_group": "satellite" if aerial else None,
        "data.transforms.erasing.probability": 0.5 if erasing else 0.0,
        "data.transforms.erasing.max_area": erasing or 0.02,
        "evaluation.ranks": list(source.ranks),
        **preparation,
        **colour,
    }


def _training(flags: FlagValues) -> Settings:
    if len(flags["--epochs"]) != 2:
        raise RecipeError("--epochs: is two numbers, warm-up and horizon, such as 5,75.")
    warmup, horizon = flags["--epochs"]
    ratio = flags["--ema-ratio"]
    # The smallest share above a whole epoch counts as that epoch, whatever its last bits are.
    stop = int(horizon * ratio + 1e-9)
    averaging: Settings = {"training.averaging.kind": "none"}
    if ratio < 1:
        averaging = {"training.averaging.kind": "uniform", "training.averaging.first_epoch": stop}
    return {
        "training.length.count": horizon + flags["--ema-extra"],
        "training.optimizer.learning_rate": flags["--lr"],
        "training.schedule.horizon": horizon,
        "training.schedule.hold_from": ratio,
        "training.schedule.warmup.count": warmup,
        "training.precision": "auto" if flags["--amp"] else "fp32",
        "training.seed": flags["--seed"],
        **_frozen_groups(flags["--freeze"]),
        **averaging,
    }


def _frozen_groups(text: str) -> Settings:
    parts = [part for part in text.split(",") if part]
    if unknown := [part for part in parts if part not in STAGES]:
        raise RecipeError(f"--freeze {unknown[0]}: is no part. Use {listed(list(STAGES))}.")
    return {
        f"training.parameter_groups.{name}": (
            {"pattern": f"trunk.{name}.*", "frozen": True} if part in parts else None
        )
        for part, name in STAGES.items()
    }


def triplet(flags: FlagValues, pattern: str | None) -> Settings:
    """The triplet term over outputs that match ``pattern``; none where its weight is 0."""
    if pattern is None or not flags["--triplet-weight"]:
        return {"losses.triplet": None}
    return {
        "losses.triplet.branches": [pattern],
        "losses.triplet.weight": flags["--triplet-weight"],
        "losses.triplet.normalise": flags["--norm"],
    }
