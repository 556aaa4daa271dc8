"""The public face: some names, each with an example that runs."""

import doctest
import pkgutil

import pytest

import workbench

NAMES = [
    "Recipe",
    "WorkbenchError",
    "cluster_agreement",
    "embed",
    "evaluate",
    "evaluate_run",
    "fields",
    "find_run",
    "lab",
    "list_runs",
    "open_rankings",
    "presets",
    "read_events",
    "recall_at",
    "rerank",
    "resolve",
    "resume",
    "start",
    "stop",
]
RUNS_BEGIN = "Runs."


def examples(text):
    """The interactive examples of a docstring as one test."""
    return doctest.DocTestParser().get_doctest(text, {}, "workbench", None, 0)


def run(text):
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    told = []
    result = runner.run(examples(text), out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


def test_the_names_are_these():
    assert workbench.__all__ == NAMES
    assert dir(workbench) == NAMES


def test_every_name_is_there_and_documented():
    for name in NAMES:
        assert getattr(workbench, name).__doc__, name


def test_no_name_is_that_of_a_package():
    packages = {module.name for module in pkgutil.iter_modules(workbench.__path__)}
    assert not packages & set(NAMES)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = workbench.nothing


def test_every_name_has_an_example():
    shown = "".join(example.source for example in examples(workbench.__doc__).examples)
    assert [name for name in NAMES if f"workbench.{name}" not in shown] == []


@pytest.mark.thorough
def test_the_examples_run():
    run(workbench.__doc__.split(RUNS_BEGIN)[0])


@pytest.mark.process
def test_the_examples_of_runs_run():
    run("    >>> import workbench\n\n" + workbench.__doc__.split(RUNS_BEGIN)[1])
