"""Evaluating a checkpoint of a run, by its own protocol, on its own data or on others."""

from typing import Any

from workbench.data.catalogue import read_split
from workbench.data.samples import Progress
from workbench.experiment.embedding import embed_network
from workbench.experiment.networks import network_of
from workbench.experiment.protocol import plain
from workbench.experiment.rankings import available_weights
from workbench.experiment.surroundings import changed_data
from workbench.recipe.data import Data
from workbench.recipe.evaluation import ReRanking
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder


def evaluate_run(
    run: RunFolder,
    *,
    weights: str = "averaged",
    checkpoint: str = "best",
    data: Data | None = None,
    re_rank: bool | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures of a checkpoint, as fractions.

    Args:
        run: the run; the weights it started from are not needed.
        weights: "averaged" or "raw"; a checkpoint without averaged weights gives its raw ones.
        checkpoint: "best", "last" or a name.
        data: other data than the run's own.
        re_rank: whether to count re-ranked figures too; None: as the recipe says.
        progress: called with (stage, done, total).

    Returns:
        ``checkpoint``; ``metrics`` by name of the weights, and "re-ranked" where asked for;
        ``counts`` of queries and images; ``notes``, sentences on what a reader must know.

    Raises RunError where there is no such checkpoint, DataError where the data cannot be ranked.
    """
    recipe, folder = run.recipe(), checkpoint_folder(run, checkpoint)
    chosen = available_weights(folder, weights)
    split = read_split(data or recipe.data, progress=progress)
    notes = [*split.notes, *([] if data else changed_data(run, split, ("query", "gallery")))]
    if chosen != weights:
        notes.append(f"Checkpoint {folder.name} has no {weights} weights: these are its raw ones.")
    network = network_of(run, chosen, folder.name)
    embeddings = embed_network(run, network, split, data or recipe.data, progress)
    rankings = Rankings(embeddings, plain(recipe.evaluation))
    metrics = {chosen: rankings.report.metrics()}
    settings = recipe.evaluation.re_ranking
    if re_rank or (re_rank is None and settings is not None):
        metrics["re-ranked"] = rankings.re_ranked(settings or ReRanking()).report.metrics()
    report = rankings.report
    return {
        "checkpoint": folder.name,
        "metrics": metrics,
        "counts": {
            "queries": report.num_queries,
            "skipped_queries": report.num_skipped,
            "gallery_images": len(embeddings.gallery_images),
            "junk_images": report.num_junk,
            "same_camera_pairs": report.num_same_camera,
        },
        "notes": notes,
    }
