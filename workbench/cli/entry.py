"""From arguments to an exit code."""

import importlib
import sys
from collections.abc import Sequence

from workbench.cli.arguments import COMMANDS, command_of, parser
from workbench.cli.codes import FAILED, REFUSED, STOPPED
from workbench.cli.output import Output, silence
from workbench.cli.settings import split_settings
from workbench.cli.usage import UsageError
from workbench.errors import BrokenImage, RunFailed, ShapeError, WorkbenchError
from workbench.recipe.presets import preset_names
from workbench.recipe.recipe_file import is_recipe_file
from workbench.recipe.refusals import did_you_mean

FAILURES = (RunFailed, ShapeError, BrokenImage)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 the run or evaluation failed, 2 the request was wrong, 130 stopped by the user.
    """
    argv = list(sys.argv[1:] if arguments is None else arguments)
    output = Output(json_lines="--json" in argv)
    try:
        return _run(argv, output)
    except WorkbenchError as error:
        output.refuse(error)
        return FAILED if isinstance(error, FAILURES) else REFUSED
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # the reader, e.g. head, has seen enough
        silence()
        return FAILED


def _run(argv: list[str], output: Output) -> int:
    if argv[:1] == ["bench"] and argv[1:2] and not argv[1].startswith("-"):
        return _bench(argv[1], argv[2:])
    arguments, settings = split_settings(argv)
    asks_for_help = {"-h", "--help"} & set(arguments)
    top = parser(_recipe_in(arguments) if asks_for_help else None)
    if not arguments:
        top.print_help()
        return REFUSED
    _require_command(arguments)
    options = top.parse_args(arguments)
    if settings and "set" not in options:
        raise UsageError(f"--{next(iter(settings))}: this command takes no settings.")
    options.settings = settings
    return command_of(options)(options, output)


def _recipe_in(arguments: list[str]) -> str | None:
    """The preset, or the recipe file, whose settings the help lists."""
    names = [argument for argument in arguments if argument in preset_names()]
    if arguments[0] in ("train", "show"):
        names += [argument for argument in arguments[1:] if is_recipe_file(argument)]
    return names[0] if names else None


def _require_command(arguments: list[str]) -> None:
    command = next((command for command in arguments if not command.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        hint = did_you_mean(command, COMMANDS)
        raise UsageError(f"No command '{command}'.{hint} Commands are {', '.join(COMMANDS)}.")


def _bench(name: str, options: list[str]) -> int:
    # Each benchmark reads its own options and loads torch: only when it is asked for.
    try:
        module = importlib.import_module(f"workbench.bench.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"workbench.bench.{name}":
            raise
        raise UsageError(
            f"bench {name}: no such measurement. Use train, recipe or retrieval."
        ) from None
    return module.main(options) or 0
