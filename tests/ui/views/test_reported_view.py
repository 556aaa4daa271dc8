"""Reported figures beside those of a run, in words."""

import pytest

from tests.ui.by_hand import write_run
from workbench.ui.views.runs.reported_view import reported_facts
from workbench.ui.views.runs.run_view import detail


@pytest.mark.thorough
def test_reported_figures_stand_beside_those_of_the_run():
    run = write_run("baseline/market1501_strong", {"data.height": 128})
    told = dict(detail(run)["facts"])
    mean, first = (run.status().metrics["averaged"][name] for name in ("mAP", "rank1"))
    assert told["Reported"] == (
        f"mAP 85.7 %, here {100 * mean:.1f} %; rank1 94.1 %, here {100 * first:.1f} %"
    )
    assert told["Reported for"].startswith("single query, cosine, no flip")
    assert told["Differs"] == "data.height = 128 here, 256 in baseline/market1501_strong."


@pytest.mark.thorough
def test_nothing_is_told_where_nothing_was_reported_or_counted():
    run = write_run()
    assert reported_facts(run, run.status()) == []
    strong = write_run("rpm/university1652", until=0)
    run.recipe_file.unlink()
    assert reported_facts(run, run.status()) == []
    told = dict(reported_facts(strong, strong.status()))
    assert told["Reported"].startswith("satellite_to_drone.rank1 92.3 %; ")
