"""Opens the page: a socket first, then Gradio, then the browser."""

import os
import sys
import threading
import webbrowser
from collections.abc import Mapping
from socket import socket

from workbench.errors import WorkbenchError
from workbench.places import datasets_folder, runs_folder
from workbench.ui.gradio.address import listen

REFUSED = 2
"""Exit code where the request was wrong."""


def open_page() -> None:
    """Serve the page until it is interrupted; ends the program with 2 where it cannot be opened.

    Says its address and which folders it uses.
    """
    try:
        connection = listen()
    except WorkbenchError as error:
        print(f"The page cannot be opened. {error}", file=sys.stderr)
        raise SystemExit(REFUSED) from None
    url = f"http://127.0.0.1:{connection.getsockname()[1]}/"
    print(f"Re-ID Workbench  {url}  (Ctrl-C closes the page; runs go on)")
    print(f"runs in {runs_folder()}, data sets in {datasets_folder()}", flush=True)
    serve(connection, url)


def serve(connection: socket, url: str) -> None:
    """Answer on a listening socket. Imports Gradio only now: a wrong port is refused at once."""
    import uvicorn

    from workbench.ui.gradio.application import application

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            threading.Thread(target=show, args=(url,), daemon=True).start()

    # Without a limit a browser that listens to Gradio's events keeps the server from ending.
    config = uvicorn.Config(application(), log_level="warning", timeout_graceful_shutdown=1)
    Server(config).run(sockets=[connection])


def show(url: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Open the browser, unless ``WORKBENCH_BROWSER=0`` or there is no screen; returns whether."""
    if environment.get("WORKBENCH_BROWSER") == "0":
        return False
    screen = sys.platform in ("darwin", "win32") or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return bool(screen and webbrowser.open(url))
