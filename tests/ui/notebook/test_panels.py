import asyncio
import doctest
import importlib
import json
import os
import re

import pytest

from tests.ui import by_hand
from workbench.errors import DataError, RunError, RunNotFound
from workbench.paths import assets_folder
from workbench.runs import locks
from workbench.runs.folder import write_status
from workbench.runs.lifecycle import launch
from workbench.runs.management import delete_run
from workbench.ui import notebook
from workbench.ui.notebook import (
    ComparePanel,
    CurvesPanel,
    MapPanel,
    RankingsPanel,
    RunsPanel,
    TrainPanel,
)
from workbench.ui.notebook.answers import answer
from workbench.ui.notebook.panel import Panel

PANELS = [getattr(notebook, name) for name in notebook.__all__ if name.endswith("Panel")]
HELD = [one for one in PANELS if one is not Panel]


@pytest.fixture
def run(tmp_path):
    return by_hand.embed(by_hand.write_run(overrides={"run.name": "by hand"}), tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", HELD)
def test_every_panel_is_drawn_by_a_function_of_the_assets(kind):
    name = kind().get_state()["_panel"]
    scripts = "".join(path.read_text("utf-8") for path in assets_folder().glob("*.js"))
    assert re.search(rf"W\.{name} = (async )?function", scripts)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", HELD)
def test_without_any_run_every_panel_is_shown_all_the_same(kind):
    page = kind().still()
    assert "<p>" in page
    assert "Traceback" not in page


@pytest.mark.parametrize("kind", [CurvesPanel, RankingsPanel, MapPanel])
def test_an_unknown_run_is_refused_by_name(kind):
    with pytest.raises(RunNotFound, match="'nothing'"):
        kind("nothing")


@pytest.mark.parametrize("kind", [CurvesPanel, RankingsPanel, MapPanel])
def test_a_run_deleted_while_it_is_shown_is_one_sentence(kind, run):
    panel = kind(run)
    delete_run(run)
    with pytest.raises(RunNotFound, match=run.id):
        panel.to_dataframe()
    assert "There is no run" in panel.still()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [one for one in PANELS if one is not notebook.PartsPanel])
def test_the_examples_run(kind, run):
    run_examples(kind)


@pytest.mark.thorough
@pytest.mark.parametrize("one", [notebook.lab, notebook])
def test_the_examples_of_all_panels_run(one, run):
    run_examples(one)


