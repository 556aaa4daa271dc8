"""``evaluate`` and ``rank``: what a run has learned."""

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.cli.bars import bar
from workbench.cli.output import Output, figures
from workbench.cli.usage import UsageError
from workbench.recipe.data import Data
from workbench.recipe.merge import validated
from workbench.recipe.overrides import merged
from workbench.runs.folder import RunFolder
from workbench.runs.registry import find_run

if TYPE_CHECKING:
    from workbench.retrieval.ranking import RankedImage


def evaluate(options: Namespace, output: Output) -> int:
    """Evaluate a checkpoint of a run, raw and averaged weights, on its own data or on others."""
    output.where("runs", "datasets")
    run = find_run(options.run)
    data = other_data(run, options.settings)
    # Embedding a split needs torch, which takes seconds to load: only here.
    from workbench.experiment import evaluate_run

    result: dict[str, Any] = {"checkpoint": options.checkpoint}
    metrics: dict[str, Any] = {} if options.weights else {"raw": None, "averaged": None}
    for weights in _weights(run, options.weights):
        with bar(output) as progress:
            result = evaluate_run(
                run,
                weights=weights,
                checkpoint=result["checkpoint"],
                data=data,
                re_rank=True if options.re_rank else None,
                progress=progress,
            )
        metrics |= {_named(name, weights): value for name, value in result["metrics"].items()}
    result |= {"metrics": metrics}
    if output.json_lines:
        output.record("evaluation", **({"run": run.id} | result))
    else:
        _say(result, output)
    return 0


def rank(options: Namespace, output: Output) -> int:
    """Print the ranked list of one query, with the reason for each excluded image."""
    output.where("runs", "datasets")
    run = find_run(options.run)
    from workbench.experiment import open_rankings

    weights = default_weights(run, options.weights)
    rankings = open_rankings(run, weights=weights, checkpoint=options.checkpoint)
    queries = rankings.embeddings.query_images
    if not 0 <= options.query < len(queries):
        last = len(queries) - 1
        raise UsageError(f"--query {options.query}: run {run.id} has queries 0 to {last}.")
    root = str(rankings.embeddings.root)
    query = {"root": root, "query": options.query} | _image(queries[options.query])
    rows = _rows(rankings.list(options.query, options.k), rankings.embeddings.gallery_images)
    if output.json_lines:
        output.record("ranking", run=run.id, weights=weights, **query, images=rows)
        return 0
    told = f"identity {query['identity']}, camera {query['camera']}"
    output.say(f"images: {root}\nquery {options.query}: {query['image']} ({told})")
    columns = ["rank", "verdict", "distance", "identity", "camera", "image"]
    output.table(columns, [_cells(row) for row in rows])
    return 0


def default_weights(run: RunFolder, asked: str | None) -> str:
    """The weights asked for; else averaged ones where the recipe makes them, else raw ones."""
    return _weights(run, asked)[-1]


def _weights(run: RunFolder, asked: str | None) -> list[str]:
    """The weights asked for; else raw ones, and averaged ones where the recipe makes them."""
    averages = run.recipe().training.averaging.kind != "none"
    return [asked] if asked else ["raw", "averaged"] if averages else ["raw"]


def _named(name: str, weights: str) -> str:
    """Re-ranked figures are of one set of weights: say which."""
    return f"{weights} {name}" if name == "re-ranked" else name


def other_data(run: RunFolder, settings: dict[str, str]) -> Data | None:
    """The run's data settings with some changed, or None where nothing is changed.

    Raises UsageError for settings of anything else.
    """
    foreign = [path for path in settings if not path.startswith("data.")]
    if foreign:
        raise UsageError(f"--set {foreign[0]}: an evaluation can change data.* only.")
    return validated(*merged(run.recipe(), settings)).data if settings else None


def _say(result: dict[str, Any], output: Output) -> None:
    output.say(f"checkpoint {result['checkpoint']}")
    for name, metrics in result["metrics"].items():
        if metrics is not None:
            output.say(f"  {name:<18} {figures(metrics)}")
    for name, count in result["counts"].items():
        output.say(f"  {name.replace('_', ' '):<18} {count}")
    for note in result["notes"]:
        output.say(note)


def _rows(ranked: "Sequence[RankedImage]", images: Sequence[Any]) -> list[dict[str, Any]]:
    """Ranks count from 1; excluded images stand in the list without one."""
    rows: list[dict[str, Any]] = []
    place = 0
    for item in ranked:
        place += item.excluded is None
        about = {"distance": float(item.distance), "verdict": item.verdict}
        rank = place if item.excluded is None else None
        rows.append(
            {"rank": rank} | _image(images[item.index]) | about | {"excluded": item.excluded}
        )
    return rows


def _image(sample: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"image": sample.path, "identity": int(sample.identity), "camera": int(sample.camera)}


def _cells(row: dict[str, Any]) -> list[str]:
    verdict = f"excluded: {row['excluded']}" if row["excluded"] else row["verdict"]
    return [
        "-" if row["rank"] is None else str(row["rank"]),
        verdict,
        f"{row['distance']:.4f}",
        str(row["identity"]),
        str(row["camera"]),
        row["image"],
    ]
