"""The bench of retrieval: crowds are what they claim, peers agree, results are complete."""

import json
from dataclasses import replace

import numpy as np
import pytest

from workbench.bench import retrieval, retrieval_contests, retrieval_index, retrieval_peers
from workbench.bench.retrieval import main, run
from workbench.bench.retrieval_cases import CASES
from workbench.bench.retrieval_contests import DEFINITIONS, contestants_for, peers_beyond_memory
from workbench.bench.retrieval_features import SIZES, Size, draw_features, on_disk
from workbench.bench.retrieval_peers import PEERS, installed
from workbench.bench.retrieval_tables import index_name, lines, needs

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # what a case sets is undone


def test_a_crowd_is_of_its_size_and_the_same_again():
    features, again = draw_features(SIZES["tiny"]), draw_features(SIZES["tiny"])
    assert features.query.shape == (30, 32)
    assert features.gallery.shape == (200, 32)
    np.testing.assert_allclose(np.linalg.norm(features.gallery, axis=1), 1, rtol=1e-6)
    assert (features.gallery_ids == 0).any()
    assert features.gallery.tobytes() == again.gallery.tobytes()


def test_identities_of_one_look_resemble_one_another():
    features = draw_features(Size(40, 400, 8, 1, dim=256, noise=0.1, groups=2))
    means = np.stack(
        [features.gallery[features.gallery_ids == identity].mean(0) for identity in range(1, 9)]
    )
    means -= means.mean(0)
    apart = np.linalg.norm(means[:, None] - means, axis=2)
    group = np.arange(8) % 2
    same = group[:, None] == group
    assert apart[same].max() < apart[~same].min()


def test_leaving_one_out_ranks_the_gallery_against_itself():
    features = draw_features(Size(60, 60, 12, 1, dim=16, noise=0.5, leave_one_out=True))
    assert features.query is features.gallery
    assert np.bincount(features.gallery_ids)[1:].tolist() == [5] * 12


def test_peers_find_the_same_recall():
    features = draw_features(Size(300, 300, 60, 1, dim=16, noise=0.5, leave_one_out=True))
    entrants = contestants_for("recall", features)
    ours = entrants["workbench"]()
    for name in ("faiss flat", "pytorch-metric-learning"):
        for metric, value in entrants[name]().items():
            assert value == pytest.approx(ours[metric], abs=1e-6), (name, metric)


@pytest.mark.parametrize(
    ("package", "metrics_of"),
    [
        ("open-metric-learning", retrieval_peers.open_metric_learning_metrics),
        ("torchmetrics", retrieval_peers.torchmetrics_metrics),
        ("torchreid", retrieval_peers.torchreid_metrics),
    ],
)
def test_peers_that_may_be_installed_find_the_same_figures(package, metrics_of):
    if not installed(package):
        pytest.skip(f"{package} is not installed")
    features = draw_features(SIZES["tiny"])
    ours = contestants_for("evaluate", features)["workbench"]()
    for metric, value in metrics_of(features).items():
        assert value == pytest.approx(ours[metric], abs=1e-6), metric


def test_a_peer_re_ranks_alike():
    if not installed("torchreid"):
        pytest.skip("torchreid is not installed")
    features = draw_features(SIZES["tiny"])
    ours = contestants_for("rerank", features)["workbench"]()
    for metric, value in retrieval_peers.torchreid_re_ranked_metrics(features).items():
        assert value == pytest.approx(ours[metric], abs=1e-6), metric


def test_clusters_are_as_good_as_those_of_a_peer():
    features = draw_features(Size(400, 400, 20, 1, dim=16, noise=0.8, leave_one_out=True))
    entrants = contestants_for("clusters", features)
    assert entrants["workbench"]()["nmi"] > entrants["faiss"]()["nmi"] - 0.05


def test_a_result_has_everyone_aims_and_the_machine():
    messages = []
    result = run("tiny", threads=1, log=messages.append)
    entrants = result["contestants"]
    assert list(entrants)[:2] == ["product", "workbench"]
    ours = entrants["workbench"]
    assert set(ours) >= {"cpu_seconds", "wall_seconds", "ratio", "megabytes", "figures"}
    assert set(ours["differences"].values()) == {0}
    assert set(entrants["product"]["figures"]) == set()
    assert result["machine"]["processor"]
    assert "turn 1: workbench" in messages
    table = "\n".join(lines(result))
    for name in (*entrants, *result["not_installed"]):
        assert name in table
    assert "the speed of the float32 one here" in table


