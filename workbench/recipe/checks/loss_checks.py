"""What no single loss can see: outputs, classifiers, certainty and samplers it needs.

Every problem is a sentence that opens with the dotted path it blames.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from workbench.recipe.settings.losses import (
    BatchHardTriplet,
    CrossEntropy,
    LengthRegulariser,
    Loss,
    MarginCrossEntropy,
    OrderedCrossEntropy,
    PairMargin,
)
from workbench.recipe.settings.model import Branch
from workbench.recipe.settings.outputs import output_names, outputs_of, select
from workbench.recipe.settings.samplers import IdentityBatches

if TYPE_CHECKING:
    from workbench.recipe.schema import Recipe


def loss_problems(recipe: "Recipe") -> list[str]:
    """Everything that is impossible about the losses of a recipe."""
    problems: list[str] = []
    if not any(loss.weight for loss in recipe.losses.values()):
        problems.append("losses: every weight is 0. Give one loss a weight.")
    names = output_names(recipe.model)
    for key, loss in recipe.losses.items():
        path = f"losses.{key}"
        chosen = select(loss.branches, names)
        if not chosen:
            problems.append(
                f"{path}.branches = {loss.branches}: no output matches. Outputs are"
                f" {', '.join(names)}."
            )
        problems += _missing_parts(path, loss, chosen, recipe)
        problems += _impossible_settings(path, loss)
        if isinstance(loss, BatchHardTriplet) and not isinstance(
            recipe.data.sampler, IdentityBatches
        ):
            problems.append(
                f"{path}.kind = {loss.kind}: needs several images of an identity in a batch."
                " Set data.sampler.kind = identity_batches."
            )
    return problems


def _missing_parts(path: str, loss: Loss, chosen: list[str], recipe: "Recipe") -> Iterator[str]:
    """What the branches of the chosen outputs lack: a classifier, a cosine one, certainty."""
    if isinstance(loss, CrossEntropy | OrderedCrossEntropy | MarginCrossEntropy):
        if bare := _without(recipe, chosen, lambda branch: branch.classifier is not None):
            yield (
                f"{path}.branches: {bare} has no classifier. Give the branch one, or leave it out."
            )
        elif isinstance(loss, MarginCrossEntropy) and (
            plain := _without(recipe, chosen, _has_cosines)
        ):
            yield (
                f"{path}.kind = {loss.kind}: the classifier of {plain} gives no cosines. Set its"
                " branch's classifier.cosine = true."
            )
    if _reads_certainty(loss) and (
        bare := _without(recipe, chosen, lambda branch: branch.certainty is not None)
    ):
        yield (
            f"{path}.branches: {bare} has no certainty, which the loss shifts its margin by. Set"
            " the branch's certainty, or leave it out."
        )


def _impossible_settings(path: str, loss: Loss) -> Iterator[str]:
    if isinstance(loss, PairMargin):
        if not loss.normalise and loss.distance != "euclidean":
            yield (
                f"{path}.distance = {loss.distance}: needs vectors of length 1. Set normalise ="
                " true, or distance = euclidean."
            )
        if loss.length_low >= loss.length_high:
            yield _crossed(f"{path}.length_low", loss.length_low, "length_high", loss.length_high)
    if isinstance(loss, LengthRegulariser) and loss.low >= loss.high:
        yield _crossed(f"{path}.low", loss.low, "high", loss.high)
    if (
        isinstance(loss, LengthRegulariser)
        and loss.low == 0
        and loss.form
        in (
            "logarithm",
            "reciprocal",
        )
    ):
        yield f"{path}.low = 0: the form {loss.form} needs a length above 0. Use 10."
    if (
        isinstance(loss, MarginCrossEntropy)
        and loss.certainty
        and loss.similarity
        in (
            "circle",
            "projection",
        )
    ):
        yield (
            f"{path}.similarity = {loss.similarity}: has no place for certainty. Use angle,"
            " cosine or cosine_of_angle, or set certainty = false."
        )


def _crossed(path: str, low: float, other: str, high: float) -> str:
    return f"{path} = {low:g}: not smaller than {other} = {high:g}. Exchange them."


def _has_cosines(branch: Branch) -> bool:
    return branch.classifier is not None and branch.classifier.cosine


def _reads_certainty(loss: Loss) -> bool:
    by_pairs = isinstance(loss, PairMargin) and loss.shift == "certainty"
    return by_pairs or (isinstance(loss, MarginCrossEntropy) and loss.certainty)


def _without(recipe: "Recipe", chosen: list[str], has: Callable[[Branch], bool]) -> str:
    """Those of the chosen outputs whose branch lacks something, as words."""
    lacking = [
        output
        for name, branch in recipe.model.branches.items()
        if not has(branch)
        for output in outputs_of(name, branch)
        if output in chosen
    ]
    return ", ".join(sorted(lacking))
