"""Every preset on the miniature of its data set: trained, evaluated, explained.

    .venv/bin/python benchmarks/every_recipe.py                # all; one to two minutes each
    .venv/bin/python benchmarks/every_recipe.py --together 2   # a share of the threads each
    .venv/bin/python benchmarks/every_recipe.py rpm/sop mgn/msmt17 --length 6 --sheets FOLDER

Each is started as from a shell and trained by its worker. What was found stands in
`benchmarks/every_recipe.json`, one JSON object a line, and is not measured again while the recipe
is the same (unless presets are named); so an interrupted run goes on where it was. At the end the
table is written to `benchmarks/every_recipe.md`. Miniatures are drawn into the data sets folder;
runs are kept in a temporary folder and deleted one by one. One pair of each is explained, with
deletion scores for one preset of each system (they need a hundred images more); `--sheets` also
keeps a sheet of sixteen, which takes longer than all else. The figures are those of
a few steps on drawn pictures: they tell that a recipe works, not how well.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import torch

from workbench.data.synthetic.miniatures.trial import on_miniature
from workbench.errors import DataError, WorkbenchError
from workbench.experiment import evaluate_run, parameters
from workbench.experiment.run_rankings import open_rankings
from workbench.inspection.explaining import explain_pair
from workbench.inspection.explanation_files import hit_at, write_pair, write_sheet
from workbench.recipe.compare import digest
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import preset_names
from workbench.runs.environment import machine
from workbench.runs.files import write_atomically
from workbench.runs.lifecycle import launch
from workbench.runs.log import read_events

RECORD = Path(__file__).with_suffix(".json")
TABLE = Path(__file__).with_suffix(".md")
PLAYGROUND = {
    "data.dataset.train_identities": 16,
    "data.dataset.test_identities": 8,
    "data.dataset.image_height": 64,
}
OWN_FOLDER = "baseline/folder"
COLUMNS = ("preset", "parameters", "images/s", "peak memory", "before", "after", "averaged")
EXPLAINED = "sheet.png"
SECONDS = 1800.0
"""No training of this kind takes longer."""


def settings_of(preset, length):
    """Overrides for a short training; the playground is drawn small instead."""
    try:
        return on_miniature(preset, length=length)
    except DataError:
        steps = {"training.length.count": 4 * length, "training.evaluate.kind": "never"}
        return PLAYGROUND | steps | {"training.schedule.warmup.count": length}


def digest_of(preset, settings):
    """Of the recipe wherever its images lie, so that a record holds on every machine."""
    return digest(resolve(preset, {k: v for k, v in settings.items() if k != "data.root"}))


def recorded():
    """What was found so far, by preset."""
    if not RECORD.is_file():
        return {}
    results = [json.loads(line) for line in RECORD.read_text().splitlines()]
    return {result["preset"]: result for result in results}


def is_measured(preset, length):
    """Whether a recipe as it is now was measured, and without a problem."""
    before = recorded().get(preset, {"problem": ""})
    now = digest_of(preset, settings_of(preset, length))
    return "problem" not in before and before["recipe"] == now


def record(result):
    everything = recorded() | {result["preset"]: result}
    lines = [json.dumps(everything[name]) for name in preset_names() if name in everything]
    write_atomically(RECORD, "\n".join(lines) + "\n")


def peak_megabytes(pid):
    """Largest memory a living process has had so far, in MB; None where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peaks[0]) * 1024 / 1e6 if peaks else None


def trained(preset, settings):
    """The run, ended, and the largest memory of its worker."""
    run, peak = launch.start(preset, settings), None
    until = time.monotonic() + SECONDS
    try:
        while (status := run.status()).alive and time.monotonic() < until:
            peak = peak_megabytes(status.pid) or peak
            time.sleep(0.1)
    finally:
        if run.status().alive:
            launch.stop(run, wait=True)
    return run, peak


def first_of_each_system():
    """Names of one preset of each system."""
    return {name.partition("/")[0]: name for name in reversed(measured_presets())}.values()


def measured_presets():
    """All but the one that needs a folder of one's own."""
    return [name for name in preset_names() if name != OWN_FOLDER]


def rounded(metrics):
    """The few that every protocol has."""
    return {name: round(value, 4) for name, value in (metrics or {}).items() if value is not None}


