"""Starting from a form: what stands in the way, beside the setting it is about, and its cure."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from workbench.errors import MissingDataset, RecipeError, WeightsError, WorkbenchError
from workbench.model.weight_files import timm_name
from workbench.recipe.model import TimmWeights
from workbench.recipe.overrides import resolve

WEIGHTS = "model.weights.kind"
DATASET = "data.dataset.kind"
OFFLINE = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")


def refused(error: WorkbenchError) -> dict[str, str]:
    """The sentences of a refusal by the path of the setting they belong to; empty for others."""
    match error:
        case RecipeError():
            return error.by_path()
        case WeightsError():
            return {WEIGHTS: str(error)}
        case MissingDataset():
            return {DATASET: str(error)}
        case _:
            return {}


def published_weights(preset: str, overrides: Mapping[str, Any]) -> str | None:
    """The name of the published weights a recipe starts from, None where it asks for none."""
    try:
        model = resolve(preset, overrides).model
        if isinstance(model.weights, TimmWeights):
            return timm_name(model.backbone, model.weights)
    except WorkbenchError:
        return None
    return None


def fetch_weights(preset: str, overrides: Mapping[str, Any]) -> str:
    """Fetch the published weights of a recipe into the weights folder and return their name.

    The one thing a page does on the network, on request, in a process of its own. Raises
    WeightsError with that process's words where it does not succeed.
    """
    name = published_weights(preset, overrides)
    if name is None:
        raise WeightsError("This recipe asks for no published weights: there is nothing to fetch.")
    environment = {key: value for key, value in os.environ.items() if key not in OFFLINE}
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "weights", "fetch", name],
        capture_output=True,
        text=True,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        reason = said[-1] if said else f"it ended with code {done.returncode}"
        raise WeightsError(f"{name} could not be fetched: {reason}")
    return name
