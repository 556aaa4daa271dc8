"""What differs between two recipes, and the digest that names one."""

import hashlib
import json
from typing import Any, cast

from pydantic.fields import FieldInfo

from workbench.recipe.fields import fields_of, mappings
from workbench.recipe.merge import Tree
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.base import Group

DESCRIPTION = ("title", "source", "reported")
"""What is said about a recipe; it changes nothing that is trained."""
PLACEMENT = ("run", "data.root")
"""Where it runs and under which name."""
_NOT_TRAINED = (*DESCRIPTION, "run")


_OF_A_STEP = (
    *("accumulation", "averaging", "channels_last", "gradient_clip", "optimizer"),
    *("parameter_groups", "precision"),
)


def differences(recipe: Recipe, base: Recipe) -> dict[str, tuple[Any, Any]]:
    """Every setting of ``recipe`` that ``base`` has otherwise: path -> (value, value in base).

    A setting that the base does not have (a new entry, a field of another kind) has None there; an
    entry that only the base has is listed as a whole with None as its value. Description and
    placement are left out.

        >>> changed = Recipe.model_validate({"data": {"height": 128}})
        >>> differences(changed, Recipe())
        {'data.height': (128, 256)}
    """
    return tree_differences(recipe.model_dump(), base.model_dump())


def overrides_between(tree: Tree, base: Tree) -> dict[str, Any]:
    """The overrides that make ``base`` into ``tree``, description and placement with them."""
    before = {item.path: item.default for item in fields_of(base)}
    changed = {
        item.path: item.default
        for item in fields_of(tree)
        if item.path not in before or before[item.path] != item.default
    }
    return changed | dict.fromkeys(_removed(tree, base))


def tree_differences(tree: Tree, base: Tree) -> dict[str, tuple[Any, Any]]:
    """As ``differences``, for complete trees that may hold refused values."""
    ours, theirs = _values(tree), _values(base)
    changed = {
        path: (value, theirs.get(path))
        for path, value in ours.items()
        if path not in theirs or theirs[path] != value
    }
    return changed | _removed(tree, base)


def digest(recipe: Recipe) -> str:
    """12 hexadecimal digits that name what is trained, wherever and under whatever title."""
    tree = {name: value for name, value in _stored_form(recipe).items() if name not in _NOT_TRAINED}
    del tree["data"]["root"]
    tree["data"]["dataset"].pop("made_from", None)
    if tree["training"]["extension"] is None:  # a recipe that knew no such field is the same one
        del tree["training"]["extension"]
    canonical = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _stored_form(value: Any) -> Any:  # noqa: ANN401  (any value of a recipe)
    """A value as JSON has it, less the settings that came later and have their default."""
    if isinstance(value, Group):
        return {
            name: _stored_form(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if not (_is_later(field) and getattr(value, name) == field.default)
        }
    if isinstance(value, dict):
        return {name: _stored_form(item) for name, item in cast(dict[str, Any], value).items()}
    return (
        [_stored_form(item) for item in cast(list[Any], value)]
        if isinstance(value, list)
        else value
    )


def _is_later(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(cast(dict[str, Any], extra).get("later"))


def step_digest(recipe: Recipe) -> str:
    """12 hexadecimal digits that name what one step of training costs, however many there are.

    Length, schedule, seeds, evaluation and augmentation are left out.
    """
    changed = {
        "evaluation": Recipe().evaluation,
        "training": Recipe().training.model_copy(
            update={name: getattr(recipe.training, name) for name in _OF_A_STEP}
        ),
        "data": recipe.data.model_copy(
            update={name: getattr(Recipe().data, name) for name in ("transforms", "loader")}
        ),
    }
    return digest(recipe.model_copy(update=changed))


def belongs(path: str, groups: tuple[str, ...]) -> bool:
    """Whether a dotted path is one of ``groups`` or inside one.

    >>> belongs("run.threads", PLACEMENT), belongs("running", PLACEMENT)
    (True, False)
    """
    return any(path == group or path.startswith(f"{group}.") for group in groups)


def _values(tree: Tree) -> dict[str, Any]:
    hidden = DESCRIPTION + PLACEMENT
    return {item.path: item.default for item in fields_of(tree) if not belongs(item.path, hidden)}


def _removed(tree: Tree, base: Tree) -> dict[str, tuple[Any, Any]]:
    return {
        f"{path}.{name}": (None, entry)
        for path in mappings()
        for name, entry in _at(base, path).items()
        if name not in _at(tree, path)
    }


def _at(tree: Tree, path: str) -> Tree:
    for name in path.split("."):
        tree = tree[name]
    return tree
