"""The one composition root: from a recipe to a trained, evaluated run, and back to its results.

``python -m workbench.experiment RUN_FOLDER`` is what a run's worker becomes. The names below are
what faces use; those that need torch load it when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.experiment.evaluation import evaluate_run as evaluate_run
    from workbench.experiment.networks import network_of as network_of
    from workbench.experiment.networks import parameters as parameters
    from workbench.experiment.rankings import embed_in_background as embed_in_background
    from workbench.experiment.rankings import open_rankings as open_rankings
    from workbench.experiment.rankings import rankings_are_ready as rankings_are_ready

_HOMES = {
    "embed_in_background": "rankings",
    "evaluate_run": "evaluation",
    "network_of": "networks",
    "open_rankings": "rankings",
    "parameters": "networks",
    "rankings_are_ready": "rankings",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Load a name's own module when it is first used, so that a page opens without torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
