"""The one composition root: from a recipe to a trained, evaluated run, and back to its results.

``python -m workbench.experiment RUN_FOLDER`` is what a run's worker becomes. The names below are
what faces use; those that need torch load it when they are first asked for.
"""

from typing import TYPE_CHECKING

from workbench.lazy import first_used

if TYPE_CHECKING:
    from workbench.experiment.evaluation import evaluate_run as evaluate_run
    from workbench.experiment.networks import network_of as network_of
    from workbench.experiment.networks import parameters as parameters
    from workbench.experiment.own_images import embed as embed
    from workbench.experiment.own_images import rank_image as rank_image
    from workbench.experiment.run_rankings import embed_in_background as embed_in_background
    from workbench.experiment.run_rankings import open_rankings as open_rankings
    from workbench.experiment.run_rankings import rankings_are_ready as rankings_are_ready

_HOMES = {
    "embed": "workbench.experiment.own_images",
    "embed_in_background": "workbench.experiment.run_rankings",
    "evaluate_run": "workbench.experiment.evaluation",
    "network_of": "workbench.experiment.networks",
    "open_rankings": "workbench.experiment.run_rankings",
    "parameters": "workbench.experiment.networks",
    "rank_image": "workbench.experiment.own_images",
    "rankings_are_ready": "workbench.experiment.run_rankings",
}

__getattr__, __dir__ = first_used(__name__, _HOMES)
