"""Re-ranking as a person switches it on: its settings, how far it is, what it changes.

Settings travel as one short text: nothing (as the run's recipe says), ``0`` (off), ``1`` (on), or
what differs from the recipe, such as ``k1:30,weight:0.5`` (values quoted as in addresses).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from workbench.errors import EmptySplit, RecipeError
from workbench.recipe.fields import fields_of
from workbench.recipe.merge import validated
from workbench.recipe.overrides import merged
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.evaluation import Evaluation, ReRanking
from workbench.recipe.text import value_text
from workbench.retrieval.metrics import RetrievalReport
from workbench.runs.folder import RunFolder
from workbench.ui.form import FormField, label_of
from workbench.ui.views.rankings.stored_rankings import Weights, opened, prepared
from workbench.ui.views.train.recipe_view import control
from workbench.ui.words import percent

PATH = "evaluation.re_ranking"
OFF, ON = "0", "1"
WORKING = "Re-ranking: the neighbours of all images are compared with each other."


def protocol_of(run: RunFolder, wanted: str = "") -> Evaluation:
    """The run's protocol with re-ranking as wanted.

    Raises RecipeError where a setting is not allowed.
    """
    recipe = run.recipe()
    return (
        validated(*merged(recipe, _overrides(wanted))).evaluation if wanted else recipe.evaluation
    )


def re_ranking(run: RunFolder, weights: Weights, wanted: str) -> dict[str, Any]:
    """Whether lists are re-ranked, the settings as controls, and what comes of it in words.

    What is not computed yet is begun in the background (``working``). ``refused`` says that lists
    stay as they are, because of a setting that is not allowed.
    """
    recipe = run.recipe()
    try:
        evaluation = protocol_of(run, wanted)
        settings = evaluation.re_ranking
        if settings is None:
            return _answer(recipe, wanted, OFF if recipe.evaluation.re_ranking else "")
        answer = _answer(recipe, wanted, _written(recipe, settings), on=True)
        done = prepared(run, weights, evaluation)
        if not done.done():
            return answer | {"working": True, "words": WORKING}
        done.result()
        return answer | {"words": _words(run, weights, evaluation)}
    except RecipeError as error:
        told = f"Not re-ranked: {error}"
        refusals = error.by_path()
        answer = _answer(recipe, wanted, wanted, on=True, refusals=refusals)
        return answer | {"refused": True, "words": told}


def _answer(
    recipe: Recipe,
    wanted: str,
    value: str,
    *,
    on: bool = False,
    refusals: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "on": on,
        "value": value,
        "working": False,
        "refused": False,
        "words": "",
        "fields": _controls(recipe, wanted, refusals or {}),
    }


def _overrides(wanted: str) -> dict[str, Any]:
    """The text as changes of the recipe; parts of it that name no setting are left out."""
    if wanted == OFF:
        return {PATH: None}
    given = (part.split(":", 1) for part in wanted.split(",") if ":" in part)
    return {PATH: True} | {f"{PATH}.{name.strip()}": unquote(value) for name, value in given}


def _written(recipe: Recipe, settings: ReRanking) -> str:
    usual = recipe.evaluation.re_ranking
    differing = [
        f"{name}:{quote(value_text(value))}"
        for name, value in settings.model_dump().items()
        if value != getattr(usual or ReRanking(), name)
    ]
    return ",".join(differing) or ("" if usual else ON)


def _controls(recipe: Recipe, wanted: str, refusals: Mapping[str, str]) -> list[dict[str, Any]]:
    """The settings as the form shows them, beside those of the recipe."""
    before = _fields(recipe, {PATH: True}, {})
    shown = _fields(recipe, {PATH: True} if wanted == OFF else _overrides(wanted or ON), refusals)
    return [control(field, usual) for field, usual in zip(shown, before, strict=True)]


def _fields(
    recipe: Recipe, changes: Mapping[str, Any], refusals: Mapping[str, str]
) -> list[FormField]:
    tree, _ = merged(recipe, changes)
    usual = recipe.evaluation.re_ranking or ReRanking()
    return [
        FormField(
            spec,
            label_of(spec.path, PATH),
            spec.default,
            value_text(spec.default),
            changed=spec.default != getattr(usual, spec.path.rpartition(".")[2]),
            error=refusals.get(spec.path),
        )
        for spec in fields_of(tree)
        if spec.path.startswith(f"{PATH}.")
    ]


def _words(run: RunFolder, weights: Weights, evaluation: Evaluation) -> str:
    try:
        with opened(run, weights, evaluation.model_copy(update={"re_ranking": None})) as plain:
            before = plain.report
        with opened(run, weights, evaluation) as rankings:
            after = rankings.report
    except EmptySplit as error:
        return str(error)
    return difference_in_words(before, after)


def difference_in_words(before: RetrievalReport, after: RetrievalReport) -> str:
    """What re-ranking did to mAP and the ranks, in one sentence."""
    figures = [("mAP", before.mAP, after.mAP)]
    figures += [(f"Rank-{k}", before.rank[k], after.rank[k]) for k in before.rank]
    told = [
        f"{name} {_verb(old, new)} {percent(old)} to {percent(new)}"
        if percent(old) != percent(new)
        else f"{name} stays at {percent(old)}"
        for name, old, new in figures
    ]
    return f"With re-ranking {', '.join(told)}."


def _verb(old: int | float, new: int | float) -> str:
    return "rises from" if new > old else "falls from"