def run_examples(one):
    module = importlib.import_module(getattr(one, "__module__", one.__name__))
    found = doctest.DocTestFinder(recurse=False).find(one, one.__name__, globs={**vars(module)})
    told = []
    result = doctest.DocTestRunner().run(found[0], out=told.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(told)


# ---- curves


def test_curves_are_a_table_a_figure_and_a_picture(run):
    panel = CurvesPanel(run)
    table = panel.to_dataframe()
    assert table[table["series"] == "loss"]["step"].tolist() == list(range(1, 401))
    first = by_hand.step_record(1)
    assert (
        table[(table["series"] == "loss") & (table["step"] == 1)]["value"].item() == first["loss"]
    )
    names = [trace.name for trace in panel.to_plotly().data]
    assert names[:3] == ["loss", "losses.identity", "losses.triplet"]
    assert "averaged.mAP" in names
    assert panel.to_html().count("data:image/svg+xml") == 2


def test_a_panel_without_a_run_shows_the_newest(run):
    panel = CurvesPanel()
    assert panel.value["run"] is None
    assert panel.run == run
    panel.run = "by hand"
    assert panel.value["run"] == run.id


# ---- several runs


def test_runs_are_a_table_of_figures(run):
    by_hand.write_run("playground/global", {"training.seed": "3"}, state="failed", until=0)
    table = RunsPanel().to_dataframe()
    assert table["state"].tolist() == ["failed", "finished"]
    assert table["changed"].tolist() == ["training.seed = 3", ""]
    assert table["mAP"].tolist()[1] == by_hand.figures(400)["averaged"]["mAP"]
    assert list(RunsPanel().to_plotly().data[0].x)[-1] == "by hand"


def test_a_click_on_a_run_is_its_value(run):
    panel, seen = RunsPanel(), []
    panel.on_change(seen.append)
    panel._handle_custom_msg({"tell": "show", "data": {"run": run.id}}, [])
    assert seen == [{"run": run.id}]


def test_runs_are_compared_by_the_newest_or_by_name(run):
    other = by_hand.write_run(until=30)
    assert ComparePanel().value == {"runs": [other.id, run.id]}
    panel = ComparePanel(["by hand"])
    assert panel.runs == [run]
    assert panel.to_dataframe()["name"].tolist() == ["by hand"]
    assert len(panel.to_plotly("loss").data[0].x) == 400
    assert "by hand" in panel.to_html()


def test_the_picture_of_a_long_run_is_small(run):
    assert len(ComparePanel([run] * 4).still()) < 30_000
    assert len(CurvesPanel(run).still()) < 30_000


# ---- inside a run


@pytest.mark.thorough
def test_a_ranking_is_a_table_and_pictures(run):
    panel = RankingsPanel(run, query=0, k=5)
    table = panel.to_dataframe()
    counted = table[table["excluded"].isna()]
    # Query 0 looks 0 degrees wide; gallery images 4, 1, 3, 2 at 10, 20, 60, 80 degrees count.
    assert counted["index"].tolist() == [4, 1, 3, 2]
    assert counted["rank"].tolist() == [1, 2, 3, 4]
    assert panel.to_html().count("data:image/jpeg") == 1 + min(8, len(table))
    assert {trace.name for trace in panel.to_plotly().data} >= {"match", "wrong"}


def test_without_the_images_that_the_page_has_a_ranking_is_a_list_without_pictures(run, tmp_path):
    for picture in tmp_path.rglob("*.png"):
        picture.unlink()
    page = RankingsPanel(run, query=0).still()
    assert "data:image/jpeg" not in page
    assert "query (no image)" in page
    told = answer(f"api/runs/{run.id}/images/averaged/query/0.jpg?height=32")
    assert told.status == 409
    assert "q/0001_c1.png cannot be read" in json.loads(told.content)["error"]


def test_a_run_of_the_page_is_shown_and_one_of_the_notebook_is_on_the_page(run):
    # The page asks its server for the runs, and a panel asks the kernel: it is the same list.
    listed = json.loads(answer("api/runs").content)["runs"]
    assert [one["id"] for one in listed] == RunsPanel().to_dataframe()["run"].tolist() == [run.id]
    other = by_hand.write_run(until=5)
    assert json.loads(answer("api/runs").content)["runs"][0]["id"] == other.id
    assert CurvesPanel().run == other


def test_the_worst_query_is_the_one_looked_at_where_none_is_chosen(run):
    worst = RankingsPanel(run).query()
    assert worst == ("query", RankingsPanel(run, query=worst[1]).query()[1])


def test_what_cannot_be_ranked_is_refused(run):
    with pytest.raises(DataError, match="There is no query 99"):
        RankingsPanel(run, query=99).to_dataframe()
    fresh = by_hand.write_run(until=200)
    with pytest.raises(RunError, match="not embedded yet"):
        RankingsPanel(fresh, query=0).to_dataframe()


def test_the_newest_run_that_can_be_looked_into_is_shown(run):
    by_hand.write_run(state="failed", until=0)
    assert RankingsPanel().run == run


def test_a_map_is_a_table_of_points(run):
    panel = MapPanel(run, colour="camera")
    table = panel.to_dataframe()
    assert table["source"].tolist() == ["query"] * 3 + ["gallery"] * 6
    assert table["index"].tolist() == [0, 1, 2, 0, 1, 2, 3, 4, 5]
    assert table["identity"].tolist() == [1, 2, 9, 1, 1, 2, 2, 0, -1]
    assert sum(len(trace.x) for trace in panel.to_plotly().data) == 9
    assert panel.to_html().count("<img") == 1


# ---- training


@pytest.mark.thorough
def test_settings_that_are_refused_are_kept_and_told():
    panel = TrainPanel(overrides={"data.height": -4})
    assert panel.value["overrides"] == {"data.height": -4}
    assert "data.height" in panel.still()


@pytest.mark.thorough
def test_settings_of_a_run_are_taken_up(run):
    panel = TrainPanel("playground/global")
    panel._handle_custom_msg({"tell": "reuse", "data": {"run": run.id}}, [])
    assert panel.value["preset"] == "playground/quick"
    assert panel.value["overrides"] == {"run.name": "by hand"}
    json.dumps(panel.value)


def starts(monkeypatch):
    """The runs that are started from now on; none has a worker."""
    made = []

    def start(preset, overrides):
        made.append(by_hand.write_run(preset, overrides=overrides))
        return made[-1]

    monkeypatch.setattr(launch, "start", start)
    return made


@pytest.mark.thorough
def test_a_cell_that_is_run_again_takes_up_its_named_run(run, monkeypatch):
    made = starts(monkeypatch)
    named = {"run.name": "by hand"}
    # Another panel is what a new kernel has.
    panel = TrainPanel("playground/quick", named)
    assert panel.start() == run
    assert panel.run == run
    assert made == []
    other = TrainPanel("playground/quick", named | {"training.seed": 7}).start()
    assert made == [other]
    again = panel.start(again=True)
    assert made == [other, again]
    assert panel.run == again


@pytest.mark.thorough
def test_a_cell_without_a_name_takes_up_its_run_only_while_it_trains(monkeypatch):
    made = starts(monkeypatch)
    TrainPanel("playground/quick").start()
    ended = TrainPanel("playground/quick").start()
    assert len(made) == 2
    lock = locks.open_lock(ended.lock_file)
    assert locks.take(lock)
    write_status(ended, state="running")
    assert TrainPanel("playground/quick").start() == ended
    os.close(lock)
    assert len(made) == 2


@pytest.mark.thorough
def test_a_run_that_has_ended_is_waited_for_no_longer(run):
    assert asyncio.run(TrainPanel(run=run).ended()) == run


# ---- parts


@pytest.mark.thorough
def test_a_pair_is_a_table_of_its_parts(tmp_path):
    from tests.ui import tiny_run

    run = tiny_run.trained(tmp_path)
    run_examples(notebook.PartsPanel)
    panel = notebook.PartsPanel(run, query=0)
    table = panel.to_dataframe()
    assert table["part"].tolist() == ["whole", "groups_0", "groups_1", "all"]
    parts, whole = table["share"].tolist()[:-1], table["share"].tolist()[-1]
    assert sum(parts) == pytest.approx(whole, abs=1e-4)
    assert len(panel.to_plotly().data[0].x) == 3
    assert "Similarity" in panel.to_html()
