"""What no single loss can see: outputs, classifiers, certainty and samplers it needs."""

from collections.abc import Callable, Iterator, Mapping

from workbench.recipe.settings.base import Problem
from workbench.recipe.settings.losses import Loss
from workbench.recipe.settings.model import Branch, Model
from workbench.recipe.settings.outputs import output_names, outputs_of, select
from workbench.recipe.settings.samplers import Sampler


def loss_problems(losses: Mapping[str, Loss], model: Model, sampler: Sampler) -> list[Problem]:
    """Everything that is impossible about the losses of a recipe."""
    problems: list[Problem] = []
    if not any(loss.weight for loss in losses.values()):
        problems.append(Problem("losses", "every weight is 0", "Give one loss a weight."))
    names = output_names(model)
    for key, loss in losses.items():
        path = f"losses.{key}"
        outputs = select(loss.branches, names)
        if not outputs:
            listing, patterns = f"Outputs are {', '.join(names)}.", str(loss.branches)
            problems.append(Problem(f"{path}.branches", "no output matches", listing, patterns))
        problems += _missing_parts(path, loss, outputs, model)
        problems += loss.problems(path)
        if loss.compares_images and not sampler.repeats_identities:
            problems.append(
                Problem(
                    f"{path}.kind",
                    "needs several images of an identity in a batch",
                    "Set data.sampler.kind = identity_batches.",
                    loss.kind,
                )
            )
    return problems


def _missing_parts(path: str, loss: Loss, outputs: list[str], model: Model) -> Iterator[Problem]:
    """What the branches of the outputs it reads lack: a classifier, a cosine one, certainty."""
    if loss.classifies:
        if bare := _without(model, outputs, lambda branch: branch.classifier is not None):
            yield Problem(
                f"{path}.branches",
                f"{bare} has no classifier",
                "Give the branch one, or leave it out.",
            )
        elif loss.needs_cosines and (plain := _without(model, outputs, _has_cosines)):
            yield Problem(
                f"{path}.kind",
                f"the classifier of {plain} gives no cosines",
                "Set its branch's classifier.cosine = true.",
                loss.kind,
            )
    if loss.reads_certainty and (
        bare := _without(model, outputs, lambda branch: branch.certainty is not None)
    ):
        yield Problem(
            f"{path}.branches",
            f"{bare} has no certainty, which the loss shifts its margin by",
            "Set the branch's certainty, or leave it out.",
        )


def _has_cosines(branch: Branch) -> bool:
    return branch.classifier is not None and branch.classifier.cosine


def _without(model: Model, outputs: list[str], has: Callable[[Branch], bool]) -> str:
    """Those of the outputs whose branch lacks something, as text."""
    lacking = [
        output
        for name, branch in model.branches.items()
        if not has(branch)
        for output in outputs_of(name, branch)
        if output in outputs
    ]
    return ", ".join(sorted(lacking))
