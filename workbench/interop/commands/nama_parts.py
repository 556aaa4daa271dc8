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
FUNCTION = f"{CERTAINTY}.function"
GROUPS = "training.parameter_groups"
DECAY = "training.optimizer.weight_decay"
IDENTITY, PAIRS, LENGTH = "losses.identity", "losses.pairs", "losses.length"

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
_FIRST_READ = {f"{PAIRS}.reads": "reduced", f"{LENGTH}.reads": "reduced"}
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
    {LENGTH: None}, _unread("SOLVER.NORM_LU", "SOLVER.REG_TYPE", "SOLVER.MAG_G")
)
_TRIPLET = _PLAIN | Losses(
    {f"{PAIRS}.kind": "batch_hard_triplet", f"{PAIRS}.reads": "embedding"}, _unread("SOLVER.S")
)
_MARGIN = Losses(
    {f"{IDENTITY}.certainty": False, f"{IDENTITY}.positive": True},
    {"SOLVER.MARGIN": Key(float, sets(f"{IDENTITY}.margin"))},
)
METRICS = {
    "uc-tri-n": Losses(),
    "uc-tri-hard": Losses({f"{PAIRS}.mining": "hardest"}),
    "uc-tri-dpn": Losses({f"{PAIRS}.partner_learns": False}),
    "uc-atri-n": Losses({f"{PAIRS}.distance": "chord"}),
    "uc-pair-n": Losses({f"{PAIRS}.distance": "angle"}),
    "cosface": _PLAIN | Losses({f"{PAIRS}.distance": "cosine", f"{PAIRS}.shift": "none"}),
    "tri": _TRIPLET | Losses({f"{PAIRS}.normalise": False}),
    "tri-n": _TRIPLET | Losses({f"{PAIRS}.normalise": True}),
    "none": _PLAIN
    | Losses({PAIRS: None}, _unread("SOLVER.S", "SOLVER.MARGIN", "SOLVER.TRI_LOSS_WEIGHT")),
}
"""Of the architecture with pairs. What has no certainty and no push on lengths goes without."""
CLASSES = {
    "uc_tri": {
        "softmax": Losses(),
        "ce": Losses({f"{IDENTITY}.smoothing": 0.0}),
        "n-softmax": Losses(
            {f"{IDENTITY}.kind": "margin_cross_entropy", f"{IDENTITY}.similarity": "cosine"},
            {"SOLVER.CS": Key(float, sets(f"{IDENTITY}.scale"))},
        ),
    },
    "uc_cls": {
        "uc-cls": Losses(),
        "ucx-cls": _UNSHIFTED | Losses({f"{IDENTITY}.certainty": False}),
        "cosface": _PLAIN | _MARGIN | Losses({f"{IDENTITY}.similarity": "cosine"}),
        "arcface": _PLAIN | _MARGIN | Losses({f"{IDENTITY}.similarity": "cosine_of_angle"}),
    },
}
FORMS = {"exp": "exponential", "quad": "quadratic", "log": "logarithm", "arc": "reciprocal"}
METRIC, CLASS = "MODEL.METRIC_LOSS_TYPE", "MODEL.CLS_LOSS_TYPE"


def function(text: str) -> Settings:
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
            f"{FUNCTION}.kind": "hinges",
            f"{FUNCTION}.count": HINGES if count is None else count,
        }
    odd = TERMS if count is None else (count + 1) // 2
    both = 2 * (TERMS if count is None else count + 1)
    return settings | {
        f"{FUNCTION}.kind": {"tlr": "powers", "lgd": "legendre"}[kind],
        f"{FUNCTION}.terms": both if even else odd,
        f"{FUNCTION}.even": even,
    }


def push(text: str) -> Settings:
    """The push on lengths: ``exp_3``, ``quad``, ``log`` or ``arc``. Raises KeyError for others."""
    word, _, rate = text.partition("_")
    settings: Settings = {f"{LENGTH}.form": FORMS[word]}
    return settings | ({f"{LENGTH}.rate": float(rate or 3)} if word == "exp" else {})


