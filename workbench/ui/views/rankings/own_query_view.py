"""The ranked list of a visitor's own image, as faces show it."""

from collections import Counter
from typing import Any

from workbench.data.images.uploaded import ALLOWED, LARGEST_BYTES, LARGEST_PIXELS
from workbench.data.wording import counted
from workbench.experiment.run_rankings import ranked_for
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.ranked_list import RankedImage
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder
from workbench.ui.background import in_background
from workbench.ui.links import LARGEST_K, Link, write_link
from workbench.ui.pictures import bounded
from workbench.ui.uploads import KEPT_SECONDS, Upload, uploads
from workbench.ui.views.rankings.ranking_view import ranked_item
from workbench.ui.views.rankings.re_ranking import protocol_of
from workbench.ui.views.rankings.stored_rankings import Weights, choose, opened

WORKING = "Your image goes through the network. The first one takes longer: PyTorch is loaded."
NAMED = 3


def limits() -> dict[str, Any]:
    """What may be handed in, in numbers and in words."""
    return {
        "bytes": LARGEST_BYTES,
        "words": (
            f"{ALLOWED}, up to {LARGEST_BYTES / 1e6:g} MB and {LARGEST_PIXELS / 1e6:g} million"
            " pixels. It stays in this machine's memory for your visit and is then forgotten."
        ),
        "refusal": (
            f"The file is larger than the {LARGEST_BYTES / 1e6:g} MB allowed: shrink it first."
        ),
        "renew_seconds": KEPT_SECONDS / 10,
    }


def own_ranking(
    run: RunFolder, wanted: str, word: str, k: int = 10, rerank: str = ""
) -> dict[str, Any]:
    """The list of an image that was handed in, or that it is being made (``working``).

    Nobody knows who is on it, so nothing is a match and nothing is counted. Raises DataError where
    it is not kept any more, RunError where the weights are not embedded or the network is gone.
    """
    weights = choose(run, wanted)
    rankings = own_rankings(run, weights, word, protocol_of(run, rerank))
    if rankings is None:
        return {"working": True, "words": WORKING}
    return _list(run, weights, word, rankings, min(max(k, 1), LARGEST_K), rerank)


def own_rankings(
    run: RunFolder, weights: Weights, word: str, protocol: Evaluation
) -> Rankings | None:
    """The rankings whose query 0 is an image that was handed in; None while they are made.

    Raises as ``own_ranking`` does.
    """
    upload = uploads.get(word)
    key = (run.path, weights.key, protocol.model_dump_json())

    def work() -> Rankings:
        return _ranked(run, weights, protocol, upload)

    made = upload.ranked(key, lambda: in_background(work))
    return made.result() if made.done() else None


def own_picture(word: str, height: int) -> bytes:
    """A small picture of an image that was handed in. Raises DataError where it is forgotten."""
    return uploads.get(word).picture(bounded(height))


def _ranked(run: RunFolder, weights: Weights, protocol: Evaluation, upload: Upload) -> Rankings:
    from workbench.inspection.own_query import embed_image

    with opened(run, weights, protocol) as stored:
        levels = stored.embeddings.levels
    image = upload.evaluated(run.recipe().data, levels)
    vector = embed_image(run, image, weights.kind, weights.checkpoint)
    with opened(run, weights, protocol) as stored:
        rankings = ranked_for(vector, stored)
    rankings.ranking(0)
    return rankings


def _list(
    run: RunFolder, weights: Weights, word: str, rankings: Rankings, k: int, rerank: str
) -> dict[str, Any]:
    items = rankings.list(0, k)
    link = Link(tab="rankings", run=run.id, weights=weights.key, k=k, rerank=rerank)
    return {
        "working": False,
        "run": run.id,
        "weights": weights.key,
        "query": {
            "source": "upload",
            "index": word,
            "identity_words": "unknown",
            "camera_words": "unknown",
            "caption": "your image",
            "name": "Nobody knows who is on it, so no image is called a match.",
        },
        "average_precision": None,
        "first_match": None,
        "matches": None,
        "items": [_item(item, rankings) for item in items],
        "precision_recall": None,
        "words": _who(items, rankings),
        "link": write_link(link),
    }


def _item(item: RankedImage, rankings: Rankings) -> dict[str, Any]:
    shown = ranked_item(item, rankings)
    return shown | {"verdict": "unknown" if item.verdict == "wrong" else item.verdict}


def _who(items: list[RankedImage], rankings: Rankings) -> str:
    """Who is most often among the first images."""
    images = rankings.embeddings.gallery_images
    counting = [images[item.index] for item in items if item.excluded is None]
    known = Counter(image.identity for image in counting if image.is_person)
    if not known:
        return f"Among the first {len(counting)} there is nobody the gallery has a number for."
    named = known.most_common(NAMED)
    told = ", ".join(f"identity {who} on {counted(count, 'image')}" for who, count in named)
    return f"Most often among the first {len(counting)}: {told}."
