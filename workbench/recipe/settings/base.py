"""What every group of the recipe has in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

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
