"""A network, losses and batches small enough to train in milliseconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from workbench.recipe.settings.training import Training
from workbench.training.learner import Learner
from workbench.training.step_schedule import StepSchedule

CLASSES = 5
BATCHES_PER_EPOCH = 4


class TinyNetwork(nn.Module):
    """A strided convolution, BatchNorm, dropout and a classifier; outputs are logits."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2)
        )
        self.second = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.classifier = nn.Linear(8, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.second(self.trunk(images)).mean((2, 3)))


@dataclass
class StubReport:
    total: Tensor
    terms: dict[str, Tensor]
    active_triplets: Tensor | None = None
    top1_error: Tensor | None = None


class StubObjective(nn.Module):
    """Cross-entropy with a learned temperature; ``bad_step`` is the call that gives no number."""

    def __init__(self, bad_step: int = -1) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(()))
        self.calls, self.bad_step = 0, bad_step

    def forward(self, outputs: Tensor, labels: Tensor) -> StubReport:
        self.calls += 1
        loss = nn.functional.cross_entropy(outputs.float() * self.temperature, labels)
        if self.calls == self.bad_step:
            loss = loss * float("nan")
        return StubReport(loss + 1.0, {"identity": loss}, torch.tensor(0.5))


@dataclass
class StubBatch:
    images: Tensor
    labels: Tensor


@dataclass
class StubSource:
    """Batches that are a pure function of epoch and position."""

    steps_per_epoch: int = BATCHES_PER_EPOCH
    drawn: list[tuple[int, int]] = field(default_factory=list)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[StubBatch]:
        for position in range(start, self.steps_per_epoch):
            self.drawn.append((epoch, position))
            generator = torch.Generator().manual_seed(1000 * epoch + position)
            labels = torch.randint(CLASSES, (6,), generator=generator)
            images = torch.randn(6, 3, 8, 4, generator=generator) + labels.view(6, 1, 1, 1)
            yield StubBatch(images.contiguous(memory_format=torch.channels_last), labels)


@dataclass
class StubEvaluator:
    """Figures that follow a list, one entry an evaluation of each kind of weights."""

    values: list[float] = field(default_factory=list)
    seen: list[tuple[int, str]] = field(default_factory=list)

    def figures(self, network: nn.Module, weights: str, step: int) -> dict[str, float]:
        network.eval()
        self.seen.append((step, weights))
        raw = sum(kind == "raw" for _, kind in self.seen)
        value = self.values[raw - 1] if raw <= len(self.values) else 0.1
        return {"mAP": value + (0.01 if weights == "averaged" else 0.0), "rank1": value}

    def validation(self, network: nn.Module) -> dict[str, float] | None:
        return None


def learner(
    objective: nn.Module | None = None, precision: str = "fp32", **settings: object
) -> Learner:
    """A learner over the tiny network with the recipe's training group changed by ``settings``."""
    training = Training.model_validate(
        {"length": {"kind": "steps", "count": 12}, "evaluate": {"kind": "never"}} | settings
    )
    torch.manual_seed(training.seed)
    network, losses = TinyNetwork(), objective or StubObjective()
    step_schedule = StepSchedule(training, BATCHES_PER_EPOCH)
    return Learner(network, losses, training, step_schedule, precision=precision)
