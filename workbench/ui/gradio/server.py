"""Opens the page: a socket first, then Gradio, then the browser."""

import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from socket import socket

from workbench.data.decoder import share_one_heap
from workbench.ui.gradio.address import listen


def open_page(announce: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> None:
    """Serve the page until it is interrupted.

    Args:
        announce: called with the page's address once its port is taken.
        environment: ``WORKBENCH_HOST``, ``WORKBENCH_PORT`` and ``WORKBENCH_BROWSER``.

    Raises PlaceError where the page cannot listen there.
    """
    connection = listen(environment)
    url = f"http://127.0.0.1:{connection.getsockname()[1]}/"
    announce(url)
    serve(connection, url, environment)


def serve(connection: socket, url: str, environment: Mapping[str, str] = os.environ) -> None:
    """Answer on a listening socket. Imports Gradio only now: a wrong port is refused at once."""
    share_one_heap()
    import uvicorn

    from workbench.ui.gradio.application import application

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            threading.Thread(target=show, args=(url, environment), daemon=True).start()

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
