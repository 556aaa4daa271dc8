"""The real training that ends the lesson on losses: an ordinary run, small enough for a minute."""

from typing import Any

from workbench.lessons.claims import Claim, claim, percent
from workbench.runs.folder import RunFolder
from workbench.runs.log import events_of_kinds

NAME = "losses"
PRESET = "playground/global"
OVERRIDES: dict[str, Any] = {
    "run.name": "lesson on losses",
    "data.dataset.train_identities": 24,
    "data.dataset.test_identities": 12,
    "data.dataset.image_height": 64,
    "data.height": 64,
    "data.width": 32,
    "data.sampler.identities": 8,
    "training.length.count": 80,
    "training.schedule.warmup.count": 10,
    "training.evaluate.count": 40,
    "training.seed": 0,
    # So small a network is not worth trying out number formats and threads first.
    "training.precision": "fp32",
    "run.threads": 1,
}
SMALLEST_GAIN = 0.1
"""Of mAP over the untrained network."""


def map_by_step(run: RunFolder) -> list[tuple[int, float]]:
    """The step of every evaluation so far, and the mAP of the raw weights there."""
    raw_metrics = [
        (event["step"], (event.get("metrics") or {}).get("raw") or {})
        for event in events_of_kinds(run.events_file, "evaluated")
    ]
    return [
        (step, metrics["mAP"]) for step, metrics in raw_metrics if metrics.get("mAP") is not None
    ]


def is_training(run: RunFolder) -> bool:
    """Whether the run was started by the lesson."""
    name = "run.name"
    return run.preset() == PRESET and run.overrides().get(name) == OVERRIDES[name]


def claims(run: RunFolder) -> list[Claim]:
    """What the lesson claims of a finished training; nothing of one without two evaluations."""
    evaluations = map_by_step(run)
    if len(evaluations) < 2:
        return []
    before, after = evaluations[0][1], evaluations[-1][1]
    gain = after - before
    bound = f"{percent(after)} - {percent(before)} ≥ {percent(SMALLEST_GAIN)}"
    facts = {"run": run.id, "before": percent(before), "after": percent(after)}
    return [claim(NAME, "real", gain - SMALLEST_GAIN, bound, **facts)]
