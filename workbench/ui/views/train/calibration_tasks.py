"""Measuring what a preset costs on request, in a process of its own, and how that stands.

``workbench bench recipe PRESET`` measures; here it is started, watched and told. A training beside
a measurement would make its figures wrong, so none is begun while a run has the device, and one
that a run overtakes is ended.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workbench.bench.calibration import expected
from workbench.errors import PlaceError, RunError
from workbench.paths import datasets_folder, runs_folder
from workbench.recipe.presets import load_preset
from workbench.runs.devices import resolve_devices
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle.launch import device_states
from workbench.runs.lifecycle.worker import import_path
from workbench.ui.views.runs.run_view import called

SECONDS_BETWEEN_LOOKS = 0.5
BESIDE = "a measurement beside it would be wrong"


@dataclass
class _Measurement:
    """One that was asked for; ``refusal`` is why it came to nothing, known when it is ``over``."""

    preset: str
    device: str
    process: "subprocess.Popen[str]"
    over: bool = False
    refusal: str = ""


_newest: dict[str, _Measurement] = {}
_guard = threading.Lock()


def measure(preset: str) -> None:
    """Start measuring a preset, unless it is being measured already.

    Raises RecipeError for a preset that does not exist, RunError where a run has the device or
    another preset is being measured, PlaceError where no process can be started.
    """
    device = resolve_devices(load_preset(preset).run.devices)[0]
    with _guard:
        other = _at_work()
        if other is not None and other.preset == preset:
            return
        if other is not None:
            raise RunError(
                f"{other.preset} is being measured, and {BESIDE}. Measure {preset} when that is"
                " done."
            )
        if (run := _run_on(device)) is not None:
            raise RunError(
                f"{called(run)} has {device}, and {BESIDE}. Measure {preset} when it has ended."
            )
        _newest[preset] = measurement = _Measurement(preset, device, _spawned(preset))
    name = f"measure {measurement.process.pid}"
    threading.Thread(target=_watch, args=(measurement,), daemon=True, name=name).start()


def state_of(preset: str) -> dict[str, Any]:
    """How the measurement of a preset stands: ``state`` and ``words``.

    States are ``none working done failed``; words are what it costs, or why that is not known.
    Raises RecipeError for a preset that does not exist.
    """
    measurement = _newest.get(preset)
    about = expected(load_preset(preset))
    if measurement is not None and not measurement.over:
        return {"state": "working", "words": "A few steps of its training run on this machine."}
    if measurement is not None and measurement.refusal:
        return {"state": "failed", "words": measurement.refusal}
    return {"state": "done" if about else "none", "words": about.description if about else ""}


def measured_now() -> str | None:
    """The preset that is being measured."""
    measurement = _at_work()
    return None if measurement is None else measurement.preset


def _at_work() -> _Measurement | None:
    return next((one for one in list(_newest.values()) if not one.over), None)


def _run_on(device: str) -> RunFolder | None:
    """The run that has a device."""
    run = next((state.busy_with for state in device_states() if state.name == device), None)
    return RunFolder(runs_folder() / run) if run else None


def _spawned(preset: str) -> "subprocess.Popen[str]":
    places = {"WORKBENCH_DATASETS": str(datasets_folder()), "WORKBENCH_RUNS": str(runs_folder())}
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "workbench", "bench", "recipe", preset],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": import_path()} | places,
            start_new_session=True,
        )
    except OSError as error:
        raise PlaceError(
            f"{preset} cannot be measured: no process could be started ({error.strerror or error})."
            " End other programs, and measure again."
        ) from error


def _watch(measurement: _Measurement) -> None:
    """Wait for the end of a measurement, or end it where a run has begun on its device."""
    while True:
        try:
            _, said = measurement.process.communicate(timeout=SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            if (run := _run_on(measurement.device)) is not None:
                measurement.refusal = (
                    f"{called(run)} began on {measurement.device}, and {BESIDE}: it was ended."
                    f" Measure {measurement.preset} again when the run has ended."
                )
                with suppress(ProcessLookupError):
                    os.killpg(measurement.process.pid, signal.SIGTERM)
            continue
        if measurement.process.returncode and not measurement.refusal:
            measurement.refusal = _last_line(said)
        measurement.over = True
        return


def _last_line(said: str) -> str:
    """The sentence a measurement ended with."""
    lines = [line for line in said.splitlines() if line.strip()]
    if not lines:
        return "The measurement ended without a word. Measure again."
    return f"It ended with a bug: {lines[-1]}" if "Traceback" in said else lines[-1]
