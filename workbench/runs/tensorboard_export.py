"""The curves of a run as an event file for TensorBoard.

A module of its own, because TensorBoard's format costs a second to import.
"""

# The classes of a protocol buffer are made at run time: no checker can see them.
# pyright: basic, reportAttributeAccessIssue=false

import io
from collections.abc import Iterator
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from workbench.errors import RunError
from workbench.runs.export import series_of
from workbench.runs.files import write_atomically
from workbench.runs.log import read_events
from workbench.runs.run_paths import RunPaths

FORMAT = "brain.Event:2"


def export_tensorboard(run: RunPaths, folder: Path) -> Path:
    """Write ``<folder>/<run id>/events.out.tfevents.<run id>`` and return its path.

    ``tensorboard --logdir <folder>`` then shows the run beside others exported there. Raises
    RunError where the run has no points or the file cannot be written.
    """
    target = folder / run.id / f"events.out.tfevents.{run.id}"
    data = io.BytesIO()
    writer = RecordWriter(data)
    for event in _events(run):
        writer.write(event.SerializeToString())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data.getvalue())
    except OSError as error:
        raise RunError(
            f"{target} cannot be written: {error.strerror or error}. Name another folder."
        ) from error
    return target


def _events(run: RunPaths) -> Iterator[Event]:
    table = series_of(run)
    records, _ = read_events(run.events_file)
    # A step that was done again after resuming has its second time.
    times = {
        record["step"]: float(record.get("time", 0.0))
        for record in records
        if record.get("kind") in ("step", "evaluated")
    }
    yield Event(wall_time=min(times.values()), file_version=FORMAT)
    for name in sorted(table.by_name):
        series = table.by_name[name]
        # TensorBoard groups by the part before a stroke.
        tag = name.replace(".", "/", 1)
        for step, value in zip(series.steps, series.values, strict=True):
            point = Summary.Value(tag=tag, simple_value=value)
            yield Event(wall_time=times[step], step=step, summary=Summary(value=[point]))
