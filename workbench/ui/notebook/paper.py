"""A published training command in a notebook: what it is here, tried small, and for real."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from workbench.data.catalogue.local_datasets import find
from workbench.data.synthetic.miniatures.trial import on_miniature
from workbench.errors import RecipeError, WeightsError
from workbench.interop.commands import translate
from workbench.interop.commands.translation import is_placement
from workbench.model.weights.files import require
from workbench.paths import datasets_folder
from workbench.recipe.compare import differences
from workbench.recipe.overrides import NOTHING, resolve
from workbench.recipe.presets import load_preset
from workbench.recipe.schema import Recipe
from workbench.recipe.text import train_command, value_text
from workbench.runs.devices import fitted_devices
from workbench.ui.notebook.still import document, paragraph, table
from workbench.ui.views.data.data_advice import check_command
from workbench.ui.views.data.data_words import about
from workbench.ui.words import percent

NO_FIGURES = "Its authors print none with this recipe."


@dataclass(frozen=True)
class PublishedTraining:
    """A training as its authors start it, in the words of this project.

    Attributes:
        preset: Whose recipe it is.
        overrides: What the command says otherwise, by dotted path.
        notes: A sentence for whatever the command says that has no effect, or another than it may
            seem.

        >>> one = published("python train.py --PCB --train_all --lr 0.01 --gpu_ids 1")
        >>> one.preset, one.recipe.training.optimizer.learning_rate
        ('layumi/pcb', 0.01)
        >>> one.placed
        {'run.devices': ['cuda:1']}
        >>> one.to_dataframe().columns.tolist()
        ['setting', 'command', 'preset']
    """

    preset: str
    overrides: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def placed(self) -> dict[str, Any]:
        """Where its authors had their data and on which devices: no part of the recipe."""
        return {path: value for path, value in self.overrides.items() if is_placement(path)}

    @property
    def changed(self) -> dict[str, Any]:
        """What the command says otherwise than the preset, places left out."""
        return {path: value for path, value in self.overrides.items() if not is_placement(path)}

    @property
    def recipe(self) -> Recipe:
        """Everything the command stands for."""
        return resolve(self.preset, self.overrides)

    def on_miniature(self, changes: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """Overrides that try it on a drawn miniature of its data set, ``changes`` laid over them.

        Raises DataError where its data set has no miniature, RecipeError where changes are refused.
        """
        return on_miniature(self.preset, {**self.changed, **changes})

    def for_real(self) -> pd.DataFrame:
        """What it takes on its own data set, in order: ``what``, ``words``."""
        recipe = self.recipe
        item = find(recipe.data.dataset.kind)
        wanted = item.path or datasets_folder() / item.entry.folders[0]
        rows = [
            *about(item),
            ("Here", str(item.path) if item.path else f"not yet under {datasets_folder()}"),
            ("Check it", check_command(replace(item, path=wanted))),
            ("Starting weights", _weights(recipe)),
            ("Train", train_command(self.preset, self.changed)),
            ("Evaluate", "workbench evaluate last --checkpoint last"),
            ("Reported", _reported(recipe)),
        ]
        return pd.DataFrame(rows, columns=["what", "words"])

    def to_dataframe(self) -> pd.DataFrame:
        """What differs from the preset: ``setting``, ``command``, ``preset``."""
        found = differences(self.recipe, load_preset(self.preset))
        rows = [(path, *map(value_text, values)) for path, values in found.items()]
        return pd.DataFrame(rows, columns=["setting", "command", "preset"])

    def _repr_html_(self) -> str:
        """The translation as a page."""
        source, frame = self.recipe.source, self.to_dataframe()
        placed = ", ".join(f"{path} = {value_text(value)}" for path, value in self.placed.items())
        where = f"Where its authors had things, to be said anew on each machine: {placed}"
        told = [
            " ".join(filter(None, (source.paper, source.url, source.repository))),
            "The command is the preset as it is." if frame.empty else "The command changes:",
        ]
        rest = [
            where if placed else "",
            *self.notes,
            f"The same here: {train_command(self.preset, fitted_devices(self.overrides)[0])}",
        ]
        shown = "" if frame.empty else table(frame, len(frame))
        body = "".join(map(paragraph, told)) + shown + "".join(map(paragraph, filter(None, rest)))
        return document(f"{self.preset}: {self.recipe.title}", body)


def published(command: str) -> PublishedTraining:
    """The training that a pasted command of a published system stands for. Nothing of it is run.

        >>> published("python train.py --net msvit_s --dataset sop").preset
        'msvit/sop_s'

    Raises RecipeError for a flag, value or program that is not known or not built here, and for
    anything but exactly one training.
    """
    found = translate(command)
    trainings = [one for one in found if one.action == "train"]
    if len(found) != 1 or not trainings:
        raise RecipeError(
            f"The text holds {len(found)} commands, of which {len(trainings)} train: paste one that"
            " trains. `workbench translate` reads the others."
        )
    (one,) = trainings
    return PublishedTraining(one.preset, one.overrides, one.notes)


def _weights(recipe: Recipe) -> str:
    try:
        path = require(recipe.model)
    except WeightsError as error:
        return str(error)
    return "None: it starts from random ones." if path is None else f"Here: {path}"


def _reported(recipe: Recipe) -> str:
    told = [
        f"{one.part} {one.metric}".strip() + f" {percent(one.value)}" for one in recipe.reported
    ]
    return ", ".join(told) or NO_FIGURES
