"""Losses and miners of the package pytorch-metric-learning, by name.

Arguments are texts ``name=value``; a value is a number, true, false, a list, a word where the class
takes words (``type_of_triplets=semihard``), or the name of one of the package's distances, reducers
or regularizers with its own arguments in brackets, e.g. ``distance=LpDistance(p=1)``.
"""

import inspect
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F
from jaxtyping import Float, Int
from pytorch_metric_learning import distances, losses, miners, reducers, regularizers
from torch import Tensor, nn

from workbench.errors import RecipeError
from workbench.losses.terms import Labels, Scalar, Sizes, TermValues, Vectors, VectorTerm
from workbench.model.outputs import BranchOutput
from workbench.recipe.refusals import did_you_mean
from workbench.recipe.settings.losses import LOSSES, MetricLearning
from workbench.recipe.yaml_text import load_yaml

_OBJECT = re.compile(r"(?P<name>[A-Za-z]\w*)(\((?P<arguments>.*)\))?", re.DOTALL)
_HELPERS = (distances, reducers, regularizers)
_VECTOR_LENGTH = ("embedding_size", "descriptors_dim")
_WORDS = {
    "type_of_triplets": ("all", "hard", "semihard", "easy"),
    "triplets_per_anchor": ("all",),
}
"""Words of arguments that the package itself does not look at before it uses them."""


@LOSSES.implements(MetricLearning)
class MetricLearningTerm(VectorTerm[MetricLearning]):
    """A loss of the package for each vector, with the weights it trains.

    Raises RecipeError, on construction, for arguments its class does not take.
    """

    def __init__(
        self, loss: MetricLearning, name: str, outputs: list[str], sizes: Sizes | None
    ) -> None:
        super().__init__(loss, name, outputs, sizes)
        path = f"losses.{name}"
        if sizes is None:
            raise RecipeError(f"{path}: the sizes of the network are not known here.", path)
        widths = [sizes.widths[output][loss.reads] for output in self.outputs]
        self.own = nn.ModuleList(
            PackageLoss(loss, path, sizes.classes, width)
            for width in ([sum(widths)] if loss.join else widths)
        )

    def value(self, vectors: Vectors, labels: Labels) -> Scalar:
        """By the first of its losses."""
        return self._scaled(self.own[0](vectors, labels), labels)

    def values(self, outputs: Mapping[str, BranchOutput], labels: Labels) -> TermValues:
        """Each vector by the loss that belongs to it."""
        pairs = zip(self.own, self.vectors(outputs), strict=True)
        return TermValues([self._scaled(own(vectors, labels), labels) for own, vectors in pairs])

    def _scaled(self, value: Scalar, labels: Labels) -> Scalar:
        return value / len(labels) if self.loss.per_image else value


class PackageLoss(nn.Module):
    """A loss of the package, with its miner, over vectors of one output.

    Args:
        settings: the term.
        path: of the term in the recipe, for refusals.
        classes: training identities, for losses that hold class weights.
        width: length of the vectors, likewise.

    Raises:
        RecipeError: for an argument the class does not have or does not take.
    """

    def __init__(self, settings: MetricLearning, path: str, classes: int, width: int) -> None:
        super().__init__()
        self.normalise = settings.normalise
        arguments = _arguments(settings.arguments, f"{path}.arguments")
        known = {"num_classes": classes, **dict.fromkeys(_VECTOR_LENGTH, width)}
        self.loss: nn.Module = _make(losses, settings.name, arguments, f"{path}.arguments", known)
        self.miner: nn.Module | None = None
        if settings.miner is not None:
            place = f"{path}.miner_arguments"
            self.miner = _make(
                miners, settings.miner, _arguments(settings.miner_arguments, place), place, {}
            )

    def forward(
        self, vectors: Float[Tensor, "batch dim"], labels: Int[Tensor, "batch"]
    ) -> Float[Tensor, ""]:
        """The loss of one batch."""
        vectors = F.normalize(vectors, dim=1) if self.normalise else vectors
        chosen = None if self.miner is None else self.miner(vectors, labels)
        value = self.loss(vectors, labels, chosen)
        # Some losses of the package give one number per image here, others a list of one.
        return value.mean()


