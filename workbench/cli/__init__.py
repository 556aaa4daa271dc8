"""The command line: one face of the core, started without torch."""

from workbench.cli.entry import main as main
