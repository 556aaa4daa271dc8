"""``evaluate``: figures of runs, on their own data or on others."""

from argparse import Namespace
from dataclasses import dataclass
from typing import Any

from workbench.cli.bars import bar
from workbench.cli.commands.results import weights_of
from workbench.cli.output import Output, metrics_line
from workbench.cli.usage import UsageError
from workbench.interop.result_lines import ranks_of, result_lines
from workbench.recipe.merge import validated
from workbench.recipe.overrides import merged
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.data import Data
from workbench.recipe.settings.evaluation import Evaluation
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run

EvaluationResult = dict[str, Any]


@dataclass(frozen=True)
class EvaluationRequest:
    """One evaluation: a run, what its data are called, other data than its own, the protocol."""

    run: RunFolder
    name: str
    data: Data | None
    evaluation: Evaluation


def evaluate(options: Namespace, output: Output) -> int:
    """Evaluate checkpoints of runs, raw and averaged weights, on their own data or on others."""
    # A table or lines are for other programs to read: only they go to standard output.
    if not options.table and not options.lines:
        output.print_folders("runs", "datasets")
    _check_options(options)
    runs = [find_run(run) for run in options.run]
    # What is found missing for the last one is said before the first one is evaluated.
    requests = [request for run in runs for request in _requests_of(run, options)]
    results: list[tuple[EvaluationRequest, EvaluationResult]] = []
    for request in requests:
        result = _evaluate(request, options, output)
        results.append((request, result))
        if output.json_lines:
            output.record("evaluation", **({"run": request.run.id} | result))
        elif options.lines:
            _say_lines(request.run, result, options.lines, output)
        elif not options.table:
            _say(result, output)
    if options.table and not output.json_lines:
        _say_table(results, options.table, output)
    return 0


def _check_options(options: Namespace) -> None:
    changes_data = any(path.startswith("data.") for path in options.settings)
    if options.data and changes_data:
        raise UsageError("--data and --set data.*: name a data set, or change the run's own.")
    if len(options.run) > 1 and changes_data:
        raise UsageError("--set data.*: with several runs name data sets by --data instead.")
    if options.table and options.lines:
        raise UsageError("--table and --lines: ask for one of them.")


def _requests_of(run: RunFolder, options: Namespace) -> list[EvaluationRequest]:
    """What a run is evaluated on, and how."""
    recipe = run.recipe()
    changed = _changed(recipe, options.settings)
    evaluation = changed.evaluation
    if not options.data:
        data = None if changed.data == recipe.data else changed.data
        return [EvaluationRequest(run, recipe.data.dataset.kind, data, evaluation)]
    # They know all data sets, which what else this command does need not wait for.
    from workbench.data.catalogue.splits import locate
    from workbench.experiment.cross_dataset import other_data

    datasets = [(name, other_data(recipe, name)) for name in options.data]
    for _, data in datasets:
        if data.dataset.kind != "playground":  # which is drawn where it is not there yet
            locate(data)
    return [
        EvaluationRequest(run, name, None if data == recipe.data else data, evaluation)
        for name, data in datasets
    ]


def _changed(recipe: Recipe, settings: dict[str, str]) -> Recipe:
    unsupported = [path for path in settings if not path.startswith(("data.", "evaluation."))]
    if unsupported:
        raise UsageError(
            f"--set {unsupported[0]}: an evaluation can change data.* and evaluation.* only."
        )
    return validated(*merged(recipe, settings)) if settings else recipe


