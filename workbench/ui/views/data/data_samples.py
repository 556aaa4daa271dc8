"""The images of a data set by identity and camera, a page at a time; pictures go by index."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workbench.data.catalogue.local_datasets import Holding, digests_of, find, read
from workbench.data.images.image_file import ImageFile, image_size
from workbench.data.samples import DISTRACTOR, JUNK, PARTS, UNKNOWN_CAMERA, Part, Sample, Split
from workbench.data.wording import counted
from workbench.errors import DataError, MissingDataset
from workbench.paths import confined
from workbench.ui.assets import digest

MOST_IMAGES = 120
_KEPT_OPEN = 3


@dataclass
class Opened:
    """A data set as it was read, with the order in which its images are shown."""

    item: Holding
    split: Split
    _orders: dict[Part, list[int]] = field(default_factory=dict)

    @cached_property
    def digests(self) -> dict[str, str]:
        """A digest of the file list of every part."""
        return digests_of(self.split)

    @property
    def version(self) -> str:
        """Changes with any file name, so that no kept picture is taken for another image."""
        return digest("".join(self.digests.values()))

    def order(self, part: Part) -> list[int]:
        """Indices of a part by identity, camera and name; distractors and junk come last."""
        if part not in self._orders:
            samples = self.split.part(part)
            self._orders[part] = sorted(range(len(samples)), key=lambda i: _rank(samples[i]))
        return self._orders[part]


_opened: "OrderedDict[str, Opened]" = OrderedDict()
_guard = threading.Lock()


def open_set(key: str, *, anew: bool = False) -> Opened:
    """A data set, read once and kept while it is looked at; ``anew`` reads its folder again.

    Raises DataError in one sentence where it is gone, unreadable or cannot be used.
    """
    with _guard:
        kept = _opened.pop(key, None)
        if kept is None or anew or not kept.split.root.is_dir():
            item = find(key)
            kept = Opened(item, read(item))
        _opened[key] = kept
        while len(_opened) > _KEPT_OPEN:
            _opened.popitem(last=False)
        return kept


def samples_of(
    key: str,
    part: str = "",
    *,
    identity: int | None = None,
    camera: int | None = None,
    start: int = 0,
    count: int = 60,
) -> dict[str, Any]:
    """A page of images of one part, by identity and camera, and what is told about each person.

    Without a ``part`` the first one that has the identity is taken. Raises DataError as
    ``open_set`` does, and for a part that no data set has.
    """
    opened = open_set(key)
    chosen = _part_with(opened.split, identity) if part == "" else _part_named(part)
    samples = opened.split.part(chosen)
    shown = [
        index
        for index in opened.order(chosen)
        if identity in (None, samples[index].identity) and camera in (None, samples[index].camera)
    ]
    start = start if start < len(shown) else 0
    page = shown[start : start + min(max(count, 1), MOST_IMAGES)]
    return {
        "part": chosen,
        "identity": identity,
        "from": start,
        "total": len(shown),
        "words": _words(samples, shown, chosen),
        "people": _people([samples[index] for index in shown], [samples[i] for i in page]),
        "images": [_image(index, samples[index]) for index in page],
        **_neighbours(samples, identity),
    }


def picture_of(key: str, part: str, index: int) -> ImageFile:
    """The file of one image.

    Raises DataError where there is none, PlaceError where a link leads out of its data set.
    """
    split = open_set(key).split
    samples = split.part(_part_named(part))
    if not 0 <= index < len(samples):
        raise MissingDataset(
            f"There is no {part} image {index} in '{key}': it has {counted(len(samples), 'image')}"
            " there. Look at the data set again."
        )
    return ImageFile(confined(split.root, samples[index].path), split.levels)


def facts_of(key: str, part: str, index: int) -> dict[str, Any]:
    """One image in words: its file, identity, camera, width and height in pixels.

    Raises DataError as ``picture_of`` does, BrokenImage where it cannot be read.
    """
    file = picture_of(key, part, index)
    sample = open_set(key).split.part(_part_named(part))[index]
    width, height = image_size(file)
    return {**_image(index, sample), "part": part, "width": width, "height": height}


def identity_words(sample: Sample) -> str:
    """Whom an image shows, as people read it."""
    if sample.is_person:
        return f"Identity {sample.identity}"
    return "Junk" if sample.identity == JUNK else "Distractors"


def camera_words(camera: int) -> str:
    """A camera as people read it."""
    return "unknown" if camera == UNKNOWN_CAMERA else str(camera)


def _rank(sample: Sample) -> tuple[bool, int, int, str]:
    return not sample.is_person, sample.identity, sample.camera, sample.path


def _part_named(name: str) -> Part:
    for part in PARTS:
        if part == name:
            return part
    raise DataError(f"There is no part '{name}' of a data set: use one of {', '.join(PARTS)}.")


def _part_with(split: Split, identity: int | None) -> Part:
    there: list[Part] = [part for part in PARTS if split.part(part)]
    for part in there:
        if identity is not None and any(s.identity == identity for s in split.part(part)):
            return part
    return there[0] if there else "train"


def _people(shown: Iterable[Sample], page: Iterable[Sample]) -> dict[str, dict[str, Any]]:
    """What is told about each identity of a page, by its number as text."""
    counts: dict[int, int] = {}
    titles: dict[int, str] = {}
    cameras: dict[int, set[int]] = {}
    for sample in shown:
        counts[sample.identity] = counts.get(sample.identity, 0) + 1
        cameras.setdefault(sample.identity, set()).add(sample.camera)
        titles[sample.identity] = identity_words(sample)
    return {
        str(identity): {
            "title": titles[identity],
            "words": _person_words(counts[identity], sorted(cameras[identity])),
        }
        for identity in dict.fromkeys(sample.identity for sample in page)
    }


def _person_words(count: int, cameras: list[int]) -> str:
    if cameras == [UNKNOWN_CAMERA]:
        return counted(count, "image")
    seen = ", ".join(camera_words(camera) for camera in cameras)
    return f"{counted(count, 'image')}, camera{'s' * (len(cameras) > 1)} {seen}"


def _image(index: int, sample: Sample) -> dict[str, Any]:
    return {
        "index": index,
        "identity": sample.identity,
        "identity_words": identity_words(sample),
        "camera": sample.camera,
        "camera_words": camera_words(sample.camera),
        "file": sample.path,
    }


def _words(samples: tuple[Sample, ...], shown: list[int], part: Part) -> str:
    if not samples:
        return f"There are no {part} images."
    if not shown:
        return f"No {part} image fits: take the identity or the camera back."
    nobody = {samples[index].identity for index in shown if not samples[index].is_person}
    cameras = {samples[index].camera for index in shown} - {UNKNOWN_CAMERA}
    known = len({samples[index].identity for index in shown if samples[index].is_person})
    told = [counted(len(shown), "image"), f"of {counted(known, 'identity')}" * bool(known)]
    told += [f"by {counted(len(cameras), 'camera')}" * bool(cameras)]
    extra = [
        name for number, name in ((DISTRACTOR, "distractors"), (JUNK, "junk")) if number in nobody
    ]
    end = f", {' and '.join(extra)} among them" if extra else ""
    return f"{' '.join(filter(None, told))}{end}."


def _neighbours(samples: tuple[Sample, ...], identity: int | None) -> dict[str, int | None]:
    """The identities before and after one, as an image list is gone through person by person."""
    if identity is None:
        return {"previous": None, "next": None}
    people = {sample.identity for sample in samples if sample.is_person}
    before = [person for person in people if person < identity]
    after = [person for person in people if person > identity]
    return {"previous": max(before, default=None), "next": min(after, default=None)}
