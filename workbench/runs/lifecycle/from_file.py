"""Start a run of a preset or of a recipe file: for Python. The page starts presets alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.recipe.recipe_file import is_recipe_file, read_recipe_file
from workbench.runs.folder import RunFolder
from workbench.runs.lifecycle import launch


def start(
    preset: str | Path, overrides: Mapping[str, Any] | None = None, *, folder: Path | None = None
) -> RunFolder:
    """Make a run of a preset, or of a recipe file such as ``./mine.yaml``, and start its worker.

    The run keeps the preset that the file builds on and what differs from it: the file is not read
    again. Raises as `launch.start` does, and RecipeError where there is no such file.
    """
    word = str(preset)
    if isinstance(preset, Path) or is_recipe_file(word):
        word, overrides = read_recipe_file(word).submission(overrides or {})
    return launch.start(word, overrides, folder=folder)
