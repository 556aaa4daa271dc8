"""What no single field can see: settings that are fine alone and impossible together."""

from collections.abc import Mapping

from workbench.recipe.checks.data_checks import data_problems
from workbench.recipe.checks.loss_checks import loss_problems
from workbench.recipe.checks.network_checks import network_problems
from workbench.recipe.settings.base import Problem
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.evaluation import Evaluation
from workbench.recipe.settings.losses import Loss
from workbench.recipe.settings.model import Model
from workbench.recipe.settings.outputs import output_names, select


def problems_of(
    data: Data, model: Model, losses: Mapping[str, Loss], evaluation: Evaluation
) -> list[Problem]:
    """Everything that is impossible about a recipe whose fields are each in bounds."""
    problems = data_problems(data)
    problems += _tail_problems(model)
    problems += loss_problems(losses, model, data.sampler)
    problems += _embedding_problems(model, evaluation)
    problems += _certainty_problems(model, evaluation)
    problems += network_problems(model, data.height, data.width)
    # Which map a branch reads is not known before its tail is.
    return problems or _region_problems(model, data.height)


def _tail_problems(model: Model) -> list[Problem]:
    backbone, names = model.backbone, output_names(model)
    tails = len(backbone.tail_strides)
    problems: list[Problem] = []
    if tails > 1 and backbone.split is None:
        problems.append(
            Problem(
                "model.backbone.tail_strides",
                f"{tails} tails need a split point",
                "Set model.backbone.split, or give one stride.",
                str(backbone.tail_strides),
            )
        )
    problems += [
        Problem(
            f"model.branches.{name}.tail",
            f"the backbone has {tails} tail(s), counted from 0",
            f"Use 0 to {tails - 1}, or add an entry to model.backbone.tail_strides.",
            str(branch.tail),
        )
        for name, branch in model.branches.items()
        if branch.tail >= tails
    ]
    problems += [
        Problem(
            "model.branches", f"two branches make an output named '{name}'", "Rename one of them."
        )
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    return problems


def _embedding_problems(model: Model, evaluation: Evaluation) -> list[Problem]:
    names, patterns = output_names(model), evaluation.embedding.branches
    if select(patterns, names):
        return []
    outputs = f"Outputs are {', '.join(names)}."
    return [Problem("evaluation.embedding.branches", "no output matches", outputs, str(patterns))]


def _certainty_problems(model: Model, evaluation: Evaluation) -> list[Problem]:
    path, weight = "evaluation.certainty_weight", evaluation.certainty_weight
    if not weight:
        return []
    problems: list[Problem] = []
    if not any(branch.certainty for branch in model.branches.values()):
        remedy = "Use 0, or give a branch a certainty."
        problems.append(Problem(path, "no branch learns certainty", remedy, str(weight)))
    if evaluation.distance != "cosine":
        remedy = "Use 0, or evaluation.distance = cosine."
        problems.append(Problem(path, "it is taken off angles", remedy, str(weight)))
    return problems


def _region_problems(model: Model, height: int) -> list[Problem]:
    problems: list[Problem] = []
    for name, branch in model.branches.items():
        rows = model.backbone.map_rows(branch.tail, height)
        path = f"model.branches.{name}.regions"
        if rows is not None and (problem := branch.regions.row_problem(path, rows)):
            problems.append(problem)
    return problems
