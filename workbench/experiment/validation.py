"""Loss and error on further images of the training identities."""

from collections.abc import Callable

import torch
from torch import nn

from workbench.data.loaders import EvaluationLoader
from workbench.data.samples import Split
from workbench.losses.objective import Objective
from workbench.recipe.schema import Recipe, output_names
from workbench.training.evaluator import Interrupted
from workbench.training.memory import memory_errors
from workbench.training.timing_trial import autocast


class Validation:
    """The validation images of a split.

    The loss is that of the recipe's classification terms alone: triplets need batches composed by
    identity, which these are not.
    """

    def __init__(self, split: Split, recipe: Recipe, device: torch.device, precision: str) -> None:
        self._device, self._precision = device, precision
        self._loader = EvaluationLoader(
            split.validation,
            split.root,
            recipe.data,
            recipe.evaluation.batch_size,
            levels=split.levels,
            device=device,
        )
        labels = [split.labels[sample.identity] for sample in split.validation]
        self._labels = torch.tensor(labels, device=device)
        self._objective = _classification(recipe)

    @torch.no_grad()
    def look(self, network: nn.Module, must_stop: Callable[[], bool]) -> dict[str, float] | None:
        """``loss`` and ``top1_error`` over all images; None for a recipe without classification.

        Raises Interrupted where a stop is asked for between batches.
        """
        if self._objective is None:
            return None
        loss, wrong = 0.0, 0
        for images, part in self._loader:
            if must_stop():
                raise Interrupted
            labels = self._labels[part]
            with memory_errors(images, "evaluation.batch_size"):
                with autocast(self._device.type, self._precision):
                    outputs = network(images)
                report = self._objective(outputs, labels)
            loss += float(report.total) * len(labels)
            if report.top1_error is not None:
                wrong += round(float(report.top1_error) * len(labels))
        count = len(self._labels)
        return {"loss": loss / count, "top1_error": wrong / count}


def _classification(recipe: Recipe) -> Objective | None:
    terms = {name: loss for name, loss in recipe.losses.items() if loss.classifies}
    if not terms:
        return None
    return Objective(terms, output_names(recipe.model), recipe.training.divide_by_weights)