def _make(
    package: Any,  # noqa: ANN401  (a module of the package)
    name: str,
    arguments: Mapping[str, Any],
    path: str,
    known: Mapping[str, Any],
) -> nn.Module:
    kind = getattr(package, name)
    defaults = _defaults(kind)
    accepted = list(defaults)
    if wrong := [word for word in arguments if word not in accepted]:
        raise RecipeError(
            f"{path}: '{wrong[0]}' is no argument of {name}, which takes {', '.join(accepted)}."
            f"{did_you_mean(wrong[0], accepted)}",
            path,
        )
    for word, value in arguments.items():
        if isinstance(value, str):
            _require_word(f"{path}: {word} of {name}", word, value, defaults[word], path)
    filled = {word: value for word, value in known.items() if word in accepted}
    try:
        with warnings.catch_warnings():
            # The package calls numpy in ways that numpy is about to give up.
            warnings.simplefilter("ignore", DeprecationWarning)
            return kind(**{**filled, **arguments})
    except (TypeError, ValueError, AssertionError, KeyError, NotImplementedError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RecipeError(
            f"{path}: {name} refuses these arguments ({reason}). It takes {', '.join(accepted)}.",
            path,
        ) from error


def argument_names(kind: type) -> list[str]:
    """Arguments of a class and of the bases it hands further ones to, in order."""
    return list(_defaults(kind))


def _defaults(kind: type) -> dict[str, Any]:
    """The default of each argument; one that has to be given has the empty mark of ``inspect``."""
    defaults: dict[str, Any] = {}
    for base in kind.__mro__:
        if "__init__" not in vars(base) or base is nn.Module:
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        named = [p for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        defaults |= {p.name: p.default for p in named if p.name not in (*defaults, "self")}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return defaults


def _arguments(texts: Sequence[str], path: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name.isidentifier() and sign and value):
            raise RecipeError(f"{path}: '{text}' is not of the form name=value.", path)
        arguments[name] = _value(value, path)
    return arguments


def _value(text: str, path: str) -> Any:  # noqa: ANN401  (whatever the class takes)
    match = _OBJECT.fullmatch(text)
    if match and (package := _package_of(match["name"])):
        inner = [part for part in (match["arguments"] or "").split(",") if part.strip()]
        return _make(package, match["name"], _arguments(inner, path), path, {})
    return _plain(text)


def _require_word(where: str, argument: str, value: str, default: object, path: str) -> None:
    """Refuse a word that an argument does not take: only those do that hold one by default."""
    known = _WORDS.get(argument)
    if known and value not in known:
        raise RecipeError(
            f"{where}: '{value}' is none of {', '.join(known)}.{did_you_mean(value, known)}", path
        )
    if not isinstance(default, str):
        names = [name for package in _HELPERS for name in dir(package) if name[0].isupper()]
        raise RecipeError(
            f"{where}: '{value}' is neither a number, true, false, a list, nor a distance, reducer"
            f" or regularizer of the package.{did_you_mean(value, names)}",
            path,
        )


def _plain(text: str) -> Any:  # noqa: ANN401  (a number, truth value, list or word)
    try:
        # YAML reads 1e-3 as a text.
        return float(text) if not text.lstrip("+-").isdigit() else int(text)
    except ValueError:
        pass
    try:
        value = load_yaml(text)
    except RecipeError:
        return text
    # What is no number, truth value or list is a word, such as a date or nothing.
    return value if isinstance(value, bool | list) else str(value)


def _package_of(name: str) -> Any:  # noqa: ANN401  (a module of the package)
    return next(
        (package for package in _HELPERS if hasattr(package, name) and name[0].isupper()), None
    )
