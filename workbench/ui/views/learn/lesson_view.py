"""Lessons as faces show them: plain JSON objects with the words."""

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.errors import DataError, EmptySplit, RunError, WorkbenchError
from workbench.lessons import lesson_run, plane
from workbench.lessons import metrics_lesson as lesson_figures
from workbench.lessons.claims import Claim
from workbench.lessons.metrics_lesson import RealList
from workbench.lessons.ranked_cards import Cards, list_metrics, read_cards
from workbench.lessons.settings import (
    WITH_MARGIN,
    WITH_TEMPERATURE,
    LossSetting,
    defaults,
    read_setting,
)
from workbench.lessons.texts import ENGLISH, LESSONS, TrainingTexts, lesson, shared
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle import launch
from workbench.runs.management import find_run, list_runs
from workbench.ui.links import Link, write_link
from workbench.ui.views.learn import lesson_tasks
from workbench.ui.views.rankings.stored_rankings import choose, opened
from workbench.ui.views.runs import run_view

REVEALED = {"figures": lesson_figures.revealed}
RUNS_LOOKED_AT = 3
USES = {"losses": {"margin": sorted(WITH_MARGIN), "temperature": sorted(WITH_TEMPERATURE)}}
"""Controls that only some losses have."""


def lessons(language: str = ENGLISH) -> dict[str, Any]:
    """Every lesson in a line (name, title, minutes, what it is about), and what all of them say."""
    heads = [_head(name, language) for name in LESSONS]
    return {"lessons": heads, "words": shared(language).labels}


def opened_lesson(name: str, setting: str = "", language: str = ENGLISH) -> dict[str, Any]:
    """A lesson before its question is answered: nothing of the answer is in it.

    ``setting`` is the state of its interactive as a link holds it; what cannot be read of it has
    its usual value. Raises DataError where there is no such lesson.
    """
    question = lesson(name, language).question
    choices = [{"key": key, "text": text} for key, text in question.choices.items()]
    return {
        **_head(name, language),
        "question": {"text": question.text, "choices": choices},
        "setting": read_setting(name, setting),
        "usual": defaults(name),
        "uses": USES.get(name, {}),
    }


def answered(name: str, choice: str, language: str = ENGLISH) -> dict[str, Any]:
    """What is revealed to an answer. Raises DataError for one that was not offered."""
    texts = lesson(name, language)
    question = texts.question
    question.require(choice)
    agreed = choice == question.right
    told = question.agreed if agreed else question.differed.format(choice=question.choices[choice])
    reveal = REVEALED[name](language) if name in REVEALED else question.reveal
    return {
        "choice": choice,
        "agreed": agreed,
        "told": told,
        "reveal": reveal,
        "tasks": texts.tasks,
        "explanations": [one.model_dump() for one in texts.explanations],
        "words": texts.labels,
        "checked": texts.checked,
        "training": texts.experiment.text if texts.experiment else None,
    }


def start_of(setting: str) -> dict[str, Any]:
    """The images of the lesson on losses and where an untrained network puts them, flat lists."""
    values = LossSetting.model_validate(read_setting("losses", setting))
    untrained = plane.untrained(values)
    return {
        "people": plane.labels().tolist(),
        "images": plane.images(values).ravel().tolist(),
        "points": untrained.ravel().tolist(),
        "spread": plane.spread(untrained),
    }


def loss_claims(run: str, language: str = ENGLISH) -> list[dict[str, Any]]:
    """The claims of the lesson on losses, with that of its training ``run`` once it has ended.

    Raises RunNotFound where there is no such run and RunError where the lesson did not start it,
    both before anything is computed.
    """
    real = find_run(run) if run else None
    if real is not None and not lesson_run.is_training(real):
        raise RunError(
            f"Run {real.id} is not a training of the lesson on losses: leave out run, or give the"
            " run that the lesson started."
        )
    claims = [Claim(**told) for told in lesson_tasks.ask("claims")]
    if real is not None and not real.status().alive:
        claims += lesson_run.claims(real)
    return claims_in_words(claims, language)


def start_training(language: str = ENGLISH) -> dict[str, Any]:
    """Start the lesson's real training; its run, and that in words."""
    run = launch.start(lesson_run.PRESET, lesson_run.OVERRIDES)
    return {"run": run.id, "words": _training_texts(language).started}


