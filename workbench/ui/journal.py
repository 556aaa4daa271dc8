"""What happened to a run, line by line, in words: everything in its events but the single steps."""

from collections.abc import Callable
from typing import Any

from workbench.runs.log import Record, events_of, read_lines
from workbench.runs.run_paths import RunPaths
from workbench.ui.words import percent

LEFT_OUT = (b'"kind":"step"', b'"kind":"progress"')
MOST_LINES = 500


def journal(run: RunPaths, start: int = 0) -> dict[str, Any]:
    """Lines of a run's events from byte ``start`` on, and the offset to go on from.

    Each has ``time`` (Unix seconds), ``step``, ``kind`` and ``text``. Of a long past the last 500.
    """
    lines, following = read_lines(run.events_file, start)
    told = [line for line in lines if not any(kind in line for kind in LEFT_OUT)]
    return {"next": following, "lines": [_line(record) for record in events_of(told)][-MOST_LINES:]}


def _line(record: Record) -> dict[str, Any]:
    kind = str(record.get("kind"))
    words = _WORDS.get(kind, _message)
    return {
        "time": record.get("time"),
        "step": record.get("step"),
        "kind": kind,
        "text": words(record),
    }


def _message(record: Record) -> str:
    return str(record.get("message") or record.get("kind"))


def _started(record: Record) -> str:
    where = ", ".join(record.get("devices") or ())
    return (
        f"Started: {record.get('train_images')} images of {record.get('train_identities')}"
        f" identities, {record.get('total')} steps on {where}, {record.get('precision')},"
        f" {record.get('threads')} threads."
    )


def _evaluated(record: Record) -> str:
    return f"Evaluated in {record.get('seconds') or 0:.1f} s: {_figures(record)}."


def _checkpoint(record: Record) -> str:
    return f"Checkpoint {record.get('name')} written."


def _finished(record: Record) -> str:
    return f"Finished: {_figures(record)}."


def _stopped(_: Record) -> str:
    return "Stopped on request."


def _failed(record: Record) -> str:
    return f"Failed: {record.get('error')}"


def _figures(record: Record) -> str:
    metrics = record.get("metrics") or {}
    told = [
        f"{weights} mAP {percent(values['mAP'])}, Rank-1 {percent(values['rank1'])}"
        for weights, values in metrics.items()
        if values and values.get("mAP") is not None and values.get("rank1") is not None
    ]
    return "; ".join(told) or "no figures"


_WORDS: dict[str, Callable[[Record], str]] = {
    "started": _started,
    "evaluated": _evaluated,
    "checkpoint": _checkpoint,
    "finished": _finished,
    "stopped": _stopped,
    "failed": _failed,
}
