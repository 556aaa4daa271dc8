"""What NAMA's commands call the parts of a network, its losses and its decays, as settings here.

Source: the published code, github.com/huangzongheng/NAMA.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from workbench.errors import RecipeError
from workbench.interop.commands.keyed import Key, Settings, sets
from workbench.recipe.compare import belongs
from workbench.recipe.refusals import did_you_mean, listed

Choice = TypeVar("Choice")
WHOLE = "model.branches.whole"
CERTAINTY, NECK = f"{WHOLE}.certainty", f"{WHOLE}.neck"
SHIFT_FUNCTION = f"{CERTAINTY}.function"
GROUPS = "training.parameter_groups"
DECAY = "training.optimizer.weight_decay"
IDENTITY_TERM, PAIR_TERM, NORM_TERM = "losses.identity", "losses.pairs", "losses.length"

HINGES, TERMS = 32, 5
"""Of a function whose name ends in no number."""
MARGIN, SCALE = 0.2, 32.0
"""Of the pairs, where a command says none."""
DECAYS = {"uc_tri": 5e-4, "uc_cls": 0.0}
"""Of neck and classifier, where a command says none; of everything else it is 5e-4."""

RESNETS = {
    "uc_tri": ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    # Its neck and its classifier are written for 2048 channels.
    "uc_cls": ("resnet50", "resnet101", "resnet152"),
}
# A norm of its own before the classifier; the one right after pooling is then the neck's first.
_SECOND_NORM = {
    f"{NECK}.norm.bias": "frozen",
    f"{CERTAINTY}.reads": "reduced",
    f"{GROUPS}.norm.pattern": "branches.*neck.norm.*",
}
_FIRST_READ = {f"{PAIR_TERM}.reads": "reduced", f"{NORM_TERM}.reads": "reduced"}
NECKS: dict[str, dict[str, Settings]] = {
    "uc_tri": {
        "no": {},
        "bnneck": _SECOND_NORM | _FIRST_READ,
        "no-bn": _SECOND_NORM,
        "norm": {f"{WHOLE}.classifier.cosine": True},
    },
    "uc_cls": {"bnneck": {}, "no": {f"{NECK}.bnneck": None}},
}


@dataclass(frozen=True)
class Losses:
    """What a choice of losses changes.

    Attributes:
        settings: Of the preset.
        keys: Those of the command that mean something else with these losses, or nothing.
    """

    settings: Settings = field(default_factory=dict[str, Any])
    keys: dict[str, Key] = field(default_factory=dict[str, Key])

    def __or__(self, other: "Losses") -> "Losses":
        return Losses(self.settings | other.settings, self.keys | other.keys)


def _unread(*names: str) -> dict[str, Key]:
    return dict.fromkeys(names, Key(lambda value: value, unused="these losses do not read it."))


_UNSHIFTED = Losses(
    {CERTAINTY: None, f"{GROUPS}.certainty": None},
    _unread("MODEL.F_BASE", "SOLVER.WEIGHT_DECAY_POLY"),
)
_PLAIN = _UNSHIFTED | Losses(
    {NORM_TERM: None}, _unread("SOLVER.NORM_LU", "SOLVER.REG_TYPE", "SOLVER.MAG_G")
)
_TRIPLET = _PLAIN | Losses(
    {f"{PAIR_TERM}.kind": "batch_hard_triplet", f"{PAIR_TERM}.reads": "embedding"},
    _unread("SOLVER.S"),
)
_MARGIN = Losses(
    {f"{IDENTITY_TERM}.certainty": False, f"{IDENTITY_TERM}.positive": True},
    {"SOLVER.MARGIN": Key(float, sets(f"{IDENTITY_TERM}.margin"))},
)
METRIC_LOSSES = {
    "uc-tri-n": Losses(),
    "uc-tri-hard": Losses({f"{PAIR_TERM}.mining": "hardest"}),
    "uc-tri-dpn": Losses({f"{PAIR_TERM}.partner_learns": False}),
    "uc-atri-n": Losses({f"{PAIR_TERM}.distance": "chord"}),
    "uc-pair-n": Losses({f"{PAIR_TERM}.distance": "angle"}),
    "cosface": _PLAIN | Losses({f"{PAIR_TERM}.distance": "cosine", f"{PAIR_TERM}.shift": "none"}),
    "tri": _TRIPLET | Losses({f"{PAIR_TERM}.normalise": False}),
    "tri-n": _TRIPLET | Losses({f"{PAIR_TERM}.normalise": True}),
    "none": _PLAIN
    | Losses({PAIR_TERM: None}, _unread("SOLVER.S", "SOLVER.MARGIN", "SOLVER.TRI_LOSS_WEIGHT")),
}
"""Of the architecture with pairs. What has no certainty and no push on lengths goes without."""
CLASS_LOSSES = {
    "uc_tri": {
        "softmax": Losses(),
        "ce": Losses({f"{IDENTITY_TERM}.smoothing": 0.0}),
        "n-softmax": Losses(
            {
                f"{IDENTITY_TERM}.kind": "margin_cross_entropy",
                f"{IDENTITY_TERM}.similarity": "cosine",
            },
            {"SOLVER.CS": Key(float, sets(f"{IDENTITY_TERM}.scale"))},
        ),
    },
    "uc_cls": {
        "uc-cls": Losses(),
        "ucx-cls": _UNSHIFTED | Losses({f"{IDENTITY_TERM}.certainty": False}),
        "cosface": _PLAIN | _MARGIN | Losses({f"{IDENTITY_TERM}.similarity": "cosine"}),
        "arcface": _PLAIN | _MARGIN | Losses({f"{IDENTITY_TERM}.similarity": "cosine_of_angle"}),
    },
}
PENALTY_FORMS = {"exp": "exponential", "quad": "quadratic", "log": "logarithm", "arc": "reciprocal"}
METRIC_KEY, CLASS_KEY = "MODEL.METRIC_LOSS_TYPE", "MODEL.CLS_LOSS_TYPE"


def shift_function(text: str) -> Settings:
    """From length to shift: ``nn_128`` is hinges, ``tlr_9`` powers, ``lgd_9`` Legendre polynomials.

    These two have the odd terms up to the number; with ``all`` in the name, even ones too, twice as
    many as the number and one. ``log`` before the name takes the logarithm first. A number that
    cannot be read is 32 hinges, 5 or 10 terms. Raises KeyError for other names.
    """
    word, _, _ = text.partition("_")
    last = text.rpartition("_")[2]
    count = int(last) if last.isdecimal() else None
    settings: Settings = {f"{CERTAINTY}.logarithm": "log" in word}
    kind, even = word.replace("log", ""), "all" in text
    if kind == "nn" and not even:
        return settings | {
            f"{SHIFT_FUNCTION}.kind": "hinges",
            f"{SHIFT_FUNCTION}.count": HINGES if count is None else count,
        }
    odd = TERMS if count is None else (count + 1) // 2
    both = 2 * (TERMS if count is None else count + 1)
    return settings | {
        f"{SHIFT_FUNCTION}.kind": {"tlr": "powers", "lgd": "legendre"}[kind],
        f"{SHIFT_FUNCTION}.terms": both if even else odd,
        f"{SHIFT_FUNCTION}.even": even,
    }


def norm_penalty(text: str) -> Settings:
    """The push on lengths: ``exp_3``, ``quad``, ``log`` or ``arc``. Raises KeyError for others."""
    word, _, rate = text.partition("_")
    settings: Settings = {f"{NORM_TERM}.form": PENALTY_FORMS[word]}
    return settings | ({f"{NORM_TERM}.rate": float(rate or 3)} if word == "exp" else {})


def network(keys: Mapping[str, Any], system: str) -> Settings:
    """Trunk and neck. Raises RecipeError for those that are not built here."""
    name = str(keys.get("MODEL.NAME", "resnet50"))
    if name not in RESNETS[system]:
        raise RecipeError(
            f"MODEL.NAME {name}: with this architecture only {listed(RESNETS[system])} is built"
            " here; for others set model.backbone.name of a preset."
        )
    trunk = {"model.backbone.name": name, "model.weights.name": f"{name}.tv_in1k"}
    return trunk | _chosen(neck_of(keys, system), NECKS[system], "MODEL.NECK")


def neck_of(keys: Mapping[str, Any], system: str) -> str:
    """The name of the neck; in a file its ``no`` is read as false."""
    neck = keys.get("MODEL.NECK", next(iter(NECKS[system])))
    return "no" if neck is False else str(neck)


def losses(keys: Mapping[str, Any], system: str) -> tuple[Losses, list[str]]:
    """Both losses, and a note where one is given that has no effect.

    Raises RecipeError for those that are not built here.
    """
    classes = str(keys.get(CLASS_KEY, next(iter(CLASS_LOSSES[system]))))
    metric = str(keys.get(METRIC_KEY, "uc-tri-n" if system == "uc_tri" else "none"))
    class_losses = _chosen(classes, CLASS_LOSSES[system], CLASS_KEY)
    if classes == "n-softmax" and neck_of(keys, system) != "norm":
        raise RecipeError(f"{CLASS_KEY} {classes}: only with MODEL.NECK norm is it built here.")
    if system == "uc_tri":
        return class_losses | _chosen(metric, METRIC_LOSSES, METRIC_KEY), []
    unused = "classification alone is trained with this architecture."
    return class_losses, [f"{METRIC_KEY} {metric}: {unused}"] if metric != "none" else []


def resolved(settings: Settings, system: str, network: Settings, losses: Losses) -> Settings:
    """All settings of a training, from those of its keys, its network and its losses."""
    chosen = losses.settings | network  # which vector is read depends on the neck
    removed = tuple(path for path, value in chosen.items() if value is None)
    merged = {
        path: value
        for path, value in (settings | chosen).items()
        if path in removed or not belongs(path, removed)
    }
    if system == "uc_tri" and NORM_TERM not in removed:
        # The push on lengths is inside the term that is weighted.
        both = [merged.get(f"{term}.weight", 1.0) for term in (NORM_TERM, PAIR_TERM)]
        merged[f"{NORM_TERM}.weight"] = both[0] * both[1]
    if merged.get(f"{PAIR_TERM}.kind") == "batch_hard_triplet":
        merged = {f"{PAIR_TERM}.margin": MARGIN} | merged
    if merged.get(f"{PAIR_TERM}.distance") == "cosine":
        # Theirs is not divided by its scale.
        scale, weight = (
            merged.get(f"{PAIR_TERM}.scale", SCALE),
            merged.get(f"{PAIR_TERM}.weight", 1.0),
        )
        merged[f"{PAIR_TERM}.weight"] = scale * weight
    return _decays(merged, system)


def _decays(settings: Settings, system: str) -> Settings:
    """Settings whose groups are only those that are treated otherwise than all parameters."""
    neck, biases = f"{GROUPS}.neck", f"{GROUPS}.offsets"
    decay_paths = (f"{neck}.weight_decay", f"{biases}.weight_decay")
    rate_path = f"{biases}.learning_rate_multiplier"
    grouped = {
        path: value for path, value in settings.items() if path not in (*decay_paths, rate_path)
    }
    decay = settings.get(DECAY, 5e-4)
    neck_decay = settings.get(decay_paths[0], DECAYS[system])
    bias_decay, bias_rate = settings.get(decay_paths[1], 5e-4), settings.get(rate_path, 1.0)
    if system == "uc_cls" or neck_decay != decay:
        grouped |= {f"{neck}.pattern": "branches.*", decay_paths[0]: neck_decay}
    if (bias_decay, bias_rate) != (decay, 1.0):
        grouped |= {f"{biases}.pattern": "*.bias", decay_paths[1]: bias_decay, rate_path: bias_rate}
    return grouped


def _chosen(name: str, known: Mapping[str, Choice], key: str) -> Choice:
    if name not in known:
        raise RecipeError(
            f"{key} {name}: is not built here with this architecture.{did_you_mean(name, known)}"
            f" Use {listed(list(known))}."
        )
    return known[name]
