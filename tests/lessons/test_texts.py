import re
import shutil

import pytest
import yaml

from workbench.errors import DataError
from workbench.lessons import lesson_run, losses_lesson, metrics_lesson
from workbench.lessons.settings import SETTINGS, defaults, read_setting, write_setting
from workbench.lessons.texts import (
    ENGLISH,
    FOLDER,
    LESSONS,
    Question,
    known_language,
    languages,
    lesson,
    shared,
)
from workbench.paths import assets_folder
from workbench.recipe.text import read_yaml
from workbench.ui.views.learn import lesson_view

FILES = sorted(FOLDER.glob("*/*.yaml"))
SCRIPTS = ("learn", "learn_parts", *(f"lesson_{part}" for part in (
    "cards", "charts", "figures", "losses", "plane", "training",
)))  # fmt: skip


def leaves(texts, path=""):
    """Every text with its place: ``words.cards.left`` and what it says."""
    if isinstance(texts, str):
        return {path: texts}
    items = texts.items() if isinstance(texts, dict) else enumerate(texts)
    return {
        name: text
        for key, value in items
        if not isinstance(value, int)
        for name, text in leaves(value, f"{path}.{key}".strip(".")).items()
    }


def facts(text):
    return set(re.findall(r"\{\w+\}", text))


def test_every_file_is_a_lesson_and_every_lesson_has_its_file():
    names = {path.stem for path in (FOLDER / ENGLISH).glob("*.yaml")}
    assert names == {*LESSONS, "shared"}
    assert set(LESSONS) == set(SETTINGS)
    assert {path.stem for path in FILES} == names, "a translation has the names of the English"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_translation_says_all_that_the_english_text_says(path):
    translated, english = (
        leaves(read_yaml(file.read_text("utf-8"))) for file in (path, FOLDER / ENGLISH / path.name)
    )
    assert translated.keys() == english.keys()
    assert [key for key in translated if facts(translated[key]) != facts(english[key])] == []


def test_a_second_language_is_one_addition(tmp_path, monkeypatch):
    """One lesson in German: its own file, nothing else."""
    folder = tmp_path / "texts"
    shutil.copytree(FOLDER, folder)
    english = lesson("figures")
    german = english.model_dump(by_alias=True) | {
        "title": "Was die Zahlen bedeuten",
        "question": english.question.model_dump() | {
            "differed": "Du hast es anders gesehen: {choice}.",
            "reveal": "Modell B, {second} gegen {first}.",
        },
        "claims": english.claims | {"trapezoid": "Das Trapez sagt {trapezoid}, die Stufe {step}."},
        "words": english.labels | {"none": "Kein Bild dieser Person zählt."},
    }  # fmt: skip
    (folder / "de").mkdir()
    (folder / "de" / "figures.yaml").write_text(yaml.safe_dump(german), "utf-8")
    monkeypatch.setattr("workbench.lessons.texts.FOLDER", folder)
    assert (languages(), known_language("de"), known_language("xx")) == (["de", "en"], "de", "en")
    listed = lesson_view.lessons("de")
    assert [head["title"] for head in listed["lessons"]] == [
        "Was die Zahlen bedeuten",
        lesson("losses").title,
    ]
    assert listed["words"] == shared().labels
    answered = lesson_view.answered("figures", "same", "de")
    assert answered["told"].startswith("Du hast es anders gesehen: Neither")
    assert answered["reveal"] == "Modell B, 63.9 % gegen 50.7 %."
    claims = lesson_view.figure_claims("wm", "de")
    assert claims[1]["words"].startswith("Das Trapez sagt")
    assert lesson_view.list_of("w", language="de")["words"] == "Kein Bild dieser Person zählt."
    link = lesson_view.link_of("figures", "", "", language="de")
    assert link == "?tab=learn&lesson=figures&language=de"
    with pytest.raises(DataError, match="no lessons in 'xx': choose one of de, en"):
        lesson("figures", "xx")
    lesson.cache_clear()
    shared.cache_clear()


def test_scripts_say_what_stands_in_the_texts_and_all_of_it():
    scripts = "".join((assets_folder() / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    assert set(re.findall(r"\bsay\.(\w+)", scripts)) == set(shared().labels)
    labels = lesson("figures").labels | lesson("losses").labels
    # `words` is also an element that says how the training stands.
    read_names = set(re.findall(r"\bwords\.(\w+)", scripts)) - {"textContent"}
    listed = read_names & {"kinds", "losses", "controls"}
    assert read_names - set(labels) == set()
    keys = [
        key
        for name, value in labels.items()
        for key in (name, *(value if isinstance(value, dict) and name not in listed else ()))
    ]
    read_by_python = {"none"}
    known = set(re.findall(r"\w+", scripts)) | read_by_python
    assert [key for key in keys if key not in known] == []


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
    for path in FILES:
        assert not re.search(r"https?://|/home|/tmp", path.read_text())


def test_settings_are_written_short_and_read_back():
    text = write_setting("losses", {"loss": "circle", "margin": 0.25})
    assert text == "loss:circle,margin:0.25"
    assert read_setting("losses", text) == {
        **defaults("losses"),
        "loss": "circle",
        "margin": 0.25,
    }
    assert write_setting("figures", defaults("figures")) == ""
    changed = {"cards": "m=wd", "rule": False}
    assert read_setting("figures", write_setting("figures", changed)) == changed


@pytest.mark.parametrize("text", ["loss:magic", "margin:9", "margin:-1", "seed:x", "moon:1", ",,:"])
def test_what_cannot_be_read_of_a_link_is_usual(text):
    assert read_setting("losses", text) == defaults("losses")


@pytest.mark.thorough
def test_every_claim_has_its_words():
    claims = metrics_lesson.claims(metrics_lesson.read_cards("wm"), metrics_lesson.shipped_list())
    assert {claim.key for claim in claims} == set(lesson("figures").claims)
    assert not [claim for claim in claims if "{" in claim.sentence()]
    assert lesson_run.NAME == losses_lesson.NAME == "losses"
