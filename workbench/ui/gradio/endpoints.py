"""Named endpoints for ``gradio_client``: start, follow, stop, resume a run; look at a list.

``token`` is there for pages that other machines can reach; this one, on the loopback address, asks
for none.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api

from workbench.errors import RecipeError, WorkbenchError
from workbench.runs.lifecycle import launch
from workbench.runs.management import find_run
from workbench.ui.launching import left
from workbench.ui.views.rankings.ranking_view import ranking_of

Answer = TypeVar("Answer")


def add_endpoints() -> None:
    """Add every endpoint to the page being built."""
    for endpoint in (start_run, run_status, stop_run, resume_run, rank):
        api(endpoint, api_name=endpoint.__name__, concurrency_limit=4)


def start_run(preset: str, overrides: str = "{}", token: str = "") -> str:
    """Start a run of a preset with overrides (a JSON object) and return its id."""
    return _told(lambda: launch.start(preset, _object(overrides)).id)


def run_status(run: str) -> dict[str, Any]:
    """The status of a run (an id, a name, a prefix of an id, or last) with the computed state."""
    return _told(lambda: {"run": find_run(run).id, **find_run(run).status().record()})


def stop_run(run: str, token: str = "") -> dict[str, Any]:
    """Ask a run to stop; returns its status."""
    _told(lambda: launch.stop(find_run(run)))
    return run_status(run)


def resume_run(run: str, token: str = "", until: str = "") -> dict[str, Any]:
    """Let a run go on from its last checkpoint, to a new length if given; returns its status."""
    _told(lambda: launch.resume(left(find_run(run)), until=until or None))
    return run_status(run)


def rank(run: str, query: int, k: int = 10, weights: str = "averaged") -> dict[str, Any]:
    """The ranked list of one query: its AP, the first k images, those left out with a reason."""
    return _told(lambda: ranking_of(find_run(run), weights, "query", query, k))


def _object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise RecipeError(
            f"overrides: not JSON ({error}). Give an object of path and value."
        ) from None
    if not isinstance(values, dict):
        raise RecipeError("overrides: not a JSON object. Give an object of path and value.")
    return values


def _told(work: Callable[[], Answer]) -> Answer:
    """What ``work`` returns; what users can cause reaches the client as its own sentence."""
    try:
        return work()
    except WorkbenchError as error:
        raise gr.Error(str(error), print_exception=False) from error
