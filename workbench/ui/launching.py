"""Starting from a form: what stands in the way, beside the setting it is about, and its cure."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from workbench.errors import DataError, RecipeError, WeightsError, WorkbenchError
from workbench.model.weights.files import timm_name
from workbench.recipe.overrides import resolve
from workbench.recipe.settings.model import TimmWeights
from workbench.runs.folder import RunFolder
from workbench.runs.locks import is_held

WEIGHTS = "model.weights.kind"
DATASET = "data.dataset.kind"
LEAVING_SECONDS = 15.0
OFFLINE = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")


def refused(error: WorkbenchError) -> dict[str, str]:
    """The sentences of a refusal by the path of the setting they belong to; empty for others."""
    match error:
        case RecipeError():
            return error.by_path()
        case WeightsError():
            return {WEIGHTS: str(error)}
        case DataError():
            return {DATASET: str(error)}
        case _:
            return {}


def left(run: RunFolder) -> RunFolder:
    """The run, once a worker that has said its last word has let go of it (at most 15 s later).

    A process with torch takes a moment to end; a person may press Resume before that.
    """
    until = time.monotonic() + LEAVING_SECONDS
    while not run.status().alive and is_held(run.lock_file) and time.monotonic() < until:
        time.sleep(0.1)
    return run


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
