"""Refuses requests that another site makes a visitor's browser send, or that are out of measure.

Three attacks reach a page on the loopback address: a foreign site posting to it (its Origin
differs), a foreign site loading from it (an image tag starts a ranking), and a foreign name that
resolves to 127.0.0.1 (DNS rebinding: the Host is not a loopback name). A link to the page stays
free: whoever follows it comes from another site. Another port of this machine is another site.
"""

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.ui.api.bodies import Refused, bounded
from workbench.ui.api.exposed import PAGE, answers

LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
"""The whole of a Host header that names this machine: a URL parser also takes `[::1].evil.com`."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:;"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
    " connect-src 'self' data: blob:; worker-src 'self' blob:; frame-ancestors 'self';"
    " form-action 'self'; base-uri 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class LoopbackGuard:
    """Middleware around the whole page, Gradio's own routes included."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400, 403, 404 or 413 with the reason."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            _require(scope)
            receive = await bounded(scope, receive)
        except Refused as error:
            answer = JSONResponse({"error": error.reason}, error.status)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, with_policy(send))


def refusal(method: str, path: str, headers: Headers) -> str | None:
    """Why a request is refused, or None.

    Programs outside a browser send neither Origin nor Sec-Fetch-Site and are let through.
    """
    host = headers.get("host", "")
    if not LOOPBACK_HOST.fullmatch(host):
        return f"Host '{host}' is not this machine: open the page as 127.0.0.1 or localhost."
    reading = method in READING
    act = "load" if reading else "change"
    origin = headers.get("origin")
    if origin is not None:
        if origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower()):
            return None
        return f"Origin '{origin}' may not {act} anything here."
    if headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
        return None
    if reading and path == PAGE and _is_navigation(headers):
        return None
    return f"Another site may not {act} anything here."


def _is_navigation(headers: Headers) -> bool:
    """Whether a person follows a link in a window of its own, not in a frame."""
    return (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == (
        "navigate",
        "document",
    )


def _require(scope: Scope) -> None:
    reason = refusal(scope["method"], scope["path"], Headers(scope=scope))
    if reason is not None:
        raise Refused(403, reason)
    if not answers(scope["method"], scope["path"]):
        raise Refused(404, "There is nothing at this address: open the page at '/'.")


def with_policy(send: Send) -> Send:
    """``send`` with the headers of this page, and none that open it to another origin."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [
                (name, value)
                for name, value in message["headers"]
                if not name.lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": [*own, *HEADERS]}
        await send(message)

    return sending
