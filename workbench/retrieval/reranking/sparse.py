"""Rows that are mostly zero, and sums of them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int, Int64

from workbench.retrieval.exact.compiled import kernels

ROWS = 128  # rows worked on at once


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows that are mostly zero: ``columns`` and ``values`` of row i from ``starts[i]`` on."""

    starts: Int64[np.ndarray, "bounds"]
    columns: Int[np.ndarray, "entries"]
    values: Float64[np.ndarray, "entries"]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.starts) - 1

    def take(
        self, rows: Int64[np.ndarray, "chosen"]
    ) -> tuple[Int64[np.ndarray, "taken"], Int[np.ndarray, "taken"], Float64[np.ndarray, "taken"]]:
        """Entries of the chosen rows: place among the chosen, column, value."""
        first = self.starts[rows]
        sizes = self.starts[rows + 1] - first
        place = np.repeat(np.arange(len(rows)), sizes)
        within = np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        entries = np.repeat(first, sizes) + within
        return place, self.columns[entries], self.values[entries]

    def only(self, rows: Int64[np.ndarray, "chosen"]) -> "SparseRows":
        """The chosen rows."""
        _, columns, values = self.take(rows)
        sizes = self.starts[rows + 1] - self.starts[rows]
        return SparseRows(np.concatenate([[0], np.cumsum(sizes)]), columns, values)

    def between(self, first: int, last: int) -> "SparseRows":
        """Columns ``first`` to ``last``, counted from 0."""
        inside = (self.columns >= first) & (self.columns < last)
        kept = np.concatenate([[0], np.cumsum(inside)])
        return SparseRows(kept[self.starts], self.columns[inside] - first, self.values[inside])

    def at(
        self, rows: Int64[np.ndarray, "pairs"], columns: Int64[np.ndarray, "pairs"]
    ) -> Float64[np.ndarray, "pairs"]:
        """Single numbers; the columns of each row must ascend."""
        fast = kernels("reranking.sparse_kernels")
        if fast:
            numbers = np.empty(len(rows))
            fast.numbers_at(self.starts, self.columns, self.values, rows, columns, numbers)
            return numbers
        place, found, values = self.take(rows)
        numbers = np.zeros(len(rows))
        here = found == columns[place]
        numbers[place[here]] = values[here]
        return numbers

    def transposed(self) -> "SparseRows":
        """The same entries by column; there are as many columns as rows."""
        fast = kernels("reranking.sparse_kernels")
        if fast:
            starts = np.zeros(len(self.starts), dtype=np.int64)
            columns, values = (
                np.empty(len(self.columns), dtype=np.int32),
                np.empty(len(self.values)),
            )
            fast.transpose(self.starts, self.columns, self.values, starts, columns, values)
            return SparseRows(starts, columns, values)
        rows = np.repeat(np.arange(len(self)), np.diff(self.starts))
        return sparse_rows(self.columns, rows, self.values, len(self))


def sparse_rows(
    rows: Int[np.ndarray, "entries"],
    columns: Int[np.ndarray, "entries"],
    values: Float64[np.ndarray, "entries"],
    number: int,
) -> SparseRows:
    """Entries in any order as ``number`` rows."""
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(number + 1))
    return SparseRows(starts, columns[order], values[order])


def joined(parts: list[SparseRows]) -> SparseRows:
    """The rows of all parts, one below the other; ``parts`` is emptied on the way.

    So entries do not stand in memory twice.
    """
    sizes = [np.diff(part.starts) for part in parts]
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    columns, values = np.empty(starts[-1], dtype=parts[0].columns.dtype), np.empty(starts[-1])
    end = int(starts[-1])
    while parts:
        part = parts.pop()
        begin = end - len(part.values)
        columns[begin:end], values[begin:end] = part.columns, part.values
        end = begin
    return SparseRows(starts, columns, values)


def combined(parts: SparseRows, rows: SparseRows) -> SparseRows:
    """Sums of ``rows``: sum i adds those that row i of ``parts`` names, in that order.

    No number enters a sum with more than the value the row of ``parts`` gives beside its name. All
    numbers are above zero. Columns of the sums ascend.
    """
    fast = kernels("reranking.sparse_kernels")
    if fast is None:
        return _combined_densely(parts, rows)
    added = np.concatenate([[0], np.cumsum(np.diff(rows.starts)[parts.columns])])[parts.starts]
    room = int(np.minimum(np.diff(added), len(rows)).sum())
    columns, values = np.empty(room, dtype=np.int32), np.empty(room)
    sizes = fast.combined_rows(
        rows.starts, rows.columns, rows.values, parts.columns, parts.values, parts.starts,
        columns, values,
    )  # fmt: skip
    end = int(sizes.sum())
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return SparseRows(starts, columns[:end].copy(), values[:end].copy())  # give back spare room


def _combined_densely(parts: SparseRows, rows: SparseRows) -> SparseRows:
    number = len(rows)
    place, name, limit = parts.take(np.arange(len(parts)))
    entry, column, value = rows.take(name)
    numbers = np.minimum(value, limit[entry])
    sums = np.bincount(place[entry] * number + column, numbers, minlength=len(parts) * number)
    row, column = np.nonzero(sums.reshape(len(parts), number))
    return sparse_rows(row, column, sums[row * number + column], len(parts))
