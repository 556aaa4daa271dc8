"""What the numbers of a heatmap mean, in words. No torch."""

from workbench.explain.deletion_score import Deletion
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
        " fell, and the more of what counts the heat has found. Two blind orders are scored"
        " beside it: cells at random (the mean of three orders), and from the middle of the"
        " picture outwards, where people tend to stand.",
    ),
    (
        "How far to believe it",
        "Heatmaps are only partly faithful. On the playground they beat random orders as a rule;"
        " but on some pairs the order from the middle outwards beats the heat of the whole map."
        " A part that reads one stripe only beats both orders as soon as its heat lies in that"
        " stripe. Believe a map as far as its curve lies below both others.",
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

FOUND = "The cosine falls faster than in both blind orders: the heat has found what counts."
MIDDLE = (
    "The cosine falls faster than in random order, but no faster than from the middle outwards: to"
    " know that people stand in the middle says as much as this map."
)
SCATTERED = (
    "The cosine falls faster than from the middle outwards, but no faster than in random order."
)
BLIND = "The cosine falls no faster than in random order: do not believe this map."
NOTHING = "This part's cosine is not above zero to begin with, so there is nothing to lose."


def scale_in_words(method: Method) -> str:
    """What the maps of a method add up to."""
    if method == "evidence":
        return "A map's cells and its constant sum to the part's share."
    return "Maps of this method run from 0 to 1: they tell where, not how much."


def verdict_in_words(score: Deletion) -> str:
    """Whether a map says more than the two blind orders."""
    if score.curve[0] <= 0.0:
        return NOTHING
    if score.auc < score.random:
        return FOUND if score.auc < score.centre else MIDDLE
    return SCATTERED if score.auc < score.centre else BLIND
