"""``data``: draw the playground and miniatures, check a folder, export, list what is known."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench import paths
from workbench.cli.arguments import PLAYGROUND_FLAGS
from workbench.cli.bars import bar
from workbench.cli.output import Output
from workbench.errors import RecipeError
from workbench.recipe.merge import overlay, validated
from workbench.recipe.overrides import nested
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.data import Data, Playground


def make(options: Namespace, output: Output) -> int:
    """Draw a playground or a miniature; one that is there already is kept."""
    output.print_folders("datasets")
    draw = _draw_miniature if options.name == "miniature" else _draw_playground
    path = draw(options, output)
    if output.json_lines:
        output.record("dataset", name=options.layout or options.name, path=str(path))
    else:
        output.say(str(path))
    return 0


def export(options: Namespace, output: Output) -> int:
    """Link a data set into a folder for each identity; its own files stay where they are."""
    from workbench.data.catalogue.published import ENTRIES, dataset_of
    from workbench.data.catalogue.splits import locate, read_folder
    from workbench.data.checks.check import guess_kind
    from workbench.data.export import export_prepared
    from workbench.data.readers.listing import require_folder

    output.print_folders("datasets")
    if options.set in ENTRIES:
        dataset = dataset_of(options.set)
        root = locate(Data(dataset=dataset))
    else:
        folder = Path(options.set).expanduser().absolute()
        require_folder(folder)
        dataset = dataset_of(guess_kind(folder))
        root = locate(Data(dataset=dataset, root=str(folder)))
    datasets = paths.datasets_folder()
    target = Path(options.to).expanduser() if options.to else datasets / f"{dataset.kind}_prepared"
    with bar(output) as progress:
        links = export_prepared(read_folder(root, dataset), target, progress)
    if output.json_lines:
        output.record("dataset", name="prepared", path=str(target), links=links)
    else:
        output.say(str(target))
        for folder, count in links.items():
            output.say(f"  {folder:<12} {count}")
    return 0


def _draw_playground(options: Namespace, output: Output) -> Path:
    from workbench.data.synthetic import playground

    _refuse(options.layout is not None, "layout is for a miniature: leave it out.")
    values = {field: getattr(options, field) for field in PLAYGROUND_FLAGS.values()}
    chosen = {field: value for field, value in values.items() if value is not None}
    # Read as part of a recipe, so that the flags are refused as the fields they stand for.
    change = {"data": {"dataset": {"kind": "playground"} | chosen}}
    settings = validated(*overlay(None, change)).data.dataset
    assert isinstance(settings, Playground)  # the kind given above
    with bar(output) as progress:
        return playground.make(settings, paths.datasets_folder(), progress=progress)


def _draw_miniature(options: Namespace, output: Output) -> Path:
    from workbench.data.synthetic.miniatures import making

    flags = [flag for flag, field in PLAYGROUND_FLAGS.items() if getattr(options, field)]
    _refuse(bool(flags), f"--{''.join(flags[:1])} is for the playground: leave it out.")
    _refuse(
        options.layout is None,
        f"a miniature of what? Name a layout: {', '.join(making.LAYOUTS)}.",
    )
    with bar(output) as progress:
        return making.make(options.layout, paths.datasets_folder(), progress)


def _refuse(condition: bool, message: str) -> None:
    if condition:
        raise RecipeError(f"workbench data: {message}")


def check(options: Namespace, output: Output) -> int:
    """Read every image of a folder and say what is wrong. 1 where it cannot be used."""
    from workbench.data.checks.check import check as check_folder
    from workbench.data.checks.check import guess_kind

    path = Path(options.path).expanduser()
    recipe = _recipe_of(options.kind or guess_kind(path), options.settings)
    with bar(output) as progress:
        report = check_folder(
            path,
            settings=recipe.data.dataset,
            drop_same_camera=recipe.evaluation.drop_same_camera,
            progress=progress,
        )
    findings = [
        {
            "level": finding.level,
            "error": finding.sentence,
            "cure": finding.cure,
            "file": finding.file,
        }
        for finding in report.findings
    ]
    if output.json_lines:
        source: dict[str, Any] = {"path": str(report.path), "dataset": report.kind}
        facts = {"facts": report.facts, "notes": list(report.notes)}
        output.record("check", **source, **facts, usable=report.usable, findings=findings)
    else:
        output.say(f"{report.path}: read as {report.kind}")
        for name, count in report.facts.items():
            output.say(f"  {name.replace('_', ' '):<28} {count}")
        for note in report.notes:
            output.say(f"  {note}")
        for finding in findings:
            where = f" (e.g. {finding['file']})" if finding["file"] else ""
            output.say(f"{finding['level']}: {finding['error']}{where} {finding['cure']}")
        output.say("usable" if report.usable else "not usable as it is")
    return 0 if report.usable else 1


def _recipe_of(kind: str, settings: Mapping[str, str]) -> Recipe:
    """A recipe with the data set of a kind and the settings of the command line."""
    unsupported = [
        path for path in settings if not path.startswith(("data.dataset.", "evaluation."))
    ]
    _refuse(
        bool(unsupported),
        f"--set {''.join(unsupported[:1])}: data.dataset.* and evaluation.* are looked at.",
    )
    change, conflicts = nested({"data.dataset.kind": kind} | dict(settings))
    tree, problems = overlay(None, change)
    return validated(tree, [*conflicts, *problems])


def list_known(options: Namespace, output: Output) -> int:
    """Print the catalogue: what each data set is, its terms, where it was looked for and found."""
    from workbench.data.catalogue.published import ENTRIES
    from workbench.data.catalogue.splits import locate
    from workbench.errors import MissingDataset

    output.print_folders("datasets")
    for kind, entry in ENTRIES.items():
        try:
            path = str(locate(Data.model_validate({"dataset": {"kind": kind}})))
        except MissingDataset:
            path = None
        description = {"name": entry.name, "title": entry.title, "origin": entry.origin}
        details = {"terms": entry.terms, "homepage": entry.homepage, "layout": entry.layout}
        details |= {"withdrawn": entry.withdrawn, "protocol": entry.protocol}
        if output.json_lines:
            extra = {"how_to_get": entry.how_to_get, "counts": dict(entry.counts), "path": path}
            output.record("dataset", **description, **details, **extra)
        else:
            output.say(f"\n{entry.name}: {entry.title}")
            for name, text in {"origin": entry.origin, **details}.items():
                if text:
                    output.say(f"  {name:<9} {text}")
            output.say(f"  here      {path or 'no. ' + entry.how_to_get}")
    return 0
