"""The labels of a part mask."""

from typing import Literal, get_args

Part = Literal[
    "background", "head", "hat", "torso", "arms", "legs", "shoes", "bag", "occluder", "other"
]
PARTS: tuple[Part, ...] = get_args(Part)
"""A mask's pixel holds an index into this tuple. ``other`` is another person."""

LABELS: dict[Part, int] = {part: label for label, part in enumerate(PARTS)}
