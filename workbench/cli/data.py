"""``data``: draw the playground, check a folder, list what is known."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from workbench import places
from workbench.cli.bars import bar
from workbench.cli.commands import PLAYGROUND_FLAGS
from workbench.cli.output import Output
from workbench.recipe.data import Data, Playground
from workbench.recipe.merge import overlay, validated


def make(options: Namespace, output: Output) -> int:
    """Draw a playground; one that is there already is kept."""
    from workbench.data import playground

    output.where("datasets")
    values = {field: getattr(options, field) for field in PLAYGROUND_FLAGS.values()}
    given = {field: value for field, value in values.items() if value is not None}
    # Read as part of a recipe, so that the flags are refused as the fields they stand for.
    change = {"data": {"dataset": {"kind": "playground"} | given}}
    settings = validated(*overlay(None, change)).data.dataset
    assert isinstance(settings, Playground)  # the kind given above
    with bar(output) as progress:
        path = playground.make(settings, places.datasets_folder(), progress=progress)
    if output.json_lines:
        output.record("dataset", name="playground", path=str(path))
    else:
        output.say(str(path))
    return 0


def check(options: Namespace, output: Output) -> int:
    """Read every image of a folder and say what is wrong. 1 where it cannot be used."""
    from workbench.data.check import check as check_folder

    with bar(output) as progress:
        report = check_folder(Path(options.path), options.kind, progress=progress)
    findings = [
        {"level": f.level, "error": f.sentence, "cure": f.cure, "file": f.file}
        for f in report.findings
    ]
    if output.json_lines:
        about: dict[str, Any] = {"path": str(report.path), "dataset": report.kind}
        facts = {"facts": report.facts, "notes": list(report.notes)}
        output.record("check", **about, **facts, usable=report.usable, findings=findings)
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


def list_known(options: Namespace, output: Output) -> int:
    """Print the catalogue: what each data set is, its terms, where it was looked for and found."""
    from workbench.data.catalogue import ENTRIES, locate
    from workbench.errors import MissingDataset

    output.where("datasets")
    for kind, entry in ENTRIES.items():
        try:
            found = str(locate(Data.model_validate({"dataset": {"kind": kind}})))
        except MissingDataset:
            found = None
        about = {"name": entry.name, "title": entry.title, "origin": entry.origin}
        rest = {"terms": entry.terms, "homepage": entry.homepage, "layout": entry.layout}
        if output.json_lines:
            more = {"how_to_get": entry.how_to_get, "counts": dict(entry.counts), "path": found}
            output.record("dataset", **about, **rest, **more)
        else:
            output.say(f"\n{entry.name}: {entry.title}")
            for name, text in {"origin": entry.origin, **rest}.items():
                if text:
                    output.say(f"  {name:<9} {text}")
            output.say(f"  here      {found or 'no. ' + entry.how_to_get}")
    return 0
