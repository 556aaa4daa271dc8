"""What the authors of a run's preset printed, beside the run's own figures, in words."""

from functools import lru_cache

from workbench.errors import RunError
from workbench.experiment.reported import beside_reported, changed_settings
from workbench.recipe.schema import Recipe
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status
from workbench.ui.words import percent


def reported_facts(run: RunFolder, status: Status) -> list[tuple[str, str]]:
    """Reported figures, their protocols and what was changed, as label and words.

    Empty where nothing was reported or the run has no figures yet.
    """
    weights = next((name for name in ("averaged", "raw") if (status.metrics or {}).get(name)), None)
    if weights is None or status.metrics is None:
        return []
    try:
        recipe = recipe_of(run)
    except RunError:
        return []
    if not recipe.reported:
        return []
    rows = beside_reported(recipe, status.metrics, weights)
    figures = [
        f"{row['name']} {percent(row['value'])}"
        + ("" if row["here"] is None else f", here {percent(row['here'])}")
        for row in rows
    ]
    told = {
        "Reported": "; ".join(figures),
        "Reported for": "; ".join(dict.fromkeys(row["protocol"] for row in rows)),
        "Differs": " ".join(changed_settings(run, recipe)),
    }
    return [(label, words) for label, words in told.items() if words]


def recipe_of(run: RunFolder) -> Recipe:
    """A run's recipe, read again only when it has changed. Raises RunError as ``recipe`` does."""
    try:
        stamp = run.recipe_file.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _read(run, stamp)


@lru_cache(maxsize=32)
def _read(run: RunFolder, _changed: int) -> Recipe:
    return run.recipe()
