"""Compiled loops over neighbourhoods. Loaded by ``compiled.kernels``, never directly.

``no_type_check`` keeps runtime shape checking away: a checked function cannot be compiled.
"""

from typing import Any, no_type_check

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
@no_type_check
def neighbourhoods(
    nearest: Array, mutual: Array, half_mutual: Array, first: int, last: int, found: Array
) -> Array:
    """Members of images ``first`` to ``last``: reciprocal neighbours and those that agree.

    ``mutual`` says which of the nearest are reciprocal, ``half_mutual`` which of the nearest half.
    Writes the members of each image into ``found``, in order, and returns their numbers.
    """
    sizes = np.zeros(last - first, dtype=np.int64)
    own = np.full(len(nearest), -1, dtype=np.int64)
    inside = np.full(len(nearest), -1, dtype=np.int64)
    begin = 0
    for image in range(first, last):
        size = 0
        for place in range(mutual.shape[1]):
            if mutual[image, place]:
                own[nearest[image, place]] = image
                size = add_member(nearest[image, place], image, inside, found, begin, size)
        for place in range(mutual.shape[1]):
            if mutual[image, place]:
                size = add_agreeing(
                    nearest,
                    half_mutual,
                    nearest[image, place],
                    image,
                    own,
                    inside,
                    found,
                    begin,
                    size,
                )
        found[begin : begin + size].sort()
        sizes[image - first] = size
        begin += size
    return sizes


@compiled
@no_type_check
def add_agreeing(
    nearest: Array,
    half_mutual: Array,
    neighbour: int,
    image: int,
    own: Array,
    inside: Array,
    found: Array,
    begin: int,
    size: int,
) -> int:
    """Add a neighbour's own neighbours where more than two thirds of them are in ``own``."""
    total = agreed = 0
    for place in range(half_mutual.shape[1]):
        if half_mutual[neighbour, place]:
            total += 1
            agreed += own[nearest[neighbour, place]] == image
    if agreed > 2.0 / 3 * total:
        for place in range(half_mutual.shape[1]):
            if half_mutual[neighbour, place]:
                size = add_member(nearest[neighbour, place], image, inside, found, begin, size)
    return size


@compiled
@no_type_check
def add_member(member: int, image: int, inside: Array, found: Array, begin: int, size: int) -> int:
    """Add a member unless it is inside already. Returns the new size."""
    if inside[member] == image:
        return size
    inside[member] = image
    found[begin + size] = member
    return size + 1


@compiled
@no_type_check
def combined_rows(
    starts: Array,
    columns: Array,
    values: Array,
    parts: Array,
    limits: Array,
    part_starts: Array,
    out_columns: Array,
    out_values: Array,
) -> Array:
    """Sums of sparse rows, each number limited to its part's: how many entries each sum has.

    Sum i adds rows ``parts[part_starts[i]:part_starts[i + 1]]`` in that order, with ``limits`` of
    the same length. All numbers and limits are above zero.
    """
    images = len(starts) - 1
    sizes = np.empty(len(part_starts) - 1, dtype=np.int64)
    total, touched = np.zeros(images), np.empty(images, dtype=np.int64)
    begin = 0
    for row in range(len(sizes)):
        size = 0
        for part in range(part_starts[row], part_starts[row + 1]):
            for entry in range(starts[parts[part]], starts[parts[part] + 1]):
                column = columns[entry]
                if total[column] == 0.0:
                    touched[size] = column
                    size += 1
                total[column] += min(values[entry], limits[part])
        touched[:size].sort()
        for place in range(size):
            out_columns[begin + place] = touched[place]
            out_values[begin + place] = total[touched[place]]
            total[touched[place]] = 0.0
        sizes[row] = size
        begin += size
    return sizes


@compiled
@no_type_check
def numbers_at(
    starts: Array, columns: Array, values: Array, rows: Array, wanted: Array, out: Array
) -> None:
    """Single numbers of sparse rows whose columns ascend; 0 where there is none."""
    for pair in range(len(rows)):
        first, last = starts[rows[pair]], starts[rows[pair] + 1]
        place = first + np.searchsorted(columns[first:last], wanted[pair])
        out[pair] = 0.0
        if place < last and columns[place] == wanted[pair]:
            out[pair] = values[place]


@compiled
@no_type_check
def mix(
    scores: Array,
    nearest: float,
    slopes: Array,
    weight: float,
    starts: Array,
    columns: Array,
    values: Array,
    first_column: int,
) -> None:
    """Turn original scores into re-ranked ones, in place, in the type of the scores."""
    kind = scores.dtype.type
    lowest, zero, constant = kind(-weight), kind(0), kind(1 - weight)
    for row in range(scores.shape[0]):
        slope, best = kind(slopes[row]), kind(nearest)
        for place in range(scores.shape[1]):
            own = min(scores[row, place] - best, zero) * slope
            scores[row, place] = max(own, lowest) - constant
        entries = columns[starts[row] : starts[row + 1]]
        entry = np.searchsorted(entries, first_column)
        while entry < len(entries) and entries[entry] < first_column + scores.shape[1]:
            share = (1 - weight) * values[starts[row] + entry]
            scores[row, entries[entry] - first_column] += kind(share)
            entry += 1


@compiled
@no_type_check
def transpose(
    starts: Array,
    columns: Array,
    values: Array,
    new_starts: Array,
    new_columns: Array,
    new_values: Array,
) -> None:
    """Write the entries of all rows by column; ``new_starts`` comes filled with zeros."""
    for entry in range(len(columns)):
        new_starts[columns[entry] + 1] += 1
    for column in range(len(new_starts) - 1):
        new_starts[column + 1] += new_starts[column]
    place = new_starts.copy()
    for row in range(len(starts) - 1):
        for entry in range(starts[row], starts[row + 1]):
            column = columns[entry]
            new_columns[place[column]], new_values[place[column]] = row, values[entry]
            place[column] += 1