def network(given: Mapping[str, Any], system: str) -> Settings:
    """Trunk and neck. Raises RecipeError for those that are not built here."""
    name = str(given.get("MODEL.NAME", "resnet50"))
    if name not in RESNETS[system]:
        raise RecipeError(
            f"MODEL.NAME {name}: with this architecture only {listed(RESNETS[system])} is built"
            " here; for others set model.backbone.name of a preset."
        )
    trunk = {"model.backbone.name": name, "model.weights.name": f"{name}.tv_in1k"}
    return trunk | _chosen(neck_of(given, system), NECKS[system], "MODEL.NECK")


def neck_of(given: Mapping[str, Any], system: str) -> str:
    """The name of the neck; in a file its ``no`` is read as false."""
    neck = given.get("MODEL.NECK", next(iter(NECKS[system])))
    return "no" if neck is False else str(neck)


def losses(given: Mapping[str, Any], system: str) -> tuple[Losses, list[str]]:
    """Both losses, and a note where one is given that has no effect.

    Raises RecipeError for those that are not built here.
    """
    classes = str(given.get(CLASS, next(iter(CLASSES[system]))))
    metric = str(given.get(METRIC, "uc-tri-n" if system == "uc_tri" else "none"))
    found = _chosen(classes, CLASSES[system], CLASS)
    if classes == "n-softmax" and neck_of(given, system) != "norm":
        raise RecipeError(f"{CLASS} {classes}: only with MODEL.NECK norm is it built here.")
    if system == "uc_tri":
        return found | _chosen(metric, METRICS, METRIC), []
    unused = "classification alone is trained with this architecture."
    return found, [f"{METRIC} {metric}: {unused}"] if metric != "none" else []


def resolved(settings: Settings, system: str, network: Settings, losses: Losses) -> Settings:
    """All settings of a training, from those of its keys, its network and its losses."""
    chosen = losses.settings | network  # which vector is read depends on the neck
    removed = tuple(path for path, value in chosen.items() if value is None)
    found = {
        path: value
        for path, value in (settings | chosen).items()
        if path in removed or not belongs(path, removed)
    }
    if system == "uc_tri" and LENGTH not in removed:
        # The push on lengths is inside the term that is weighted.
        both = [found.get(f"{term}.weight", 1.0) for term in (LENGTH, PAIRS)]
        found[f"{LENGTH}.weight"] = both[0] * both[1]
    if found.get(f"{PAIRS}.kind") == "batch_hard_triplet":
        found = {f"{PAIRS}.margin": MARGIN} | found
    if found.get(f"{PAIRS}.distance") == "cosine":
        # Theirs is not divided by its scale.
        scale, weight = found.get(f"{PAIRS}.scale", SCALE), found.get(f"{PAIRS}.weight", 1.0)
        found[f"{PAIRS}.weight"] = scale * weight
    return _decays(found, system)


def _decays(settings: Settings, system: str) -> Settings:
    """Settings whose groups are only those that are treated otherwise than all parameters."""
    neck, offsets = f"{GROUPS}.neck", f"{GROUPS}.offsets"
    given = (f"{neck}.weight_decay", f"{offsets}.weight_decay")
    rate = f"{offsets}.learning_rate_multiplier"
    found = {path: value for path, value in settings.items() if path not in (*given, rate)}
    decay = settings.get(DECAY, 5e-4)
    of_neck = settings.get(given[0], DECAYS[system])
    of_offsets, factor = settings.get(given[1], 5e-4), settings.get(rate, 1.0)
    if system == "uc_cls" or of_neck != decay:
        found |= {f"{neck}.pattern": "branches.*", given[0]: of_neck}
    if (of_offsets, factor) != (decay, 1.0):
        found |= {f"{offsets}.pattern": "*.bias", given[1]: of_offsets, rate: factor}
    return found


def _chosen(name: str, known: Mapping[str, Choice], key: str) -> Choice:
    if name not in known:
        raise RecipeError(
            f"{key} {name}: is not built here with this architecture.{did_you_mean(name, known)}"
            f" Use {listed(list(known))}."
        )
    return known[name]
