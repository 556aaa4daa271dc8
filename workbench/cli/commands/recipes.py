"""``list`` and ``show``: the presets and what is in them."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from workbench.cli.output import Output, percent
from workbench.cli.settings import asked
from workbench.errors import RecipeError
from workbench.recipe.compare import differences
from workbench.recipe.overrides import resolve
from workbench.recipe.presets import Preset, load_preset, preset_base, presets
from workbench.recipe.recipe_file import is_recipe_file, read_recipe_file
from workbench.recipe.refusals import shown
from workbench.recipe.schema import Recipe, Reported
from workbench.recipe.text import to_yaml

if TYPE_CHECKING:
    from workbench.bench.calibration import Expected

HEADLINES = ("rank1", "mAP", "recall_at_1")
"""Figures that a terminal has room for: of University-1652 sixteen are published."""


def list_presets(options: Namespace, output: Output) -> int:
    """Print all presets; one that cannot be read as a row with the reason, and it is refused."""
    found = presets()
    usable = [preset for preset in found if not preset.problem]
    if output.json_lines:
        for preset in usable:
            output.record("preset", **_preset_record(preset))
    else:
        _say_presets(found, output)
    for preset in found:
        if preset.problem:
            if output.json_lines:
                output.record("unreadable", name=preset.name, reason=preset.problem)
            output.refuse(RecipeError(preset.problem, preset.name))
    return 0 if len(usable) == len(found) else 2


def show_preset(options: Namespace, output: Output) -> int:
    """Print a resolved recipe, what differs from its base, its cost and reported figures."""
    preset, settings = asked(options)
    recipe = resolve(preset, settings)
    if options.cite:
        return _cite(recipe, output)
    base, against = _compared(options.preset, settings)
    changed = differences(recipe, load_preset(against)) if against else {}
    # Data sets need numpy, which listing presets does without: only here.
    from workbench.bench.calibration import expected
    from workbench.data.catalogue.training_size import identities_of

    identities, cost = identities_of(recipe.data), expected(recipe)
    count = _parameters(recipe) if options.parameters else None
    if output.json_lines:
        output.record(
            "recipe",
            name=options.preset,
            base=base,
            recipe=recipe.model_dump(mode="json"),
            parameters=count,
            identities=identities.count,
            identities_from=identities.known_from or None,
            expected=None if cost is None else _expected_record(cost),
            reported=[item.model_dump() for item in recipe.reported],
            differences={path: list(pair) for path, pair in changed.items()},
        )
        return 0
    output.say(to_yaml(recipe))
    if against:
        _say_differences(changed, against, output)
    _say_reported(recipe, output)
    counted = f"not counted; workbench show {options.preset} --parameters"
    output.say(f"parameters: {counted if count is None else f'{count:,} ({identities.words})'}")
    measure = f"not measured yet; workbench bench recipe {options.preset}"
    output.say(f"expected: {measure if cost is None else cost.description}")
    return 0


def _compared(word: str, settings: dict[str, Any]) -> tuple[str | None, str | None]:
    """What a preset or a recipe file builds on, and what ``show`` compares it with."""
    if is_recipe_file(word):
        base = read_recipe_file(word).base
        return base, base
    base = preset_base(word)
    return base, word if settings else base


def _parameters(recipe: Recipe) -> int:
    # Counting builds the network, and torch takes seconds to load: only where it is asked for.
    from workbench.experiment import parameters

    return parameters(recipe)


def _expected_record(cost: "Expected") -> dict[str, Any]:
    found = cost.calibration
    return {
        "seconds": cost.seconds,
        "seconds_an_image": found.seconds_an_image,
        "peak_megabytes": found.peak_megabytes,
        "device": found.device,
        "precision": found.precision,
        "threads": found.threads,
        "measured": found.measured,
        "machine": found.machine,
    }


def _cite(recipe: Recipe, output: Output) -> int:
    source = recipe.source
    if output.json_lines:
        output.record("citation", **source.model_dump())
    else:
        said = [source.bibtex.strip(), source.paper, source.url, source.repository]
        output.say("\n".join(line for line in said if line) or "No paper or repository is named.")
    return 0


def _preset_record(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "system": preset.system,
        "dataset": preset.dataset,
        "title": preset.title,
        "reported": [item.model_dump() for item in preset.reported],
    }


def _say_presets(found: list[Preset], output: Output) -> None:
    if output.terminal:
        rows = [[p.name, _title(p), _reported(_headlines(p))] for p in found]
        output.lines(["preset", "title", "reported"], rows)
    else:
        rows = [[p.name, p.dataset or "-", _reported(p.reported), _title(p)] for p in found]
        output.lines(["preset", "data", "reported", "title"], rows)


def _title(preset: Preset) -> str:
    return f"unreadable: {preset.problem}" if preset.problem else preset.title


def _headlines(preset: Preset) -> tuple[Reported, ...]:
    return tuple(item for item in preset.reported if item.metric in HEADLINES)


def _reported(figures: tuple[Reported, ...]) -> str:
    return ", ".join(f"{_name(item)} {percent(item.value)}" for item in figures) or "-"


def _name(item: Reported) -> str:
    return f"{item.part}.{item.metric}" if item.part else item.metric


def _say_differences(changed: dict[str, tuple[Any, Any]], base: str, output: Output) -> None:
    if not changed:
        output.say(f"differs from {base}: nothing\n")
        return
    output.say(f"differs from {base}:")
    rows = [[path, _value(value), _value(old)] for path, (value, old) in changed.items()]
    output.table(["setting", "here", base], rows)
    output.say()


def _say_reported(recipe: Recipe, output: Output) -> None:
    for item in recipe.reported:
        told = "; ".join(part for part in (item.protocol, item.source) if part)
        output.say(f"reported: {_name(item)} {percent(item.value)} ({told})")


def _value(value: Any) -> str:  # noqa: ANN401
    return "-" if value is None else shown(value)
