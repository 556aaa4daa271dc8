import re

import pytest

from workbench.errors import DataError
from workbench.lessons import figures, losses, training
from workbench.lessons.settings import SETTINGS, read_setting, usual, write_setting
from workbench.lessons.texts import FOLDER, LESSONS, Question, lesson


def test_every_file_is_a_lesson_and_every_lesson_has_its_file():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(LESSONS) == set(SETTINGS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_asks_and_tells(name):
    texts = lesson(name)
    assert texts.question.right in texts.question.choices
    assert "{choice}" in texts.question.differed
    assert texts.tasks
    assert texts.explanations


def test_another_lesson_is_refused():
    with pytest.raises(DataError, match="choose one of figures, losses"):
        lesson("cooking")
    with pytest.raises(DataError, match="no answer"):
        lesson("figures").question.require("perhaps")


def test_a_right_answer_has_to_be_a_choice():
    with pytest.raises(ValueError, match="'c' is none of a, b"):
        Question(
            text="?", choices={"a": "A", "b": "B"}, right="c", reveal="", agreed="", differed=""
        )


def test_nothing_of_this_machine_stands_in_a_text():
    for path in FOLDER.glob("*.yaml"):
        assert not re.search(r"https?://|/home|/tmp", path.read_text())


def test_settings_are_written_short_and_read_back():
    text = write_setting("losses", {"loss": "circle", "margin": 0.25})
    assert text == "loss:circle,margin:0.25"
    assert read_setting("losses", text) == {
        **usual("losses"),
        "loss": "circle",
        "margin": 0.25,
    }
    assert write_setting("figures", usual("figures")) == ""
    changed = {"cards": "m=wd", "rule": False}
    assert read_setting("figures", write_setting("figures", changed)) == changed


@pytest.mark.parametrize("text", ["loss:magic", "margin:9", "margin:-1", "seed:x", "moon:1", ",,:"])
def test_what_cannot_be_read_of_a_link_is_usual(text):
    assert read_setting("losses", text) == usual("losses")


@pytest.mark.thorough
def test_every_claim_has_its_words():
    made = {one.key for one in figures.claims(figures.read_cards("wm"), figures.kept_list())}
    assert made == set(lesson("figures").claims)
    assert training.NAME == losses.NAME == "losses"
