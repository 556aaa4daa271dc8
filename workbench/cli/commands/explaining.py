"""``explain``: why an image is ranked where it is, as pictures and numbers."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from workbench.cli.bars import bar
from workbench.cli.commands.results import default_weights
from workbench.cli.output import Output
from workbench.cli.usage import UsageError
from workbench.explain.explanation import PairExplanation
from workbench.explain.interpretation import verdict_in_words
from workbench.explain.part_titles import part_titles
from workbench.runs.folder import RunFolder
from workbench.runs.management import find_run

FIRST_FILES = ("sheet", "masks", "attention", "lengths", "row", "curves")


def explain(options: Namespace, output: Output) -> int:
    """Write the heatmaps of a pair, or what was asked for instead: see ``INSTEAD``."""
    output.print_folders("runs", "datasets")
    run = find_run(options.run)
    if options.hit is not None and options.hit < 1:
        raise UsageError(f"--hit {options.hit}: ranks count from 1.")
    weights = default_weights(run, options.weights)
    about: dict[str, Any] = {"run": run.id, "weights": weights}
    folder = Path(options.out)
    written = _write_alternative(run, options, weights, folder, output)
    if written is None:
        # Torch takes seconds to load: only here.
        from workbench.inspection import explanation_files as files

        explanation, position = _explain_pair(run, options, weights)
        written = files.write_pair(run, explanation, folder)
        about |= explanation.numbers()
        if not output.json_lines:
            _say(run, explanation, position, output)
    if output.json_lines:
        output.record("explanation", **about, files=[str(file) for file in written])
    else:
        first = next(file for file in written if file.stem in FIRST_FILES)
        output.say(f"{len(written)} files in {folder}: look at {first.name} first.")
    return 0


def _write_alternative(
    run: RunFolder, options: Namespace, weights: str, folder: Path, output: Output
) -> list[Path] | None:
    """What was written instead of a pair; None where a pair is asked for."""
    from workbench.inspection import result_files

    checkpoint, query = options.checkpoint, options.query
    if options.curves:
        return result_files.write_curves(run, folder)
    if options.row:
        return result_files.write_row(run, folder, query, options.k, weights, checkpoint)
    # These load torch, which takes seconds.
    from workbench.inspection import attention_files, explanation_files, norm_files

    if options.masks:
        return explanation_files.write_masks(run, folder, weights, checkpoint)
    if options.attention:
        (top, left), blocks = options.place, options.block or ()
        return attention_files.write_attention(
            run, folder, query, options.hit, (top, left), blocks, weights, checkpoint
        )
    if options.sheet or options.lengths:
        with bar(output) as progress:
            if options.lengths:
                return norm_files.write_lengths(run, folder, weights, checkpoint, progress)
            return explanation_files.write_sheet(
                run, folder, weights, options.method, checkpoint, progress
            )
    return None


def _explain_pair(run: RunFolder, options: Namespace, weights: str) -> tuple[PairExplanation, str]:
    """The pair that is asked for, and its place in the list in words."""
    from workbench.experiment.run_rankings import open_rankings
    from workbench.inspection import explanation_files as files
    from workbench.inspection.explaining import explain_pair

    query, checkpoint, rank = options.query, options.checkpoint, options.hit or 1
    rankings = open_rankings(run, weights, checkpoint)
    index = files.hit_at(rankings, query, rank)
    verdict = rankings.list(query, rank)[-1].verdict
    explanation = explain_pair(run, query, index, weights, options.method, checkpoint=checkpoint)
    return explanation, f"rank {rank}, {verdict}"


def _say(run: RunFolder, explanation: PairExplanation, position: str, output: Output) -> None:
    about, titles = explanation.about, part_titles(run.recipe().model)
    output.say(f"query {about['query']}: {about['query_image']}")
    output.say(f"hit ({position}): {about['hit_image']}, similarity {explanation.total:.4f}")
    columns = ["part", "share", "cosine", "deletion", "random", "middle", "on person"]
    rows: list[list[str]] = []
    for part in explanation.parts:
        score, shares = part.deletion, part.query_shares
        areas = [score.auc, score.random, score.centre] if score is not None else [None] * 3
        numbers = ["-" if area is None else f"{area:.3f}" for area in (part.cosine, *areas)]
        person = "-" if shares is None else f"{100 * shares.on_person:.0f} %"
        rows.append([titles[part.name], f"{part.similarity:+.4f}", *numbers, person])
    output.table(columns, rows)
    output.say("share: what a part adds to the similarity; the shares of all parts sum to it.")
    output.say(
        "deletion: area under the part's cosine while the query's hottest cells are painted over;"
        " smaller is better. random, middle: the same for cells in these blind orders."
    )
    if explanation.whole.deletion is not None:
        output.say(f"Deletion of all parts together: {verdict_in_words(explanation.whole)}")
