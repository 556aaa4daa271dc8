"""What a foreign command stands for: a preset and what differs from it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.recipe.compare import belongs, differences
from workbench.recipe.fields import mappings
from workbench.recipe.overrides import NOTHING, resolve
from workbench.recipe.presets import DEFAULT_PRESET, load_preset
from workbench.recipe.schema import Recipe
from workbench.recipe.text import train_command, value_text

Settings = Mapping[str, Any]
Action = Literal["train", "evaluate", "rank", "explain", "prepare"]
NEWEST = "last is the newest run here; workbench runs lists them all."
RUN = "Network, losses and training are those of the run, whatever the command says."
OWN_DEVICE = "an evaluation takes a GPU where the run was trained on one and there is one."


@dataclass(frozen=True)
class Translation:
    """One of our runs, or of our commands, that a foreign command stands for.

    Attributes:
        preset: The preset whose training the command is or was; empty where it does not say.
        overrides: What differs from the preset, by dotted path; of an evaluation, from the run.
        notes: Sentences about what the command says that has no effect, or another one than it may
            seem.
        action: What is done; ``command`` spells it out.
        arguments: Our command line where it is not one that trains.
    """

    preset: str
    overrides: dict[str, Any] = field(default_factory=dict[str, Any])
    notes: tuple[str, ...] = ()
    action: Action = "train"
    arguments: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The same as a command of ours, ready to be pasted into a shell."""
        return shlex.join(self.arguments) or train_command(self.preset, self.overrides)


def translation(preset: str, settings: Settings, notes: Sequence[str] = ()) -> Translation:
    """A training whose every foreign flag has been read as a setting of ours.

    ``settings`` may repeat what the preset says; only what differs is kept. Raises RecipeError for
    settings that the schema refuses.
    """
    return Translation(preset, differing(preset, settings), tuple(notes))


def action_translation(
    action: Action,
    arguments: Sequence[str],
    notes: Sequence[str] = (),
    preset: str = "",
    settings: Settings = NOTHING,
) -> Translation:
    """A command of ours that does not train; ``arguments`` follow ``workbench``.

    ``settings`` are those of the run that the command changes; what its preset, where it is known,
    says anyway is left out. Raises RecipeError for settings that the schema refuses.
    """
    changed = differing(preset, settings) if preset else dict(settings)
    if not preset:
        resolve(DEFAULT_PRESET, changed)
    set_flags = [
        part for path in changed for part in ("--set", f"{path}={value_text(changed[path])}")
    ]
    return Translation(preset, changed, tuple(notes), action, ("workbench", *arguments, *set_flags))


def differing(preset: str, settings: Settings) -> dict[str, Any]:
    """Of settings by dotted path those that a preset has otherwise, and placements.

    Raises RecipeError for settings that the schema refuses.
    """
    base = load_preset(preset)
    requested = _without_needless_removals(settings, base)
    changes = differences(resolve(preset, requested), base)
    overrides = {path: value for path, (value, _) in changes.items()}
    # A new kind starts from its own defaults: what was said of it stays said.
    renewed = tuple(path.removesuffix(".kind") for path in overrides if path.endswith(".kind"))
    explicit = {
        path: value
        for path, value in requested.items()
        if is_placement(path) or belongs(path, renewed)
    }
    return overrides | explicit


def is_placement(path: str) -> bool:
    """Whether a setting says where something is and not what: it is kept as it was given."""
    return path == "data.root" or path.startswith("run.")


def _without_needless_removals(settings: Settings, base: Recipe) -> dict[str, Any]:
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
