"""Answers to panels in a notebook: the page's own routes, asked in this process without a server.

A panel asks the same questions whatever its host is. Here they reach the kernel as messages of a
widget, and what answers them is the same application that answers the page, called directly
(ASGI 3.0, the specification of asgi.readthedocs.io).
"""

import asyncio
import json
import logging
import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from fastapi.responses import Response

from workbench.ui.api.routes import add_routes
from workbench.ui.assets import bundle

LOG = logging.getLogger(__name__)
SCRIPT_PATH = "/panel/notebook/script.js"
STYLES_PATH = "/panel/notebook/styles.css"
WINDOW_WIDTH = re.compile(r"@media \((?=m(?:ax|in)-width)")


@dataclass(frozen=True)
class Answer:
    """An answer as a browser would get it: HTTP status, media type, content."""

    status: int
    kind: str
    content: bytes


def answer(path: str, method: str = "GET", body: bytes = b"", kind: str = "") -> Answer:
    """What the page's server would answer to a question; ``kind`` is the media type of ``body``.

    For a thread that runs no event loop. An error that no question should cause is logged, and told
    as an answer of status 500.
    """
    try:
        return asyncio.run(_asked(path, method, body, kind))
    except Exception as error:
        LOG.exception("%s %s", method, path)
        words = f"Something went wrong in the kernel: {type(error).__name__}: {error}"
        return Answer(500, "application/json", json.dumps({"error": words}).encode())


@cache
def application() -> FastAPI:
    """The page's routes, and the panels' script and styles for notebooks."""
    app = FastAPI(title="Re-ID Workbench", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route(SCRIPT_PATH, _script)
    app.add_api_route(STYLES_PATH, _styles)
    add_routes(app)
    return app


def script() -> str:
    """All scripts of the panels, with what lends them to a notebook."""
    return bundle("js", "notebook_pictures", "notebook")


def styles() -> str:
    """All styles of the panels, with what a notebook leaves unset.

    What a page decides by the width of its window, a panel in a cell decides by the cell's.
    """
    return WINDOW_WIDTH.sub("@container (", bundle("css", "notebook"))


def _script() -> Response:
    return Response(script(), media_type="text/javascript")


def _styles() -> Response:
    return Response(styles(), media_type="text/css")


async def _asked(path: str, method: str, body: bytes, kind: str) -> Answer:
    sent: list[MutableMapping[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        # Who asks does not go away before the answer.
        return waiting.pop() if waiting else await asyncio.get_running_loop().create_future()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await application()(_scope(path, method, body, kind), receive, send)
    headers = dict(sent[0]["headers"])
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers.get(b"content-type", b"").decode("latin-1"), content)


def _scope(path: str, method: str, body: bytes, kind: str) -> dict[str, Any]:
    plain, _, query = path.partition("?")
    raw = f"/{plain.lstrip('/')}"
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": unquote(raw),
        "raw_path": raw.encode("latin-1", "replace"),
        "root_path": "",
        "query_string": query.encode("latin-1", "replace"),
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", kind.encode("latin-1")),
            (b"content-length", str(len(body)).encode()),
        ],
        "client": None,
        "server": None,
    }
