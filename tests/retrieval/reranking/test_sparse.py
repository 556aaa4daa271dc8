"""Rows that are mostly zero, against the matrices they stand for."""

import numpy as np
import pytest

from workbench.retrieval.reranking import sparse
from workbench.retrieval.reranking.sparse import SparseRows, joined, sparse_rows


def dense(rows, width):
    matrix = np.zeros((len(rows), width))
    place, column, value = rows.take(np.arange(len(rows)))
    matrix[place, column] = value
    return matrix


def some_rows(seed=0, size=7):
    numbers = np.random.default_rng(seed)
    matrix = numbers.uniform(0.1, 1, (size, size)) * (numbers.uniform(size=(size, size)) < 0.4)
    matrix[2] = 0
    row, column = np.nonzero(matrix)
    return matrix, sparse_rows(row, column.astype(np.int32), matrix[row, column], size)


@pytest.mark.parametrize("compiled", [True, False])
def test_transposed_is_the_transposed_matrix_with_ascending_columns(monkeypatch, compiled):
    matrix, rows = some_rows()
    if not compiled:
        monkeypatch.setattr(sparse, "kernels", lambda *_: None)
    turned = rows.transposed()
    assert np.array_equal(dense(turned, 7), matrix.T)
    for first, last in zip(turned.starts[:-1], turned.starts[1:], strict=True):
        assert (np.diff(turned.columns[first:last].astype(int)) > 0).all()


def test_joined_rows_stand_one_below_the_other_and_once():
    first, second = some_rows(1), some_rows(2)
    empty = SparseRows(np.zeros(4, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0))
    parts = [first[1], empty, second[1]]
    expected = np.concatenate([first[0], np.zeros((3, 7)), second[0]])
    assert np.array_equal(dense(joined(parts), 7), expected)
    assert parts == []
