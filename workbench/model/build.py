"""From the model settings of a recipe to a network."""

from torch import nn

from workbench.model.backbones.backbone import Backbone, assemble
from workbench.model.necks import Head
from workbench.model.network import Branch, PartNetwork
from workbench.model.pooling import make_pool
from workbench.model.regions import make_regions
from workbench.recipe.checks.network_checks import branch_problems
from workbench.recipe.refusals import refusal, together
from workbench.recipe.settings import model as settings
from workbench.recipe.settings.backbones import BACKBONES
from workbench.recipe.settings.base import Problem
from workbench.recipe.settings.model import MapSize
from workbench.recipe.settings.outputs import outputs_of


def build_network(model: settings.Model, classes: int, image_size: tuple[int, int]) -> PartNetwork:
    """The network of a recipe with random weights, in training mode.

    Args:
        model: backbone and branches; its ``weights`` are not loaded here.
        classes: training identities, the outputs of every classifier.
        image_size: height and width of the images in pixels.

    Random numbers come from PyTorch's generator: seed it before. Under ``torch.device("meta")`` the
    network has shapes and no memory, which is enough to count its parameters.

    Raises:
        RecipeError: where backbone, split, strides, regions or image size do not fit together; all
            refusals of branches at once.
    """
    backbone = assemble(_network(model.backbone, image_size), model.backbone, image_size)
    _check_branches(model, backbone.sizes)
    branches = {name: _branch(branch, backbone, classes) for name, branch in model.branches.items()}
    return PartNetwork(
        backbone.trunk,
        backbone.tails,
        branches,
        backbone.left_out,
        _copies(model, backbone),
    )


def _network(backbone: settings.Backbone, image_size: tuple[int, int]) -> nn.Module:
    if problems := backbone.problems(*image_size):
        raise together([refusal(problem) for problem in problems])
    return BACKBONES.implementation(backbone)(backbone, image_size)


def _check_branches(model: settings.Model, sizes: list[MapSize]) -> None:
    problems = branch_problems(model)
    for name, branch in model.branches.items():
        path = f"model.branches.{name}.regions"
        if problem := branch.regions.problem(path, sizes[branch.tail]):
            problems.append(problem)
    unread = set(range(len(sizes))) - {branch.tail for branch in model.branches.values()}
    if unread:
        problems.append(
            Problem(
                "model.backbone.tail_strides",
                f"no branch reads tail {min(unread)}, so it would never train",
                "Remove its entry, or let a branch read it.",
            )
        )
    if problems:
        raise together([refusal(problem) for problem in problems])


def _branch(branch: settings.Branch, backbone: Backbone, classes: int) -> Branch:
    size = backbone.sizes[branch.tail]
    regions = make_regions(branch.regions, size)
    own = {layer: module for layer, (_, module) in backbone.neck.items()}
    heads = [Head(branch, width, classes, own) for width in branch.regions.part_channels(size)]
    return Branch(branch.tail, regions, make_pool(branch.pool, len(heads)), heads)


def _copies(model: settings.Model, backbone: Backbone) -> dict[str, str]:
    """Children of the backbone by the prefix of the entries that start as their copies."""
    return {
        f"branches.{name}.heads.{part}.neck.{layer}.": f"{child}."
        for name, branch in model.branches.items()
        if branch.neck.start == "backbone"
        for part in range(len(outputs_of(name, branch)))
        for layer, (child, _) in backbone.neck.items()
    }
