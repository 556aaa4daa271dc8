"""Requests to a worker, left as files in its ``control/`` folder."""

from workbench.errors import RunError
from workbench.runs.files import write_atomically
from workbench.runs.run_paths import RunPaths


def request_stop(run: RunPaths) -> None:
    """Ask the worker to write a checkpoint and end. Raises RunError where it cannot be left."""
    try:
        run.control.mkdir(exist_ok=True)
        write_atomically(run.control / "stop", "")
    except OSError as error:
        raise RunError(
            f"The request to stop run {run.id} could not be left in {run.control}:"
            f" {error.strerror or error}. Make the folder writable and ask again."
        ) from error


def stop_asked(run: RunPaths) -> bool:
    """Whether somebody asked this run to stop."""
    return (run.control / "stop").exists()


def clear_stop(run: RunPaths) -> None:
    """Forget a request to stop, before the run goes on."""
    (run.control / "stop").unlink(missing_ok=True)
