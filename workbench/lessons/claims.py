"""Claims at the end of a lesson: sentences that are assertions on what was just computed."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.lessons.texts import ENGLISH, lesson


@dataclass(frozen=True)
class Claim:
    """A sentence, and by how much it holds.

    Attributes:
        lesson: Which lesson claims it.
        key: Of its text in the lesson.
        facts: The numbers in it, each as a text.
        margin: How far the number is on the right side of its bound; negative where it is not.
        bound: What has to hold, in numbers.
    """

    lesson: str
    key: str
    facts: Mapping[str, str]
    margin: float
    bound: str

    @property
    def holds(self) -> bool:
        """Whether it is true of what was computed."""
        return self.margin >= 0.0

    def sentence(self, language: str = ENGLISH) -> str:
        """The sentence with its numbers."""
        return lesson(self.lesson, language).claims[self.key].format(**self.facts)


def claim(name: str, key: str, margin: float, bound: str, /, **facts: str) -> Claim:
    """A claim of a lesson with its facts."""
    return Claim(name, key, facts, margin, bound)


def percent(fraction: float) -> str:
    """A fraction as per cent, to one digit."""
    return f"{100 * fraction:.1f} %"
