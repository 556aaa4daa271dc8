"""What the numbers of a heatmap mean, in words. No torch."""

from workbench.explain.explanation import PartExplanation
from workbench.explain.faithfulness.deletion_score import Deletion
from workbench.explain.methods import Method

READING = (
    (
        "Heat",
        "Light cells speak for the pair, dark ones say nothing or speak against it. Every map has"
        " a scale of its own: colours compare cells of one map, shares compare maps.",
    ),
    (
        "Share",
        "What a part adds to the similarity of the pair. The shares of all parts sum to it. With"
        " part evidence a share is itself the sum of what its cells add, of what they take away,"
        " and of a constant that no cell can be blamed for.",
    ),
    ("Cosine", "How alike the part's own two vectors are: 1 the same, 0 unrelated, -1 opposite."),
    (
        "Deletion score",
        "Cells of the query are painted over with its mean colour, hottest first, and the part's"
        " cosine is watched. The score is the area under that curve: the smaller, the faster it"
        " fell. Two blind orders are scored beside it: cells at random (the mean of three orders),"
        " and from the middle of the picture outwards, where people tend to stand.",
    ),
    (
        "How far to believe it",
        "Heatmaps are only partly faithful. On the playground the heat of the whole map beats three"
        " random orders on most pairs, but the order from the middle outwards on few: its people"
        " all stand in the middle."
        " A part that reads one stripe only beats both orders as soon as its heat lies in that"
        " stripe. Believe a map as far as its curve lies below both others: one map in four that"
        " knows nothing beats three random orders by luck. A painted image is unlike any that the"
        " network was trained on, so part of a fall may be due to the paint.",
    ),
    (
        "Heat on the person",
        "The playground knows which pixel belongs to whom. The share of the heat on the person,"
        " or on one thing the person wears, is held against the share of the image it covers: a"
        " map that knows nothing would have as much. A network sees some cells around each cell,"
        " so heat just beside a thing may be about it.",
    ),
)
"""What a reader has to know, in the order of the page: a word and what it means."""

COLD = "No cell of the query is above zero: there is no heat to take away, nothing to be judged."
FLAT = "All cells are equally hot: which of them goes first is arbitrary, nothing to be judged."
NOTHING = (
    "This part's cosine is at most 0.05 to begin with, as that of unrelated images may be: there is"
    " nothing to lose."
)
STEADY = (
    "Whatever is taken away, at least nine tenths of the cosine are left: this pair is not alike by"
    " what can be seen in single cells, and no map can be judged by taking them away."
)
FOUND = (
    "The cosine falls faster than in three random orders and than from the middle outwards: the hot"
    " cells count for more than those do."
)
MIDDLE = (
    "The cosine falls faster than in three random orders, but no faster than from the middle"
    " outwards: to know that people stand in the middle says as much as this map."
)
SCATTERED = (
    "The cosine falls faster than from the middle outwards, but one of three random orders does as"
    " well: chance could have drawn this map."
)
BLIND = (
    "The cosine falls no faster than from the middle outwards, and one of three random orders does"
    " as well: do not believe this map."
)
UNRELATED = 0.05
"""A cosine up to this is no similarity that a map could explain."""
LEFT = 0.9
"""A cosine that keeps this share of its height under all orders has not fallen."""
DECIMALS = 3
"""Areas that faces show as the same number are the same."""


def scale_in_words(method: Method) -> str:
    """What the maps of a method add up to."""
    if method == "evidence":
        return "A map's cells and its constant sum to the part's share."
    return "Maps of this method run from 0 to 1: they tell where, not how much."


def verdict_in_words(part: PartExplanation) -> str:
    """Whether a map says more than the blind orders; "" where no score was counted."""
    score, heat = part.deletion, part.query_heat
    if score is None:
        return ""
    if not (heat > 0.0).any():
        return COLD
    if heat.min() == heat.max():
        return FLAT
    if score.curve[0] <= UNRELATED:
        return NOTHING
    if _lowest(score) >= LEFT * score.curve[0]:
        return STEADY
    beats_chance, beats_middle = _below(score, score.random_best), _below(score, score.centre)
    if beats_chance:
        return FOUND if beats_middle else MIDDLE
    return SCATTERED if beats_middle else BLIND


def _lowest(score: Deletion) -> float:
    return min(float(one.min()) for one in (score.curve, score.random_curve, score.centre_curve))


def _below(score: Deletion, other: float) -> bool:
    return round(score.auc, DECIMALS) < round(other, DECIMALS)
