"""Whether weights were chosen on the very queries they are evaluated on. No torch."""

from typing import TypedDict

from workbench.recipe.schema import Recipe
from workbench.runs.checkpoints import best_name, last_name
from workbench.runs.folder import RunFolder


class Selection(TypedDict):
    """How weights were chosen on the test queries.

    ``by`` is "best" (the checkpoint with the highest ``metric``) or "early_stop" (the training
    ended where ``metric`` no longer rose).
    """

    by: str
    metric: str


def selection_of(run: RunFolder, recipe: Recipe, name: str, requested: str) -> Selection | None:
    """How checkpoint ``name`` was chosen on the run's own test queries; None: it was not.

    ``requested`` is what was asked for: the best checkpoint is a choice also where it happens to
    be the last one. No split sets queries aside for validation, so a best mAP is always one on the
    test queries.
    """
    if requested == "best" or (name == best_name(run) and name != last_name(run)):
        return {"by": "best", "metric": "mAP"}
    early = recipe.training.early_stop
    if early is not None and name == last_name(run) and _ended_early(run):
        return {"by": "early_stop", "metric": early.metric}
    return None


def selection_note(selection: Selection | None, name: str) -> list[str]:
    """A sentence for people on ``selection`` of checkpoint ``name``; none where it is None."""
    if selection is None:
        return []
    if selection["by"] == "best":
        return [
            f"Checkpoint {name} was chosen for its {selection['metric']} on these test queries, so"
            " its metrics are optimistic: --checkpoint last gives the end of the training."
        ]
    return [
        f"The training ended at {name} by early stopping on the {selection['metric']} of these test"
        " queries, so its metrics are optimistic."
    ]


def _ended_early(run: RunFolder) -> bool:
    status = run.status()
    return status.state == "finished" and status.total is not None and status.step < status.total