def test_every_peer_says_where_it_differs():
    features = draw_features(SIZES["tiny"])
    for work in ("evaluate", "rerank", "recall", "clusters"):
        for name in contestants_for(work, features):
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
    captured = capsys.readouterr()
    printed = [json.loads(line) for line in captured.out.splitlines()]
    assert [(line["kind"], line["case"]) for line in printed] == [
        ("bench", "tiny"),
        ("bench", "rerank-tiny"),
    ]
    assert list(printed[1]["contestants"]) == ["product", "workbench"]
    assert "turn 1: product" in captured.err


def test_an_unknown_case_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["huge"])
    assert "no case 'huge': choose from tiny, market" in capsys.readouterr().err


def test_a_case_can_be_interrupted(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(retrieval, "time_once", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run("tiny", threads=1)


def test_indexes_are_measured(monkeypatch):
    monkeypatch.setattr(retrieval, "KINDS", ("flat",))
    monkeypatch.setitem(CASES, "index", CASES["tiny"].__class__("few", "index", SIZES["tiny"]))
    result = run("index", threads=1)
    exact, flat = result["indexes"]
    assert (exact["kind"], exact["recall_at_10"]) == ("exact search", 1)
    assert (flat["kind"], flat["recall_at_10"], flat["probes"]) == ("flat", 1, None)
    assert flat["megabytes_on_disk"] > 0
    assert "recall@10" in "\n".join(lines(result))


def test_more_probes_find_more_and_a_graph_is_of_fewer_vectors(monkeypatch):
    monkeypatch.setattr(retrieval_index, "LARGEST_HNSW", 1000)
    size = Size(queries=30, images=2000, identities=100, cameras=4, dim=16, noise=1.0)
    messages = []
    rows = retrieval_index.measure_indexes(
        size, messages.append, lambda *_: None, ("ivf", "hnsw"), (1, 200)
    )
    names = ["exact search", "ivf, 1 probe", "ivf, 200 probes"]
    assert [index_name(row) for row in rows[:3]] == names
    assert [row["images"] for row in rows] == [2000] * 3 + [1000] * 3
    assert rows[1]["recall_at_10"] < rows[2]["recall_at_10"] == 1
    assert rows[4]["recall_at_10"] <= rows[5]["recall_at_10"] > 0.9
    assert "hnsw of 1000 vectors, building" in messages


def test_a_crowd_on_disk_is_the_same_crowd(tmp_path):
    features = draw_features(SIZES["tiny"])
    mapped = on_disk(features, tmp_path)
    assert isinstance(mapped.query, np.memmap)
    assert mapped.gallery.tobytes() == features.gallery.tobytes()
    expected = contestants_for("evaluate", features)["workbench"]()
    assert contestants_for("evaluate", mapped)["workbench"]() == expected


def test_figures_of_vectors_on_disk_need_memory_of_our_own_alone(monkeypatch):
    few = replace(CASES["bounded"], size=SIZES["tiny"])
    monkeypatch.setitem(CASES, "bounded", few)
    result = run("bounded", threads=1)
    assert list(result["contestants"]) == ["product", "workbench"]
    assert result["contestants"]["workbench"]["megabytes"] >= 0
    assert result["left_out"] == {}


def test_a_peer_that_would_need_too_much_is_left_out_and_said(monkeypatch):
    monkeypatch.setattr(retrieval_contests, "installed", lambda name: name == "torchreid")
    monkeypatch.setattr(retrieval_peers, "free_megabytes", lambda _: 20_000.0)
    assert peers_beyond_memory("evaluate", 3368, 15_913) == {}
    # 24 bytes for each pair of a query and a gallery image; of all images in re-ranking.
    large = peers_beyond_memory("evaluate", 11_659, 82_161)
    assert large == {"torchreid": pytest.approx(23.0, abs=0.1)}
    assert peers_beyond_memory("rerank", 11_659, 82_161)["torchreid"] == pytest.approx(211, abs=1)
    assert peers_beyond_memory("recall", 60_502, 60_502) == {}
    assert needs(large) == "torchreid (about 23 GB)"


def test_every_peer_of_the_index_is_known():
    assert set(PEERS) == {"open-metric-learning", "torchmetrics", "torchreid"}
