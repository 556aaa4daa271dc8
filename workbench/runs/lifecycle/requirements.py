"""What a recipe needs from this machine, looked for before its run is queued."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.data.catalogue.splits import drawn_on_demand
from workbench.data.catalogue.training_size import require_trainable
from workbench.errors import WeightsError
from workbench.model.weights.files import require
from workbench.recipe.overrides import resolve
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.model import RunWeights
from workbench.runs.checkpoints import names
from workbench.runs.management import find_run


def require_all(preset: str, overrides: Mapping[str, Any], runs: Path) -> dict[str, Any]:
    """The overrides to queue, refused where the run could only fail when its turn has come.

    A run that weights are taken from is named by its id from here on: `last` is another run
    tomorrow. Raises RecipeError, DataError, WeightsError or RunNotFound.
    """
    recipe = resolve(preset, overrides)
    _require_data(recipe)
    weights = recipe.model.weights
    if not isinstance(weights, RunWeights):
        require(recipe.model)
        return dict(overrides)
    source = find_run(weights.run, runs)
    if not names(source):
        raise WeightsError(
            f"model.weights.run = {weights.run}: run {source.id} has no checkpoint yet. Wait for"
            " its first one, or name another run."
        )
    return {**overrides, "model.weights.run": source.id}


def _require_data(recipe: Recipe) -> None:
    if not drawn_on_demand(recipe.data):
        require_trainable(recipe.data, drop_same_camera=recipe.evaluation.drop_same_camera)
