"""Images in a plane, embedded by a small network that one of the library's losses trains."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.miners import TripletMarginMiner
from torch import Tensor

from workbench.errors import RunError
from workbench.lessons import plane
from workbench.lessons.plane import HIDDEN, IDENTITIES, Points, Weights
from workbench.lessons.settings import LossSetting
from workbench.losses.terms import Sizes, Term, make_term
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings.losses import (
    BatchHardTriplet,
    Circle,
    CrossEntropy,
    Loss,
    MetricLearning,
)
from workbench.recipe.settings.losses import Term as RecipeTerm

OUTPUT = "points"
_PLANE = "distance=LpDistance(normalize_embeddings=false)"
_WIDTHS = {OUTPUT: {"pooled": 2, "reduced": 2, "embedding": 2}}
MAX_STEP = 1.0
"""Where a loss is very steep the step is cut to this length, as ``gradient_clip`` of a recipe."""


@dataclass(frozen=True)
class State:
    """What a training goes on from.

    Attributes:
        weights: Of the network.
        class_vectors: Class weights of softmax, or proxies; None for losses without.
    """

    weights: Weights
    class_vectors: Points | None = None


@dataclass(frozen=True)
class Frame:
    """One moment of the training: where the points are, the loss there, what to go on from."""

    points: Points
    loss: float
    state: State


def loss_of(setting: LossSetting) -> Loss:
    """The loss as a recipe names it (triplets of all and semi-hard choice before their miner)."""
    margin = f"margin={setting.margin}"
    match setting.loss:
        case "triplet_hard":
            return BatchHardTriplet(margin=setting.margin, normalise=False)
        case "triplet_semihard" | "triplet_all":
            arguments = [margin, _PLANE]
            return MetricLearning(name="TripletMarginLoss", arguments=arguments, normalise=False)
        case "contrastive":
            arguments = ["pos_margin=0.0", f"neg_margin={setting.margin}", _PLANE]
            return MetricLearning(name="ContrastiveLoss", arguments=arguments, normalise=False)
        case "circle":
            return Circle(margin=min(setting.margin, 1.0), scale=1.0 / setting.temperature)
        case "proxy":
            arguments = [margin, f"alpha={1.0 / setting.temperature}"]
            return MetricLearning(name="ProxyAnchorLoss", arguments=arguments)
        case "softmax":
            return CrossEntropy()


def initial_state(setting: LossSetting) -> State:
    """An untrained network, and class vectors where the loss has some."""
    has_class_vectors = setting.loss in ("softmax", "proxy")
    return State(
        plane.network(setting), plane.class_vectors(setting) if has_class_vectors else None
    )


def train_points(
    setting: LossSetting,
    images: Points | None = None,
    state: State | None = None,
    *,
    frames: int = 36,
    steps: int = 2,
) -> list[Frame]:
    """Train for ``steps`` steps before each of ``frames`` frames.

    Plain gradient descent without memory: going on from a frame's state is the same as never having
    stopped, so the loss may change and an image may be put elsewhere in between.

    Raises RunError where the points leave all bounds.
    """
    training = _Training(setting, images, state)
    computed: list[Frame] = []
    for _ in range(frames):
        for _ in range(steps):
            training.step()
        computed.append(training.frame())
        if not np.isfinite(computed[-1].points).all():
            raise RunError("The points have left all bounds: choose a smaller rate, begin again.")
    return computed


class _Training:
    """The images, the network, and the loss with the weights it has of its own."""

    def __init__(self, setting: LossSetting, images: Points | None, state: State | None) -> None:
        state = initial_state(setting) if state is None else state
        class_vectors = (
            plane.class_vectors(setting) if state.class_vectors is None else state.class_vectors
        )
        self._setting = setting
        self._images = torch.from_numpy(plane.images(setting) if images is None else images)
        self._labels = torch.from_numpy(plane.labels())
        self._weights = torch.tensor(state.weights, requires_grad=True)
        self._term = _term(setting)
        self._class_vectors: Tensor | None = None
        for parameter in self._term.parameters():
            parameter.data = torch.tensor(class_vectors)
            self._class_vectors = parameter
        if setting.loss == "softmax":
            self._class_vectors = torch.tensor(class_vectors, requires_grad=True)

    def step(self) -> None:
        """One step down the gradient."""
        value = self._loss(self._embedded())
        # No pair may be left to learn from.
        if value.requires_grad:
            trained = (
                [self._weights]
                if self._class_vectors is None
                else [self._weights, self._class_vectors]
            )
            gradients = torch.autograd.grad(value, trained, allow_unused=True)
            for weights, gradient in zip(trained, gradients, strict=True):
                if gradient is not None:
                    weights.data -= _clipped(self._setting.rate * gradient)

    @torch.no_grad()
    def frame(self) -> Frame:
        """Where everything is now."""
        points = self._embedded()
        class_vectors = (
            None if self._class_vectors is None else self._class_vectors.detach().numpy().copy()
        )
        state = State(self._weights.detach().numpy().copy(), class_vectors)
        return Frame(points.numpy(), float(self._loss(points)), state)

    def _embedded(self) -> Float[Tensor, "points 2"]:
        inward, biases, outward = self._weights.split((2 * HIDDEN, HIDDEN, 2 * HIDDEN))
        hidden = torch.tanh(self._images @ inward.view(2, HIDDEN) + biases)
        return hidden @ outward.view(HIDDEN, 2)

    def _loss(self, points: Float[Tensor, "points 2"]) -> Float[Tensor, ""]:
        logits = None
        if self._setting.loss == "softmax" and self._class_vectors is not None:
            logits = points @ self._class_vectors.T / self._setting.temperature
        value, _ = self._term({OUTPUT: BranchOutput(points, points, points, logits)}, self._labels)
        return value


def _term(setting: LossSetting) -> Term[RecipeTerm]:
    """The loss as training uses it, in double precision."""
    term = make_term(loss_of(setting), "pull", [OUTPUT], Sizes(IDENTITIES, _WIDTHS)).double()
    if setting.loss in ("triplet_all", "triplet_semihard"):
        package = term.get_submodule("own.0")
        package.miner = TripletMarginMiner(
            margin=setting.margin,
            type_of_triplets=setting.loss.removeprefix("triplet_"),
            distance=LpDistance(normalize_embeddings=False),
        )
    return term


def _clipped(step: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    return step * (MAX_STEP / step.norm().clamp(min=MAX_STEP))
