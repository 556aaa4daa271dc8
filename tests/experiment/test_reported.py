"""Figures beside those that were printed, each under the name it is counted by."""

from pathlib import Path

import pytest

from tests.experiment.tiny import overrides, people
from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_split
from workbench.data.samples import Pairing, Sample, Split
from workbench.errors import MissingDataset
from workbench.experiment.cross_dataset import Cell, as_csv, as_markdown, other_data, table
from workbench.experiment.protocol_metrics import in_words, plain
from workbench.experiment.reported import beside_reported, what_differs
from workbench.recipe.presets import load_preset, preset_names
from workbench.recipe.settings.evaluation import Embedding, Evaluation, ReRanking
from workbench.runs.management import create_run

ROOT = Path("some")


@pytest.mark.thorough
def test_every_reported_figure_has_a_name_it_is_counted_by():
    for name in preset_names():
        recipe = load_preset(name)
        evaluation = plain(recipe.evaluation)
        known = {"mAP", "mINP", *(f"rank{k}" for k in evaluation.ranks)}
        if evaluation.clustering is not None:
            known |= {f"recall_at_{k}" for k in evaluation.ranks} | {"NMI", "NMI_training_count"}
        for row in beside_reported(recipe, {}, "averaged"):
            figure = row["name"].rpartition(".")[2]
            assert figure in known, (name, row["name"])
            assert row["part"] in (
                *("", "satellite_to_drone", "drone_to_satellite"),
                *("multi_query" * evaluation.multi_query,),
                *("re_ranked" * (recipe.evaluation.re_ranking is not None),),
            )


def test_figures_stand_beside_those_of_their_ranking():
    recipe = load_preset("rpm/university1652")
    metrics = {
        "averaged": {"rank1": 0.5, "drone_to_satellite.rank1": 0.9, "satellite_to_drone.mAP": 0}
    }
    rows = {row["name"]: row for row in beside_reported(recipe, metrics, "averaged")}
    assert len(rows) == 8
    found = rows["drone_to_satellite.rank1"]
    assert (found["value"], found["here"]) == (0.897081, 0.9)
    assert found["difference"] == pytest.approx(0.002919)
    assert rows["satellite_to_drone.rank1"]["here"] is None


def test_multiple_queries_and_re_ranking_are_told_apart():
    multiple = beside_reported(
        load_preset("layumi/multi_query"), {"raw": {"multi_query.rank1": 0.5, "rank1": 0.4}}, "raw"
    )
    assert [(row["name"], row["here"]) for row in multiple] == [
        ("multi_query.rank1", 0.5),
        ("multi_query.mAP", None),
    ]
    again = beside_reported(
        load_preset("layumi/re_ranking"), {"raw": {"mAP": 0.1}, "re-ranked": {"mAP": 0.2}}, "raw"
    )
    assert [(row["metric"], row["here"]) for row in again] == [("rank1", None), ("mAP", 0.2)]


def test_clusters_are_as_many_as_the_authors_made():
    names = {row["name"] for row in beside_reported(load_preset("rpm/sop"), {}, "raw")}
    assert names == {"recall_at_1", "recall_at_10", "NMI_training_count"}
    names = {row["name"] for row in beside_reported(load_preset("rpm/cars196"), {}, "raw")}
    assert "NMI" in names


@pytest.mark.thorough
def test_whatever_differs_is_named(tmp_path):
    root = people(tmp_path / "people")
    run = create_run("baseline/market1501_strong", {"data.root": str(root), "data.height": 128})
    recipe = run.recipe()
    split = read_split(recipe.data)
    changed = "data.height = 128 here, 256 in baseline/market1501_strong."
    assert what_differs(run, recipe, split) == [changed]
    quick = create_run("playground/quick", overrides(root))
    assert what_differs(quick, quick.recipe(), split) == []


def test_a_protocol_in_words():
    a, b = Sample("a", 1, 1), Sample("b", 1, 2)
    people_seen = Split("some", ROOT, (), (a,), (b,))
    settings = Evaluation(
        average_precision="trapezoid", denominator="all", embedding=Embedding(flip=True)
    )
    assert in_words(settings, people_seen) == (
        "query against gallery, cosine, mirrored image added, trapezoid average precision, all"
        " queries as denominator, same camera left out"
    )
    anywhere = Sample("a", 1)
    both = Split(
        "some", ROOT, (), (anywhere,), (anywhere,), pairings=(Pairing("up_to_down", "u", "d"),)
    )
    assert in_words(Evaluation(), both) == (
        "up to down, cosine, no mirrored image, step average precision, queries with a match as"
        " denominator, no camera left out"
    )
    drawn = Split(
        "some", ROOT, (), (anywhere,), (anywhere,), leave_one_out=True, gallery_draws=True
    )
    assert in_words(Evaluation(), drawn).startswith("mean of 10 random gallery draws, one image of")


def test_plain_keeps_rank_one_and_leaves_re_ranking_out():
    evaluation = plain(Evaluation(ranks=[2, 4], re_ranking=ReRanking()), ranks=(1, 5, 10))
    assert (evaluation.re_ranking, evaluation.ranks) == (None, [1, 2, 4, 5, 10])


def test_other_data_are_a_known_set_or_a_folder(tmp_path, monkeypatch):
    recipe = load_preset("rpm/university1652")
    assert other_data(recipe, "university1652") == recipe.data
    veri = other_data(recipe, "veri776")
    assert (veri.dataset, veri.root) == (dataset_of("veri776"), None)
    assert (veri.height, veri.transforms) == (recipe.data.height, recipe.data.transforms)
    root = people(tmp_path / "datasets" / "Market-1501")
    for name in (str(root), "Market-1501"):
        found = other_data(recipe, name)
        assert (found.dataset.kind, found.root) == ("market1501", str(root))
    with pytest.raises(MissingDataset, match=r"--data markt1501: .*Did you mean market1501\?"):
        other_data(recipe, "markt1501")


def test_runs_by_data_sets():
    def cell(run, weights, data, value):
        return Cell(run, weights, data, {"metrics": {weights: {"mAP": value, "rank1": 1.0}}})

    cells = [
        cell("first|run", "raw", "market1501", 0.5),
        cell("first|run", "raw", "dukemtmc", 0.25),
        cell("second", "averaged", "dukemtmc", 0.125),
    ]
    columns, rows = table(cells)
    assert columns[2:] == ["market1501 mAP", "market1501 rank1", "dukemtmc mAP", "dukemtmc rank1"]
    assert as_csv(columns, rows).splitlines()[1:] == [
        "first|run,raw,0.5000,1.0000,0.2500,1.0000",
        "second,averaged,,,0.1250,1.0000",
    ]
    lines = as_markdown(columns, rows).splitlines()
    assert lines[1] == "| --- | --- | ---: | ---: | ---: | ---: |"
    assert lines[2].startswith(r"| first\|run | raw | 0.5000 |")
