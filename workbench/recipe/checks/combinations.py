"""What no single field can see: settings that are fine alone and impossible together.

Every problem is a sentence that opens with the dotted path it blames.
"""

from typing import TYPE_CHECKING

from workbench.recipe.checks.data_checks import data_problems
from workbench.recipe.checks.loss_checks import loss_problems
from workbench.recipe.checks.network_checks import network_problems
from workbench.recipe.refusals import listed
from workbench.recipe.settings.geometry import map_rows
from workbench.recipe.settings.model import RowStripes
from workbench.recipe.settings.outputs import output_names, select

if TYPE_CHECKING:
    from workbench.recipe.schema import Recipe


def problems_of(recipe: "Recipe") -> list[str]:
    """Everything that is impossible about a recipe whose fields are each in bounds."""
    checks = (_tail_problems, loss_problems, _embedding_problems, _certainty_problems)
    problems = data_problems(recipe.data)
    problems += [problem for check in checks for problem in check(recipe)]
    problems += network_problems(recipe.model, recipe.data.height, recipe.data.width)
    # Which map a branch reads is not known before its tail is.
    return problems or _stripe_problems(recipe)


def _tail_problems(recipe: "Recipe") -> list[str]:
    backbone, names = recipe.model.backbone, output_names(recipe.model)
    tails = len(backbone.tail_strides)
    problems: list[str] = []
    if tails > 1 and backbone.split is None:
        problems.append(
            f"model.backbone.tail_strides = {backbone.tail_strides}: {tails} tails need a"
            " split point. Set model.backbone.split, or give one stride."
        )
    problems += [
        f"model.branches.{name}.tail = {branch.tail}: the backbone has {tails} tail(s), counted"
        f" from 0. Use 0 to {tails - 1}, or add an entry to model.backbone.tail_strides."
        for name, branch in recipe.model.branches.items()
        if branch.tail >= tails
    ]
    problems += [
        f"model.branches: two branches make an output named '{name}'. Rename one of them."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    return problems


def _embedding_problems(recipe: "Recipe") -> list[str]:
    names, patterns = output_names(recipe.model), recipe.evaluation.embedding.branches
    if select(patterns, names):
        return []
    return [
        f"evaluation.embedding.branches = {patterns}: no output matches. Outputs are"
        f" {', '.join(names)}."
    ]


def _certainty_problems(recipe: "Recipe") -> list[str]:
    evaluation, branches = recipe.evaluation, recipe.model.branches
    if not evaluation.certainty_weight:
        return []
    problems: list[str] = []
    if not any(branch.certainty for branch in branches.values()):
        problems.append(
            f"evaluation.certainty_weight = {evaluation.certainty_weight}: no branch learns"
            " certainty. Use 0, or give a branch a certainty."
        )
    if evaluation.distance != "cosine":
        problems.append(
            f"evaluation.certainty_weight = {evaluation.certainty_weight}: it is taken off angles."
            " Use 0, or evaluation.distance = cosine."
        )
    return problems


def _stripe_problems(recipe: "Recipe") -> list[str]:
    problems: list[str] = []
    for name, branch in recipe.model.branches.items():
        rows = map_rows(recipe.model.backbone, branch.tail, recipe.data.height)
        regions = branch.regions
        if rows is not None and isinstance(regions, RowStripes) and rows % regions.count:
            fitting = [str(count) for count in range(2, rows + 1) if rows % count == 0]
            cure = f"Use {listed(fitting)}." if fitting else "Use a larger data.height."
            problems.append(
                f"model.branches.{name}.regions.count = {regions.count}: feature map has {rows}"
                f" rows; {regions.count} does not divide {rows}. {cure}"
            )
    return problems
