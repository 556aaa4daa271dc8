"""Fetching published weights: the only use of the network, and only on request."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import huggingface_hub
import timm
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

from workbench.errors import WeightsError
from workbench.model.weights.loading import read_state
from workbench.paths import weights_folder

FILES = {"model.safetensors": ".safetensors", "pytorch_model.bin": ".pth"}
Download = Callable[[str, str, Path], Path]


def fetch(name: str, download: Download | None = None) -> Path:
    """Download the weights that timm publishes under a name into the weights folder.

    They become ``<name>.safetensors`` (or ``.pth`` where only that is published) when they are
    complete and readable; a file that is there already is not fetched again. An architecture's name
    without tag fetches its default weights.

    Args:
        name: such as ``resnet50`` or ``resnet50.a1_in1k``.
        download: gets one file of a repository into a folder; by default from the Hugging Face hub.

    Raises:
        WeightsError: for a name without published weights, and where they cannot be downloaded.
    """
    folder = weights_folder()
    for suffix in FILES.values():
        if (folder / (name + suffix)).is_file():
            return folder / (name + suffix)
    repository = _repository(name)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as aside:
        path, suffix = _downloaded(name, repository, Path(aside), download or _from_hub)
        read_state(path)
        os.replace(path, folder / (name + suffix))
    return folder / (name + suffix)


def _repository(name: str) -> str:
    try:
        published = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    except RuntimeError:  # a tag that this architecture does not have
        published = None
    if published is None or not published.hf_hub_id:
        tags = timm.list_pretrained(f"{name.split('.')[0]}.*")
        raise WeightsError(
            f"{name}: timm publishes no weights of this name. Use"
            f" {' or '.join(tags) or 'an architecture such as resnet50'}."
        )
    return published.hf_hub_id


def _downloaded(name: str, repository: str, folder: Path, download: Download) -> tuple[Path, str]:
    refused: Exception | None = None
    for file, suffix in FILES.items():
        try:
            return download(repository, file, folder), suffix
        except Exception as error:  # what a network can raise has no common base
            refused = error
            if isinstance(error, LocalEntryNotFoundError) or not isinstance(
                error, EntryNotFoundError
            ):
                break
    reason = str(refused).split("\n")[0].split(". ")[0][:200]
    raise WeightsError(
        f"{name}: its weights could not be downloaded ({reason}). Check the connection and try"
        f" again, or put {name}.safetensors into {weights_folder()} yourself."
    ) from refused


def _from_hub(repository: str, file: str, folder: Path) -> Path:
    return Path(huggingface_hub.hf_hub_download(repository, file, local_dir=folder))
