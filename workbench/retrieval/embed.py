"""The vectors of all query and gallery images of a split, made by a network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float32
from torch import nn

from workbench.data.loaders import EvaluationLoader
from workbench.data.samples import Progress, Sample, Split, require_ranking
from workbench.errors import DataError
from workbench.model.embedding import embed
from workbench.recipe.data import Data
from workbench.recipe.evaluation import Evaluation
from workbench.retrieval.store import Embeddings
from workbench.training.evaluator import Interrupted
from workbench.training.memory import memory_errors
from workbench.training.trial import autocast

STAGE = "embedding"


class SplitEmbedder:
    """Embeds one split, any number of times; images that fit in memory are decoded once.

    Raises EmptySplit where nothing could be ranked.
    """

    def __init__(
        self, split: Split, data: Data, evaluation: Evaluation, device: torch.device | str = "cpu"
    ) -> None:
        require_ranking(split)
        self._split, self._evaluation = split, evaluation
        self._device = torch.device(device)
        parts = (split.query,) if split.leave_one_out else (split.query, split.gallery)
        self._loaders = [
            EvaluationLoader(part, split.root, data, evaluation.batch_size, device=self._device)
            for part in parts
        ]
        self._parts: list[tuple[Sample, ...]] = list(parts)

    def embed(
        self,
        network: nn.Module,
        precision: str = "fp32",
        progress: Progress | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Embeddings:
        """The vectors of all images, by a network on the embedder's device.

        The network is put into evaluation mode for the time being.

        Args:
            network: A ``PartNetwork``.
            precision: "fp32", "bf16" or "fp16"; the vectors are float32 in any case.
            progress: Told of ("embedding", images done, images in all) after every batch.
            stop: Asked between batches.

        Raises:
            Interrupted: ``stop`` said so.
            BrokenImage: A file cannot be read.
            DataError: The vector of an image is not finite.
            RunFailed: Memory runs out.
        """
        total = sum(len(part) for part in self._parts)
        done = 0
        vectors: list[np.ndarray] = []
        with _evaluation_mode(network):
            for part, loader in zip(self._parts, self._loaders, strict=True):
                batches: list[np.ndarray] = []
                for images, place in loader:
                    if stop is not None and stop():
                        raise Interrupted
                    batch = self._vectors(network, images, precision)
                    _require_finite(batch, part[place])
                    batches.append(batch)
                    done += len(batch)
                    if progress is not None:
                        progress(STAGE, done, total)
                vectors.append(np.concatenate(batches))
        split = self._split
        return Embeddings(
            query=vectors[0],
            gallery=vectors[-1],
            query_images=split.query,
            gallery_images=split.gallery,
            root=split.root,
            leave_one_out=split.leave_one_out,
            belongs_to={"query": split.digest("query"), "gallery": split.digest("gallery")},
        )

    def _vectors(
        self,
        network: nn.Module,
        images: Float32[torch.Tensor, "batch 3 height width"],
        precision: str,
    ) -> Float32[np.ndarray, "batch dim"]:
        with memory_errors(images, "evaluation.batch_size"), autocast(self._device.type, precision):
            return embed(network, images, self._evaluation.embedding).cpu().numpy()


def embed_split(
    network: nn.Module,
    split: Split,
    data: Data,
    evaluation: Evaluation,
    device: torch.device | str = "cpu",
    precision: str = "fp32",
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Embeddings:
    """The vectors of a split's query and gallery, once; see ``SplitEmbedder.embed``."""
    embedder = SplitEmbedder(split, data, evaluation, device)
    return embedder.embed(network, precision, progress, stop)


@contextmanager
def _evaluation_mode(network: nn.Module) -> Iterator[None]:
    # Module by module: some may be kept out of training mode on purpose.
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, training in modes:
            module.training = training


def _require_finite(vectors: Float32[np.ndarray, "batch dim"], images: tuple[Sample, ...]) -> None:
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise DataError(
            f"The network gives {images[bad[0]].path} a vector that is not finite: its weights are"
            " damaged or it has diverged; choose an earlier checkpoint, or precision fp32."
        )
