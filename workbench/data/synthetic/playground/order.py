"""What a drawing process is told and what it answers, as lines of text."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.data.synthetic.playground.plan import Settings


@dataclass(frozen=True)
class Order:
    """Settings, and the folder to draw them into; its sub-folders exist. It is a ``Settings``."""

    folder: str
    train_identities: int
    test_identities: int
    image_height: int
    look_alikes: float
    seed: int

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> "Order":
        """The order to draw these settings into a folder."""
        return cls(
            folder=str(folder),
            train_identities=settings.train_identities,
            test_identities=settings.test_identities,
            image_height=settings.image_height,
            look_alikes=settings.look_alikes,
            seed=settings.seed,
        )

    def to_line(self) -> str:
        """The order as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Order":
        """The order that a line of JSON holds."""
        return cls(**json.loads(line))
