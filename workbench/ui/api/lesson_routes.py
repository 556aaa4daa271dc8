"""The questions of the Learn tab."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from workbench.lessons import plane
from workbench.lessons.settings import LossSetting
from workbench.lessons.texts import known_language
from workbench.ui.views.learn import lesson_tasks, lesson_view

router = APIRouter(prefix="/api/lessons")


def _language(language: str = "") -> str:
    return known_language(language)


Language = Annotated[str, Depends(_language)]
Numbers = list[float]
NUMBERS = 2 * plane.IDENTITIES * plane.IMAGES
"""Two for each image."""


class Weights(BaseModel):
    """The weights a training of points goes on from."""

    weights: Numbers = Field(min_length=plane.WEIGHTS, max_length=plane.WEIGHTS)
    own: Numbers | None = Field(
        None, min_length=2 * plane.IDENTITIES, max_length=2 * plane.IDENTITIES
    )


class NextFrames(BaseModel):
    """What a training of points is asked for; see ``lessons.worker``."""

    setting: LossSetting
    images: Numbers = Field(min_length=NUMBERS, max_length=NUMBERS)
    state: Weights | None = None
    count: int = Field(36, ge=1, le=120)
    steps: int = Field(1, ge=1, le=20)


@router.get("")
def lessons(language: Language) -> dict[str, Any]:
    """Every lesson in a line, and what all of them say."""
    return lesson_view.lessons(language)


@router.get("/figures/list")
def ranked_list(cards: str, language: Language, rule: bool = True) -> dict[str, Any]:
    """The figures of a list of cards."""
    return lesson_view.list_of(cards, rule=rule, language=language)


@router.get("/figures/real")
def real_list(language: Language) -> dict[str, Any]:
    """A list of a real model, with the rule on and off."""
    return lesson_view.real_list(language)


@router.get("/figures/claims")
def figure_claims(cards: str, language: Language) -> dict[str, Any]:
    """What the lesson on figures claims of a list."""
    return {"claims": lesson_view.figure_claims(cards, language)}


@router.get("/losses/start")
def start(setting: str = "") -> dict[str, Any]:
    """The images, and where an untrained network puts them."""
    return lesson_view.start_of(setting)


@router.post("/losses/frames")
def frames(wanted: NextFrames) -> dict[str, Any]:
    """The next frames of a training."""
    return {"frames": lesson_tasks.ask("frames", **wanted.model_dump())}


@router.get("/losses/claims")
def loss_claims(language: Language, run: str = "") -> dict[str, Any]:
    """What the lesson on losses claims."""
    return {"claims": lesson_view.loss_claims(run, language)}


@router.post("/losses/training")
def start_training(language: Language) -> dict[str, Any]:
    """Start the real training."""
    return lesson_view.start_training(language)


@router.get("/losses/training/{run}")
def training(run: str, language: Language) -> dict[str, Any]:
    """How the real training stands."""
    return lesson_view.training_of(run, language)


@router.get("/{name}")
def lesson(name: str, language: Language, setting: str = "") -> dict[str, Any]:
    """A lesson before its question is answered."""
    return lesson_view.opened_lesson(name, setting, language)


@router.get("/{name}/answer")
def answer(name: str, choice: str, language: Language) -> dict[str, Any]:
    """What is revealed to an answer."""
    return lesson_view.answered(name, choice, language)


@router.get("/{name}/link")
def link(
    name: str, language: Language, setting: str = "", hide: str = "", training: str = ""
) -> dict[str, str]:
    """The address that opens a lesson as it is."""
    return {"link": lesson_view.link_of(name, setting, hide, training, language)}
