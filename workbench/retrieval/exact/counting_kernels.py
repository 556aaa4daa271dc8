"""Compiled loops over blocks of scores. Loaded by ``compiled.kernels``, never directly.

``no_type_check`` keeps runtime shape checking away: a checked function cannot be compiled.
"""

from typing import Any, no_type_check

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

CHUNK = 256  # scores looked at together: often none of them matters
NARROW = 64  # the same where some matter, but few

compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
@no_type_check
def rounded_down(number: float, scores: Array) -> float:
    """A number not above ``number`` in the type of ``scores``, so that comparing is quick."""
    return np.nextafter(scores.dtype.type(number), scores.dtype.type(-np.inf))


@compiled
@no_type_check
def reaches(scores: Array, lowest: float) -> bool:
    """Whether any of ``CHUNK`` scores is at least ``lowest``."""
    some = np.int32(0)
    for place in range(CHUNK):  # a fixed number: it becomes a few wide instructions
        some |= np.int32(scores[place] >= lowest)
    return some > 0


@compiled
@no_type_check
def reaches_narrowly(scores: Array, lowest: float) -> bool:
    """Whether any of ``NARROW`` scores is at least ``lowest``."""
    some = np.int32(0)
    for place in range(NARROW):
        some |= np.int32(scores[place] >= lowest)
    return some > 0


@compiled
@no_type_check
def find_reaching(scores: Array, lowest: float, places: Array) -> int:
    """Write down where ``scores`` are at least ``lowest``. Returns their number."""
    found = 0
    images = len(scores)
    for begin in range(0, images, CHUNK):
        if begin + CHUNK <= images and not reaches(scores[begin : begin + CHUNK], lowest):
            continue
        for place in range(begin, min(begin + CHUNK, images)):
            places[found] = place
            found += np.intp(scores[place] >= lowest)
    return found


@compiled
@no_type_check
def count_reaching(scores: Array, number: int, lowest: float, surely: float) -> tuple[int, int]:
    """How many of the first ``number`` scores are at least ``lowest``, and above ``surely``."""
    reaching, above = np.int32(0), np.int32(0)
    for place in range(number):
        reaching += np.int32(scores[place] >= lowest)
        above += np.int32(scores[place] > surely)
    return reaching, above


@compiled
@no_type_check
def keep_reaching(scores: Array, places: Array, number: int, lowest: float) -> int:
    """Move the scores that are at least ``lowest`` to the front. Returns their number."""
    left = 0
    for place in range(number):
        score = scores[place]
        scores[left], places[left] = score, places[place]
        left += score >= lowest
    return left


@compiled
@no_type_check
def sift_block(
    scores: Array,
    margins: Array,
    starts: Array,
    thresholds: Array,
    ahead: Array,
    row: int,
    last_row: int,
    level: int,
    found: Array,
) -> tuple[int, int, int]:
    """Count what the margins decide, and note the rest in ``found``: row, column, threshold.

    ``thresholds[starts[i]:starts[i + 1]]`` are those of row i, falling; ``ahead`` grows by the
    scores above each. The lowest goes first, the others with the scores that are left above it.
    Begins with threshold ``level`` of ``row`` and ends before ``last_row``, or where what is open
    might not fit. Returns row and threshold to go on with, and how many pairs were noted.
    """
    images = scores.shape[1]
    places, near = np.empty(images + 1, dtype=np.int32), np.empty(images, dtype=scores.dtype)
    noted = 0
    while row < last_row:
        margin = margins[row]
        level = min(level, starts[row + 1] - 1)
        number = 0
        if level >= starts[row]:
            lowest = rounded_down(thresholds[level] - margin, scores)
            number = find_reaching(scores[row], lowest, places)
            near[:number] = scores[row][places[:number]]
        while level >= starts[row] and number > 0:
            if noted + number > found.shape[1]:
                return row, level, noted
            lowest = rounded_down(thresholds[level] - margin, scores)
            surely = -rounded_down(-(thresholds[level] + margin), scores)
            reaching, above = count_reaching(near, number, lowest, surely)
            ahead[level] += above
            if above < reaching:
                for place in range(number):
                    found[0, noted], found[1, noted], found[2, noted] = row, places[place], level
                    noted += (near[place] >= lowest) & (near[place] <= surely)
            if reaching < number // 2:
                number = keep_reaching(near, places, number, lowest)
            level -= 1
        row += 1
        level = len(thresholds)
    return row, level, noted


