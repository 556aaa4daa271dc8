"""Embedding a split with a checkpoint of a run, outside its training."""

import torch

from workbench.data.catalogue.splits import read_split
from workbench.data.samples import Progress, Split
from workbench.experiment.networks import network_of
from workbench.model.network import PartNetwork
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.embed import embed_split
from workbench.retrieval.embeddings.store import Embeddings
from workbench.runs.folder import RunFolder


def embed_run(
    run: RunFolder, weights: str, checkpoint: str, progress: Progress | None = None
) -> Embeddings:
    """The queries and the gallery of a run's own data, by a checkpoint's weights.

    Raises RunError where there is no such checkpoint, DataError where the data are missing.
    """
    data = run.recipe().data
    network = network_of(run, weights, checkpoint)
    return embed_network(run, network, read_split(data, progress=progress), data, progress)


def embed_network(
    run: RunFolder,
    network: PartNetwork,
    split: Split,
    data: Data,
    progress: Progress | None = None,
    evaluation: Evaluation | None = None,
) -> Embeddings:
    """The queries and the gallery of a split by a run's network, at the run's number format.

    ``evaluation`` says which vectors, None: the run's own. A GPU is used where there is one and the
    run was trained on one.
    """
    placed, device, precision = on_device(run, network)
    settings = evaluation or run.recipe().evaluation
    return embed_split(placed, split, data, settings, device, precision, progress=progress)


def on_device(run: RunFolder, network: PartNetwork) -> tuple[PartNetwork, str, str]:
    """A run's network where it is to embed, the name of that device, and the number format."""
    status = run.status()
    trained_on_gpu = bool(status.devices) and status.devices[0] != "cpu"
    device = "cuda" if trained_on_gpu and torch.cuda.is_available() else "cpu"
    # Half precision belongs to the device it was chosen on: elsewhere it may be emulated.
    precision = status.precision if (device == "cuda") == trained_on_gpu else "fp32"
    network = network.to(device).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return network, device, precision or "fp32"
