"""From recipes and checkpoints to networks and losses."""

from pathlib import Path
from typing import Any

import torch

from workbench.data.catalogue.splits import read_split
from workbench.data.catalogue.training_size import identities_of
from workbench.data.loaders import TrainLoader
from workbench.errors import RunError
from workbench.losses.objective import Objective
from workbench.losses.terms import Sizes, vector_widths
from workbench.model.build import build_network
from workbench.model.network import PartNetwork
from workbench.model.weights.loading import LoadReport, initial_weights
from workbench.recipe.schema import Recipe, output_names
from workbench.recipe.settings.model import RunWeights, Weights
from workbench.runs.checkpoints import META, checkpoint_folder
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run, list_runs
from workbench.training.averaging import refresh_batchnorm
from workbench.training.state import load_weights, read_weights


def new_network(recipe: Recipe, classes: int) -> PartNetwork:
    """The network of a recipe with the random weights its seed stands for."""
    torch.manual_seed(recipe.training.seed)
    return build_network(recipe.model, classes, (recipe.data.height, recipe.data.width))


def new_objective(recipe: Recipe, network: PartNetwork, classes: int) -> Objective:
    """The losses of a recipe over the outputs of its network.

    Those with weights of their own draw them after the network's. Raises RecipeError for arguments
    that a loss does not take.
    """
    losses, outputs = recipe.losses, output_names(recipe.model)
    sizes = None
    if any(loss.has_weights for loss in losses.values()):
        sizes = Sizes(classes, vector_widths(network, (recipe.data.height, recipe.data.width)))
    torch.manual_seed(recipe.training.seed + 1)
    return Objective(losses, outputs, recipe.training.divide_by_weights, sizes)


def start_from(network: PartNetwork, recipe: Recipe, run: RunFolder) -> LoadReport | None:
    """Load the weights a recipe starts from; None where it starts from random ones.

    Raises WeightsError where they are missing or of another network.
    """
    weights = _by_id(recipe.model.weights, run)
    return initial_weights(network, weights, recipe.model.backbone, run.path.parent)


def network_of(run: RunFolder, weights: str = "averaged", checkpoint: str = "last") -> PartNetwork:
    """The network of a run's checkpoint in evaluation mode, on the processor.

    ``weights`` is "raw" or "averaged"; ``checkpoint`` is "last", "best" or a name. Nothing but the
    run's folder is read, unless a uniform average in the middle of a training wants its BatchNorm
    statistics refreshed over the training images.

    Raises RunError where the checkpoint is missing or has no such weights, WeightsError where it
    does not fit the recipe.
    """
    recipe, folder = run.recipe(), checkpoint_folder(run, checkpoint)
    meta = _meta(folder)
    file = folder / f"{weights}.safetensors"
    if not file.exists():
        raise RunError(
            f"Checkpoint {folder.name} of run {run.id} has no {weights} weights: the recipe's"
            " training.averaging is off, or had not begun. Use the raw ones."
        )
    size = (recipe.data.height, recipe.data.width)
    network = build_network(recipe.model, int(meta["classes"]), size)
    load_weights(network, read_weights(file), f"Checkpoint {folder.name} of run {run.id}")
    if weights == "averaged" and not meta["averaged_ready"]:
        _refresh(network, recipe, int(meta["step"]) // int(meta["steps_per_epoch"]))
    return network.eval()


def parameters(recipe: Recipe) -> int:
    """Parameters of a recipe's network in training, frozen ones included, buffers not.

    Classifiers have as many classes as ``identities_of`` says; where it does not know, they are
    left out.
    """
    classes = identities_of(recipe.data).count
    if classes is not None:
        return _count(recipe, classes)
    # What grows with the classes is taken away: 2 p(1) - p(2) = p(0).
    return 2 * _count(recipe, 1) - _count(recipe, 2)


def _count(recipe: Recipe, classes: int) -> int:
    with torch.device("meta"):
        network = build_network(recipe.model, classes, (recipe.data.height, recipe.data.width))
    return sum(parameter.numel() for parameter in network.parameters())


def _refresh(network: PartNetwork, recipe: Recipe, epoch: int) -> None:
    split = read_split(recipe.data)
    with TrainLoader(split, recipe.data, recipe.training.seed) as loader:
        refresh_batchnorm(network, (batch.images for batch in loader.epoch(epoch)))


def _meta(folder: Path) -> dict[str, Any]:
    meta = read_json(folder / META)
    if meta is None or "classes" not in meta:
        raise RunError(
            f"Checkpoint {folder.name} cannot be read: its {META} is missing or damaged. Use"
            " another checkpoint."
        )
    return meta


def _by_id(weights: Weights, run: RunFolder) -> Weights:
    """Weights of a run with the run's id in place of its name; ``last`` is the run before this."""
    if not isinstance(weights, RunWeights):
        return weights
    if weights.run != "last":
        return weights.model_copy(update={"run": find_run(weights.run, run.path.parent).id})
    ids = [other.id for other in list_runs(run.path.parent)]
    earlier = ids[ids.index(run.id) + 1 :] if run.id in ids else ids
    if not earlier:
        raise RunError(
            "model.weights.run = last: there is no run before this one. Name a run, or set"
            " model.weights.kind = none."
        )
    return weights.model_copy(update={"run": earlier[0]})
