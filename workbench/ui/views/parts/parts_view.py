"""Heatmaps of a pair as faces show them: plain JSON objects with the words, and their pictures."""

from typing import Any

from workbench.errors import DataError
from workbench.explain.interpretation import READING
from workbench.explain.methods import ABOUT, METHODS, TITLES
from workbench.inspection.explained_pairs import Pair, method_named
from workbench.runs.folder import RunFolder
from workbench.ui.links import Link, write_link
from workbench.ui.views.parts.parts_answers import (
    Side,
    heat_picture,
    layer,
    masked,
    place_in,
    told_of,
)
from workbench.ui.views.parts.parts_tasks import (
    PATIENCE,
    Asked,
    begin_loading,
    explained,
    masks_of,
    waiting_in_words,
)
from workbench.ui.views.rankings import ranking_view
from workbench.ui.views.rankings.ranking_view import Source
from workbench.ui.views.rankings.re_ranking import OFF, protocol_of
from workbench.ui.views.rankings.stored_rankings import choose, opened


def overview(run: RunFolder, wanted: str = "") -> dict[str, Any]:
    """What Rankings says of a run's weights, and the methods to choose from.

    Lists are those before re-ranking: their order is that of the similarity that is explained.

    Starts to load torch, which takes seconds, where somebody will need it.
    """
    answer = ranking_view.overview(run, wanted, OFF)
    if answer["ready"]:
        begin_loading()
    methods = [{"name": one, "title": TITLES[one], "about": ABOUT[one]} for one in METHODS]
    return answer | {"methods": methods, "reading": READING}


def pair_of(
    run: RunFolder, wanted: str, source: Source, query: int, hit: int, method: str = "evidence"
) -> dict[str, Any]:
    """A pair explained, or ``working`` with a sentence as long as it is being computed.

    Raises DataError where there is no such image or method, RunError where run or weights are
    gone, BrokenImage where an image has been deleted.
    """
    asked, number = _asked(run, wanted, source, query, hit, method)
    found = explained(asked)
    if found is None:
        return {"working": True, "words": waiting_in_words()}
    with opened(run, asked.weights, protocol_of(run, OFF)) as rankings:
        place = place_in(rankings, number, hit)
    link = Link(
        tab="parts",
        run=run.id,
        weights=asked.weights.key,
        source=source,
        query=query,
        hit=hit,
        method=found.method,
    )
    return told_of(run, found, place, asked.pair.hit) | {
        "weights": asked.weights.key,
        "source": source,
        "query": query,
        "hit": hit,
        "version": asked.key,
        "link": write_link(link),
    }


def heat_of(
    run: RunFolder,
    wanted: str,
    source: Source,
    query: int,
    hit: int,
    part: str,
    side: Side,
    method: str = "evidence",
) -> bytes:
    """One map as a PNG to lay over its image. Raises DataError where there is no such part."""
    asked, _ = _asked(run, wanted, source, query, hit, method)
    return heat_picture(run, explained(asked, PATIENCE), part, side)


def mask_of(run: RunFolder, wanted: str, part: str) -> bytes:
    """One learned mask as a PNG to lay over any image. Raises DataError where there is none."""
    weights = choose(run, wanted)
    if part not in masked(run.recipe().model):
        raise DataError(f"Part '{part}' of run {run.id} has no learned mask.")
    masks = masks_of(run, weights)
    if masks is None:
        raise DataError(f"The masks of run {run.id} are not ready: look again in a minute.")
    return layer(run, masks[part])


def _asked(
    run: RunFolder, wanted: str, source: Source, query: int, hit: int, method: str
) -> tuple[Asked, int]:
    chosen, weights = method_named(method), choose(run, wanted)
    with opened(run, weights, protocol_of(run, OFF)) as rankings:
        number = ranking_view.number_of(rankings, source, query)
        pair = Pair.of(rankings, number, hit)
    return Asked(run, weights, pair, chosen), number
