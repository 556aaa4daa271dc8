"""A published recipe on the miniature of its data set: smaller images, fewer epochs."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from workbench.data.catalogue.counts import published_counts
from workbench.data.synthetic.miniatures.making import layout_for, root_of
from workbench.errors import RecipeError
from workbench.recipe.merge import validated
from workbench.recipe.overrides import NOTHING, merged, resolve
from workbench.recipe.schema import Recipe
from workbench.recipe.settings.samplers import Shuffle
from workbench.recipe.settings.training import Epochs, Milestones, Training, UniformAverage

LENGTH = 6
"""Epochs, or steps where a recipe counts these: an epoch of a miniature has one step or a few."""
SHARES = (Fraction(1, 3), Fraction(1, 2), Fraction(2, 3))
"""Of the sides of the published input, the first that its network takes."""
MULTIPLE = 16
"""Sides are multiples of it: of the pixels that become one place of a map."""
FEWEST = 48
"""Training images of the smallest miniature."""
Settings = dict[str, Any]


def on_miniature(
    preset: str, overrides: Mapping[str, Any] = NOTHING, length: int = LENGTH
) -> Settings:
    """Overrides that try a preset on the miniature of its data set, the given ones laid over them.

    Raises RecipeError for what is no recipe, DataError where the data set has no miniature.
    """
    return {**miniature_settings(resolve(preset, overrides), length), **overrides}


def miniature_settings(recipe: Recipe, length: int = LENGTH) -> Settings:
    """What differs when a recipe is tried on the miniature of its data set, by dotted path.

    Images have a third of their sides, or the next size that the network takes; it starts from
    random weights, as its own may not be here; the training has ``length`` epochs, or steps where
    it counts these, and its schedule, averaging and warm-ups take the same shares of it. fp16,
    which only GPUs compute in, becomes auto; a batch of more images than a miniature may have takes
    what there is. Everything else is as it was, the batches too.

    Raises DataError where the data set has no miniature.
    """
    height, width = _size(recipe)
    settings: Settings = {
        "data.root": root_of(layout_for(recipe.data.dataset)),
        "data.height": height,
        "data.width": width,
        **_length(recipe, length),
    }
    if recipe.model.weights.kind != "none":
        settings["model.weights.kind"] = "none"
    if recipe.training.precision == "fp16":
        settings["training.precision"] = "auto"
    sampler = recipe.data.sampler
    if isinstance(sampler, Shuffle) and sampler.drop_last and sampler.batch_size > FEWEST:
        settings["data.sampler.drop_last"] = False
    return settings


def _size(recipe: Recipe) -> tuple[int, int]:
    for height, width in _sizes(recipe.data.height, recipe.data.width):
        try:
            validated(*merged(recipe, {"data.height": height, "data.width": width}))
        except RecipeError:
            continue
        return height, width
    return recipe.data.height, recipe.data.width


def _sizes(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Smaller sizes of the same shape, then of any, the smallest first; pixels."""
    for share in SHARES:
        yield _rounded(height * share), _rounded(width * share)
    others = [
        (rows, columns)
        for rows in range(_rounded(height * SHARES[0]), height + 1, MULTIPLE)
        for columns in range(_rounded(width * SHARES[0]), width + 1, MULTIPLE)
    ]
    yield from sorted(others, key=lambda size: size[0] * size[1])


def _rounded(pixels: Fraction) -> int:
    return -int(-pixels // MULTIPLE) * MULTIPLE


def _length(recipe: Recipe, length: int) -> Settings:
    training = recipe.training
    shares = _Shares(recipe, length)
    settings: Settings = {"training.length.count": length, **_schedule(training, shares)}
    if isinstance(training.averaging, UniformAverage) and training.averaging.first_epoch:
        first = shares.of(training.averaging.first_epoch, "epoch")
        settings["training.averaging.first_epoch"] = first
    if training.loss_warmup is not None:
        epochs = shares.of(training.loss_warmup.epochs, "epoch")
        settings["training.loss_warmup.epochs"] = epochs
    for name, group in training.parameter_groups.items():
        if group.frozen_steps:
            path = f"training.parameter_groups.{name}.frozen_steps"
            settings[path] = shares.of(group.frozen_steps, "step")
    return settings | _intervals(training, length)


def _schedule(training: Training, shares: "_Shares") -> Settings:
    schedule, path = training.schedule, "training.schedule"
    warmup = schedule.warmup
    settings: Settings = {}
    if warmup.count:
        unit = schedule.unit if warmup.unit == "same" else warmup.unit
        settings[f"{path}.warmup.count"] = shares.of(warmup.count, unit)
    if isinstance(schedule, Milestones):
        settings[f"{path}.at"] = [shares.of(place, schedule.unit) for place in schedule.at]
    for name in ("delay", "horizon"):
        if value := getattr(schedule, name, None):
            settings[f"{path}.{name}"] = shares.of(value, schedule.unit)
    return settings


def _intervals(training: Training, length: int) -> Settings:
    """Evaluated in the middle and at the end, kept at the end."""
    settings: Settings = {}
    if training.evaluate.kind != "never":
        settings["training.evaluate.count"] = max(1, length // 2)
    if training.checkpoints.every.kind != "never":
        settings["training.checkpoints.every.count"] = length
    if training.checkpoints.keep_every.kind != "never":
        settings["training.checkpoints.keep_every.kind"] = "never"
    return settings


class _Shares:
    """Places in a training, moved to the same share of a shorter one; nothing gets lost."""

    def __init__(self, recipe: Recipe, length: int) -> None:
        published = recipe.training.length
        self._counted = "epoch" if isinstance(published, Epochs) else "step"
        self._count, self._length = published.count, length
        self._batches = _batches(recipe)

    def of(self, place: int, unit: str) -> int:
        """Epochs or steps; at least 1."""
        total = Fraction(self._count)
        if unit != self._counted:
            total = total * self._batches if unit == "step" else total / self._batches
        return max(1, round(place * self._length / total))


def _batches(recipe: Recipe) -> int:
    """Batches in a pass over the published training images."""
    size = recipe.data.sampler.batch_images
    return max(1, published_counts(recipe.data.dataset).get("train_images", 0) // size)
