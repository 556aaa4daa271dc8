"""The bench of retrieval: crowds are what they claim, peers agree, results are complete."""

import json

import numpy as np
import pytest

from workbench.bench.retrieval import Options, main, rows, run
from workbench.bench.retrieval_contests import contestants
from workbench.bench.retrieval_features import SIZES, Size, draw


def test_a_crowd_is_of_its_size_and_the_same_again():
    crowd, again = draw(SIZES["tiny"]), draw(SIZES["tiny"])
    assert crowd.query.shape == (30, 32)
    assert crowd.gallery.shape == (200, 32)
    np.testing.assert_allclose(np.linalg.norm(crowd.gallery, axis=1), 1, rtol=1e-6)
    assert (crowd.gallery_ids == 0).any()
    assert crowd.gallery.tobytes() == again.gallery.tobytes()


def test_leaving_one_out_ranks_the_gallery_against_itself():
    crowd = draw(Size(60, 60, 12, 1, dim=16, noise=0.5, leave_one_out=True))
    assert crowd.query is crowd.gallery
    assert np.bincount(crowd.gallery_ids)[1:].tolist() == [5] * 12


def test_peers_find_the_same_recall():
    crowd = draw(Size(300, 300, 60, 1, dim=16, noise=0.5, leave_one_out=True))
    everyone = contestants("recall", crowd, 3)
    ours = everyone["workbench"]()
    for name in ("faiss flat", "pytorch-metric-learning"):
        for figure, value in everyone[name]().items():
            assert value == pytest.approx(ours[figure], abs=1e-6), (name, figure)


def test_clusters_are_as_good_as_those_of_a_peer():
    crowd = draw(Size(400, 400, 20, 1, dim=16, noise=0.8, leave_one_out=True))
    everyone = contestants("clusters", crowd, 20)
    assert everyone["workbench"]()["nmi"] > everyone["faiss"]()["nmi"] - 0.05


def test_a_result_has_everyone_and_the_machine():
    result = run(Options("tiny", rounds=1))
    assert list(result["works"]) == ["evaluate", "rerank"]
    assert list(result["works"]["evaluate"])[:2] == ["product", "workbench"]
    ours = result["works"]["evaluate"]["workbench"]
    assert set(ours) >= {"cpu_seconds", "wall_seconds", "ratio", "megabytes", "figures"}
    assert ours["largest_difference"] == 0
    assert result["machine"]["processor"]
    table = "\n".join(rows(result))
    for name in result["missing"]:
        assert name in table


def test_json_is_one_line(capsys):
    assert main(["--size", "tiny", "--rounds", "1", "--no-peers", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["kind"] == "bench"
    assert list(printed["works"]["rerank"]) == ["product", "workbench"]
