"""How many wrong answers stand before each right one: all that ranking figures need.

No sort of the gallery and no matrix of all distances: blocks of scores come and go, and of each
only the wrong answers near a right one are looked at closely.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from types import ModuleType
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int64

from workbench.retrieval.exact.blocks import Block, Pairs
from workbench.retrieval.exact.compiled import kernels
from workbench.retrieval.exact.counters import (
    CompiledTally,
    Places,
    PlainTally,
    RightAnswers,
    Tally,
)
from workbench.retrieval.relevance import Relevance

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Right answers of all queries, those of one query together, the nearest first.

    Right answers at the same distance stand in gallery order; together with the wrong answers at
    that distance they form a tie.

    Attributes:
        starts: Where the right answers of each query begin, and where the last ones end.
        ahead: Wrong answers strictly nearer.
        level: Wrong answers exactly as near.
        earlier: Those of ``level`` that come earlier in the gallery.
        hits: Right answers up to and including this one, from 1.
        tie_start: Right answers strictly nearer.
        tie_size: Right answers exactly as near, this one included.
    """

    starts: Int64[np.ndarray, "bounds"]
    ahead: Int64[np.ndarray, "matches"]
    level: Int64[np.ndarray, "matches"]
    earlier: Int64[np.ndarray, "matches"]
    hits: Int64[np.ndarray, "matches"]
    tie_start: Int64[np.ndarray, "matches"]
    tie_size: Int64[np.ndarray, "matches"]


@runtime_checkable
class CountsItself(Protocol):
    """Pairs that are counted where their vectors are, with the same result."""

    def can_count(self) -> bool:
        """Whether these vectors can be."""
        ...

    def counted(
        self,
        fast: ModuleType,
        relevance: Relevance,
        right: RightAnswers,
        tell: Callable[[int], None],
    ) -> Places:
        """The places of all right answers; ``tell`` hears how many pairs have been compared."""
        ...


def count(pairs: Pairs, relevance: Relevance, progress: Progress | None = None) -> Counts:
    """The place of every right answer, exactly.

    Scores closer to a right answer's than the margin of their block are computed again, as the
    definition says (``pairs``), so the result does not depend on the size of the blocks.
    """
    fast, telling = kernels("exact.counting_kernels"), Lock()
    done, total = 0, pairs.shape[0] * pairs.shape[1]
    right = right_answers(pairs, relevance, quick=fast is not None)

    def tell(more: int) -> None:
        nonlocal done
        with telling:
            done += more
            if progress is not None:
                progress("comparing", done, total)

    if fast is not None and isinstance(pairs, CountsItself) and pairs.can_count():
        return _counts(right, pairs.counted(fast, relevance, right, tell))
    tally: Tally = PlainTally(pairs, right)
    if fast is not None:
        tally = CompiledTally(fast, pairs, right)

    def add(block: Block) -> None:
        relevance.hide(block.scores, block.queries, block.gallery)
        tally.add(block)
        tell(block.scores.size)

    pairs.each_block(add)
    return _counts(right, tally.result())


def right_answers(pairs: Pairs, relevance: Relevance, *, quick: bool) -> RightAnswers:
    """The right answers of all queries in order, with exact scores or such as are quick to have."""
    rows, columns = relevance.matches
    found = pairs.quick_scores(rows, columns) if quick else None
    slack = np.zeros(relevance.queries)
    if found is None:
        scores = pairs.scores(rows, columns)
    else:
        scores, slack = found
    order = np.lexsort((columns, -scores, rows))
    columns, scores = columns[order], scores[order]
    close = scores[:-1] - scores[1:] <= 2 * slack[rows[1:]]
    close &= rows[1:] == rows[:-1]
    if found is not None and close.any():
        unsure = np.append(close, False) | np.append(False, close)
        scores[unsure] = pairs.scores(rows[unsure], columns[unsure])
        order = np.lexsort((columns, -scores, rows))
        columns, scores = columns[order], scores[order]
    return RightAnswers(relevance.starts(), columns, scores, slack)


def _counts(right: RightAnswers, places: Places) -> Counts:
    """What was counted, with the place of each right answer among its own kind."""
    starts, scores = right.starts, right.scores
    sizes = np.diff(starts)
    place = np.arange(len(scores))
    query = np.repeat(np.arange(len(sizes)), sizes)
    begins = np.ones(len(place), dtype=bool)
    begins[1:] = (query[1:] != query[:-1]) | (scores[1:] != scores[:-1])
    tie = np.cumsum(begins) - 1
    tie_begin = np.flatnonzero(begins)
    own_start = np.repeat(starts[:-1], sizes)
    ahead, level, earlier = places
    return Counts(
        starts=starts,
        ahead=ahead,
        level=level,
        earlier=earlier,
        hits=place - own_start + 1,
        tie_start=tie_begin[tie] - own_start,
        tie_size=np.diff(np.append(tie_begin, len(place)))[tie],
    )
