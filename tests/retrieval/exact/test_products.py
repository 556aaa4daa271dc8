"""Products in every precision stay within their margins, and short numbers are rounded right."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from workbench.retrieval.exact import products
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.exact.products import multiply, shortened


def test_short_numbers_are_those_of_torch():
    numbers = np.random.default_rng(0).standard_normal((40, 25)).astype(np.float32)
    numbers[0, :3] = 1 + 2.0**-8, 1 + 3 * 2.0**-8, -(1 + 2.0**-8)  # halfway: to the even one
    expected = torch.from_numpy(numbers).bfloat16().float().numpy()
    found = shortened(numbers)
    np.testing.assert_array_equal(found.numbers, expected)
    assert (found.lost >= np.linalg.norm(numbers.astype(np.float64) - expected, axis=1)).all()


@pytest.mark.thorough
@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("unit", [True, False])
def test_margins_hold(precision, distance, unit):
    numbers = np.random.default_rng(5)
    vectors = numbers.standard_normal((60, 200)).astype(np.float32)
    vectors[1::2] = vectors[::2] * (1 + 1e-6 * numbers.standard_normal((30, 200)))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    # All but of length 1, or of very different lengths.
    vectors *= (1 + 5e-7) / lengths if unit else 10.0 ** numbers.uniform(-5, 5, (60, 1))
    vectors = vectors.astype(np.float32)
    both = FeaturePairs(vectors[:10], vectors, distance)
    rows, columns = np.indices((10, 60))
    exact = both.scores(rows.ravel(), columns.ravel()).reshape(10, 60)
    for block in both.blocks(precision):
        apart = np.abs(block.scores - exact[block.queries, block.gallery])
        assert (apart <= block.margin[:, None]).all()
        assert apart.max() > block.margin.max() * 1e-5  # nor is it idle


def test_products_of_short_numbers_are_the_same_with_and_without_torch(monkeypatch):
    numbers = np.random.default_rng(1)
    left, right = (
        shortened(numbers.integers(-8, 9, (size, 30)).astype(np.float32)) for size in (5, 7)
    )
    found = np.empty((2, 5, 7), dtype=np.float32)
    multiply(left, right, "bfloat16", found[0])
    monkeypatch.setattr(products, "loaded_torch", lambda: None)
    multiply(left, right, "bfloat16", found[1])
    np.testing.assert_array_equal(found[0], found[1])  # whole numbers: nothing is rounded
    assert torch.get_float32_matmul_precision() == "highest"


def test_short_numbers_are_used_where_they_are_worth_it(monkeypatch):
    for speed, expected in ((1.9, "float32"), (2.0, "bfloat16")):
        monkeypatch.setattr(products, "short_product_speed", lambda speed=speed: speed)
        assert products.fastest() == expected
    monkeypatch.setitem(sys.modules, "torch", None)
    assert products.fastest() == "float32"
    loading = SimpleNamespace(__spec__=SimpleNamespace(_initializing=True))
    monkeypatch.setitem(sys.modules, "torch", loading)
    assert products.fastest() == "float32"


@pytest.mark.thorough
def test_the_speed_is_a_number():
    assert products.short_product_speed.__wrapped__() > 0
