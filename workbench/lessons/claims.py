"""Claims at the end of a lesson: sentences that are assertions on what was just computed."""

from dataclasses import dataclass

from workbench.lessons.texts import lesson


@dataclass(frozen=True)
class Claim:
    """A sentence, and by how much it holds.

    Attributes:
        key: Of its text in the lesson.
        words: The sentence with its numbers.
        margin: How far the number is on the right side of its bound; negative where it is not.
        bound: What has to hold, in words with numbers.
    """

    key: str
    words: str
    margin: float
    bound: str

    @property
    def holds(self) -> bool:
        """Whether it is true of what was computed."""
        return self.margin >= 0.0


def claim(name: str, key: str, margin: float, bound: str, /, **facts: str) -> Claim:
    """A claim of a lesson with its facts filled in."""
    return Claim(key, lesson(name).claims[key].format(**facts), margin, bound)


def percent(share: float) -> str:
    """A fraction as per cent, to one digit."""
    return f"{100 * share:.1f} %"
