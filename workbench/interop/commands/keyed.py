"""Foreign settings written as ``KEY VALUE`` pairs behind a configuration file, by a table."""

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import RecipeError
from workbench.interop.commands.config_files import Config, config_named
from workbench.interop.commands.flags import bounded
from workbench.interop.shell.statements import Invocation
from workbench.recipe.refusals import did_you_mean, listed, shown

LONGEST = 200
"""Characters of a value that is read as a literal."""
BATCH, IMAGES = "SOLVER.IMS_PER_BATCH", "DATALOADER.NUM_INSTANCE"
Settings = dict[str, Any]
ToSettings = Callable[[Any], Settings]


@dataclass(frozen=True)
class Key:
    """One key: the type of its value, and the settings it stands for.

    ``unused`` says why a key has no effect here; it is accepted and reported. ``supported`` are the
    values that are built here, empty for any.
    """

    read: Callable[[Any], Any]
    to_settings: ToSettings = lambda _: {}
    unused: str = ""
    supported: tuple[Any, ...] = ()


def configured(
    invocation: Invocation, published: Collection[str], ignored_defaults: Mapping[str, Any]
) -> tuple[dict[str, Any], Config]:
    """All keys of the file after ``--config_file``, where it is there, and of the command.

    ``published`` files need not be there. Returns the file, too. Raises RecipeError where none is
    named, or it cannot be read.
    """
    arguments = list(invocation.arguments)
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in ("--config_file", "--config-file") and (equals or len(arguments) > index + 1):
            end = index + (1 if equals else 2)
            file = value if equals else arguments[index + 1]
            config = config_named(file, invocation.folder, published, ignored_defaults)
            return config.keys | pairs(arguments[:index] + arguments[end:]), config
    raise RecipeError(
        f"--config_file: is missing. Published trainings use {listed(sorted(published))}."
    )


def pairs(arguments: Sequence[str]) -> dict[str, str]:
    """Words as pairs of key and value. Raises RecipeError where a value is missing."""
    if len(arguments) % 2:
        raise RecipeError(
            f"{arguments[-1]}: keys and values come in pairs, and this last one has no value. Was a"
            " variable left empty?"
        )
    return dict(zip(arguments[::2], arguments[1::2], strict=True))


def settings_of(keys: Mapping[str, Any], table: Mapping[str, Key]) -> tuple[Settings, list[str]]:
    """What pairs mean here, and notes about those without effect.

    Values are as typed, or as a file has them. Raises RecipeError for an unknown key, with the
    nearest known one, an unreadable value, or one that is not built here.
    """
    settings: Settings = {}
    notes: list[str] = []
    for name, text in keys.items():
        if name not in table:
            raise RecipeError(f"{name}: is no key of this program.{did_you_mean(name, table)}")
        key = table[name]
        try:
            value = key.read(bounded(literal(text) if isinstance(text, str) else text))
            settings |= key.to_settings(value)
        except (ValueError, TypeError, KeyError):
            raise RecipeError(f"{name} {shown(text)}: cannot be read as its value.") from None
        if key.supported and value not in key.supported:
            known = listed([shown(choice) for choice in key.supported])
            raise RecipeError(f"{name} {shown(text)}: only {known} is built here.")
        if key.unused:
            notes.append(f"{name}: {key.unused}")
    return settings, notes


def literal(text: str) -> Any:  # noqa: ANN401
    """A value as such programs read it: a Python literal where it is one, else the words."""
    try:
        return ast.literal_eval(text.strip()) if len(text) <= LONGEST else text.strip()
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text.strip()


def integer(value: Any) -> int:  # noqa: ANN401
    """A whole number."""
    if isinstance(value, bool) or int(value) != value:
        raise ValueError
    return int(value)


def integers(value: Any) -> list[int]:  # noqa: ANN401
    """Whole numbers; a single one is a list of one."""
    return [integer(number) for number in (value if isinstance(value, list | tuple) else (value,))]


def identity_batches(keys: dict[str, Any], size: int, images: int) -> Settings:
    """The sampler of a batch; its two keys are taken out of ``keys``.

    ``size`` and ``images`` of an identity are the program's own, for a key that is not there.
    Raises RecipeError for what is no number, or does not divide.
    """
    if BATCH not in keys and IMAGES not in keys:
        return {}
    table = {BATCH: Key(integer, sets("size")), IMAGES: Key(integer, sets("images"))}
    written = {name: keys.pop(name) for name in table if name in keys}
    batch, _ = settings_of(written, table)
    size, images = batch.get("size", size), batch.get("images", images)
    if images < 1 or size % images:
        raise RecipeError(f"{BATCH} {size}: is not a multiple of {IMAGES} {images}.")
    return {"data.sampler.identities": size // images, "data.sampler.images": images}


def switch(value: Any) -> bool:  # noqa: ANN401
    """True or false, in the spellings of YAML and of commands."""
    return {"true": True, "yes": True, "false": False, "no": False}[str(value).lower()]


def sets(*paths: str) -> ToSettings:
    """The value as it is, at these paths."""
    return lambda value: dict.fromkeys(paths, value)
