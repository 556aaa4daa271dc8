"""The texts of all lessons, one file ``texts/<lesson>.yaml`` each: another one is an addition."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.errors import DataError
from workbench.recipe.text import read_yaml

FOLDER = Path(__file__).parent / "texts"
LESSONS = ("figures", "losses")
"""In the order they are offered."""


class Text(BaseModel):
    """A part of a lesson, as it stands in its file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Text):
    """What has to be answered before anything is revealed.

    ``reveal`` may name facts in braces, which the lesson computes.
    """

    text: str
    choices: dict[str, str]
    right: str
    reveal: str
    agreed: str
    differed: str

    @model_validator(mode="after")
    def _right_is_a_choice(self) -> "Question":
        if self.right not in self.choices:
            raise ValueError(f"right: '{self.right}' is none of {', '.join(self.choices)}")
        return self

    def require(self, choice: str) -> None:
        """Raise DataError unless ``choice`` is one of the choices."""
        if choice not in self.choices:
            raise DataError(f"'{choice}' is no answer: choose one of {', '.join(self.choices)}.")


class Explanation(Text):
    """One thing told after the question."""

    title: str
    text: str


class RealTexts(Text):
    """A ranked list of a real model: ``cards`` as ``ranked.read_cards`` reads them."""

    cards: str
    kept: str
    run: str


class TrainingTexts(Text):
    """What is told about the training that ends a lesson."""

    text: str
    started: str


class Lesson(Text):
    """All texts of one lesson. ``words`` are those of its interactive."""

    title: str
    minutes: Annotated[int, Field(ge=1, le=15)]
    about: str
    question: Question
    tasks: list[str]
    explanations: list[Explanation]
    claims: dict[str, str]
    words: dict[str, str | dict[str, str]]
    real: RealTexts | None = None
    experiment: TrainingTexts | None = None


@cache
def lesson(name: str) -> Lesson:
    """The texts of a lesson. Raises DataError where there is no such lesson."""
    if name not in LESSONS:
        raise DataError(f"There is no lesson '{name}': choose one of {', '.join(LESSONS)}.")
    return Lesson.model_validate(read_yaml((FOLDER / f"{name}.yaml").read_text("utf-8")))
