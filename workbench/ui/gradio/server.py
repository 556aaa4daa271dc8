"""Opens the page: a socket first, then Gradio, then the browser."""

import asyncio
import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from socket import socket

from workbench.data.images.decoder import share_one_heap
from workbench.ui.gradio.address import listen

GRACE_SECONDS = 0.5
"""For answers that are under way when the page is closed."""
LONGEST_SECONDS = 5
CUTTING = "timeout graceful shutdown exceeded"
"""In uvicorn's message about answers it cuts off."""


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

        async def shutdown(self, sockets: list[socket] | None = None) -> None:
            # A browser listens to Gradio's events for ever; hung up on, such an answer ends.
            hanging_up = asyncio.get_running_loop().call_later(GRACE_SECONDS, self.hang_up)
            await super().shutdown(sockets)
            hanging_up.cancel()

        def hang_up(self) -> None:
            for one in [*self.server_state.connections]:
                if one.transport is not None:
                    one.transport.close()

    # What is still answering then is cut off, which uvicorn would tell as an error.
    logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
    config = uvicorn.Config(
        application(), log_level="warning", timeout_graceful_shutdown=LONGEST_SECONDS
    )
    Server(config).run(sockets=[connection])


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Whether a message tells of anything but an answer that the end of the server cut off."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, asyncio.CancelledError) or CUTTING in record.getMessage())


def show(url: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Open the browser, unless ``WORKBENCH_BROWSER=0`` or there is no screen; returns whether."""
    if environment.get("WORKBENCH_BROWSER") == "0":
        return False
    screen = sys.platform in ("darwin", "win32") or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return bool(screen and webbrowser.open(url))
