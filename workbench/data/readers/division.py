"""Which images of a data set are trained on, and which of them validate."""

from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

from workbench.data.samples import Sample, Split
from workbench.data.wording import counted
from workbench.recipe.settings.datasets import Division

HOWS: tuple[str, ...] = get_args(get_args(Division)[0])


def divided(split: Split, how: str) -> Split:
    """The split with its training images divided as the recipe's ``split`` says.

    ``train`` and ``train_all`` take the first image of each identity, in the order of paths, for
    validation; an identity with a single image has none to spare. A split that brings validation
    images keeps them. ``combine_all`` adds query and gallery without distractors and junk.
    """
    if how == "combine_all":
        return _combined(split)
    if how == "published" or split.validation:
        return split
    first = _first_images(split.train)
    images: dict[int, int] = {}
    for sample in split.train:
        images[sample.identity] = images.get(sample.identity, 0) + 1
    spare = {identity: sample for identity, sample in first.items() if images[identity] > 1}
    validation = tuple(sorted(spare.values(), key=lambda sample: sample.path))
    notes = split.notes
    if lonely := len(first) - len(spare):
        notes += (f"{counted(lonely, 'identity')} with one image: it is trained on alone.",)
    if how == "train_all":
        notes += ("Validation images are trained on too: their loss and error are too good.",)
        return replace(split, validation=validation, notes=notes)
    held_back = set(validation)
    train = tuple(sample for sample in split.train if sample not in held_back)
    return replace(split, train=train, validation=validation, notes=notes)


def _first_images(samples: Iterable[Sample]) -> dict[int, Sample]:
    first: dict[int, Sample] = {}
    for sample in sorted(samples, key=lambda sample: sample.path):
        first.setdefault(sample.identity, sample)
    return first


def _combined(split: Split) -> Split:
    tested = {sample for sample in (*split.query, *split.gallery) if sample.is_person}
    train = dict.fromkeys((*split.train, *sorted(tested, key=lambda sample: sample.path)))
    note = (
        f"Trained on {counted(len(tested), 'image')} of query and gallery too: figures are of"
        " images that were learned."
    )
    return replace(split, train=tuple(train), validation=(), notes=(*split.notes, note))
