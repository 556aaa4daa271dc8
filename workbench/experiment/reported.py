"""Figures of a run beside those its preset's authors printed, and what differs. No torch."""

from collections.abc import Mapping
from typing import Any

from workbench.data.samples import Split
from workbench.data.wording import counted
from workbench.errors import RecipeError
from workbench.recipe.compare import differences
from workbench.recipe.presets import load_preset
from workbench.recipe.refusals import shown
from workbench.recipe.schema import Recipe, Reported
from workbench.runs.folder import RunFolder

RE_RANKED = "re-ranked"
RE_RANKED_PART = "re_ranked"

Metrics = Mapping[str, Mapping[str, float] | None]


def beside_reported(recipe: Recipe, metrics: Metrics, weights: str) -> list[dict[str, Any]]:
    """Each reported figure with the one of these weights.

    ``name`` is its name among ``metrics``; ``here`` and ``difference`` are fractions, None where
    the figure was not counted.
    """
    rows: list[dict[str, Any]] = []
    for item in recipe.reported:
        group, name = _place(item, recipe, weights)
        here = (metrics.get(group) or {}).get(name)
        apart = None if here is None else here - item.value
        measured = {"name": name, "weights": group, "here": here, "difference": apart}
        rows.append(item.model_dump() | measured)
    return rows


def what_differs(run: RunFolder, recipe: Recipe, split: Split) -> list[str]:
    """A sentence for everything known to differ from what the preset's authors did.

    ``recipe`` is the run's, with the evaluation it was evaluated by.
    """
    if not recipe.reported:
        return []
    differences = changed_settings(run, recipe)
    if split.gallery_draws:
        draws = counted(recipe.evaluation.gallery_draws.count, "draw")
        differences.append(f"Figures here are the mean of {draws} of the gallery.")
    return differences


def changed_settings(run: RunFolder, recipe: Recipe) -> list[str]:
    """A sentence for each setting of a run that its preset has otherwise."""
    name = run.preset()
    try:
        preset = load_preset(name)
    except RecipeError:
        return [f"There is no preset {name} any more: what was changed in it is not known."]
    return [
        f"{path} = {_value(value)} here, {_value(published)} in {name}."
        for path, (value, published) in differences(recipe, preset).items()
    ]


def _place(item: Reported, recipe: Recipe, weights: str) -> tuple[str, str]:
    """Under which weights, and under which name, a reported figure is counted here."""
    clustering = recipe.evaluation.clustering
    as_trained = item.metric == "NMI" and clustering is not None and clustering.training_count
    metric = "NMI_training_count" if as_trained else item.metric
    if item.part == RE_RANKED_PART:
        return RE_RANKED, metric
    return weights, f"{item.part}.{metric}" if item.part else metric


def _value(value: object) -> str:
    return "none" if value is None else shown(value)
