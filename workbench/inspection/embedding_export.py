"""The embeddings of a run, or of other data by its network, for a file of their own."""

import numpy as np

from workbench.data.catalogue.splits import read_split
from workbench.data.samples import Progress
from workbench.experiment.networks import network_of
from workbench.experiment.protocol_metrics import plain
from workbench.experiment.run_embedding import embed_network
from workbench.experiment.run_rankings import available_weights, open_rankings
from workbench.inspection.map_making import parts_of, right_first
from workbench.recipe.settings.data import Data
from workbench.retrieval.embeddings.embedding_file import EmbeddingFile
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder


def embedding_file(
    run: RunFolder,
    weights: str = "averaged",
    checkpoint: str | None = None,
    data: Data | None = None,
    progress: Progress | None = None,
) -> EmbeddingFile:
    """The embeddings of a run's queries and gallery, or of other data by its network.

    Raises RunError where there is no such checkpoint, DataError where the data cannot be ranked.
    """
    if data is None:
        rankings = open_rankings(run, weights, checkpoint)
    else:
        folder = checkpoint_folder(run, checkpoint or "last")
        network = network_of(run, available_weights(folder, weights), folder.name)
        split = read_split(data, progress=progress)
        embeddings = embed_network(run, network, split, data, progress)
        rankings = Rankings(embeddings, plain(run.recipe().evaluation))
    return _described(rankings, run)


def _described(rankings: Rankings, run: RunFolder) -> EmbeddingFile:
    embeddings = rankings.embeddings
    one = embeddings.leave_one_out
    images = [*(() if one else embeddings.query_images), *embeddings.gallery_images]
    queries = 0 if one else len(embeddings.query_images)
    split = ["query"] * queries + ["both" if one else "gallery"] * (len(images) - queries)
    return EmbeddingFile(
        vectors=np.concatenate(parts_of(embeddings)).astype(np.float32, copy=False),
        path=np.array([image.path for image in images]),
        identity=np.array([image.identity for image in images], dtype=np.int64),
        camera=np.array([image.camera for image in images], dtype=np.int64),
        split=np.array(split),
        right=right_first(rankings),
        distance=rankings.evaluation.distance,
        root=str(embeddings.root),
        run=run.id,
    )
