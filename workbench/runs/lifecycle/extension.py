"""Training a run longer than its recipe says: the new length, written into the run's recipe."""

import re
from typing import Any

from workbench.errors import RunError
from workbench.recipe.merge import validated
from workbench.recipe.overrides import merged
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.training import Epochs, Length, Steps
from workbench.recipe.text import to_yaml
from workbench.runs.checkpoints import META, checkpoint_folder
from workbench.runs.files import read_json, write_atomically
from workbench.runs.folder import RunFolder, write_yaml
from workbench.runs.status import written_status

_LENGTH = re.compile(r"\s*(?P<count>[0-9]{1,9})\s*(?P<unit>steps?|epochs?)?\s*")


def read_length(text: str | int) -> Length:
    """A length as people write it: ``400``, ``400 steps`` or ``12 epochs``.

    Raises RunError for anything else, and for none at all.
    """
    match = _LENGTH.fullmatch(str(text))
    if match is None or int(match["count"]) == 0:
        raise RunError(f"until = {text}: not a length. Give steps (400) or epochs ('12 epochs').")
    kind = Epochs if (match["unit"] or "").startswith("epoch") else Steps
    return kind.model_construct(kind=kind().kind, count=int(match["count"]))


def extend(run: RunFolder, until: str | int, *, hold: bool = True) -> None:
    """Write the new length into the run's recipe; only for the holder of the run's lock.

    With ``hold`` the learning rate stays that of the last step of the length before; otherwise the
    schedule spans the new one. An early stop is dropped: the length was asked for. A run that has
    not reached its end yet may be given the length that it has, which changes nothing.

    Raises RunError where ``until`` is no length or not longer, or nothing was trained yet.
    """
    recipe, length, status = run.recipe(), read_length(until), written_status(run)
    size = _steps_per_epoch(run)
    planned, wanted = _steps(recipe.training.length, size), _steps(length, size)
    if status.state != "finished" and wanted == planned:
        return
    least = status.step if status.state == "finished" else planned
    if wanted <= least:
        reached = "has trained" if status.state == "finished" else "is to train"
        raise RunError(
            f"until = {until}: run {run.id} {reached} {least} steps already, so this must be more"
            f" than {least} steps (an epoch has {size})."
        )
    before = recipe.training.extension
    changes: dict[str, Any] = {
        "training.length.kind": length.kind,
        "training.length.count": length.count,
        "training.extension.after": before.after if before else planned,
        "training.extension.hold": hold,
    }
    if recipe.training.early_stop is not None:
        changes["training.early_stop"] = None
    _write(run, validated(*merged(recipe, changes)), changes)


def _write(run: RunFolder, recipe: Recipe, changes: dict[str, Any]) -> None:
    groups = ("training.length", "training.extension", *changes)
    others = {path: value for path, value in run.overrides().items() if path not in groups}
    write_yaml(run.overrides_file, {"preset": run.preset(), "overrides": others | changes})
    write_atomically(run.recipe_file, to_yaml(recipe))


def _steps(length: Length, steps_per_epoch: int) -> int:
    return length.count if isinstance(length, Steps) else length.count * steps_per_epoch


def _steps_per_epoch(run: RunFolder) -> int:
    meta = read_json(checkpoint_folder(run) / META) or {}
    size = meta.get("steps_per_epoch")
    if not isinstance(size, int):
        raise RunError(f"The last checkpoint of run {run.id} does not say how long an epoch is.")
    return size
