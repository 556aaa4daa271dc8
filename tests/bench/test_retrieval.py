"""The bench of retrieval: crowds are what they claim, peers agree, results are complete."""

import json

import numpy as np
import pytest

from workbench.bench import retrieval, retrieval_peers
from workbench.bench.retrieval import main, run
from workbench.bench.retrieval_cases import CASES
from workbench.bench.retrieval_contests import DEFINITIONS, contestants
from workbench.bench.retrieval_features import SIZES, Size, draw
from workbench.bench.retrieval_peers import PEERS, installed
from workbench.bench.retrieval_tables import lines

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # what a case sets is undone


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
    everyone = contestants("recall", crowd)
    ours = everyone["workbench"]()
    for name in ("faiss flat", "pytorch-metric-learning"):
        for figure, value in everyone[name]().items():
            assert value == pytest.approx(ours[figure], abs=1e-6), (name, figure)


@pytest.mark.parametrize(
    ("package", "figures"),
    [
        ("open-metric-learning", retrieval_peers.open_metric_learning_figures),
        ("torchmetrics", retrieval_peers.torchmetrics_figures),
        ("torchreid", retrieval_peers.torchreid_figures),
    ],
)
def test_peers_that_may_be_installed_find_the_same_figures(package, figures):
    if not installed(package):
        pytest.skip(f"{package} is not installed")
    crowd = draw(SIZES["tiny"])
    ours = contestants("evaluate", crowd)["workbench"]()
    for figure, value in figures(crowd).items():
        assert value == pytest.approx(ours[figure], abs=1e-6), figure


def test_clusters_are_as_good_as_those_of_a_peer():
    crowd = draw(Size(400, 400, 20, 1, dim=16, noise=0.8, leave_one_out=True))
    everyone = contestants("clusters", crowd)
    assert everyone["workbench"]()["nmi"] > everyone["faiss"]()["nmi"] - 0.05


def test_a_result_has_everyone_aims_and_the_machine():
    told = []
    result = run("tiny", threads=1, tell=told.append)
    everyone = result["contestants"]
    assert list(everyone)[:2] == ["product", "workbench"]
    ours = everyone["workbench"]
    assert set(ours) >= {"cpu_seconds", "wall_seconds", "ratio", "megabytes", "figures"}
    assert set(ours["differences"].values()) == {0}
    assert set(everyone["product"]["figures"]) == set()
    assert result["machine"]["processor"]
    assert "turn 1: workbench" in told
    table = "\n".join(lines(result))
    for name in (*everyone, *result["not_installed"]):
        assert name in table
    assert "the speed of the float32 one here" in table


def test_every_peer_says_where_it_differs():
    crowd = draw(SIZES["tiny"])
    for work in ("evaluate", "rerank", "recall", "clusters"):
        for name in contestants(work, crowd):
            assert name in ("product", "workbench") or name in DEFINITIONS


def test_cases_have_their_aims():
    aims = {name: (case.ratio, case.ratio_short, case.megabytes) for name, case in CASES.items()}
    assert aims["market"] == (1.3, 0.5, 40)
    assert aims["msmt17"] == (1.3, 0.7, 130)
    assert aims["recall-sop"] == (1.15, 0.5, 120)
    assert {case.work for case in CASES.values()} >= {"rerank", "clusters", "index"}


def test_an_aim_is_said_to_be_met_or_missed():
    result = run("rerank-tiny", threads=1, peers=False)
    result["aims"] |= {"ratio": 0.0, "megabytes": 1e9}
    table = "\n".join(lines(result))
    assert "aim: at most 0 x the product" in table
    assert "missed" in table
    assert "met" in table


def test_json_is_one_line_a_case(capsys):
    assert main(["tiny", "rerank-tiny", "--rounds", "1", "--no-peers", "--json"]) == 0
    told = capsys.readouterr()
    printed = [json.loads(line) for line in told.out.splitlines()]
    assert [(line["kind"], line["case"]) for line in printed] == [
        ("bench", "tiny"),
        ("bench", "rerank-tiny"),
    ]
    assert list(printed[1]["contestants"]) == ["product", "workbench"]
    assert "turn 1: product" in told.err


def test_an_unknown_case_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["huge"])
    assert "no case 'huge': choose from tiny, market" in capsys.readouterr().err


def test_a_case_can_be_interrupted(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(retrieval, "take_turn", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run("tiny", threads=1)


def test_indexes_are_measured(monkeypatch):
    monkeypatch.setattr(retrieval, "KINDS", ("flat",))
    monkeypatch.setitem(CASES, "index", CASES["tiny"].__class__("few", "index", SIZES["tiny"]))
    result = run("index", threads=1)
    assert result["indexes"]["flat"]["recall_at_10"] == 1
    assert "recall@10" in "\n".join(lines(result))


def test_every_peer_of_the_index_is_known():
    assert set(PEERS) == {"open-metric-learning", "torchmetrics", "torchreid"}
