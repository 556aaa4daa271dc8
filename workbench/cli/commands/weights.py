"""``weights``: list, fetch and add pretrained weights. Fetching is the only use of the network."""

from argparse import Namespace
from pathlib import Path

from workbench.cli.output import Output


def list_files(options: Namespace, output: Output) -> int:
    """Print the files of the weights folder."""
    from workbench.model.weights.files import available

    output.print_folders("datasets")
    files = available()
    if output.json_lines:
        for file in files:
            output.record(
                "weights", name=file.name, path=str(file.path), megabytes=round(file.megabytes, 1)
            )
    elif files:
        rows = [[file.name, f"{file.megabytes:.1f} MB", str(file.path)] for file in files]
        output.table(["weights", "size", "file"], rows)
    else:
        output.say("No weights yet. Fetch some: workbench weights fetch resnet50.tv_in1k")
    return 0


def fetch(options: Namespace, output: Output) -> int:
    """Fetch weights by their timm name into the weights folder."""
    from workbench.model.weights.loading import fetch as fetch_weights

    output.print_folders("datasets")
    return _done(fetch_weights(options.name), options.name, output)


def add(options: Namespace, output: Output) -> int:
    """Copy a file of weights into the weights folder, after reading it."""
    from workbench.model.weights.loading import add as add_weights

    output.print_folders("datasets")
    return _done(add_weights(Path(options.file)), options.file, output)


def _done(path: Path, name: str, output: Output) -> int:
    if output.json_lines:
        output.record("weights", name=name, path=str(path))
    else:
        output.say(str(path))
    return 0
