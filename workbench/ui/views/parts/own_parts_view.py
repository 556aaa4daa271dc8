"""Heatmaps of a visitor's own image and a hit: made and kept in memory, gone with the image."""

from typing import Any

from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import Method
from workbench.inspection.explained_pairs import Pair, method_named
from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.folder import RunFolder
from workbench.ui.links import Link, write_link
from workbench.ui.uploads import uploads
from workbench.ui.views.parts.parts_answers import Side, heat_picture, place_in, told_of
from workbench.ui.views.parts.parts_tasks import PATIENCE, waiting_in_words, with_torch
from workbench.ui.views.rankings.own_query_view import WORKING, own_rankings
from workbench.ui.views.rankings.re_ranking import OFF, protocol_of
from workbench.ui.views.rankings.stored_rankings import Weights, choose, opened


def own_pair(
    run: RunFolder, wanted: str, word: str, hit: int, method: str = "evidence"
) -> dict[str, Any]:
    """What ``pair_of`` says, of an image that was handed in; its link leads to the run alone.

    Raises DataError where the image is not kept any more or there is no such hit or method,
    RunError where run or weights are gone, BrokenImage where the hit's file is.
    """
    chosen, weights = method_named(method), choose(run, wanted)
    rankings = own_rankings(run, weights, word, protocol_of(run, OFF))
    if rankings is None:
        return {"working": True, "words": WORKING}
    pair = Pair.of(rankings, 0, hit)
    found = _explained(run, weights, word, pair, chosen)
    if found is None:
        return {"working": True, "words": waiting_in_words()}
    link = Link(tab="parts", run=run.id, weights=weights.key, method=chosen)
    return told_of(run, found, place_in(rankings, 0, hit), pair.hit, known=False) | {
        "weights": weights.key,
        "source": "upload",
        "query": word,
        "hit": hit,
        "version": "",
        "link": write_link(link),
    }


def own_heat(
    run: RunFolder,
    wanted: str,
    word: str,
    hit: int,
    part: str,
    side: Side,
    method: str = "evidence",
) -> bytes:
    """What ``heat_of`` draws, of an image that was handed in."""
    chosen, weights = method_named(method), choose(run, wanted)
    with opened(run, weights, protocol_of(run, OFF)) as rankings:
        pair = Pair.of(rankings, 0, hit)
    found = _explained(run, weights, word, pair, chosen, PATIENCE)
    return heat_picture(run, found, part, side)


def _explained(
    run: RunFolder,
    weights: Weights,
    word: str,
    pair: Pair,
    method: Method,
    patience: float = 0.0,
) -> PairExplanation | None:
    upload = uploads.get(word)
    key = (run.path, weights.key, pair.numbers[1], method)
    found = upload.explained(key)
    if found is not None:
        return found
    # Said here, where it is one sentence at once, and not after torch was loaded.
    checkpoint_folder(run, weights.checkpoint)

    def work() -> PairExplanation:
        from workbench.inspection.own_query import explain_image

        # Asked for anew: what was forgotten meanwhile is not drawn any more.
        image = uploads.get(word).evaluated(run.recipe().data, pair.levels)
        return explain_image(run, image, pair, weights.kind, weights.checkpoint, method)

    found = with_torch((word, *key), work, patience)
    if found is not None:
        upload.keep(key, found)
    return found
