"""What every group of the recipe has in common."""

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from workbench.registry import Registry

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Raw = Any
"""A value as a user, YAML or JSON gives it, before the schema has judged it."""


class Group(BaseModel):
    """A frozen group of settings that refuses what it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, strict=False
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Raw) -> None:
        """Remember the group."""
        GROUPS.append(cls)


GROUPS: list[type[Group]] = []
"""All groups in the order they were defined, what a group holds before the group itself."""


class Problem(NamedTuple):
    """Something impossible about settings that are each within bounds.

    Attributes:
        path: dotted path of the setting it is about.
        message: what is wrong, without a full stop.
        remedy: what to do, as a sentence.
        value: of the setting, as shown; empty where it says nothing.
    """

    path: str
    message: str
    remedy: str
    value: str = ""

    def __str__(self) -> str:
        """What, where, what to do."""
        head = f"{self.path} = {self.value}" if self.value else self.path
        return f"{head}: {self.message}. {self.remedy}"


class ImpossibleSettings(ValueError):
    """Problems of a recipe, for the validation that finds them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class OneOf:
    """Says, in ``Annotated``, that a field holds one of the kinds of a registry."""

    registry: Registry[Any]

    def __get_pydantic_core_schema__(
        self, source: Raw, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """A union told apart by ``kind``, of the kinds that are registered by now."""
        kinds = self.registry.kinds
        return core_schema.tagged_union_schema(
            {kind: handler.generate_schema(group) for kind, group in kinds.items()},
            discriminator="kind",
        )


def setting(
    text: str, *, important: bool = False, log: bool = False, later: bool = False, **bounds: Raw
) -> Raw:
    """The description and bounds of one setting, for ``Annotated``.

    ``important`` settings are open in a form, the others one click away. ``log`` asks an editor for
    a logarithmic scale. A setting that came ``later`` than recipes that are stored has what they
    did as its default, and is no part of a recipe's digest while it has it.
    """
    extra: dict[str, Any] = {"important": important, "log": log, "later": later}
    return Field(description=text, json_schema_extra=extra, **bounds)
