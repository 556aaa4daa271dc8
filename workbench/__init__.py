"""Re-ID Workbench: train, compare and look inside re-identification models.

This is the whole public face. Nothing is imported before it is used: ``import workbench`` loads
neither torch nor numpy.

Recipes. A preset and some changes are all that defines a training:

    >>> import workbench
    >>> workbench.presets()[0].name
    'playground/quick'
    >>> recipe = workbench.resolve("playground/global", {"training.length.count": 4})
    >>> isinstance(recipe, workbench.Recipe), recipe.training.length.count
    (True, 4)
    >>> [item.path for item in workbench.fields(recipe) if item.important][-1]
    'run.devices'
    >>> try:
    ...     workbench.resolve("playground/quick", {"data.hight": 96})
    ... except workbench.WorkbenchError as error:
    ...     print(str(error).rpartition(". ")[2])
    Did you mean height?

Figures of any embeddings, exact to the last bit on every machine:

    >>> import numpy as np
    >>> query, gallery = np.eye(2), np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> report = workbench.evaluate(
    ...     query, gallery,
    ...     query_ids=np.array([1, 2]), gallery_ids=np.array([1, 1, 2]),
    ...     query_cameras=np.array([1, 1]), gallery_cameras=np.array([2, 2, 2]),
    ... )
    >>> report.mAP, report.rank[1]
    (1.0, 1.0)
    >>> workbench.rerank(query, gallery, k1=2, k2=1).shape
    (2, 3)
    >>> workbench.recall_at(gallery, np.array([1, 1, 2]), ks=(1,)).recall[1]
    0.5
    >>> workbench.cluster_agreement(gallery, np.array([1, 2, 2]), seed=1).nmi
    1.0

Runs. Each is a folder and a process of its own that outlives whoever started it:

    >>> import time
    >>> run = workbench.start("playground/global", {
    ...     "data.dataset.train_identities": 8, "data.dataset.test_identities": 4,
    ...     "data.dataset.image_height": 32, "data.height": 32, "data.width": 16,
    ...     "data.sampler.identities": 4, "training.length.count": 4,
    ...     "training.precision": "fp32", "run.devices": ["cpu"], "run.threads": 1,
    ... })
    >>> workbench.find_run("last") == run == workbench.list_runs()[0]
    True
    >>> workbench.stop(run, wait=True)
    >>> run = workbench.resume(run)  # from its last checkpoint
    >>> while run.status().alive:
    ...     time.sleep(0.2)
    >>> events, offset = workbench.read_events(run.events_file)
    >>> events[-1]["kind"]
    'finished'
    >>> list(workbench.evaluate_run(run)["metrics"])
    ['averaged']
    >>> rankings = workbench.open_rankings(run)
    >>> len(rankings.list(query=0, k=3)) >= 3
    True
    >>> own = workbench.embed(run, [rankings.embeddings.root / "query"])  # or files, in any order
    >>> len(own.paths) == len(own.vectors) == rankings.num_queries
    True

All of it in a notebook, as tabs of panels that are also plain Python:

    >>> tabs = workbench.lab()
    >>> tabs.runs.to_dataframe()["state"].tolist()
    ['finished']
"""

import sys
from typing import TYPE_CHECKING

if sys.platform == "win32":
    raise ImportError(
        "Re-ID Workbench runs on Linux and macOS, not on Windows itself: install it inside WSL, the"
        " Windows Subsystem for Linux."
    )

from workbench.lazy import first_used

if TYPE_CHECKING:
    from workbench.errors import WorkbenchError as WorkbenchError
    from workbench.experiment import embed as embed
    from workbench.experiment import evaluate_run as evaluate_run
    from workbench.experiment import open_rankings as open_rankings
    from workbench.recipe.fields import fields as fields
    from workbench.recipe.overrides import resolve as resolve
    from workbench.recipe.presets import presets as presets
    from workbench.recipe.schema import Recipe as Recipe
    from workbench.retrieval.clusters import cluster_agreement as cluster_agreement
    from workbench.retrieval.metrics import evaluate as evaluate
    from workbench.retrieval.recall import recall_at as recall_at
    from workbench.retrieval.reranking.rerank import rerank as rerank
    from workbench.runs.lifecycle.from_file import start as start
    from workbench.runs.lifecycle.launch import resume as resume
    from workbench.runs.lifecycle.launch import stop as stop
    from workbench.runs.log import read_events as read_events
    from workbench.runs.management import find_run as find_run
    from workbench.runs.management import list_runs as list_runs
    from workbench.ui.notebook.tabs import lab as lab

_HOMES = {
    "Recipe": "workbench.recipe.schema",
    "WorkbenchError": "workbench.errors",
    "cluster_agreement": "workbench.retrieval.clusters",
    "embed": "workbench.experiment.own_images",
    "evaluate": "workbench.retrieval.metrics",
    "evaluate_run": "workbench.experiment",
    "fields": "workbench.recipe.fields",
    "find_run": "workbench.runs.management",
    "lab": "workbench.ui.notebook.tabs",
    "list_runs": "workbench.runs.management",
    "open_rankings": "workbench.experiment",
    "presets": "workbench.recipe.presets",
    "read_events": "workbench.runs.log",
    "recall_at": "workbench.retrieval.recall",
    "rerank": "workbench.retrieval.reranking.rerank",
    "resolve": "workbench.recipe.overrides",
    "resume": "workbench.runs.lifecycle.launch",
    "start": "workbench.runs.lifecycle.from_file",
    "stop": "workbench.runs.lifecycle.launch",
}

__all__ = [
    "Recipe",
    "WorkbenchError",
    "cluster_agreement",
    "embed",
    "evaluate",
    "evaluate_run",
    "fields",
    "find_run",
    "lab",
    "list_runs",
    "open_rankings",
    "presets",
    "read_events",
    "recall_at",
    "rerank",
    "resolve",
    "resume",
    "start",
    "stop",
]

__getattr__, __dir__ = first_used(__name__, _HOMES)
