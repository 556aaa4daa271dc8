"""``app``: serve the page and open it in the browser."""

import os
from argparse import Namespace

from workbench.cli.output import Output
from workbench.paths import datasets_folder, runs_folder


def open_app(options: Namespace, output: Output) -> int:
    """Serve the page until it is interrupted; options come before the environment."""
    # Gradio takes seconds to load: only here, and not before the port is known to be free.
    from workbench.ui.gradio.server import open_page

    def announce(url: str) -> None:
        folders = {"runs": str(runs_folder()), "datasets": str(datasets_folder())}
        if output.json_lines:
            output.record("serving", url=url, **folders)
            return
        output.say(f"Re-ID Workbench  {url}  (Ctrl-C closes the page; runs go on)")
        output.say("runs in {runs}, data sets in {datasets}".format(**folders))

    open_page(announce, os.environ | _settings(options))
    return 0


def _settings(options: Namespace) -> dict[str, str]:
    """The options as the environment variables they stand for."""
    settings = {"WORKBENCH_HOST": options.host, "WORKBENCH_PORT": options.port}
    settings["WORKBENCH_BROWSER"] = "0" if options.no_browser else None
    return {name: value for name, value in settings.items() if value is not None}