def _evaluate(request: EvaluationRequest, options: Namespace, output: Output) -> EvaluationResult:
    # Embedding a split needs torch, which takes seconds to load: only here.
    from workbench.experiment import evaluate_run

    recall = request.evaluation.clustering is not None
    # Of a table or lines the way there is told on standard error.
    bar_output = Output(json_lines=True) if options.table or options.lines else output
    checkpoint, results = options.checkpoint, list[EvaluationResult]()
    metrics: EvaluationResult = {} if options.weights else {"raw": None, "averaged": None}
    for weights in weights_of(request.run, options.weights):
        with bar(bar_output) as progress:
            result = evaluate_run(
                request.run,
                weights=weights,
                checkpoint=checkpoint,
                data=request.data,
                evaluation=request.evaluation,
                re_rank=True if options.re_rank else None,
                ranks=ranks_of(options.lines, recall) if options.lines else (),
                progress=progress,
            )
        metrics |= {
            _metrics_name(name, weights): value for name, value in result["metrics"].items()
        }
        # Of a run that still trains both weights are those of one checkpoint.
        checkpoint = result["checkpoint"]
        results.append(result)
    notes = list(dict.fromkeys(note for result in results for note in result["notes"]))
    chosen = {"selection": results[0]["selection"], "notes": notes}
    return results[-1] | chosen | {"metrics": metrics}


def _metrics_name(name: str, weights: str) -> str:
    """Re-ranked figures are of one set of weights: say which."""
    return f"{weights} {name}" if name == "re-ranked" else name


def _say(result: EvaluationResult, output: Output) -> None:
    output.say(f"{result['data']}, checkpoint {result['checkpoint']}")
    output.say(f"  {result['protocol']}")
    for name, metrics in result["metrics"].items():
        if metrics is not None:
            _say_metrics(name, metrics, output)
    for name, count in result["counts"].items():
        output.say(f"  {name.replace('_', ' '):<18} {count}")
    if result["reported"]:
        _say_reported(result["reported"], output)
    if result["differs"]:
        output.say("what differs from the reported runs:")
        for difference in result["differs"]:
            output.say(f"  {difference}")
    for note in result["notes"]:
        output.say(note)


def _say_metrics(name: str, metrics: dict[str, float], output: Output) -> None:
    """One line of plain names, one for each direction, draw, ... below it."""
    parts: dict[str, dict[str, float]] = {"": {}}
    for metric, value in metrics.items():
        part, _, own_name = metric.rpartition(".")
        parts.setdefault(part, {})[own_name] = value
    width = max(18, *(len(part) + 2 for part in parts))
    for part, part_metrics in parts.items():
        output.say(f"  {f'  {part}' if part else name:<{width}} {metrics_line(part_metrics)}")


def _say_reported(rows: list[dict[str, Any]], output: Output) -> None:
    columns = ["figure", "here", "reported", "difference", "reported protocol"]
    table = [
        [
            row["name"] if row["weights"] != "re-ranked" else f"{row['name']}, re-ranked",
            _percent(row["here"]),
            _percent(row["value"]),
            "-" if row["difference"] is None else f"{100 * row['difference']:+.2f}",
            row["protocol"],
        ]
        for row in rows
    ]
    output.table(columns, table)


def _percent(value: float | None) -> str:
    """With two decimals: published figures are compared to the last of them."""
    return "-" if value is None else f"{100 * value:.2f} %"


def _say_lines(run: RunFolder, result: EvaluationResult, system: Any, output: Output) -> None:  # noqa: ANN401
    """The lines of the averaged weights where there are any, else of the raw ones."""
    weights = _preferred_weights(result)
    re_ranked = result["metrics"].get(f"{weights} re-ranked")
    title = run.labels().name or run.preset()
    for line in result_lines(system, result["metrics"][weights], re_ranked, title):
        output.say(line)
    for sentence in result["notes"]:
        output.warn(sentence)


def _say_table(
    results: list[tuple[EvaluationRequest, EvaluationResult]], form: str, output: Output
) -> None:
    from workbench.experiment.cross_dataset import Cell, as_csv, as_markdown, table

    cells = [
        Cell(request.run.labels().name or request.run.id, weights, request.name, result)
        for request, result in results
        for weights in ("raw", "averaged")
        if result["metrics"].get(weights) is not None
    ]
    write = as_csv if form == "csv" else as_markdown
    output.say(write(*table(cells)).rstrip("\n"))
    for sentence in dict.fromkeys(note for _, result in results for note in result["notes"]):
        output.warn(sentence)


def _preferred_weights(result: EvaluationResult) -> str:
    available = [name for name in ("averaged", "raw") if result["metrics"].get(name) is not None]
    return available[0]
