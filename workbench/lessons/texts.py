"""The texts of all lessons, one file ``texts/<language>/<lesson>.yaml`` each.

Another lesson is another file. Another language is another folder, with files for some lessons or
for all, and ``shared.yaml`` for what every lesson says; what it has no file for is told in English.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.errors import DataError
from workbench.recipe.text import read_yaml

FOLDER = Path(__file__).parent / "texts"
LESSONS = ("figures", "losses")
"""In the order they are offered."""
ENGLISH = "en"
SHARED = "shared"


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
    shipped: str = Field(alias="kept")
    run: str


class TrainingTexts(Text):
    """What is told about the training that ends a lesson."""

    text: str
    started: str
    evaluated: str


class Lesson(Text):
    """All texts of one lesson.

    ``labels`` are those of its interactive; ``checked`` says what its claims are checked on.
    """

    title: str
    minutes: Annotated[int, Field(ge=1, le=15)]
    about: str
    question: Question
    tasks: list[str]
    explanations: list[Explanation]
    checked: str
    claims: dict[str, str]
    labels: dict[str, str | dict[str, str]] = Field(alias="words")
    real: RealTexts | None = None
    experiment: TrainingTexts | None = None


class Shared(Text):
    """What every lesson says; ``language`` is the language's own name."""

    language: str
    labels: dict[str, str] = Field(alias="words")


def languages() -> list[str]:
    """The languages there are texts in, each by the name of its folder."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def known_language(text: str) -> str:
    """The language that a link or a person names; English where there are no texts in it."""
    return text if text in languages() else ENGLISH


def require_language(language: str) -> None:
    """Raise DataError where there are no texts in this language."""
    if language not in languages():
        raise DataError(
            f"There are no lessons in '{language}': choose one of {', '.join(languages())}."
        )


@cache
def lesson(name: str, language: str = ENGLISH) -> Lesson:
    """The texts of a lesson. Raises DataError where there is no such lesson or language."""
    if name not in LESSONS:
        raise DataError(f"There is no lesson '{name}': choose one of {', '.join(LESSONS)}.")
    return Lesson.model_validate(_read(name, language))


@cache
def shared(language: str = ENGLISH) -> Shared:
    """The texts of every lesson. Raises DataError where there is no such language."""
    return Shared.model_validate(_read(SHARED, language))


def _read(name: str, language: str) -> object:
    require_language(language)
    path = FOLDER / language / f"{name}.yaml"
    source = path if path.is_file() else FOLDER / ENGLISH / f"{name}.yaml"
    return read_yaml(source.read_text("utf-8"))
