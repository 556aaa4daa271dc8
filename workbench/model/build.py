"""From the model settings of a recipe to a network."""

from torch import nn

from workbench.errors import RecipeError
from workbench.model.backbone import assemble
from workbench.model.compact_resnet import make_compact
from workbench.model.necks import Head
from workbench.model.network import Branch, PartNetwork
from workbench.model.outputs import MapSize
from workbench.model.pooling import make_pool
from workbench.model.regions import make_regions, part_channels, refusal
from workbench.recipe import model as settings


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
    branches = {
        name: _branch(branch, backbone.sizes[branch.tail], classes)
        for name, branch in model.branches.items()
    }
    return PartNetwork(backbone.trunk, backbone.tails, branches, backbone.left_out)


def _network(backbone: settings.Backbone, image_size: tuple[int, int]) -> nn.Module:
    if isinstance(backbone, settings.CompactResNet):
        return make_compact(backbone)
    # Imported only for recipes that use it: timm brings torchvision, together 9 s of CPU time,
    # more than twice what PyTorch itself takes to load.
    from workbench.model.timm_backbone import make_timm

    return make_timm(backbone, image_size)


def _check_branches(model: settings.Model, sizes: list[MapSize]) -> None:
    problems = []
    for name, branch in model.branches.items():
        if hasattr(nn.ModuleDict(), name):
            path = f"model.branches.{name}"
            problems.append(
                RecipeError(f"{path}: a branch cannot be called '{name}'. Rename it.", path)
            )
        if found := refusal(branch.regions, sizes[branch.tail]):
            path = f"model.branches.{name}.regions.{found[0]}"
            value = getattr(branch.regions, found[0])
            problems.append(RecipeError(f"{path} = {value}: {found[1]}", path))
    unread = set(range(len(sizes))) - {branch.tail for branch in model.branches.values()}
    if unread:
        path = "model.backbone.tail_strides"
        problems.append(
            RecipeError(
                f"{path}: no branch reads tail {min(unread)}, so it would never train. Remove its"
                " entry, or let a branch read it.",
                path,
            )
        )
    if problems:
        first, *others = problems
        raise RecipeError(str(first), first.path, tuple(others))


def _branch(branch: settings.Branch, size: MapSize, classes: int) -> Branch:
    regions = make_regions(branch.regions, size)
    heads = [Head(branch, width, classes) for width in part_channels(branch.regions, size)]
    return Branch(branch.tail, regions, make_pool(branch.pool), heads)
