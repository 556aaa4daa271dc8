"""The switch that puts a recipe on the miniature of its data set and takes it off again."""

from collections.abc import Mapping
from typing import Any

from workbench.data.synthetic.miniatures.making import layout_at
from workbench.data.synthetic.miniatures.trial import LENGTH, miniature_settings
from workbench.recipe.overrides import resolve
from workbench.recipe.text import value_text
from workbench.ui.form import FormView

ROOT, KIND = "data.root", "data.dataset.kind"
WITHOUT = ("playground", "folder", "csv")
ABOUT = (
    "A small data set in the same layout is drawn on this machine, images are smaller, the network"
    f" starts from random weights, and there are only {LENGTH} epochs or steps. Everything else is"
    " as published. Its figures say nothing about the published ones."
)


def switched(preset: str, overrides: Mapping[str, Any], on: bool) -> dict[str, Any]:
    """The overrides after the switch was moved; what a person has changed otherwise stays.

    Raises RecipeError for settings that are refused, DataError where there is no miniature.
    """
    if on:
        small = miniature_settings(resolve(preset, overrides))
        return {**small, **overrides, ROOT: small[ROOT]}
    brought = miniature_settings(resolve(preset, overrides))
    brought |= miniature_settings(resolve(preset))
    own = {path: value for path, value in overrides.items() if path not in brought}
    small = miniature_settings(resolve(preset, own))
    return {
        path: value
        for path, value in overrides.items()
        if path not in small or value_text(small[path]) != value_text(value)
    }


def switch(view: FormView) -> dict[str, Any] | None:
    """Whether the switch is on, and what it does; None where the data set has no miniature."""
    values = {field.spec.path: field.value for field in view.fields}
    if values.get(KIND) in WITHOUT:
        return None
    return {"on": layout_at(values.get(ROOT)) is not None, "about": ABOUT}