def training_of(name: str, language: str = ENGLISH) -> dict[str, Any]:
    """How the lesson's training stands. Raises RunNotFound where it is gone."""
    run = find_run(name)
    detail, label = run_view.detail(run), _training_texts(language).evaluated
    return {
        "state": detail["state"],
        "over": not detail["alive"],
        "share": detail["share"],
        "words": detail["error"] or detail["words"],
        "figures": [(label.format(step=step), mAP) for step, mAP in lesson_run.map_by_step(run)],
    }


def link_of(name: str, setting: str, hide: str, training: str = "", language: str = ENGLISH) -> str:
    """The address that opens a lesson with its interactive as it is, without hidden controls.

    ``training`` is the run of its real training. A link that says no language means English.
    """
    said = "" if language == ENGLISH else language
    return write_link(
        Link(tab="learn", lesson=name, setting=setting, hide=hide, language=said, training=training)
    )


def list_of(text: str, *, rule: bool = True, language: str = ENGLISH) -> dict[str, Any]:
    """The figures of a list of cards. Raises DataError where the text is none."""
    return _figures(read_cards(text), rule, language)


def real_list(language: str = ENGLISH) -> dict[str, Any]:
    """A list of a finished run, else the one kept with the lesson, with the rule on and off."""
    real, run = _real()
    texts = lesson_figures.real_texts(language)
    facts: dict[str, Any] = {"cards": str(real.cards), "pictures": None, "words": texts.shipped}
    if run is not None:
        facts |= {
            "words": texts.run.format(query=real.query, run=run.id),
            "pictures": _pictures(run, real),
        }
    on, off = (_figures(real.cards, rule, language) for rule in (True, False))
    return {**facts, "on": on, "off": off}


def figure_claims(text: str, language: str = ENGLISH) -> list[dict[str, Any]]:
    """The claims of the lesson on figures about a list of cards and the real one."""
    return claims_in_words(lesson_figures.claims(read_cards(text), _real()[0]), language)


def claims_in_words(claims: list[Claim], language: str = ENGLISH) -> list[dict[str, Any]]:
    """Claims as sentences, with whether each holds."""
    return [
        {
            "key": one.key,
            "words": one.sentence(language),
            "holds": one.holds,
            "bound": one.bound,
            "margin": one.margin,
        }
        for one in claims
    ]


def _training_texts(language: str) -> TrainingTexts:
    texts = lesson(lesson_run.NAME, language).experiment
    if texts is None:
        raise DataError(
            f"The texts of lesson {lesson_run.NAME} hold no training: add 'experiment'."
        )
    return texts


def _head(name: str, language: str) -> dict[str, Any]:
    texts = lesson(name, language)
    return {
        "name": name,
        "title": texts.title,
        "minutes": texts.minutes,
        "about": texts.about,
    }


def _figures(cards: Cards, rule: bool, language: str) -> dict[str, Any]:
    try:
        return {"cards": str(cards), "counts": True, **asdict(list_metrics(cards, rule=rule))}
    except EmptySplit:
        words = lesson(lesson_figures.NAME, language).labels["none"]
        return {"cards": str(cards), "counts": False, "words": words}


def _real() -> tuple[RealList, RunFolder | None]:
    """The newest finished run's own list, where it has one; else the kept list."""
    finished = [run for run in list_runs() if run.status().state == "finished"]
    for run in finished[:RUNS_LOOKED_AT]:
        try:
            found = _list_of_run(run.path, choose(run).key)
        except WorkbenchError:
            continue
        if found is not None:
            return found, run
    return lesson_figures.shipped_list(), None


@lru_cache(maxsize=16)
def _list_of_run(path: Path, key: str) -> RealList | None:
    """Kept, because it looks at many queries; embeddings that are ready do not change."""
    run = RunFolder(path)
    with opened(run, choose(run, key)) as rankings:
        return lesson_figures.real_list(rankings)


def _pictures(run: RunFolder, real: RealList) -> dict[str, Any]:
    base = f"api/runs/{run.id}/images/{choose(run).key}"
    return {
        "query": f"{base}/query/{real.query}.jpg?height=96",
        "cards": [f"{base}/gallery/{image}.jpg?height=96" for image in real.images],
    }
