"""One ranked list as cards, and every figure about it. No torch here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from workbench.errors import DataError
from workbench.retrieval.metrics import RetrievalReport, evaluate_distances
from workbench.retrieval.ranked_list import Query, Ranking

Kind = Literal["match", "wrong", "distractor", "same_camera", "junk"]
KINDS: dict[str, Kind] = {kind[0]: kind for kind in get_args(Kind)}
"""By the letter that stands for each in a text."""
TIED = "="
MAX_CARDS = 60

QUERY = Query(identity=1, camera=1)
_IDENTITY_AND_CAMERA: dict[Kind, tuple[int, int]] = {
    "match": (1, 2),
    "wrong": (2, 2),
    "distractor": (0, 2),
    "same_camera": (1, 1),
    "junk": (-1, 2),
}
"""Identity and camera of each kind of card."""
_JUNK_IDENTITY = 3
"""Where junk is not left out it is somebody who is not the query."""


@dataclass(frozen=True)
class Cards:
    """Gallery images in ranked order.

    ``tied`` holds the places (from 0) of cards at the same distance as the card before them.
    """

    kinds: tuple[Kind, ...]
    tied: frozenset[int] = frozenset()

    def __str__(self) -> str:
        """One letter a card, ``=`` before a card that ties with the one before it."""
        letters = [
            f"{TIED if position in self.tied else ''}{kind[0]}"
            for position, kind in enumerate(self.kinds)
        ]
        return "".join(letters)

    @property
    def distances(self) -> list[float]:
        """One for each card, growing where two do not tie."""
        steps = [position not in self.tied for position in range(len(self.kinds))]
        return np.cumsum(steps).astype(float).tolist()

    def reversed_after_first_match(self) -> "Cards":
        """The same cards, those behind the first right answer in opposite order, without ties."""
        first = self.kinds.index("match") + 1 if "match" in self.kinds else len(self.kinds)
        return Cards(self.kinds[:first] + self.kinds[: first - 1 : -1])

    def all_tied(self) -> "Cards":
        """The same cards, all at one distance."""
        return Cards(self.kinds, frozenset(range(1, len(self.kinds))))


def read_cards(text: str) -> Cards:
    """The cards of a text such as ``mw=mwd``. Raises DataError where it is none."""
    kinds: list[Kind] = []
    tied: set[int] = set()
    for position, letter in enumerate(text):
        if letter == TIED and kinds and text[position - 1] != TIED:
            tied.add(len(kinds))
        elif letter in KINDS:
            kinds.append(KINDS[letter])
        else:
            raise DataError(
                f"'{text}' is no list of cards: use the letters {', '.join(KINDS)}, with = before"
                " a card that ties with the one before it."
            )
    if not 1 <= len(kinds) <= MAX_CARDS or text.endswith(TIED):
        raise DataError(f"'{text}' is no list of 1 to {MAX_CARDS} cards.")
    return Cards(tuple(kinds), frozenset(tied))


@dataclass(frozen=True)
class MatchMetrics:
    """One right answer of the list, in the order of the cards.

    ``before`` is the precision just before it, 1 where nothing is before.
    """

    rank: int
    recall: float
    precision: float
    before: float


@dataclass(frozen=True)
class ListMetrics:
    """Everything counted about one list, as fractions.

    Attributes:
        step: Average precision, precision at each right answer.
        trapezoid: Average precision, mean of the precision there and just before.
        span: Average precision (step) in the unluckiest and the luckiest order of ties.
        match: Cumulative match of every rank from 1.
        mINP: Right answers / rank of the last of them.
        hits: Every right answer, ties in the order of the cards.
        ranks: Of every card its rank, None where it does not count.
    """

    step: float
    trapezoid: float
    span: tuple[float, float]
    match: tuple[float, ...]
    mINP: float  # noqa: N815  the name everybody uses
    hits: tuple[MatchMetrics, ...]
    ranks: tuple[int | None, ...]


def list_metrics(cards: Cards, *, rule: bool = True) -> ListMetrics:
    """The figures of a list. Raises EmptySplit where no right answer counts.

    ``rule``: leave out junk and images of the query's own camera. Without it the first count as
    wrong and the others as right answers.
    """
    ranking = _ranking(cards, rule)
    counted = len(ranking.hits())
    step = _report(cards, rule, "step", counted)
    trapezoid = _report(cards, rule, "trapezoid", counted)
    return ListMetrics(
        step=step.mAP,
        trapezoid=trapezoid.mAP,
        span=step.tie_span,
        match=tuple(step.rank.values()),
        mINP=step.mINP,
        hits=_match_metrics(ranking),
        ranks=tuple(image.rank for image in ranking.top(len(cards.kinds) + 1)),
    )


def _report(
    cards: Cards, rule: bool, average_precision: Literal["step", "trapezoid"], counted: int
) -> RetrievalReport:
    identities, cameras = _identities_and_cameras(cards.kinds, rule)
    return evaluate_distances(
        np.array([cards.distances]),
        np.array([QUERY.identity]),
        identities,
        np.array([QUERY.camera]),
        cameras,
        average_precision=average_precision,
        drop_same_camera=rule,
        ranks=range(1, counted + 1),
    )


def _ranking(cards: Cards, rule: bool) -> Ranking:
    distances = np.array(cards.distances)
    identities, cameras = _identities_and_cameras(cards.kinds, rule)
    return Ranking(-distances, distances, QUERY, identities, cameras, drop_same_camera=rule)


def _identities_and_cameras(kinds: Sequence[Kind], rule: bool) -> tuple[np.ndarray, np.ndarray]:
    """Identities and cameras of cards."""
    pairs = np.array([_IDENTITY_AND_CAMERA[kind] for kind in kinds])
    if not rule:
        pairs[pairs[:, 0] < 0, 0] = _JUNK_IDENTITY
    return pairs[:, 0], pairs[:, 1]


def _match_metrics(ranking: Ranking) -> tuple[MatchMetrics, ...]:
    ranks = np.flatnonzero(ranking.hits()) + 1
    values = zip(
        ranks.tolist(), ranking.recall().tolist(), ranking.precision().tolist(), strict=True
    )
    return tuple(
        MatchMetrics(rank, recall, precision, before=position / (rank - 1) if rank > 1 else 1.0)
        for position, (rank, recall, precision) in enumerate(values)
    )
