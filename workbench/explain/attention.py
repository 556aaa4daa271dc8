"""What a token of a network with grid attention listens to, as a value. No torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from workbench.errors import DataError
from workbench.recipe.settings.model import Model

Place = tuple[float, float]
"""A place of an image, from the top and from the left, as fractions of its sides."""


@dataclass(frozen=True)
class Key:
    """A token that is listened to, and its share of all that is heard: a head's keys sum to 1."""

    row: int
    column: int
    weight: float


@dataclass(frozen=True)
class BlockAttention:
    """One token of one block.

    Attributes:
        number: of the block among those with attention, from 1.
        of: how many of those there are.
        rows: of the block's map.
        columns: of the block's map.
        grid: tokens of a group, down and across.
        row: of the token.
        column: of the token.
        kept: how many keys each head keeps; fewer are listed where weights vanish.
        heads: the keys of every head, the strongest first.
    """

    number: int
    of: int
    rows: int
    columns: int
    grid: tuple[int, int]
    row: int
    column: int
    kept: int
    heads: tuple[tuple[Key, ...], ...]

    @property
    def title(self) -> str:
        """What people call the block."""
        return f"Block {self.number} of {self.of}, map {self.rows} x {self.columns}"

    @property
    def strides(self) -> tuple[int, int]:
        """How far the tokens of a group lie apart, down and across."""
        return self.rows // self.grid[0], self.columns // self.grid[1]

    def groups(self) -> Int64[np.ndarray, "rows columns"]:
        """Which group each token of the map belongs to, from 0."""
        down, across = self.strides
        rows, columns = np.indices((self.rows, self.columns))
        return (rows % down) * across + columns % across

    def members(self) -> list[tuple[int, int]]:
        """Row and column of every token of the token's group."""
        groups = self.groups()
        places = np.argwhere(groups == groups[self.row, self.column])
        return [(int(row), int(column)) for row, column in places]

    def weights(self, head: int | None = None) -> Float[np.ndarray, "rows columns"]:
        """What is heard of each token by one head, or by all on average; the sum is 1."""
        chosen = self.heads if head is None else self.heads[head : head + 1]
        found = np.zeros((self.rows, self.columns))
        for keys in chosen:
            for key in keys:
                found[key.row, key.column] += key.weight / len(chosen)
        return found

    def numbers(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {
            **vars(self),
            "title": self.title,
            "grid": list(self.grid),
            "strides": list(self.strides),
            "heads": [
                [[key.row, key.column, round(key.weight, 6)] for key in keys] for keys in self.heads
            ],
        }


def attends(model: Model) -> bool:
    """Whether a network has attention that can be looked into."""
    return model.backbone.has_grid_attention


def require_place(place: Place) -> None:
    """Raises DataError for a place outside of an image."""
    if not all(0.0 <= share < 1.0 for share in place):
        raise DataError(
            f"The place {place[0]:g}, {place[1]:g} lies outside of the image: give the shares of"
            " its height and width, each from 0 to below 1."
        )


def in_words(block: BlockAttention) -> str:
    """How a token's group lies, and how many of it each head hears, in a sentence or two."""
    down, across = block.strides
    tokens = block.grid[0] * block.grid[1]
    groups = (
        "All tokens of this map are one group"
        if down * across == 1
        else f"This map has {down * across} groups of {tokens} tokens, every {_nth(down)} row and"
        f" every {_nth(across)} column each"
    )
    heads = len(block.heads)
    each = "Its only head" if heads == 1 else f"Each of {heads} heads"
    kept = "all" if block.kept == tokens else f"the best {block.kept}"
    return f"{groups}. {each} listens to {kept} of the token's group."


def _nth(number: int) -> str:
    if number == 1:
        return "single"
    endings = {1: "st", 2: "nd", 3: "rd"}
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else endings.get(number % 10, 'th')}"
