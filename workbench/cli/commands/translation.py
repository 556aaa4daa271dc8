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
    for translation in translate(options.command):
        overrides, device_note = fitted_devices(translation.overrides)
        command = (
            train_command(translation.preset, overrides) if device_note else translation.command
        )
        notes = [*translation.notes, *([device_note] if device_note else [])]
        if output.json_lines:
            output.record(
                "translation",
                preset=translation.preset or None,
                overrides=translation.overrides,
                notes=notes,
                action=translation.action,
                command=command,
            )
            continue
        output.say(command)
        for note in notes:
            output.say(f"  note: {note}")
    return 0
