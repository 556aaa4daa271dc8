"""``translate``: commands of other systems as ours."""

from argparse import Namespace

from workbench.cli.output import Output
from workbench.interop.commands import translate
from workbench.recipe.text import train_command
from workbench.runs.devices import fitted_devices


def translate_command(options: Namespace, output: Output) -> int:
    """Print what a foreign command line stands for, a run or a command a line; start nothing.

    ``overrides`` are what it says; ``command`` takes a device that this machine has.
    """
    for one in translate(options.command):
        start, device = fitted_devices(one.overrides)
        command = train_command(one.preset, start) if device else one.command
        notes = [*one.notes, *([device] if device else [])]
        if output.json_lines:
            output.record(
                "translation",
                preset=one.preset or None,
                overrides=one.overrides,
                notes=notes,
                action=one.action,
                command=command,
            )
            continue
        output.say(command)
        for note in notes:
            output.say(f"  note: {note}")
    return 0
