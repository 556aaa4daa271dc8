"""The map of a run by its snapshots alone: while it trains, before anything is embedded."""

from typing import Any

from workbench.data.wording import counted
from workbench.errors import RunError
from workbench.inspection.filmstrip import snapshot_steps, snapshots_mark
from workbench.runs.folder import RunFolder
from workbench.ui.views.map.map_frames import sample_size
from workbench.ui.views.map.map_images import MapImages
from workbench.ui.views.map.map_tasks import mapped_steps
from workbench.ui.views.rankings.filmstrip_view import data_of
from workbench.ui.views.rankings.stored_rankings import weights_of

LIVE = "snapshots"
"""What stands in place of weights."""
LABEL = "as it trains: raw weights of each evaluation"
NO_UMAP = {"ready": False, "working": False, "words": "A UMAP is made when the run has ended."}
"""Until then it would take the processor from the training."""


def is_live(run: RunFolder, wanted: str) -> bool:
    """Whether the snapshots are meant: by name, or because a run that trains has nothing else."""
    if wanted:
        return wanted == LIVE
    embedded = any(one.ready for one in weights_of(run))
    return not embedded and bool(snapshot_steps(run)) and run.status().alive


def live_choices(run: RunFolder, wanted: str) -> list[dict[str, Any]]:
    """The snapshots as a choice among weights, while the run trains or where they are meant."""
    trains = run.status().alive and bool(snapshot_steps(run))
    return [{"key": LIVE, "label": LABEL, "ready": True}] if trains or wanted == LIVE else []


def live_images(run: RunFolder) -> MapImages:
    """All queries and gallery images of the run's data, of which snapshots keep some.

    Raises RunError or DataError where the data are gone or others than the run began with.
    """
    return MapImages.of(data_of(run))


def live_facts(run: RunFolder) -> dict[str, Any]:
    """What a map of the snapshots holds.

    Raises RunError where there is no snapshot, or the data are not those of the run.
    """
    images = live_images(run)
    return {
        "ready": True,
        "live": True,
        "images": len(images),
        "queries": len(images.query),
        "missing": "" if images.root.is_dir() else f"The images are no longer in {images.root}.",
        "umap": NO_UMAP,
        **live_news(run),
    }


def live_news(run: RunFolder, known: str = "") -> dict[str, Any]:
    """The steps there are maps of, where anything has changed since the mark ``known``.

    Raises RunError where there is no snapshot, or the run is gone.
    """
    alive = run.status().alive
    mark = f"{snapshots_mark(run)}-{'alive' if alive else 'ended'}"
    if mark == known:
        return {"mark": mark, "unchanged": True}
    steps = mapped_steps(run)
    if not steps:
        raise RunError(
            f"Run {run.id} has no snapshot yet: the first one comes with its first evaluation."
        )
    return {
        "mark": mark,
        "unchanged": False,
        "alive": alive,
        "words": _words(sample_size(run), steps, alive=alive),
        "snapshots": {"steps": list(steps), "umap": NO_UMAP, "words": _film(steps, alive=alive)},
    }


def _words(images: int, steps: tuple[int, ...], *, alive: bool) -> str:
    what = f"{counted(images, 'image')} by the raw weights of step {steps[-1]}"
    if alive:
        return f"{what}, the last evaluation so far. The run trains: the map follows it."
    return f"{what}, its last evaluation. The run has ended: its weights can be chosen above."


def _film(steps: tuple[int, ...], *, alive: bool) -> str:
    more = " New ones come as the run trains." if alive else ""
    return f"{counted(len(steps), 'evaluation')}, always the same images.{more}"
