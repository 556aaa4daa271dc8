"""``workbench show``: what it says of the size of a network and of its cost."""

import json

import pytest

from workbench.cli import main


@pytest.mark.thorough
def test_parameters_are_counted_with_the_published_identities_and_it_is_said(capsys):
    assert main(["show", "--json", "--parameters", "layumi/market1501"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["identities"], shown["identities_from"]) == (751, "published")
    assert shown["expected"] is None
    assert main(["show", "--parameters", "layumi/market1501"]) == 0
    output = capsys.readouterr().out
    assert (
        f"parameters: {shown['parameters']:,} (classifiers for the 751 identities published of"
        " Market-1501)"
    ) in output
    assert "expected: not measured yet; workbench bench recipe layumi/market1501" in output
    # ResNet-50 without its ImageNet classifier, 512 wide with BatchNorm, 751 classes with offsets.
    assert shown["parameters"] == 23_508_032 + 2048 * 512 + 512 + 2 * 512 + 513 * 751


@pytest.mark.thorough
def test_where_nobody_knows_the_identities_nothing_is_made_up(capsys):
    assert main(["show", "--json", "baseline/folder"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["identities"], shown["identities_from"]) == (None, None)


@pytest.mark.thorough
def test_parameters_are_counted_only_where_they_are_asked_for(capsys):
    assert main(["show", "--json", "playground/quick"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["parameters"] is None
    assert shown["identities"] == 150
    assert main(["show", "playground/quick"]) == 0
    counted = "parameters: not counted; workbench show playground/quick --parameters"
    assert counted in capsys.readouterr().out
