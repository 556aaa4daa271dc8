"""Runs as faces show them: plain JSON objects with the words and the possible actions."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import RunError, reason_of
from workbench.inspection.filmstrip import snapshot_steps
from workbench.recipe.compare import digest
from workbench.recipe.text import to_yaml, train_command, value_text
from workbench.runs.checkpoints import best_name, last_name
from workbench.runs.export import export_csv
from workbench.runs.files import read_json
from workbench.runs.folder import RunFolder
from workbench.runs.management import list_runs
from workbench.runs.status import Status
from workbench.ui.links import Link, write_link
from workbench.ui.views.rankings.stored_rankings import CHOSEN_ON_TEST, weights_of
from workbench.ui.views.runs.reported_view import recipe_of, reported_facts
from workbench.ui.words import state_in_words

HIDDEN = ("run.", "data.root")
COMMON = {"count", "weight", "width", "name", "at", "start", "epochs", "every"}
"""Last words of so many paths that they say nothing alone."""
LOG_BYTES = 64_000
"""The most of an output log that is sent at once."""


def called(run: RunFolder) -> str:
    """What people call a run: its name, or its id where it has none."""
    return run.labels().name or run.id


def brief_rows() -> list[dict[str, Any]]:
    """Every run as a choice: id, label, state, and whether there is something to rank or to map."""
    return [_readable(run, _brief_row) for run in list_runs()]


def _brief_row(run: RunFolder) -> dict[str, Any]:
    status = run.status()
    return {
        "id": run.id,
        "label": called(run),
        "state": status.state,
        "computed": status.computed,
        "rank": can_rank(run, status),
        "embedded": is_embedded(run),
        "snapshots": bool(snapshot_steps(run)),
    }


def rows() -> list[dict[str, Any]]:
    """Every run as a row of a table, the newest first; one that cannot be read with its problem."""
    return [_readable(run, row) for run in list_runs()]


def _readable(run: RunFolder, about: Callable[[RunFolder], dict[str, Any]]) -> dict[str, Any]:
    """What there is to say about a run; where its files cannot be read, why, so others are seen."""
    try:
        return about(run)
    except Exception as error:  # a run's folder may hold anything
        reason = reason_of(error)
    blank = dict.fromkeys(("created", "duration", "figures"))
    never = dict.fromkeys(("rank", "embedded", "snapshots", "alive"), False)
    texts = {"id": run.id, "label": run.id, "name": "", "note": "", "preset": "", "computed": ""}
    words = f"Unreadable: {reason}."
    can = dict.fromkeys(("stop", "resume", "delete", "rank"), False)
    state = {"state": "unreadable", "words": words, "problem": reason, "changed": [], "can": can}
    return texts | blank | never | state


def row(run: RunFolder) -> dict[str, Any]:
    """One run: what it is called, how it stands, what was changed, which figures it has."""
    status, labels = run.status(), run.labels()
    ahead = [called(RunFolder(run.path.with_name(other))) for other in status.waiting_for]
    return {
        "id": run.id,
        "name": labels.name,
        "label": labels.name or run.id,
        "note": labels.note,
        "preset": run.preset(),
        "state": status.state,
        "alive": status.alive,
        "words": _words(state_in_words(status, last_name(run), ahead), status.notice),
        "changed": changed(run),
        "problem": run.problem(),
        "computed": status.computed,
        "notice": status.notice or "",
        "created": status.created,
        "duration": status.duration,
        "figures": best_figures(status),
        "can": actions(run, status),
    }


def detail(run: RunFolder) -> dict[str, Any]:
    """One run with everything a face shows while following it."""
    status = run.status()
    return {
        **row(run),
        "step": status.step,
        "total": status.total,
        "share": _share(status),
        "eta": status.eta,
        "error": status.error,
        "metrics": status.metrics,
        "facts": facts(run, status),
        "command": train_command(run.preset(), run.overrides()),
        "link": write_link(Link(tab="train", run=run.id)),
    }


def changed(run: RunFolder) -> list[dict[str, str]]:
    """What was changed in the preset, without where the run runs and what it is called."""
    return [
        {
            "path": path,
            "short": _short(path),
            "value": "removed" if value is None else value_text(value),
        }
        for path, value in run.overrides().items()
        if not path.startswith(HIDDEN)
    ]


def _short(path: str) -> str:
    """The end of a path that says what a setting is: ``length count``, ``backbone``, ``height``."""
    *groups, last = path.split(".")
    if last == "kind":
        return groups[-1].replace("_", " ")
    words = (groups[-1], last) if last in COMMON and len(groups) > 1 else (last,)
    return " ".join(words).replace("_", " ")


def actions(run: RunFolder, status: Status) -> dict[str, bool]:
    """What can be done with a run now."""
    return {
        "stop": status.alive and status.state != "stopping",
        "resume": status.state in ("stopped", "failed", "lost"),
        "delete": not status.alive,
        "rank": can_rank(run, status),
    }


def can_rank(run: RunFolder, status: Status) -> bool:
    """Whether the run has embeddings to rank, or has ended with a checkpoint to make them from."""
    return is_embedded(run) or (not status.alive and last_name(run) is not None)


def is_embedded(run: RunFolder) -> bool:
    """Whether some weights of the run can be ranked with at once."""
    return any(one.ready for one in weights_of(run))


def best_figures(status: Status) -> dict[str, Any] | None:
    """The figures of the averaged weights, else of the raw ones, saying which."""
    metrics = status.metrics or {}
    for weights in ("averaged", "raw"):
        if found := metrics.get(weights):
            return {**found, "weights": weights}
    return None


def facts(run: RunFolder, status: Status) -> list[tuple[str, str]]:
    """Where and how a run runs, as label and words."""
    known = [
        ("Run", run.id),
        ("Folder", str(run.path)),
        ("Preset", run.preset()),
        ("Device", ", ".join(status.devices)),
        ("Recipe", _recipe_identity(run)),
        (
            "Computed with",
            status.computed or (f"{status.threads} threads" if status.threads else ""),
        ),
        ("Machine", _machine(run)),
        ("Last checkpoint", last_name(run) or "none yet"),
        ("Best checkpoint", _best(run)),
        *reported_facts(run, status),
    ]
    return [(label, words) for label, words in known if words]


def _words(state: str, notice: str | None) -> str:
    return f"{state} It {notice}" if notice else state


def _recipe_identity(run: RunFolder) -> str:
    """Digest and seed: with ``Status.computed`` and the machine, what the weights follow from."""
    try:
        recipe = recipe_of(run)
    except RunError:
        return ""
    return f"{digest(recipe)}, seed {recipe.training.seed}"


def _best(run: RunFolder) -> str:
    name = best_name(run)
    return f"{name}, {CHOSEN_ON_TEST}" if name else ""


def _machine(run: RunFolder) -> str:
    machine = (read_json(run.environment_file) or {}).get("machine") or {}
    told = [
        machine.get("processor"),
        f"{machine.get('cores')} cores",
        f"{machine.get('memory_gigabytes')} GB",
        machine.get("accelerator"),
        machine.get("system"),
    ]
    return ", ".join(filter(None, told)) if machine else ""


def recipe_yaml(run: RunFolder) -> str:
    """The recipe as it was frozen when the run was made."""
    return to_yaml(run.recipe())


def curves_file(run: RunFolder) -> Path:
    """A file with all points of all series, written anew at every call."""
    run.cache.mkdir(exist_ok=True)
    return export_csv(run, run.cache / "curves.csv")


def log_tail(run: RunFolder, start: int) -> dict[str, Any]:
    """The run's output from byte ``start`` on, at most its last 64 kB."""
    try:
        size = run.log_file.stat().st_size
    except FileNotFoundError:
        return {"text": "", "next": 0, "skipped": False}
    begin = max(min(start, size), size - LOG_BYTES, 0)
    with open(run.log_file, "rb") as file:
        file.seek(begin)
        data = file.read(LOG_BYTES)
    return {
        "text": data.decode("utf-8", "replace"),
        "next": begin + len(data),
        "skipped": begin > start,
    }


def _share(status: Status) -> float | None:
    """How much of the training is done, or of the preparation as its stage tells ("3 of 12")."""
    if status.step and status.total:
        return min(1.0, status.step / status.total)
    told = re.search(r"(\d+) of (\d+)", status.stage or "")
    return int(told[1]) / max(1, int(told[2])) if told and status.alive else None
