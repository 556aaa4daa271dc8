"""The form of a recipe without any toolkit: sections, labels, marks, errors, command and YAML.

A page or a notebook draws what ``form_view`` returns and hands back ``gather(preset, values)``.
Neither decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import RecipeError
from workbench.recipe.compare import DESCRIPTION, belongs, tree_differences
from workbench.recipe.fields import FieldSpec, fields_of
from workbench.recipe.merge import Tree, validated
from workbench.recipe.overrides import NOTHING, merged
from workbench.recipe.presets import load_preset
from workbench.recipe.refusals import shown
from workbench.recipe.schema import Recipe
from workbench.recipe.text import to_yaml, train_command, value_text

# Groups with a section of their own; {} is the name of an entry. The longest match counts.
_SECTIONS = {
    "data": "Data",
    "data.transforms": "Augmentation",
    "model": "Model",
    "model.branches.{}": "Branch {}",
    "losses.{}": "Loss {}",
    "training": "Training",
    "training.parameter_groups.{}": "Parameter group {}",
    "evaluation": "Evaluation",
    "run": "Run",
}


@dataclass(frozen=True)
class FormField:
    """One control: what it edits, what it shows, and what is wrong with it."""

    spec: FieldSpec
    label: str
    value: Any
    value_text: str
    changed: bool
    error: str | None

    def matches(self, query: str) -> bool:
        """Whether every word of a search is in the path, the label or the help."""
        text = f"{self.spec.path} {self.label} {self.spec.help}".lower()
        return all(word in text for word in query.lower().split())


@dataclass(frozen=True)
class Section:
    """A titled group of controls; ``path`` is the dotted path of the group."""

    title: str
    path: str
    fields: list[FormField]


@dataclass(frozen=True)
class Difference:
    """One line of "what differs": a setting, its value, and the preset's. ``-``: it has none."""

    path: str
    value: str
    preset_value: str


@dataclass(frozen=True)
class FormView:
    """Everything a form shows for a preset and some overrides.

    ``refusals`` are sentences by path, also of paths that have no control; ``yaml`` is empty while
    something is refused.
    """

    preset: str
    overrides: dict[str, Any]
    sections: list[Section]
    differences: list[Difference]
    command: str
    yaml: str
    refusals: dict[str, str]

    @property
    def fields(self) -> list[FormField]:
        """All controls of all sections."""
        return [field for section in self.sections for field in section.fields]

    @property
    def other_refusals(self) -> dict[str, str]:
        """Refusals that no control shows."""
        beside = {field.spec.path for field in self.fields}
        return {path: text for path, text in self.refusals.items() if path not in beside}


def form_view(preset: str, overrides: Mapping[str, Any] = NOTHING) -> FormView:
    """The form of a preset with overrides, also where some of them are refused.

    Raises RecipeError only where the preset itself cannot be used.

        >>> form_view("playground/quick", {"data.height": "many"}).refusals["data.height"]
        'data.height = many: not a whole number. Use a whole number from 16 to 1024.'
    """
    base = load_preset(preset)
    tree, problems = merged(base, overrides)
    recipe, refusals = _judge(tree, problems)
    before = base.model_dump()
    return FormView(
        preset=preset,
        overrides=dict(overrides),
        sections=_sections(tree, before, overrides, refusals),
        differences=[
            Difference(path, _or_dash(value), _or_dash(old))
            for path, (value, old) in tree_differences(tree, before).items()
        ],
        command=train_command(preset, overrides),
        yaml="" if recipe is None else to_yaml(recipe),
        refusals=refusals,
    )


def gather(preset: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides that controls showing ``values`` mean: only what differs from the preset.

    Values of controls that no longer exist, because a kind was changed, are left out; values that
    will be refused are kept, so that the form can say so.

        >>> gather("playground/quick", {"data.height": "128", "training.length.count": "40"})
        {'training.length.count': '40'}
    """
    base = load_preset(preset)
    tree = base.model_dump()
    kept: dict[str, Any] = {}
    # One change at a time, in the order of the schema: a kind comes before the fields it brings.
    while (found := _next_change(base, tree, kept, values)) is not None:
        path, tree = found
        kept[path] = values[path]
    return kept


def label_of(path: str, section: str) -> str:
    """The words of a path below its section; the word ``kind`` says nothing and is left out.

    >>> label_of("data.sampler.kind", "data")
    'sampler'
    """
    words = path.removeprefix(f"{section}.").replace("_", " ").split(".")
    return ": ".join(words[:-1] if words[-1] == "kind" and len(words) > 1 else words)


def _judge(tree: Tree, problems: list[RecipeError]) -> tuple[Recipe | None, dict[str, str]]:
    try:
        return validated(tree, problems), {}
    except RecipeError as error:
        return None, error.by_path()


def _sections(
    tree: Tree, before: Tree, overrides: Mapping[str, Any], refusals: Mapping[str, str]
) -> list[Section]:
    old = {spec.path: spec.default for spec in fields_of(before)}
    sections: dict[str, Section] = {}
    for spec in fields_of(tree):
        if belongs(spec.path, DESCRIPTION) or _is_fixed(spec):
            continue
        path, title = _section_of(spec.path)
        section = sections.setdefault(path, Section(title, path, []))
        changed = old[spec.path] != spec.default if spec.path in old else spec.path in overrides
        text = "" if spec.default is None else value_text(spec.default)
        label, error = label_of(spec.path, path), refusals.get(spec.path)
        section.fields.append(FormField(spec, label, spec.default, text, changed, error))
    return list(sections.values())


def _is_fixed(spec: FieldSpec) -> bool:
    """A setting with one allowed value has no effect as a control."""
    return spec.low is not None and spec.low == spec.high


def _section_of(path: str) -> tuple[str, str]:
    """Path and title of the section a setting belongs to: that of the longest matching group."""
    parts, found = path.split("."), ("", "")
    for pattern, title in _SECTIONS.items():
        names = pattern.split(".")
        group = parts[: len(names)]
        if len(parts) > len(names) and _fits(names, group) and len(names) > found[0].count("."):
            found = (".".join(group), title.format(group[-1].replace("_", " ")))
    return found


def _fits(names: list[str], group: list[str]) -> bool:
    return all(name in ("{}", part) for name, part in zip(names, group, strict=True))


def _next_change(
    base: Recipe, tree: Tree, kept: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[str, Tree] | None:
    for spec in fields_of(tree):
        value = values.get(spec.path, spec.default)
        if spec.path in kept or value == spec.default or value == value_text(spec.default):
            continue
        changed, problems = merged(base, {**kept, spec.path: value})
        if changed != tree or problems:
            return spec.path, changed
    return None


def _or_dash(value: Any) -> str:  # noqa: ANN401
    return "-" if value is None else shown(value)
