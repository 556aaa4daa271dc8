"""What no single field can see: settings that are fine alone and impossible together.

Every problem is a sentence that opens with the dotted path it blames.
"""

from typing import TYPE_CHECKING

from workbench.recipe.data import Playground
from workbench.recipe.geometry import map_rows
from workbench.recipe.losses import BatchHardTriplet, CrossEntropy
from workbench.recipe.model import RowStripes
from workbench.recipe.outputs import output_names, outputs_of, select
from workbench.recipe.refusals import listed
from workbench.recipe.samplers import IdentityBatches

if TYPE_CHECKING:
    from workbench.recipe.schema import Recipe


def problems_of(recipe: "Recipe") -> list[str]:
    """Everything that is impossible about a recipe whose fields are each in bounds."""
    checks = (_data_problems, _tail_problems, _loss_problems, _embedding_problems)
    problems = [problem for check in checks for problem in check(recipe)]
    # Which map a branch reads is not known before its tail is.
    return problems or _stripe_problems(recipe)


def _data_problems(recipe: "Recipe") -> list[str]:
    problems: list[str] = []
    data, erasing = recipe.data, recipe.data.transforms.erasing
    if erasing.min_area > erasing.max_area:
        problems.append(
            f"data.transforms.erasing.min_area = {erasing.min_area}: larger than max_area ="
            f" {erasing.max_area}. Exchange them."
        )
    if (
        isinstance(data.dataset, Playground)
        and isinstance(data.sampler, IdentityBatches)
        and data.sampler.identities > data.dataset.train_identities
        and data.root is None
    ):
        problems.append(
            f"data.sampler.identities = {data.sampler.identities}: the playground has"
            f" {data.dataset.train_identities} training identities. Use at most as many, or raise"
            " data.dataset.train_identities."
        )
    return problems


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


def _loss_problems(recipe: "Recipe") -> list[str]:
    names = output_names(recipe.model)
    problems: list[str] = []
    classified = [
        output
        for name, branch in recipe.model.branches.items()
        if branch.classifier is not None
        for output in outputs_of(name, branch)
    ]
    for key, loss in recipe.losses.items():
        chosen = select(loss.branches, names)
        if not chosen:
            problems.append(
                f"losses.{key}.branches = {loss.branches}: no output matches. Outputs are"
                f" {', '.join(names)}."
            )
        if isinstance(loss, CrossEntropy) and (bare := set(chosen) - set(classified)):
            problems.append(
                f"losses.{key}.branches: {', '.join(sorted(bare))} has no classifier. Give"
                " the branch one, or leave it out."
            )
        if isinstance(loss, BatchHardTriplet) and not isinstance(
            recipe.data.sampler, IdentityBatches
        ):
            problems.append(
                f"losses.{key}.kind = {loss.kind}: needs several images of an identity in a batch."
                " Set data.sampler.kind = identity_batches."
            )
    return problems


def _embedding_problems(recipe: "Recipe") -> list[str]:
    names, patterns = output_names(recipe.model), recipe.evaluation.embedding.branches
    if select(patterns, names):
        return []
    return [
        f"evaluation.embedding.branches = {patterns}: no output matches. Outputs are"
        f" {', '.join(names)}."
    ]


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
