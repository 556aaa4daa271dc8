"""Which figures are counted where, and the same in words. No torch."""

from collections.abc import Sequence

from workbench.data.samples import UNKNOWN_CAMERA, Split
from workbench.data.wording import counted
from workbench.recipe.settings.evaluation import Evaluation


def plain(evaluation: Evaluation, ranks: Sequence[int] = ()) -> Evaluation:
    """A recipe's protocol without re-ranking, and with rank-1, which every face shows.

    Figures during a training are plain: re-ranking compares all images with all others. ``ranks``
    are counted beside those of the recipe.
    """
    every = sorted({1, *evaluation.ranks, *ranks})
    return evaluation.model_copy(update={"re_ranking": None, "ranks": every})


def in_words(evaluation: Evaluation, split: Split) -> str:
    """How figures of a split are counted, in the words that published figures are told in."""
    embedding = evaluation.embedding
    parts = [
        _ranked(evaluation, split),
        evaluation.distance,
        "mirrored image added" if embedding.flip else "no mirrored image",
        f"at sizes {', '.join(f'{scale:g}' for scale in embedding.scales)}"
        * (embedding.scales != [1.0]),
        f"{evaluation.average_precision} average precision",
        "all queries as denominator"
        if evaluation.denominator == "all"
        else "queries with a match as denominator",
        _cameras(evaluation, split),
        "single and multiple query" * evaluation.multi_query,
        "NMI by k-means" * (evaluation.clustering is not None),
        f"certainty weighs {evaluation.certainty_weight:g}" * bool(evaluation.certainty_weight),
    ]
    return ", ".join(filter(None, parts))


def _ranked(evaluation: Evaluation, split: Split) -> str:
    if split.pairings:
        return " and ".join(pairing.name.replace("_", " ") for pairing in split.pairings)
    if split.gallery_draws:
        draws = counted(evaluation.gallery_draws.count, "random gallery draw")
        return f"mean of {draws}, one image of each identity"
    return "every image against all others" if split.leave_one_out else "query against gallery"


def _cameras(evaluation: Evaluation, split: Split) -> str:
    known = any(sample.camera != UNKNOWN_CAMERA for sample in split.query)
    return "same camera left out" if known and evaluation.drop_same_camera else "no camera left out"
