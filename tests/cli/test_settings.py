"""Settings on the command line."""

import pytest

from workbench.cli.settings import split_settings
from workbench.cli.usage import UsageError


@pytest.mark.parametrize(
    ("arguments", "rest", "settings"),
    [
        (["--set", "a.b=1"], [], {"a.b": "1"}),
        (["--set=a.b=1=2"], [], {"a.b": "1=2"}),
        (["--a.b", "-1"], [], {"a.b": "-1"}),
        (["--a.b="], [], {"a.b": ""}),
        (["--a.b", "--json"], [], {"a.b": "--json"}),
        (["x", "--a.b=1", "--json", "--a.b", "2"], ["x", "--json"], {"a.b": "2"}),
        (["--set", "title=two words"], [], {"title": "two words"}),
        (["-k", "3.5", "--out", "a.b"], ["-k", "3.5", "--out", "a.b"], {}),
    ],
)
def test_settings_are_taken_out_and_left_as_text(arguments, rest, settings):
    assert split_settings(arguments) == (rest, settings)


@pytest.mark.parametrize("arguments", [["--set"], ["--set", "data.height"], ["--data.height"]])
def test_half_a_setting_is_refused(arguments):
    with pytest.raises(UsageError, match="--"):
        split_settings(arguments)
