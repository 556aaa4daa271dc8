"""A run's folder: the single source of truth about a run."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from workbench.errors import RecipeError, RunError
from workbench.recipe.schema import Recipe
from workbench.recipe.text import from_yaml
from workbench.runs.files import write_atomically
from workbench.runs.paths import RunPaths
from workbench.runs.status import Status, read_status
from workbench.runs.status import write_status as write_status


@dataclass(frozen=True)
class Labels:
    """What people call a run and say about it."""

    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class RunFolder(RunPaths):
    """One run on disk."""

    def recipe(self) -> Recipe:
        """The recipe as it was frozen when the run was made. Raises RunError where it is gone."""
        try:
            return from_yaml(self.recipe_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, RecipeError) as error:
            raise RunError(
                f"Run {self.id} has no readable {self.recipe_file.name}: {error}. It can only be"
                " deleted."
            ) from error

    def preset(self) -> str:
        """The name of the preset the run was made from, empty where that is not known."""
        return str(read_yaml(self.overrides_file).get("preset", ""))

    def overrides(self) -> dict[str, Any]:
        """What was changed in the preset, by dotted path."""
        return dict(read_yaml(self.overrides_file).get("overrides") or {})

    def status(self) -> Status:
        """The run's state at this moment, `lost` included."""
        return read_status(self)

    def labels(self) -> Labels:
        """Name, note and tags; empty where the file is missing or damaged."""
        values = read_yaml(self.labels_file)
        return Labels(
            name=str(values.get("name") or ""),
            note=str(values.get("note") or ""),
            tags=tuple(str(tag) for tag in values.get("tags") or ()),
        )


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in ``path``; empty where it is missing, damaged or something else."""
    try:
        value: object = yaml.load(path.read_bytes(), Loader=_LOADER)
    except (OSError, yaml.YAMLError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def write_yaml(path: Path, value: dict[str, Any]) -> None:
    """Replace ``path`` by ``value``, keys in their own order. Raises OSError where it cannot."""
    write_atomically(path, yaml.safe_dump(value, sort_keys=False, allow_unicode=True))


# The loader written in C reads ten times as fast; a build of PyYAML may come without it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
