"""What every loss has in common, and the registry of all kinds."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, Problem, setting
from workbench.registry import Registry

Patterns = Annotated[list[str], Field(min_length=1)]
Weight = Annotated[float, Field(ge=0.0, le=1e6)]
Scale = Annotated[float, Field(gt=0.0, le=1e4)]
Reads = Literal["pooled", "reduced", "embedding"]
READS_HELP = "Which vector of a branch."
PER_IMAGE_HELP = "Divide by the number of images in the batch."


class Term(Group):
    """What every term has in common."""

    kind: Any
    classifies: ClassVar[bool] = False
    """Whether it reads the logits of a classifier."""
    compares_images: ClassVar[bool] = False
    """Whether a batch has to hold several images of an identity."""
    has_weights: ClassVar[bool] = False
    """Whether it trains weights of its own, whose sizes depend on the network."""
    branches: Annotated[
        Patterns, setting("Outputs it reads: names or patterns such as part_*.")
    ] = ["*"]
    weight: Annotated[Weight, setting("Factor in the total.", important=True)] = 1.0
    reduce: Annotated[Literal["sum", "mean"], setting("Over the outputs it reads.")] = "mean"

    @property
    def needs_cosines(self) -> bool:
        """Whether the classifier it reads has to give cosines."""
        return False

    @property
    def reads_certainty(self) -> bool:
        """Whether it reads the certainty of a branch."""
        return False

    def problems(self, path: str) -> Iterator[Problem]:
        """What is impossible about its settings; ``path`` is where it stands in the recipe."""
        yield from ()


class VectorTerm(Term):
    """What terms over vectors have in common."""

    reads: Annotated[Reads, setting(READS_HELP)] = "embedding"
    join: Annotated[
        bool, setting("Join the vectors of all outputs it reads into one, instead of each alone.")
    ] = False


def crossed(path: str, low: float, other: str, high: float) -> Problem:
    """A lower limit that is not below the upper one."""
    return Problem(path, f"not smaller than {other} = {high:g}", "Exchange them.", f"{low:g}")


LOSSES: Registry[Term] = Registry("loss")
"""Their implementations are classes of terms, see ``workbench.losses.terms``."""