@compiled
@no_type_check
def sift_pairs(scores: Array, margins: Array, thresholds: Array, ahead: Array, found: Array) -> int:
    """The same of single pairs; those still open move to the front. Returns their number."""
    noted = 0
    for pair in range(len(scores)):
        row, column, level = found[0, pair], found[1, pair], found[2, pair]
        apart = scores[pair] - thresholds[level]
        if apart > margins[row]:
            ahead[level] += 1
        elif apart >= -margins[row]:
            found[0, noted], found[1, noted], found[2, noted] = row, column, level
            noted += 1
    return noted


@compiled
@no_type_check
def count_pairs(
    scores: Array,
    right: Array,
    bounds: Array,
    matches: Array,
    found: Array,
    ahead: Array,
    tied: Array,
    earlier: Array,
) -> None:
    """Count pairs by their exact scores and those of their right answers.

    ``matches[bounds[i]:bounds[i + 1]]`` are the columns of the right answers at threshold i.
    """
    for pair in range(len(scores)):
        column, level = found[1, pair], found[2, pair]
        if scores[pair] > right[pair]:
            ahead[level] += 1
        elif scores[pair] == right[pair]:
            tied[level] += 1
            for match in range(bounds[level], bounds[level + 1]):
                earlier[match] += column < matches[match]


@compiled
@no_type_check
def keep_nearest(
    scores: Array,
    margins: Array,
    k: int,
    first_column: int,
    sizes: Array,
    floors: Array,
    kept: Array,
    columns: Array,
) -> None:
    """Keep what may be among the ``k`` largest scores of each row, over several calls.

    ``kept[i, :sizes[i]]`` are scores, ``columns`` their columns; scores below ``floors[i]`` no
    longer matter. A row whose scores are so close together that there is no room for all that may
    matter gets a negative size, for good.
    """
    images = scores.shape[1]
    for row in range(scores.shape[0]):
        size, floor = sizes[row], floors[row]
        for begin in range(0, images, NARROW):
            part = scores[row, begin : min(begin + NARROW, images)]
            if size < 0 or (len(part) == NARROW and not reaches_narrowly(part, floor)):
                continue
            size, floor = keep_part(
                part, margins[row], k, first_column + begin, size, floor, kept[row], columns[row]
            )
        sizes[row], floors[row] = size, floor


@compiled
@no_type_check
def keep_part(
    scores: Array,
    margin: float,
    k: int,
    first_column: int,
    size: int,
    floor: float,
    kept: Array,
    columns: Array,
) -> tuple[int, float]:
    """The same of a part of one row: the new size, and what a score must reach from now on."""
    for place in range(len(scores)):
        if scores[place] >= floor:
            if size == len(kept):
                floor = lowest_that_matters(kept, size, k, margin)
                size = keep_reaching(kept, columns, size, floor)
                if 4 * size > 3 * len(kept):
                    return -1, floor
                if scores[place] < floor:
                    continue
            kept[size], columns[size] = scores[place], first_column + place
            size += 1
    return size, floor


@compiled
@no_type_check
def lowest_that_matters(scores: Array, size: int, k: int, margin: float) -> float:
    """What the k-th largest of the first ``size`` scores leaves possible for the true ones."""
    if size < k:  # also where there was no room
        return rounded_down(-np.inf, scores)
    return rounded_down(np.float64(np.sort(scores[:size])[size - k]) - 2 * margin, scores)
