"""Bodies of requests, read within a limit and checked before any route sees them."""

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from workbench.data.wording import whole_number

LARGEST_BODY = 2**20
"""Bytes. A form with every setting changed has some ten thousand."""
DEEPEST = 64
"""Levels of lists and objects; a whole recipe has about ten."""
STREAMED = "/api/uploads"
"""Reads an image as it comes, within a limit of its own."""


class Refused(Exception):
    """A request that is not passed on: the HTTP status, and the reason in a sentence."""

    def __init__(self, status: int, reason: str) -> None:
        """Answer ``status`` with ``reason``."""
        super().__init__(reason)
        self.status, self.reason = status, reason


async def bounded(scope: Scope, receive: Receive) -> Receive:
    """What the application receives: the body in one piece, and then what comes behind it.

    Raises Refused with 413 for a body above ``LARGEST_BODY``, by its declared length or, sent in
    chunks, once it is exceeded; with 400 for one that is no JSON which can be sent back.
    """
    if scope["path"] == STREAMED:
        return receive
    _require_size(declared_length(Headers(scope=scope)))
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return _replay(message, receive)
        body += message.get("body", b"")
        _require_size(len(body))
        more = message.get("more_body", False)
    _require_json(bytes(body))
    return _replay({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def declared_length(headers: Headers) -> int:
    """Bytes that a request says its body has; 0 where it does not say so in up to 19 digits."""
    return whole_number(headers.get("content-length", ""), 19) or 0


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def _require_size(length: int) -> None:
    if length > LARGEST_BODY:
        raise Refused(413, f"The body exceeds the {LARGEST_BODY:,} bytes allowed: send less.")


def _require_json(body: bytes) -> None:
    """Refuse what an answer could not repeat: NaN, infinity, halves of a surrogate pair."""
    if not body:
        return
    try:
        value = json.loads(body)
        if depth(value, DEEPEST) > DEEPEST:
            raise Refused(400, f"The body is nested deeper than {DEEPEST} levels: send less.")
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise Refused(
            400,
            "The body is not JSON with finite numbers and valid Unicode text: send a JSON object.",
        ) from None


def depth(value: object, limit: int) -> int:
    """Levels of lists and objects in a JSON value, counted up to one more than ``limit``."""
    level: list[Any] = [value]
    count = 0
    while level and count <= limit:
        inner: list[Any] = [one for one in level if isinstance(one, dict | list)]
        if not inner:
            break
        count += 1
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return count
