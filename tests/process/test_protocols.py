"""One training for each protocol, by a worker, on the miniature of a data set that has it."""

import json
import statistics
import time

import pytest

from workbench import paths
from workbench.cli.entry import main
from workbench.data.synthetic.miniatures.making import make
from workbench.experiment import evaluate_run
from workbench.runs.lifecycle.launch import start
from workbench.runs.log import read_events

pytestmark = pytest.mark.long
TINY = {
    "data.height": 32,
    "data.width": 32,
    "data.sampler.identities": 3,
    "data.sampler.images": 2,
    "model.backbone.width": 8,
    "model.branches.stripes": None,
    "model.branches.whole.neck.width": 8,
    "training.length.count": 6,
    "training.evaluate.count": 6,
    "training.checkpoints.every.count": 6,
    "training.schedule.warmup.count": 2,
    "training.precision": "fp32",
    "run.devices": ["cpu"],
    "run.threads": 1,
}


@pytest.fixture
def trained():
    """Train on the miniature of a layout; the run and the figures its last event tells."""

    def train(kind, **more):
        root = make(kind, paths.datasets_folder())
        settings = {name.replace("__", "."): value for name, value in more.items()}
        data = {"data.dataset.kind": kind, "data.root": str(root)}
        run = start("playground/quick", TINY | data | settings)
        late = time.monotonic() + 300
        while run.status().alive and time.monotonic() < late:
            time.sleep(0.2)
        assert run.status().state == "finished", run.status().error or run.log_file.read_text()
        events, _ = read_events(run.events_file)
        return run, events[-1]["metrics"]["averaged"]

    return train


def agree(run, told):
    """Evaluating the end again gives what the training told, and more."""
    result = evaluate_run(run, checkpoint="last")
    figures = result["metrics"]["averaged"]
    assert {name: figures[name] for name in told} == pytest.approx(told, abs=1e-6)
    assert all(0 <= value <= 1 for value in figures.values())
    return result, figures


def test_queries_against_a_gallery(trained, capsys):
    run, told = trained("dukemtmc")
    result, _ = agree(run, told)
    assert result["counts"]["same_camera_pairs"] > 0
    make("occluded_duke", paths.datasets_folder())
    other = paths.datasets_folder() / "miniatures"
    folder = next(path for path in other.rglob("Occluded_Duke") if path.is_dir())
    capsys.readouterr()
    assert main(["evaluate", run.id, "--data", "dukemtmc", "--data", str(folder), "--json"]) == 0
    own, carried = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (own["data"], carried["data"]) == ("dukemtmc", "occluded_duke")
    assert any("both show people of DukeMTMC" in note for note in carried["notes"])
    table = ["--data", "dukemtmc", "--data", str(folder), "--table", "csv"]
    assert main(["evaluate", run.id, *table]) == 0
    head, raw, averaged = capsys.readouterr().out.splitlines()
    assert head == f"run,weights,dukemtmc mAP,dukemtmc rank1,{folder} mAP,{folder} rank1"
    assert float(averaged.split(",")[2]) == pytest.approx(told["mAP"], abs=1e-4)
    assert raw.split(",")[1] == "raw"


def test_both_directions(trained, capsys):
    run, told = trained("university1652", data__sampler__first_group="satellite")
    _, figures = agree(run, told)
    both = [figures[f"{name}.mAP"] for name in ("satellite_to_drone", "drone_to_satellite")]
    assert figures["mAP"] == pytest.approx(statistics.mean(both))
    capsys.readouterr()
    assert main(["evaluate", run.id, "--lines", "rpm"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[-8:] for line in lines] == [f"{value:f}" for value in both]


def test_draws_of_a_gallery(trained, capsys):
    run, told = trained("vehicleid", evaluation__gallery_draws__count=3)
    _, figures = agree(run, told)
    each = [figures[f"draw_{number}.rank1"] for number in (1, 2, 3)]
    assert told["rank1"] == pytest.approx(statistics.mean(each))
    assert told["deviation.rank1"] == pytest.approx(statistics.stdev(each))
    assert not any(name.startswith("draw_") for name in told)
    capsys.readouterr()
    assert main(["evaluate", run.id, "--lines", "rpm"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("kind", ["cars196", "in_shop"])
def test_recall_and_agreement(trained, kind):
    run, told = trained(kind, evaluation__clustering__training_count=True)
    agree(run, told)
    assert {"recall_at_1", "NMI", "NMI_training_count", "mAP", "rank1", "mINP"} <= set(told)


def test_multiple_queries(trained, capsys):
    run, told = trained("prepared", evaluation__multi_query=True)
    agree(run, told)
    assert "multi_query.mAP" in told
    capsys.readouterr()
    assert main(["evaluate", run.id, "--lines", "layumi"]) == 0
    plain, multiple = capsys.readouterr().out.splitlines()
    assert plain.startswith("Rank@1:")
    assert multiple.startswith("multi Rank@1:")


def test_certainty(trained):
    run, told = trained(
        "market1501",
        **{
            "model__branches__whole__certainty": {"reads": "embedding"},
            "evaluation__certainty_weight": 0.5,
        },
    )
    agree(run, told)
