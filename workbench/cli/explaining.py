"""``explain``: why an image is ranked where it is, as pictures and numbers."""

from argparse import Namespace
from pathlib import Path

from workbench.cli.bars import bar
from workbench.cli.output import Output
from workbench.cli.results import default_weights
from workbench.cli.usage import UsageError
from workbench.runs.registry import find_run


def explain(options: Namespace, output: Output) -> int:
    """Write the heatmaps of a pair, a sheet of a whole run, or its learned masks."""
    output.where("runs", "datasets")
    run = find_run(options.run)
    if options.hit < 1:
        raise UsageError(f"--hit {options.hit}: ranks count from 1.")
    weights = default_weights(run, options.weights)
    folder = Path(options.out)
    about = {"run": run.id, "weights": weights}
    # Torch takes seconds to load: only here.
    from workbench.experiment import explanation_files as files

    if options.masks:
        written = files.write_masks(run, folder, weights, options.checkpoint)
    elif options.sheet:
        with bar(output) as progress:
            written = files.write_sheet(
                run, folder, weights, options.method, options.checkpoint, progress
            )
    else:
        from workbench.experiment.explaining import explain_pair
        from workbench.experiment.rankings import open_rankings

        rankings = open_rankings(run, weights, options.checkpoint)
        hit = files.hit_at(rankings, options.query, options.hit)
        found = explain_pair(
            run, options.query, hit, weights, options.method, checkpoint=options.checkpoint
        )
        written = files.write_pair(run, found, folder)
        about |= found.numbers()
        if not output.json_lines:
            _say(about, output)
    if output.json_lines:
        output.record("explanation", **about, files=[str(file) for file in written])
    else:
        output.say(f"{len(written)} files in {folder}")
    return 0


def _say(numbers: dict, output: Output) -> None:
    output.say(f"query {numbers['query']}: {numbers['query_image']}")
    output.say(f"hit: {numbers['hit_image']}, similarity {numbers['total']:.4f}")
    columns = ["part", "share", "cosine", "deletion", "random", "centre", "on person"]
    rows: list[list[str]] = []
    for part in numbers["parts"]:
        deletion, shares = part["deletion"], part["query_shares"]
        areas = [f"{deletion[name]:.3f}" for name in ("auc", "random", "centre")]
        person = "-" if shares is None else f"{100 * shares['on_person']:.0f} %"
        share = f"{part['similarity']:+.4f}"
        rows.append([part["name"], share, f"{part['cosine']:.3f}", *areas, person])
    output.table(columns, rows)
    output.say("deletion: area under the cosine while the hottest cells go; smaller is better.")
