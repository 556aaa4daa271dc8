"""``list`` and ``show``: the presets and what is in them."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from workbench.cli.output import Output, percent
from workbench.cli.settings import requested_recipe
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

HEADLINE_METRICS = ("rank1", "mAP", "recall_at_1")
"""Figures that a terminal has room for: of University-1652 sixteen are published."""


def list_presets(options: Namespace, output: Output) -> int:
    """Print all presets; one that cannot be read as a row with the reason, and it is refused."""
    all_presets = presets()
    usable = [preset for preset in all_presets if not preset.problem]
    if output.json_lines:
        for preset in usable:
            output.record("preset", **_preset_record(preset))
    else:
        _say_presets(all_presets, output)
    for preset in all_presets:
        if preset.problem:
            if output.json_lines:
                output.record("unreadable", name=preset.name, reason=preset.problem)
            output.refuse(RecipeError(preset.problem, preset.name))
    return 0 if len(usable) == len(all_presets) else 2


def show_preset(options: Namespace, output: Output) -> int:
    """Print a resolved recipe, what differs from its base, its cost and reported figures."""
    preset, settings = requested_recipe(options)
    recipe = resolve(preset, settings)
    if options.cite:
        return _cite(recipe, output)
    base, reference = _base_and_reference(options.preset, settings)
    changed = differences(recipe, load_preset(reference)) if reference else {}
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
            reported=[reported.model_dump() for reported in recipe.reported],
            differences={path: list(pair) for path, pair in changed.items()},
        )
        return 0
    output.say(to_yaml(recipe))
    if reference:
        _say_differences(changed, reference, output)
    _say_reported(recipe, output)
    uncounted = f"not counted; workbench show {options.preset} --parameters"
    output.say(f"parameters: {uncounted if count is None else f'{count:,} ({identities.words})'}")
    unmeasured = f"not measured yet; workbench bench recipe {options.preset}"
    output.say(f"expected: {unmeasured if cost is None else cost.description}")
    return 0


def _base_and_reference(name: str, settings: dict[str, Any]) -> tuple[str | None, str | None]:
    """What a preset or a recipe file builds on, and what ``show`` compares it with."""
    if is_recipe_file(name):
        base = read_recipe_file(name).base
        return base, base
    base = preset_base(name)
    return base, name if settings else base


def _parameters(recipe: Recipe) -> int:
    # Counting builds the network, and torch takes seconds to load: only where it is asked for.
    from workbench.experiment import parameters

    return parameters(recipe)


def _expected_record(cost: "Expected") -> dict[str, Any]:
    calibration = cost.calibration
    return {
        "seconds": cost.seconds,
        "seconds_an_image": calibration.seconds_an_image,
        "peak_megabytes": calibration.peak_megabytes,
        "device": calibration.device,
        "precision": calibration.precision,
        "threads": calibration.threads,
        "measured": calibration.measured,
        "machine": calibration.machine,
    }


def _cite(recipe: Recipe, output: Output) -> int:
    source = recipe.source
    if output.json_lines:
        output.record("citation", **source.model_dump())
    else:
        lines = [source.bibtex.strip(), source.paper, source.url, source.repository]
        output.say("\n".join(line for line in lines if line) or "No paper or repository is named.")
    return 0


def _preset_record(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "system": preset.system,
        "dataset": preset.dataset,
        "title": preset.title,
        "reported": [reported.model_dump() for reported in preset.reported],
    }


def _say_presets(listed: list[Preset], output: Output) -> None:
    if output.terminal:
        rows = [[preset.name, _title(preset), _reported(_headlines(preset))] for preset in listed]
        output.lines(["preset", "title", "reported"], rows)
    else:
        rows = [
            [preset.name, preset.dataset or "-", _reported(preset.reported), _title(preset)]
            for preset in listed
        ]
        output.lines(["preset", "data", "reported", "title"], rows)


def _title(preset: Preset) -> str:
    return f"unreadable: {preset.problem}" if preset.problem else preset.title


def _headlines(preset: Preset) -> tuple[Reported, ...]:
    return tuple(reported for reported in preset.reported if reported.metric in HEADLINE_METRICS)


def _reported(metrics: tuple[Reported, ...]) -> str:
    return ", ".join(f"{_name(reported)} {percent(reported.value)}" for reported in metrics) or "-"


def _name(reported: Reported) -> str:
    return f"{reported.part}.{reported.metric}" if reported.part else reported.metric


def _say_differences(changed: dict[str, tuple[Any, Any]], base: str, output: Output) -> None:
    if not changed:
        output.say(f"differs from {base}: nothing\n")
        return
    output.say(f"differs from {base}:")
    rows = [[path, _value(value), _value(old)] for path, (value, old) in changed.items()]
    output.table(["setting", "here", base], rows)
    output.say()


def _say_reported(recipe: Recipe, output: Output) -> None:
    for reported in recipe.reported:
        source = "; ".join(part for part in (reported.protocol, reported.source) if part)
        output.say(f"reported: {_name(reported)} {percent(reported.value)} ({source})")


def _value(value: Any) -> str:  # noqa: ANN401
    return "-" if value is None else shown(value)
