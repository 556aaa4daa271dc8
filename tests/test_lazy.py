"""Names that are imported when they are first used."""

import sys
import types

import pytest

from workbench.lazy import first_used


@pytest.fixture
def package(monkeypatch):
    made = types.ModuleType("offering")
    monkeypatch.setitem(sys.modules, "offering", made)
    homes = {"sqrt": "math", "Fraction": "fractions", "gone": "math"}
    made.__getattr__, made.__dir__ = first_used("offering", homes)
    return made


def test_a_name_is_looked_up_once(package):
    assert "sqrt" not in vars(package)
    assert package.sqrt(9) == 3
    assert vars(package)["sqrt"] is package.sqrt


def test_all_names_are_listed_before_they_are_used(package):
    assert dir(package) == ["Fraction", "gone", "sqrt"]


@pytest.mark.parametrize(
    ("name", "said"), [("cos", "'offering' has no attribute 'cos'"), ("gone", "gone")]
)
def test_a_name_that_is_not_there_is_an_attribute_error(package, name, said):
    with pytest.raises(AttributeError, match=said):
        getattr(package, name)
