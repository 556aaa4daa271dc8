"""What a network starts from: read, loaded with a report, added to the weights folder."""

import json
import os
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.serialization import safe_globals

from workbench.errors import WeightsError
from workbench.model.network import PartNetwork
from workbench.model.weights.files import SUFFIXES, find_file, find_named, timm_name
from workbench.model.weights.files import WeightFile as WeightFile
from workbench.model.weights.files import available as available
from workbench.model.weights.foreign_states import (
    NUMPY_SCALARS,
    entries_of,
    printable,
    why_unreadable,
)
from workbench.model.weights.stored_archive import require_stored
from workbench.model.weights.transfer import LoadReport as LoadReport
from workbench.model.weights.transfer import plan_transfer
from workbench.paths import confined, weights_folder
from workbench.recipe.settings.model import (
    Backbone,
    FileWeights,
    NoWeights,
    RunWeights,
    TimmWeights,
    Weights,
)


def initial_weights(
    network: PartNetwork, weights: Weights, backbone: Backbone, runs_folder: Path
) -> LoadReport | None:
    """Load what a recipe starts from; None where it starts from random weights.

    Args:
        network: filled in place; classifiers of other classes keep their random start.
        weights: what to load. A run is named by its id here: names and ``last`` are resolved by who
            knows the runs.
        backbone: tells under which name the published weights are kept.
        runs_folder: where runs are.

    Raises:
        WeightsError: where the file is missing, unreadable, of another network, or not complete
            though ``strict``.
    """
    match weights:
        case NoWeights():
            return None
        case TimmWeights():
            path = find_named(timm_name(backbone, weights))
        case FileWeights():
            path = find_file(weights.path)
        case RunWeights():
            path = _run_file(confined(runs_folder, weights.run), weights)
    transfer = plan_transfer(network, read_state(path), _called(path, runs_folder))
    report = transfer.report
    if (
        isinstance(weights, FileWeights)
        and weights.strict
        and (report.missing or report.unexpected)
    ):
        raise WeightsError(
            f"model.weights.path = {weights.path}: the file does not fit exactly: {report}. Set"
            " model.weights.strict = false to load what fits."
        )
    return transfer.load(network)


def read_state(path: Path) -> dict[str, Tensor]:
    """Tensors by name from a .safetensors file or a PyTorch file (read with ``weights_only``).

    Looks inside ``state_dict``, ``model`` and the like. Numbers of NumPy may lie beside the
    tensors; nothing else is unpickled.

    Raises:
        WeightsError: where the file cannot be read, or holds no named tensors.
    """
    try:
        if path.suffix == ".safetensors":
            content = load_file(path)
        else:
            require_stored(path)
            with safe_globals(NUMPY_SCALARS):
                content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken file can make its reader raise anything
        raise WeightsError(
            f"{printable(str(path))}: cannot be read as weights ({why_unreadable(error)}). It may"
            " be incomplete, or hold more than tensors: get it again, or save its state dict as"
            " .safetensors."
        ) from error
    state = entries_of(content)
    if not state:
        raise WeightsError(
            f"{path}: holds no named tensors. Save the network's state dict, as .safetensors or"
            " with torch.save."
        )
    return state


def add(path: Path) -> Path:
    """Copy a file of weights into the weights folder after reading it; returns the copy.

    Raises:
        WeightsError: where it is missing or cannot be read, or the folder has another file of its
            name.
    """
    if path.suffix not in SUFFIXES:
        raise WeightsError(f"{path}: not a file of weights. Use one of {', '.join(SUFFIXES)}.")
    if not path.is_file():
        raise WeightsError(f"There is no file {path}: correct the path.")
    read_state(path)
    target = weights_folder() / path.name
    if target.exists() and not target.samefile(path):
        raise WeightsError(
            f"{target} is there already: rename the new file, or delete the old one first."
        )
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            shutil.copyfile(path, aside)
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)
    return target


def fetch(name: str) -> Path:
    """Download published weights into the weights folder; see ``weight_download.fetch``."""
    # Imported only where it is asked for: timm is slow to load (see build.py).
    from workbench.model.weights.download import fetch as download

    return download(name)


def _run_file(run: Path, weights: RunWeights) -> Path:
    """The weights of a run's last checkpoint, or of its best one where it has one."""
    for pointer in ("best", "last") if weights.checkpoint == "best" else ("last",):
        try:
            name = json.loads((run / "checkpoints" / f"{pointer}.json").read_text())["name"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        kinds = ["averaged", "raw"] if weights.which == "averaged" else ["raw"]
        for kind in kinds:
            path = run / "checkpoints" / str(name) / f"{kind}.safetensors"
            if path.is_file():
                return path
    raise WeightsError(
        f"model.weights.run = {weights.run}: {run.parent} has no run of this id with a checkpoint."
        " Choose a run that has one (`workbench runs`), or set model.weights.kind = none."
    )


def _called(path: Path, runs_folder: Path) -> str:
    return str(path.relative_to(runs_folder)) if path.is_relative_to(runs_folder) else path.name
