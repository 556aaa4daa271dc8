"""Compiled loops over vectors. Loaded by ``compiled.kernels``, never directly.

``no_type_check`` keeps runtime shape checking away: a checked function cannot be compiled. Apart
from ``quick_scores`` nothing here may reorder or fuse a sum, and nothing does: numba keeps the
order of the source unless told otherwise.
"""

from typing import Any, no_type_check

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

TOGETHER = 4  # sums that grow side by side, each in its own order

compiled = njit(nogil=True, cache=True, error_model="numpy")
reordered = njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})


@compiled
@no_type_check
def sums(terms: Array, totals: Array) -> None:
    """Four sums side by side, each from its first term to its last."""
    first, second, third, fourth = terms[0, 0], terms[1, 0], terms[2, 0], terms[3, 0]
    for t in range(1, terms.shape[1]):
        first += terms[0, t]
        second += terms[1, t]
        third += terms[2, t]
        fourth += terms[3, t]
    totals[0], totals[1], totals[2], totals[3] = first, second, third, fourth


@compiled
@no_type_check
def squared_lengths(vectors: Array, out: Array) -> None:
    """Squared length of each row, summed in order."""
    rows, dim = vectors.shape
    terms, totals = np.empty((TOGETHER, dim)), np.empty(TOGETHER)
    for start in range(0, rows, TOGETHER):
        number = min(TOGETHER, rows - start)
        for place in range(TOGETHER):
            row = start + min(place, number - 1)
            for t in range(dim):
                value = np.float64(vectors[row, t])
                terms[place, t] = value * value
        sums(terms, totals)
        out[start : start + number] = totals[:number]


@compiled
@no_type_check
def scaled_rows(vectors: Array, factors: Array, out: Array) -> None:
    """Each row times its factor, rounded to the type of ``out``."""
    for row in range(vectors.shape[0]):
        factor = factors[row]
        for t in range(vectors.shape[1]):
            out[row, t] = np.float64(vectors[row, t]) * factor


@compiled
@no_type_check
def put_terms(left: Array, right: Array, length: float, cosine: bool, out: Array) -> None:
    """What the value of a pair is the sum of; ``left`` is already divided by its length."""
    if cosine:
        for t in range(len(left)):
            out[t] = left[t] * (np.float64(right[t]) / length)
    else:
        for t in range(len(left)):
            apart = left[t] - np.float64(right[t])
            out[t] = apart * apart


@compiled
@no_type_check
def exact_scores(
    queries: Array,
    gallery: Array,
    query_lengths: Array,
    gallery_lengths: Array,
    rows: Array,
    columns: Array,
    cosine: bool,
    out: Array,
) -> None:
    """The value of each pair as the definition says; for euclidean negated."""
    dim = queries.shape[1]
    left = np.empty(dim)
    terms, totals = np.zeros((TOGETHER, dim)), np.empty(TOGETHER)
    latest = -1
    start = 0
    while start < len(rows):
        row = rows[start]
        if row != latest:
            unit = query_lengths[row] if cosine else 1.0
            for t in range(dim):
                left[t] = np.float64(queries[row, t]) / unit
            latest = row
        number = 1
        while number < TOGETHER and start + number < len(rows) and rows[start + number] == row:
            number += 1
        for place in range(number):
            column = columns[start + place]
            put_terms(left, gallery[column], gallery_lengths[column], cosine, terms[place])
        sums(terms, totals)
        for place in range(number):
            out[start + place] = totals[place] if cosine else -totals[place]
        start += number


@reordered
@no_type_check
def quick_scores(
    queries: Array,
    gallery: Array,
    query_lengths: Array,
    gallery_lengths: Array,
    rows: Array,
    columns: Array,
    cosine: bool,
    out: Array,
) -> None:
    """The same up to the rounding of float64, in any order of summation."""
    for pair in range(len(rows)):
        left, right = queries[rows[pair]], gallery[columns[pair]]
        total = 0.0
        if cosine:
            for t in range(len(left)):
                total += np.float64(left[t]) * np.float64(right[t])
            total /= query_lengths[rows[pair]] * gallery_lengths[columns[pair]]
        else:
            for t in range(len(left)):
                apart = np.float64(left[t]) - np.float64(right[t])
                total -= apart * apart
        out[pair] = total
