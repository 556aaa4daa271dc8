"""The plain facts of a training at one step: what is best, and whether it still gets better."""

import math
from dataclasses import dataclass, field

from workbench.recipe.settings.training import EarlyStop
from workbench.training.events import Metrics


@dataclass(kw_only=True)
class LoopState:
    """Where a training stands.

    ``evaluated_step`` is the last step with figures (-1: none yet) and ``metrics`` are these.
    ``best`` is the highest mAP so far, reached at ``best_step``. ``watched`` is the highest value
    of the metric an early stop looks at, ``evaluations_without_rise`` counts those after it.
    ``collapsed`` holds the signs of a collapse that have not gone again.
    ``averaged_updates`` and ``averaged_ready`` describe the averaged weights when it was saved.
    """

    step: int = 0
    evaluated_step: int = -1
    metrics: Metrics = field(default_factory=dict)
    best: float | None = None
    best_step: int = -1
    watched: float | None = None
    evaluations_without_rise: int = 0
    averaged_updates: int = 0
    averaged_ready: bool = False
    collapsed: list[str] = field(default_factory=list[str])

    def judge(self, metrics: Metrics, early_stop: EarlyStop | None) -> None:
        """Take in the figures of the present step, those of averaged weights where there are any.

        The untrained network counts for neither best nor rise.
        """
        self.evaluated_step, self.metrics = self.step, metrics
        if self.step == 0:
            return
        figures = metrics.get("averaged") or metrics.get("raw") or {}
        if _rises(figures.get("mAP"), self.best):
            self.best, self.best_step = figures["mAP"], self.step
        if early_stop is None:
            return
        value = figures.get(early_stop.metric)
        if _rises(value, self.watched):
            self.watched, self.evaluations_without_rise = value, 0
        else:
            self.evaluations_without_rise += 1


def _rises(value: float | None, best: float | None) -> bool:
    return value is not None and math.isfinite(value) and (best is None or value > best)
