"""Settings on the command line: ``--set path=value`` and a flag for every field of the preset."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from workbench.cli.usage import UsageError
from workbench.recipe.compare import DESCRIPTION, belongs
from workbench.recipe.fields import FieldSpec, fields
from workbench.recipe.recipe_file import is_recipe_file, read_recipe_file, recipe_of
from workbench.recipe.text import value_text

Settings = dict[str, str]


def split_settings(arguments: Sequence[str]) -> tuple[list[str], Settings]:
    """Arguments that are no settings, and the settings; a later one replaces an earlier one.

    A flag is a setting when its name is a dotted path: ``--data.height 128``, ``--data.height=128``
    or ``--set data.height=128``. The values are left as text: the field's own type reads them.

        >>> split_settings(["train", "--data.height", "64", "--set", "run.name=a=b"])
        (['train'], {'data.height': '64', 'run.name': 'a=b'})
    """
    rest: list[str] = []
    settings: Settings = {}
    remaining = iter(arguments)
    for argument in remaining:
        name, equals, value = argument.partition("=")
        if name == "--set":
            assignment = value if equals else _following(remaining, argument, "path=value")
            path, equals, value = assignment.partition("=")
            if not equals:
                raise UsageError(
                    f"--set {assignment}: write --set path=value, e.g. data.height=128."
                )
            settings[path.strip()] = value
        elif name.startswith("--") and "." in name:
            path = name.removeprefix("--")
            settings[path] = value if equals else _following(remaining, argument, "a value")
        else:
            rest.append(argument)
    return rest, settings


def requested_recipe(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Preset and overrides of a command that names a preset or a recipe file.

    The overrides of ``--miniature`` are below those of the command, and above those of a file.
    """
    file = read_recipe_file(options.preset) if is_recipe_file(options.preset) else None
    settings: dict[str, Any] = dict(options.settings)
    if options.miniature:
        # Data sets need numpy, which listing presets does without: only here.
        from workbench.data.synthetic.miniatures.trial import miniature_settings, on_miniature

        if file is None:
            settings = on_miniature(options.preset, settings)
        else:
            settings = miniature_settings(file.changed(settings)) | settings
    return (options.preset, settings) if file is None else file.submission(settings)


def add_flags(parser: argparse.ArgumentParser, preset: str) -> None:
    """A flag for every setting of a preset, in groups, for the help.

    They are read by ``split_settings``: fields of another kind have no flag here but work too.
    """
    groups: dict[str, argparse._ArgumentGroup] = {}
    for spec in fields(recipe_of(preset)):
        if belongs(spec.path, DESCRIPTION):
            continue
        top = spec.path.partition(".")[0]
        group = groups.setdefault(top, parser.add_argument_group(f"settings: {top}"))
        shown = "null" if spec.default is None else value_text(spec.default)
        group.add_argument(
            f"--{spec.path}", metavar=_metavar(spec), help=_plain(f"{spec.help} [{shown}]")
        )


def _following(remaining: Iterator[str], flag: str, needed: str) -> str:
    value = next(remaining, None)
    if value is None:
        raise UsageError(f"{flag}: needs {needed}.")
    return value


def _metavar(spec: FieldSpec) -> str:
    choices = [value_text(choice) for choice in spec.choices]
    kinds = [] if spec.type == "choice" else ["true|false" if spec.type == "bool" else spec.type]
    return "|".join([*kinds, *choices])


def _plain(text: str) -> str:
    return text.replace("%", "%%")
