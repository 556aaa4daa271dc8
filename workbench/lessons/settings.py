"""The state of each interactive, and its text in a link: ``loss:circle,margin:0.4``. No torch."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from workbench.errors import DataError
from workbench.lessons.ranked_cards import read_cards

LossName = Literal[
    "triplet_hard",
    "triplet_semihard",
    "triplet_all",
    "contrastive",
    "softmax",
    "circle",
    "proxy",
]
WITH_MARGIN: frozenset[LossName] = frozenset(
    {"triplet_hard", "triplet_semihard", "triplet_all", "contrastive", "circle", "proxy"}
)
WITH_TEMPERATURE: frozenset[LossName] = frozenset({"softmax", "circle", "proxy"})


class Setting(BaseModel):
    """What an interactive is set to. Frozen; an unknown name or value is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ListSetting(Setting):
    """Of the list builder: its cards, and whether the rule on cameras and junk is on."""

    cards: str = "mwwwwwwwmm"
    rule: bool = True

    @field_validator("cards")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        try:
            return str(read_cards(text))
        except DataError as error:
            raise ValueError(str(error)) from None


class LossSetting(Setting):
    """Of the images in the plane.

    ``margin`` is a distance in the plane (of cosines for ``circle`` and ``proxy``); ``temperature``
    divides logits; ``rate`` is the learning rate; ``likeness`` is how far images of one person
    stray from their middle, people standing 0.85 apart.
    """

    loss: LossName = "triplet_hard"
    margin: Annotated[float, Field(ge=0.0, le=2.0)] = 0.5
    temperature: Annotated[float, Field(ge=0.02, le=2.0)] = 0.5
    rate: Annotated[float, Field(ge=0.001, le=1.0)] = 0.3
    likeness: Annotated[float, Field(ge=0.0, le=1.5)] = 0.6
    seed: Annotated[int, Field(ge=0, le=9999)] = 1


SETTINGS: dict[str, type[Setting]] = {"figures": ListSetting, "losses": LossSetting}


def defaults(name: str) -> dict[str, Any]:
    """What the interactive of a lesson is set to when it is opened."""
    return SETTINGS[name]().model_dump()


def read_setting(name: str, text: str) -> dict[str, Any]:
    """The setting a link's text stands for; what cannot be read of it has its usual value."""
    kind, values = SETTINGS[name], defaults(name)
    for pair in text.split(","):
        key, _, value = pair.partition(":")
        try:
            values[key] = getattr(kind.model_validate({key: value}), key)
        except (ValidationError, AttributeError):
            continue
    return values


def write_setting(name: str, values: dict[str, Any]) -> str:
    """The text of a setting in a link, without what has its usual value."""
    dumped = SETTINGS[name].model_validate(values).model_dump()
    return ",".join(
        f"{key}:{_text(value)}" for key, value in dumped.items() if value != defaults(name)[key]
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
