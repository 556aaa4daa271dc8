"""Evaluating a checkpoint of a run, by its own protocol, on its own data or on others."""

from collections.abc import Sequence
from typing import Any

from workbench.data.catalogue.counts import shared_identities
from workbench.data.catalogue.splits import read_split
from workbench.data.samples import Progress
from workbench.experiment.networks import network_of
from workbench.experiment.protocol_metrics import in_words, plain
from workbench.experiment.provenance import changed_data
from workbench.experiment.reported import RE_RANKED, beside_reported, what_differs
from workbench.experiment.run_embedding import embed_network
from workbench.experiment.run_rankings import available_weights
from workbench.experiment.selection import selection_note, selection_of
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.evaluation import Evaluation, ReRanking
from workbench.retrieval.protocol import protocol_report
from workbench.retrieval.rankings import Rankings
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder


def evaluate_run(
    run: RunFolder,
    *,
    weights: str = "averaged",
    checkpoint: str = "last",
    data: Data | None = None,
    evaluation: Evaluation | None = None,
    re_rank: bool | None = None,
    ranks: Sequence[int] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures of a checkpoint, as fractions.

    Args:
        run: the run; the weights it started from are not needed.
        weights: "averaged" or "raw"; a checkpoint without averaged weights gives its raw ones.
        checkpoint: "last", "best" or a name.
        data: other data than the run's own.
        evaluation: another protocol than the run's own.
        re_rank: whether to count re-ranked figures too; None: as the recipe says.
        ranks: k of further figures, beside those of the recipe.
        progress: called with (stage, done, total).

    Returns:
        ``checkpoint``; ``data``, the kind of data set; ``protocol`` in words; ``metrics`` by name
        of the weights, and "re-ranked" where asked for (``retrieval.protocol`` names them);
        ``reported``, each figure of the preset's authors with the one ``here``, and ``differs``,
        what is known to differ from them, both empty for other data; ``counts``; ``selection``, how
        the checkpoint was chosen on these very queries, None if not; ``notes`` for readers.

    Raises RunError where there is no such checkpoint, DataError where the data cannot be ranked.
    """
    own, folder = run.recipe(), checkpoint_folder(run, checkpoint)
    recipe = own.model_copy(update={"evaluation": evaluation or own.evaluation})
    chosen = available_weights(folder, weights)
    used, protocol = data or own.data, plain(recipe.evaluation, ranks)
    split = read_split(used, progress=progress)
    notes = [*split.notes, *split.levels.notes]
    notes += [] if data else changed_data(run, split, ("query", "gallery"))
    if warning := shared_identities(own.data.dataset, used.dataset):
        notes.append(warning)
    if chosen != weights:
        notes.append(f"Checkpoint {folder.name} has no {weights} weights: these are its raw ones.")
    network = network_of(run, chosen, folder.name)
    rankings = Rankings(embed_network(run, network, split, used, progress, protocol), protocol)
    report = protocol_report(rankings, split.identities, progress)
    metrics = {chosen: report.metrics()}
    settings = recipe.evaluation.re_ranking
    if re_rank or (re_rank is None and settings is not None):
        metrics[RE_RANKED] = _re_ranked(rankings, settings or ReRanking())
    same_data = used.dataset == own.data.dataset
    selection = selection_of(run, own, folder.name, checkpoint) if same_data else None
    return {
        "checkpoint": folder.name,
        "data": used.dataset.kind,
        "protocol": in_words(protocol, split),
        "metrics": metrics,
        "reported": beside_reported(recipe, metrics, chosen) if same_data else [],
        "differs": what_differs(run, recipe, split) if same_data else [],
        "counts": dict(report.counts),
        "selection": selection,
        "notes": [*selection_note(selection, folder.name), *notes, *report.notes],
    }


def _re_ranked(rankings: Rankings, settings: ReRanking) -> dict[str, float]:
    """Figures of single queries under re-ranking; clusters would be the same as without it."""
    single = rankings.evaluation.model_copy(update={"multi_query": False, "clustering": None})
    again = Rankings(rankings.embeddings, single).re_ranked(settings)
    return protocol_report(again).metrics()
