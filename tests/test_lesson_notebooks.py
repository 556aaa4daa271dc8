"""The lesson notebooks, run from top to bottom, and the panel they show."""

import asyncio
from html import escape

import nbformat
import pytest

from tests.test_notebooks import LARGEST, executed, outputs
from tests.ui import by_hand
from workbench.errors import DataError
from workbench.lessons.claims import Claim
from workbench.runs.management import delete_run
from workbench.ui.notebook import LessonPanel
from workbench.ui.views.learn import lesson_view


def test_an_answer_is_kept_by_the_panel():
    panel = LessonPanel("figures", setting="cards:wm")
    assert "Whose list" in panel.to_html()
    assert "Average precision asks" not in panel.to_html()
    seen = []
    panel.on_change(seen.append)
    assert panel.answer("first")["agreed"] is False
    assert seen[-1]["answers"] == {"figures": "first"}
    with pytest.raises(DataError, match="no answer"):
        panel.answer("third")
    with pytest.raises(DataError, match="no lesson"):
        LessonPanel("cooking")


def test_what_follows_waits_for_an_answer():
    panel = LessonPanel("figures")

    async def asked():
        waiting = asyncio.create_task(panel.answered())
        # As the browser tells it while a cell awaits something.
        panel._handle_custom_msg({"show": panel.value | {"answers": {"figures": "same"}}}, [])
        return await waiting

    assert asyncio.run(asked()) == "same"
    assert asyncio.run(panel.answered()) == "same"


def test_the_real_training_is_waited_for(monkeypatch):
    run, other = by_hand.write_run(), by_hand.write_run()
    monkeypatch.setattr(lesson_view, "start_training", lambda _: {"run": run.id})
    panel = LessonPanel("losses")
    assert asyncio.run(panel.train()) == run
    assert panel.value["training"] == run.id
    # One that the panel's own button started is not started again, unless it is gone.
    panel.value = panel.value | {"training": other.id}
    assert asyncio.run(panel.train()) == other
    delete_run(other)
    assert asyncio.run(panel.train()) == run


@pytest.mark.thorough
def test_claims_are_assertions(monkeypatch):
    panel = LessonPanel("figures", setting="cards:m=wd")
    claims = panel.check()
    assert claims.columns.tolist() == ["words", "holds", "bound", "margin"]
    assert len(claims) == 5
    shown = claims._repr_html_()
    assert all(escape(words) in shown for words in claims["words"]), "whole sentences"
    facts = {"on": "50.0 %", "off": "40.0 %"}
    failed = lesson_view.claims_in_words([Claim("figures", "rule", facts, -0.1, "0.4 - 0.5 ≥ 0")])
    monkeypatch.setattr(lesson_view, "figure_claims", lambda *_: failed)
    with pytest.raises(AssertionError, match=r"1 of 1 claims do not hold: \['On the real list"):
        panel.check()


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_the_lesson_on_figures_runs_from_top_to_bottom(tmp_path):
    changes = {"ANSWER": "second", "SETTING": "cards:mw=mwd"}
    notebook = executed("lesson_figures", tmp_path, changes)
    assert "AP 50.7%, by hand 50.7%, Rank-1 100%" in str(outputs(notebook))
    assert len(nbformat.writes(notebook)) < LARGEST


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("name", "answer"), [("lesson_figures", "second"), ("lesson_losses", "all")]
)
def test_a_lesson_runs_as_shipped(name, answer, tmp_path):
    notebook = executed(name, tmp_path, {"ANSWER": answer})
    assert len(nbformat.writes(notebook)) < LARGEST


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_recipe_is_built_as_shipped(tmp_path):
    notebook = executed("build_a_recipe", tmp_path, {"SEEDS": (0, 1)})
    assert "The means differ by" in str(outputs(notebook))
    assert "Did you mean max?" in str(outputs(notebook))
