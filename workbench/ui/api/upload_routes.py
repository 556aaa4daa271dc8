"""Images that visitors hand in: their bytes alone, never a path and never a name."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from workbench.data.images.uploaded import require_size
from workbench.runs.management import find_run
from workbench.ui.api.bodies import declared_length
from workbench.ui.uploads import uploads
from workbench.ui.views.rankings.own_query_view import own_picture, own_ranking

router = APIRouter(prefix="/api")
NOT_KEPT = {"Cache-Control": "no-store"}


@router.post("/uploads")
async def add(request: Request) -> dict[str, Any]:
    """Keep the image that is the body of the request; no more of it is read than is allowed."""
    if length := declared_length(request.headers):
        require_size(length)
    data = bytearray()
    async for part in request.stream():
        data += part
        require_size(max(len(data), 1))
    return {"upload": await run_in_threadpool(uploads.add, bytes(data))}


@router.post("/uploads/{word}/renew")
def renew(word: str) -> dict[str, Any]:
    """Keep an image on, because its page is still open."""
    uploads.get(word)
    return {"upload": word}


@router.post("/uploads/{word}/forget")
def forget(word: str) -> dict[str, Any]:
    """Delete an image, because its page was left."""
    uploads.forget(word)
    return {}


@router.get("/uploads/{word}.jpg")
def picture(word: str, height: int = 192) -> Response:
    """A small picture of an image that was handed in; browsers are told not to keep it."""
    return Response(own_picture(word, height), media_type="image/jpeg", headers=NOT_KEPT)


@router.get("/runs/{run}/rankings/{weights}/upload/{word}")
def ranking(run: str, weights: str, word: str, k: int = 10, rerank: str = "") -> dict[str, Any]:
    """The ranked list of an image that was handed in, or that it is being made."""
    return own_ranking(find_run(run), weights, word, k, rerank)