def checked_again(run, sheets, preset):
    """Evaluated and explained anew from the checkpoint; True where the figures are those it had."""
    evaluated = evaluate_run(run, weights="raw", checkpoint="last")["metrics"]["raw"]
    hit = hit_at(open_rankings(run, "raw", "last"), 0, 1)
    scores = preset in first_of_each_system()
    explanation = explain_pair(run, 0, hit, "raw", checkpoint="last", scores=scores)
    with tempfile.TemporaryDirectory() as folder:
        write_pair(run, explanation, Path(folder))
        if sheets is not None:
            written = write_sheet(run, Path(folder), "raw", checkpoint="last")
            sheet = next(file for file in written if file.name == EXPLAINED)
            sheets.mkdir(parents=True, exist_ok=True)
            shutil.copy(sheet, sheets / f"{preset.replace('/', '_')}.png")
    trained_metrics = run.status().metrics["raw"]
    return all(evaluated[name] == trained_metrics[name] for name in ("mAP", "rank1"))


def measured(preset, settings, sheets):
    began = time.monotonic()
    run, peak = trained(preset, settings)
    status, (events, _) = run.status(), read_events(run.events_file)
    if status.state != "finished":
        return {"problem": status.error or f"the run is {status.state}"}
    speeds = [event["images_per_second"] for event in events if event["kind"] == "step"]
    first = next(event for event in events if event["kind"] == "evaluated")
    return {
        "seconds": {"training": round(time.monotonic() - began, 1)},
        "steps": status.step,
        "precision": status.precision,
        "threads": status.threads,
        "images_per_second": round(statistics.median(filter(None, speeds)), 1),
        "peak_megabytes": None if peak is None else round(peak),
        "before": rounded(first["metrics"]["raw"]),
        "after": rounded(status.metrics["raw"]),
        "averaged": rounded(status.metrics["averaged"]),
        "same_figures_again": checked_again(run, sheets, preset),
        "parameters": parameters(resolve(preset)),
    } | {"all_seconds": round(time.monotonic() - began, 1)}


def measure_preset(preset, options):
    """What was found of a preset: its own share of the threads, where several run at a time."""
    settings, together = settings_of(preset, options.length), options.together
    about = {"preset": preset, "recipe": digest_of(preset, settings), "machine": machine()}
    if together > 1:
        threads = max(1, (os.cpu_count() or 1) // together)
        torch.set_num_threads(threads)
        settings, about = settings | {"run.threads": threads}, about | {"together": together}
    with tempfile.TemporaryDirectory(prefix="every_recipe_") as folder:
        os.environ["WORKBENCH_RUNS"] = folder
        try:
            return about | measured(preset, settings, options.sheets)
        except WorkbenchError as error:
            return about | {"problem": str(error)}


def cell(metrics):
    return "" if not metrics else f"{100 * metrics['mAP']:.1f} / {100 * metrics['rank1']:.1f}"


def row(result):
    if "problem" in result:
        return f"| `{result['preset']}` | | | | | {result['problem']} | |"
    memory = result["peak_megabytes"]
    cells = [
        f"`{result['preset']}`",
        f"{result['parameters']:,}",
        f"{result['images_per_second']:.1f}",
        "" if memory is None else f"{memory:,} MB",
        *(cell(result[name]) for name in ("before", "after", "averaged")),
    ]
    return f"| {' | '.join(cells)} |"


def write_table(results):
    succeeded = [result for result in results if "problem" not in result]
    again = sum(result["same_figures_again"] for result in succeeded)
    processor = (results[0]["machine"] or {}).get("processor", "")
    together = sorted({result.get("together", 1) for result in results})
    conditions = {(1,): "each alone"}.get(
        (*together,), f"up to {together[-1]} at a time (speeds are lower bounds)"
    )
    lines = [
        "# Every recipe on its miniature",
        "",
        f"{len(succeeded)} of {len(measured_presets())} presets trained for a few steps, evaluated"
        f" and explained on {processor}, {conditions}; {again} gave the same metrics again from"
        " their checkpoint. Metrics are mAP / Rank-1 in percent: before the first step, after the"
        " last one, and with averaged weights.",
        "They say that a recipe works, not how well it does: pictures are drawn, few, and small.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---|---:|---:|---:|---|---|---|",
        *map(row, results),
    ]
    write_atomically(TABLE, "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    known = measured_presets()
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="default: all but a folder's")
    parser.add_argument("--length", type=int, default=1, help="epochs, or steps as it counts")
    parser.add_argument("--sheets", type=Path, help="folder for a sheet of heatmaps of each")
    parser.add_argument("--together", type=int, default=1, help="presets at a time")
    options = parser.parse_args()
    presets = options.presets or [name for name in known if not is_measured(name, options.length)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.together, mp_context=spawn) as workers:
        for ended in as_completed(
            [workers.submit(measure_preset, preset, options) for preset in presets]
        ):
            record(ended.result())
            print(row(ended.result()), flush=True)
    results = recorded()
    write_table([results[name] for name in known if name in results])
    return 1 if any("problem" in results.get(name, {}) for name in known) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
