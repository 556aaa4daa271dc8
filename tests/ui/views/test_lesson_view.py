import pytest

from tests.ui import by_hand
from tests.ui.by_hand import embed, write_run
from workbench.errors import DataError, RunError, RunNotFound
from workbench.lessons.claims import Claim
from workbench.lessons.lesson_run import SMALLEST_GAIN, claims
from workbench.lessons.metrics_lesson import shipped_list
from workbench.ui.links import Link, read_link
from workbench.ui.views.learn import lesson_tasks, lesson_view


def test_nothing_is_revealed_before_an_answer():
    for head in lesson_view.lessons()["lessons"]:
        told = lesson_view.opened_lesson(head["name"])
        assert set(told) == {
            "name", "title", "minutes", "about", "question", "setting", "usual", "uses",
        }  # fmt: skip
        assert set(told["question"]) == {"text", "choices"}


@pytest.mark.thorough
def test_an_answer_is_compared():
    right, wrong = (lesson_view.answered("figures", choice) for choice in ("second", "first"))
    assert (right["agreed"], wrong["agreed"]) == (True, False)
    assert wrong["told"] == "You said otherwise: Model A, whose very first image is right."
    assert right["reveal"] == wrong["reveal"]
    with pytest.raises(DataError, match="no answer"):
        lesson_view.answered("figures", "third")


def test_a_link_brings_a_lesson_back():
    text = lesson_view.link_of("figures", "cards:m=w,rule:false", "ties,real")
    link = read_link(text)
    expected = {"lesson": "figures", "setting": "cards:m=w,rule:false", "hide": "ties,real"}
    assert link == Link(tab="learn", **expected)
    opened = lesson_view.opened_lesson(link.lesson, link.setting)
    assert opened["setting"] == {"cards": "m=w", "rule": False}


def test_the_list_builder_counts():
    told = lesson_view.list_of("smw", rule=False)
    assert (told["step"], told["ranks"], told["counts"]) == (1.0, (1, 2, 3), True)
    nobody = lesson_view.list_of("sw")
    assert (nobody["counts"], nobody["words"].startswith("No image")) == (False, True)


def test_without_a_run_the_kept_list_is_shown():
    told = lesson_view.real_list()
    assert (told["cards"], told["pictures"]) == (str(shipped_list().cards), None)
    assert "no\nfinished run" in told["words"] or "no finished run" in told["words"]


@pytest.mark.thorough
def test_a_finished_run_shows_a_list_of_its_own(tmp_path, monkeypatch):
    # Of the first query: its own camera, a distractor, a match; junk far away.
    monkeypatch.setitem(by_hand.ANGLES, "g", (5, 20, 80, 60, 10, 170))
    run = embed(write_run(), tmp_path / "images")
    told = lesson_view.real_list()
    assert run.id in told["words"]
    assert told["cards"] == "sdm"
    assert len(told["pictures"]["cards"]) == len(told["cards"])
    assert told["off"]["step"] > told["on"]["step"]
    assert all(one["holds"] for one in lesson_view.figure_claims("wm"))


def test_the_images_of_the_lesson_on_losses():
    told = lesson_view.start_of("seed:3")
    assert len(told["images"]) == len(told["points"]) == 2 * len(told["people"]) == 64
    assert told != lesson_view.start_of("seed:4")


def test_the_training_is_followed_and_judged():
    run = write_run(until=260)
    told = lesson_view.training_of(run.id)
    assert (told["over"], told["state"]) == (True, "finished")
    assert [label for label, _ in told["figures"]] == [
        "mAP at step 0", "mAP at step 130", "mAP at step 260",
    ]  # fmt: skip
    (made,) = claims(run)
    assert made.margin == pytest.approx(told["figures"][-1][1] - 0.03 - SMALLEST_GAIN)
    assert made.holds
    assert claims(write_run(until=0)) == []
    with pytest.raises(RunNotFound):
        lesson_view.training_of("nothing")


def test_a_claim_that_fails_says_so():
    facts = {"share": "90 %"}
    told = lesson_view.claims_in_words([Claim("losses", "cured", facts, -0.1, "0.9 ≥ 1")])
    assert told[0]["holds"] is False
    assert "the spread is 90 %" in told[0]["words"]


@pytest.mark.thorough
def test_the_worker_answers_refuses_and_is_started_again():
    try:
        question = {
            "setting": {"loss": "triplet_hard"},
            "images": lesson_view.start_of("")["images"],
            "state": None, "count": 2, "steps": 1,
        }  # fmt: skip
        first = lesson_tasks.ask("frames", **question)
        assert [len(frame["points"]) for frame in first] == [64, 64]
        endless = {**question, "state": {"weights": [float("nan")] * 80, "own": None}}
        with pytest.raises(RunError, match="smaller rate"):
            lesson_tasks.ask("frames", **endless)
        with pytest.raises(RunError, match="try again"):
            lesson_tasks.ask("no such task")
        lesson_tasks.ask("frames", **question)
        lesson_tasks._processes[0].kill()
        lesson_tasks._processes[0].wait()
        assert lesson_tasks.ask("frames", **question) == first
    finally:
        lesson_tasks.end()
