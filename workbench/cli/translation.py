"""``translate``: commands of other systems as ours."""

from argparse import Namespace

from workbench.cli.output import Output
from workbench.interop.commands import translate


def translate_command(options: Namespace, output: Output) -> int:
    """Print what a foreign command line stands for, a run a line. Nothing is started."""
    for one in translate(options.command):
        if output.json_lines:
            output.record(
                "translation", preset=one.preset, overrides=one.overrides, notes=list(one.notes)
            )
            continue
        output.say(one.command)
        for note in one.notes:
            output.say(f"  note: {note}")
    return 0
