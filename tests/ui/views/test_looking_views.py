"""Attention and lengths as the page shows them are the library's; what is refused is a sentence."""

import shutil
import time

import numpy as np
import pytest

from tests.ui.looking_run import trained
from tests.ui.tiny_run import trained as trained_otherwise
from workbench.errors import DataError, RunError, WeightsError
from workbench.experiment.run_rankings import open_rankings
from workbench.inspection.run_attention import attention_of
from workbench.runs.folder import RunFolder
from workbench.ui.views.parts import attention_view
from workbench.ui.views.parts.norms_view import lengths_view, measure_lengths

PATIENCE = 300
pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("looking"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A run without attention or certainty."""
    return trained_otherwise(tmp_path_factory.mktemp("plain"))


def settled(ask):
    """Asks as a page does, until there is an answer."""
    until = time.monotonic() + PATIENCE
    while (answer := ask())["working"]:
        assert answer["words"]
        assert time.monotonic() < until
        time.sleep(0.02)
    return answer


@pytest.mark.parametrize(("source", "index", "behind"), [("query", 1, False), ("gallery", 3, True)])
def test_a_token_hears_what_the_library_says(run, source, index, behind):
    answer = settled(lambda: attention_view.attention_of(run, "raw", source, index, (0.6, 0.2)))
    number = index + open_rankings(run, "raw").num_queries if behind else index
    found = attention_of(run, number, (0.6, 0.2), "raw")
    assert len(answer["blocks"]) == len(found) == 3
    for told, block in zip(answer["blocks"], found, strict=True):
        assert told | {"words": ""} == block.numbers() | {"words": ""}
        assert "listens to" in told["words"]


def test_what_attention_refuses(run, plain, tmp_path):
    with pytest.raises(WeightsError, match="no attention to look into"):
        attention_view.attention_of(plain, "raw", "query", 0, (0.5, 0.5))
    with pytest.raises(DataError, match="outside of the image"):
        attention_view.attention_of(run, "raw", "query", 0, (0.5, 1.5))
    with pytest.raises(DataError, match="no gallery image 99"):
        attention_view.attention_of(run, "raw", "gallery", 99, (0.5, 0.5))
    copy = RunFolder(tmp_path / run.id)
    shutil.copytree(run.path, copy.path, ignore=shutil.ignore_patterns("checkpoints"))
    with pytest.raises(RunError):
        attention_view.attention_of(copy, "raw", "query", 0, (0.5, 0.5))
    shutil.rmtree(copy.path)
    with pytest.raises(RunError):
        lengths_view(copy)


def test_stored_lengths_are_there_at_once(plain):
    answer = lengths_view(plain, "raw")
    assert answer["ready"]
    assert not answer["certainty"]
    rankings = open_rankings(plain, "raw")
    lengths = np.linalg.norm(rankings.embeddings.query, axis=1)
    shown = [one["length"] for one in answer["points"] if one["source"] == "query"]
    assert shown == pytest.approx(lengths.tolist(), rel=1e-6)
    assert [one["length"] for one in answer["shortest"]] == sorted(
        one["length"] for one in answer["shortest"]
    )
    assert all(one["precision"] is None for one in answer["points"] if one["source"] == "gallery")
    assert "mAP" in answer["words"]


@pytest.mark.process
def test_a_certainty_is_measured_when_somebody_asks(run):
    first = lengths_view(run, "averaged")
    assert (first["ready"], first["working"]) == (False, False)
    assert "makes a margin of the length" in first["words"]
    measure_lengths(run, "averaged")
    answer = settled(lambda: lengths_view(run, "averaged"))
    assert answer["ready"]
    assert answer["certainty"]
    assert all(one["shift"] is not None for one in answer["points"])
    assert "learned certainty reads" in answer["about"]
