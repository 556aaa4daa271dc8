"""``translate``: commands of other systems as ours."""

from argparse import Namespace

from workbench.cli.output import Output
from workbench.interop.commands import translate


def translate_command(options: Namespace, output: Output) -> int:
    """Print what a foreign command line stands for, a run or a command a line; start nothing."""
    for one in translate(options.command):
        if output.json_lines:
            output.record(
                "translation",
                preset=one.preset or None,
                overrides=one.overrides,
                notes=list(one.notes),
                action=one.action,
                command=one.command,
            )
            continue
        output.say(one.command)
        for note in one.notes:
            output.say(f"  note: {note}")
    return 0
