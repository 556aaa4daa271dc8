"""The vectors of all query and gallery images of a split, made by a network."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32
from torch import nn

from workbench.data.loaders import EvaluationLoader
from workbench.data.samples import Part, Progress, Sample, Split, require_ranking
from workbench.errors import DataError
from workbench.model.embedding import embed_with_certainty
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.store import Embeddings
from workbench.training.evaluator import Interrupted
from workbench.training.memory import memory_errors
from workbench.training.timing_trial import autocast

STAGE = "embedding"


class Vectors(NamedTuple):
    """What a network says of some images."""

    vectors: Float32[np.ndarray, "batch dim"]
    certainty: Float32[np.ndarray, "batch"] | None


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
        self._parts: dict[Part, tuple[Sample, ...]] = {"query": split.query}
        if not split.leave_one_out:
            self._parts["gallery"] = split.gallery
        if evaluation.multi_query and split.multi_query:
            self._parts["multi_query"] = split.multi_query
        self._loaders = [
            EvaluationLoader(
                part,
                split.root,
                data,
                evaluation.batch_size,
                levels=split.levels,
                device=self._device,
            )
            for part in self._parts.values()
        ]

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
        total = sum(len(part) for part in self._parts.values())
        done = 0
        vectors: dict[Part, np.ndarray] = {}
        certainties: dict[Part, np.ndarray | None] = {}
        with _evaluation_mode(network):
            for (name, part), loader in zip(self._parts.items(), self._loaders, strict=True):
                batches: list[Vectors] = []
                for images, place in loader:
                    if stop is not None and stop():
                        raise Interrupted
                    batch = _vectors(network, images, self._evaluation, precision)
                    _require_finite(batch.vectors, part[place])
                    batches.append(batch)
                    done += len(batch.vectors)
                    if progress is not None:
                        progress(STAGE, done, total)
                vectors[name], certainties[name] = _joined(batches)
        return self._embeddings(vectors, certainties)

    def _embeddings(
        self, vectors: dict[Part, np.ndarray], certainties: dict[Part, np.ndarray | None]
    ) -> Embeddings:
        split, gallery = self._split, "query" if self._split.leave_one_out else "gallery"
        digests = {part: split.digest(part) for part in ("query", "gallery")}
        return Embeddings(
            query=vectors["query"],
            gallery=vectors[gallery],
            query_images=split.query,
            gallery_images=split.gallery,
            root=split.root,
            leave_one_out=split.leave_one_out,
            belongs_to=digests,
            pairings=split.pairings,
            gallery_draws=split.gallery_draws,
            multi_query=vectors.get("multi_query"),
            multi_query_images=self._parts.get("multi_query", ()),
            certainty=certainties[gallery] if self._evaluation.certainty_weight else None,
            levels=split.levels,
        )


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


def embed_samples(
    network: nn.Module,
    loader: EvaluationLoader,
    samples: Sequence[Sample],
    evaluation: Evaluation,
    precision: str = "fp32",
    progress: Progress | None = None,
) -> Vectors:
    """The vectors of any images in the order of their samples; nothing is ranked.

    ``loader`` brings the images of ``samples``. Raises as ``SplitEmbedder.embed`` does.
    """
    batches: list[Vectors] = []
    with _evaluation_mode(network):
        for images, place in loader:
            batch = _vectors(network, images, evaluation, precision)
            _require_finite(batch.vectors, samples[place])
            batches.append(batch)
            if progress is not None:
                progress(STAGE, place.stop, len(samples))
    return _joined(batches)


def _vectors(
    network: nn.Module,
    images: Float32[torch.Tensor, "batch 3 height width"],
    evaluation: Evaluation,
    precision: str,
) -> Vectors:
    with memory_errors(images, "evaluation.batch_size"), autocast(images.device.type, precision):
        found = embed_with_certainty(network, images, evaluation.embedding)
        certainty = None if found.certainty is None else found.certainty.cpu().numpy()
        return Vectors(found.vectors.cpu().numpy(), certainty)


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


def _joined(batches: list[Vectors]) -> Vectors:
    there = [batch.certainty for batch in batches if batch.certainty is not None]
    vectors = np.concatenate([batch.vectors for batch in batches])
    return Vectors(vectors, np.concatenate(there) if there else None)


def _require_finite(vectors: Float32[np.ndarray, "batch dim"], images: Sequence[Sample]) -> None:
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise DataError(
            f"The network gives {images[bad[0]].path} a vector that is not finite: its weights are"
            " damaged or it has diverged; choose an earlier checkpoint, or precision fp32."
        )
