"""Refuses requests that another site makes a visitor's browser send.

Two attacks reach a page on the loopback address: a foreign site posting to it (its Origin differs),
and a foreign name that resolves to 127.0.0.1 (DNS rebinding: the Host is not a loopback name).
"""

import re

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
        """Pass the request on, or answer 403 with the reason."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        reason = refusal(scope["method"], Headers(scope=scope))
        if reason is not None:
            await JSONResponse({"error": reason}, status_code=403)(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *HEADERS]}
            await send(message)

        await self.app(scope, receive, send_with_policy)


def refusal(method: str, headers: Headers) -> str | None:
    """Why a request is refused, or None.

    Programs outside a browser send neither Origin nor Sec-Fetch-Site and are let through.
    """
    host = headers.get("host", "")
    if not LOOPBACK_HOST.fullmatch(host):
        return f"Host '{host}' is not this machine: open the page as 127.0.0.1 or localhost."
    if method in READING:
        return None
    origin = headers.get("origin")
    if origin is not None:
        if origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower()):
            return None
        return f"Origin '{origin}' may not change anything here."
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "Another site may not change anything here."
    return None
