"""Vectors of any images by a run's network, and one image ranked against others."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from workbench.data.images.image_paths import own_files
from workbench.data.loaders import EvaluationLoader
from workbench.data.samples import DISTRACTOR, UNKNOWN_CAMERA, Progress, Sample
from workbench.errors import DataError
from workbench.experiment.networks import network_of
from workbench.experiment.run_embedding import on_device
from workbench.experiment.run_rankings import available_weights, open_rankings, ranked_for
from workbench.retrieval.embeddings.embed import embed_samples
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder


@dataclass(frozen=True)
class ImageVectors:
    """One vector for each image.

    Attributes:
        vectors: ``(images, dim)``, as the network gave them, not normalised.
        paths: of the images, in the same order, as they were named.
        notes: sentences on files of the folders that were left out.
        left_out: how many these are.
        certainty: ``(images,)``, what the network says of each image; None where it says nothing.
    """

    vectors: Float32[np.ndarray, "images dim"]
    paths: tuple[str, ...]
    notes: tuple[str, ...] = ()
    left_out: int = 0
    certainty: Float32[np.ndarray, "images"] | None = None

    def as_file(self, run: RunFolder) -> EmbeddingFile:
        """The same for a file of its own; nothing is known of identities and cameras."""
        count = len(self.paths)
        return EmbeddingFile(
            vectors=self.vectors,
            path=np.array(self.paths),
            identity=np.full(count, DISTRACTOR, dtype=np.int64),
            camera=np.full(count, UNKNOWN_CAMERA, dtype=np.int64),
            split=np.full(count, "both"),
            right=np.full(count, -1, dtype=np.int8),
            distance=run.recipe().evaluation.distance,
            root="",
            run=run.id,
        )


def embed(
    run: RunFolder,
    images: Sequence[str | Path],
    weights: str = "averaged",
    checkpoint: str | None = None,
    progress: Progress | None = None,
) -> ImageVectors:
    """The vectors of image files by a run's network, made as those of its gallery are made.

    Args:
        run: whose network embeds.
        images: files and folders. Rows follow their order; a folder stands for the images in it
            and in the folders below, sorted by path. No layout is looked for.
        weights: "averaged" or "raw"; a checkpoint without averaged weights gives its raw ones.
        checkpoint: "last", "best" or a name; None: the last.
        progress: called with (stage, done, total).

    Raises:
        RunError: the run or its checkpoint is gone.
        MissingDataset: there is no such file or folder.
        EmptySplit: a folder has no images.
        BrokenImage: a file cannot be read; names it.
    """
    files = own_files(images)
    folder = checkpoint_folder(run, checkpoint or "last")
    network = network_of(run, available_weights(folder, weights), folder.name)
    network, device, precision = on_device(run, network)
    recipe = run.recipe()
    samples = _unknown([str(path) for path in files.images])
    size = recipe.evaluation.batch_size
    loader = EvaluationLoader(samples, Path(), recipe.data, size, device=device)
    embedded = embed_samples(network, loader, samples, recipe.evaluation, precision, progress)
    paths = tuple(sample.path for sample in samples)
    return ImageVectors(
        embedded.vectors, paths, files.notes, len(files.left_out), embedded.certainty
    )


def rank_image(
    run: RunFolder,
    image: str | Path,
    gallery: Sequence[str | Path] = (),
    weights: str = "averaged",
    checkpoint: str | None = None,
    progress: Progress | None = None,
) -> tuple[Rankings, tuple[str, ...]]:
    """Rankings of one image file, query number 0, and notes on files that were left out.

    Against the run's own gallery, or against the images of ``gallery`` (files and folders as in
    ``embed``), of which nobody is known. Raises as ``embed`` and ``open_rankings``.
    """
    if Path(image).expanduser().is_dir():
        raise DataError(f"{image} is a folder: name the one image file that is to be ranked.")
    embedded = embed(run, [image, *gallery], weights, checkpoint, progress)
    if not gallery:
        return ranked_for(
            embedded.vectors[0], open_rankings(run, weights, checkpoint)
        ), embedded.notes
    embeddings = Embeddings(
        query=embedded.vectors[:1],
        gallery=embedded.vectors[1:],
        query_images=_unknown(embedded.paths[:1]),
        gallery_images=_unknown(embedded.paths[1:]),
        root=Path(),
        certainty=None if embedded.certainty is None else embedded.certainty[1:],
    )
    return Rankings(embeddings, run.recipe().evaluation), embedded.notes


def _unknown(paths: Sequence[str]) -> tuple[Sample, ...]:
    # A distractor is nobody in particular, which is what is known of these images.
    return tuple(Sample(path, DISTRACTOR, UNKNOWN_CAMERA) for path in paths)
