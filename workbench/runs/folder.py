"""A run's folder: the single source of truth about a run."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from workbench.errors import RecipeError, RunError
from workbench.recipe.schema import Recipe
from workbench.recipe.text import from_yaml
from workbench.recipe.yaml_text import MOST_BYTES, load_yaml, require_names
from workbench.runs.files import read_start, write_atomically
from workbench.runs.run_paths import RunPaths
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
            return from_yaml(read_start(self.recipe_file, MOST_BYTES + 1).decode())
        except (OSError, UnicodeDecodeError, RecipeError) as error:
            raise RunError(
                f"Run {self.id} has no readable {self.recipe_file.name}: {error}. It can only be"
                " deleted."
            ) from error

    def preset(self) -> str:
        """The name of the preset the run was made from, empty where that is not known."""
        return _line(_read_mapping(self.overrides_file)[0].get("preset"))

    def overrides(self) -> dict[str, Any]:
        """What was changed in the preset, by dotted path; empty where that is not known."""
        values = _read_mapping(self.overrides_file)[0].get("overrides")
        return cast("dict[str, Any]", values) if isinstance(values, dict) else {}

    def status(self) -> Status:
        """The run's state at this moment, `lost` included."""
        return read_status(self)

    def labels(self) -> Labels:
        """Name, note and tags; empty where the file is missing or damaged, which `problem` says."""
        values = _read_mapping(self.labels_file)[0]
        tags = values.get("tags")
        return Labels(
            name=_line(values.get("name")),
            note=str(note) if isinstance(note := values.get("note"), _WORDS) else "",
            tags=tuple(map(_line, cast("list[object]", tags))) if isinstance(tags, list) else (),
        )

    def problem(self) -> str:
        """Why labels or overrides cannot be read, in one sentence; empty where they can."""
        for path, types in _TYPES.items():
            file = self.path / path
            values, reason = _read_mapping(file)
            wrong = [
                f"{name} is not {wanted}"
                for name, (allowed, wanted) in types.items()
                if values.get(name) is not None and not isinstance(values[name], allowed)
            ]
            if reason or wrong:
                return f"{path} cannot be read ({reason or ', '.join(wrong)}): correct or delete it"
        return ""


_WORDS = (str, int, float)
_TYPES: dict[str, dict[str, tuple[type | tuple[type, ...], str]]] = {
    "labels.yaml": {
        "name": (_WORDS, "a text"),
        "note": (_WORDS, "a text"),
        "tags": (list, "a list"),
    },
    "overrides.yaml": {"preset": (str, "a text"), "overrides": (dict, "a mapping")},
}


def _read_mapping(path: Path) -> tuple[dict[str, Any], str]:
    """The mapping in ``path`` and why there is none; empty, without a reason, where no file is."""
    try:
        if not (content := read_start(path, MOST_BYTES + 1)):
            return {}, ""
        value = load_yaml(content)
        require_names(value)
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, str(error.strerror or error)
    except RecipeError as error:
        return {}, str(error).rstrip(".")
    if not isinstance(value, dict):
        return {}, "it is no mapping of names to values"
    return cast("dict[str, Any]", value), ""


def _line(value: object) -> str:
    """A word of a label as printable text on one line; empty for what is no word."""
    text = str(value) if isinstance(value, _WORDS) else ""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def write_yaml(path: Path, value: dict[str, Any]) -> None:
    """Replace ``path`` by ``value``, keys in their own order. Raises OSError where it cannot."""
    write_atomically(path, yaml.safe_dump(value, sort_keys=False, allow_unicode=True))
