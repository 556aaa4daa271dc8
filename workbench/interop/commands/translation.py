"""What a foreign command stands for: a preset and what differs from it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.recipe.compare import belongs, differences
from workbench.recipe.fields import mappings
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import load_preset
from workbench.recipe.schema import Recipe
from workbench.recipe.text import train_command

Action = Literal["train", "evaluate", "rank", "explain", "prepare"]
NEWEST = "last is the newest run here; workbench runs lists them all."


@dataclass(frozen=True)
class Translation:
    """One of our runs, or of our commands, that a foreign command stands for.

    Attributes:
        preset: The preset whose training the command is or was; empty where it does not say.
        overrides: What differs from the preset, by dotted path.
        notes: Sentences about what the command says that has no effect, or another one than it may
            seem.
        action: What is done; ``command`` spells it out.
        words: Our command line where it is not one that trains.
    """

    preset: str
    overrides: dict[str, Any] = field(default_factory=dict[str, Any])
    notes: tuple[str, ...] = ()
    action: Action = "train"
    words: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The same as a command of ours, ready to be pasted into a shell."""
        return shlex.join(self.words) or train_command(self.preset, self.overrides)


def translation(preset: str, settings: Mapping[str, Any], notes: Sequence[str] = ()) -> Translation:
    """A training whose every foreign flag has been read as a setting of ours.

    ``settings`` may repeat what the preset says; only what differs is kept. Raises RecipeError for
    settings that the schema refuses.
    """
    base = load_preset(preset)
    wanted = _without_needless_removals(settings, base)
    found = differences(resolve(preset, wanted), base)
    overrides = {path: value for path, (value, _) in found.items()}
    # A new kind starts from its own defaults: what was said of it stays said.
    renewed = tuple(path.removesuffix(".kind") for path in overrides if path.endswith(".kind"))
    kept = {
        path: value
        for path, value in wanted.items()
        if is_placement(path) or belongs(path, renewed)
    }
    return Translation(preset, overrides | kept, tuple(notes))


def done(
    action: Action, words: Sequence[str], notes: Sequence[str] = (), preset: str = ""
) -> Translation:
    """A command of ours that does not train; ``words`` follow ``workbench``."""
    return Translation(preset, {}, tuple(notes), action, ("workbench", *words))


def is_placement(path: str) -> bool:
    """Whether a setting says where something is and not what: it is kept as it was given."""
    return path == "data.root" or path.startswith("run.")


def _without_needless_removals(settings: Mapping[str, Any], base: Recipe) -> dict[str, Any]:
    """The settings, less those that take entries away which the preset does not have."""
    return {
        path: value
        for path, value in settings.items()
        if value is not None or not _absent_entry(path, base)
    }


def _absent_entry(path: str, base: Recipe) -> bool:
    mapping, _, name = path.rpartition(".")
    if mapping not in mappings():
        return False
    group: Any = base
    for part in mapping.split("."):
        group = getattr(group, part)
    return name not in group
