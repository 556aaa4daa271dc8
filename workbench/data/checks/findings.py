"""The single things that can be wrong with a data set, each a sentence with its cure. No torch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from workbench.data.catalogue.counts import differences
from workbench.data.readers.layout import Layout
from workbench.data.readers.leftovers import leftovers
from workbench.data.readers.listing import folders_below, image_names, subfolders
from workbench.data.readers.table import LAYOUTS
from workbench.data.samples import (
    DISTRACTOR,
    JUNK,
    PARTS,
    UNKNOWN_CAMERA,
    Part,
    Sample,
    Split,
    matches,
    require_ranking,
    require_training,
)
from workbench.data.wording import counted
from workbench.errors import DataError
from workbench.recipe.settings.datasets import Dataset, Kind


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what and where, a file as an example, and what to do.

    An ``error`` keeps the set from being used; a ``warning`` changes what figures mean.
    """

    level: Literal["error", "warning"]
    sentence: str
    cure: str
    file: str | None = None


def finding_of(error: DataError, file: str | None = None) -> Finding:
    """An error of a reader as a finding."""
    # Our sentences read "what is wrong: what to do".
    sentence, _, cure = str(error).rpartition(": ")
    return Finding("error", f"{sentence}.", cure[:1].upper() + cure[1:], file)


def empty_folders(root: Path, top: str) -> list[Finding]:
    """Folders in ``root / top`` with neither images nor folders."""
    return [
        Finding(
            "warning",
            f"The folder {below.relative_to(root).as_posix()} has no images.",
            "Put images there, or remove the folder.",
            below.relative_to(root).as_posix(),
        )
        for below in folders_below(root / top)
        if not image_names(below) and not subfolders(below)
    ]


def layout_of(kind: Kind) -> Layout | None:
    """The layout of a kind; None where it is a folder of one's own, or lies in two places."""
    return LAYOUTS.get("market1501" if kind == "playground" else kind)


def left_out(split: Split, names: Iterable[str], dataset: Dataset) -> list[Finding]:
    """Files that are in no part, by the reason."""
    kind, identity_pattern = dataset.kind, getattr(dataset, "identity_pattern", None)
    used = {sample.path for part in PARTS for sample in split.part(part)}
    unused = [name for name in names if name not in used]
    layout = layout_of(kind)
    if kind == "folder" and identity_pattern is not None:
        return _some(
            unused,
            "Images whose name does not say an identity, or of one without a class: {count}.",
            f"Change data.dataset.identity_pattern = {identity_pattern}, or rename them.",
        )
    if layout is None or layout.told_by == "folder":
        return _some(
            unused,
            "Images in no identity's folder, or of an identity without a class: {count}.",
            "Move each into the sub-folder of its identity.",
        )
    misplaced = [name for name in unused if name.rpartition("/")[0] not in layout.folders]
    unused = [name for name in unused if name not in set(misplaced)]
    unread = [name for name in unused if not layout.understands(Path(name).name)]
    junk = sorted(set(unused) - set(unread))
    return [
        *_some(
            misplaced,
            "Images in sub-folders, where this layout has none, left out: {count}.",
            "Move each into the folder above.",
        ),
        *_some(
            unread,
            "Images whose name does not say identity and camera: {count}.",
            f"Name them as {layout.example}, which begins with identity and camera.",
        ),
        *_some(
            junk,
            "Images outside the gallery marked as junk (-1), left out: {count}.",
            "Remove them, or give them their identity.",
        ),
    ]


def other_files(root: Path, tops: Sequence[str]) -> list[Finding]:
    """Files in the folders of images that are no images, and links that lead nowhere."""
    left = leftovers(root, tops)
    return [
        *_some(
            [file for file in left.others if "/" in file],
            "Files among images that are no images by their suffix, left out: {count}.",
            "Remove them, or save them as JPEG or PNG if they should count.",
        ),
        *_some(
            left.dangling,
            "Links that lead nowhere, left out: {count}.",
            "Put their files back, or remove the links.",
        ),
    ]


def special_identities(split: Split) -> tuple[str, ...]:
    """What images of the identities 0 and -1 are taken to be, a sentence each."""
    everything = (*split.train, *split.query, *split.gallery)
    zero = [image for image in everything if image.identity == DISTRACTOR]
    distractors = sum(image.distractor for image in zero)
    junk = sum(image.identity == JUNK for image in split.gallery)
    people = len(zero) - distractors
    return tuple(
        sentence
        for count, sentence in (
            (people, f"Identity 0 is a person like any other: {counted(people, 'image')}."),
            (
                distractors,
                f"Identity 0 in the gallery marks distractors, which are always wrong:"
                f" {counted(distractors, 'image')}, no query has it.",
            ),
            (junk, f"Identity -1 marks junk, which is never scored: {counted(junk, 'image')}."),
        )
        if count
    )


def _unusable(split: Split, drop_same_camera: bool) -> list[Finding]:
    findings = []
    for require in (
        require_training,
        partial(require_ranking, drop_same_camera=drop_same_camera),
    ):
        try:
            require(split)
        except DataError as error:
            findings.append(finding_of(error))
    return findings


def _alone(split: Split, _: bool) -> list[Finding]:
    images: dict[int, list[str]] = {}
    for sample in split.train:
        images.setdefault(sample.identity, []).append(sample.path)
    return _some(
        [paths[0] for paths in images.values() if len(paths) == 1],
        "Identities with one training image: {count}.",
        "Add images of them, or leave them out: one image cannot show what stays the same.",
    )


def _one_camera(split: Split, _: bool) -> list[Finding]:
    findings = []
    for use, samples in (("trained on", split.train), ("asked for", _ranked(split))):
        seen: dict[int, list[Sample]] = {}
        for sample in samples:
            seen.setdefault(sample.identity, []).append(sample)
        by_camera = {identity: {s.camera for s in person} for identity, person in seen.items()}
        findings += _some(
            [
                person[0].path
                for identity, person in seen.items()
                if len(person) > 1
                and len(by_camera[identity]) == 1
                and UNKNOWN_CAMERA not in by_camera[identity]
            ],
            f"Identities {use} and seen by one camera only: {{count}} of {len(seen)}.",
            "Add images of other cameras: such identities teach and test nothing across cameras.",
        )
    return findings


def _ranked(split: Split) -> list[Sample]:
    """Images of the identities that are asked for, each once."""
    queried = {sample.identity for sample in split.query}
    gallery = () if split.leave_one_out else split.gallery
    return [sample for sample in (*split.query, *gallery) if sample.identity in queried]


def _without_match(split: Split, drop_same_camera: bool) -> list[Finding]:
    counts = matches(split, drop_same_camera=drop_same_camera)
    alone = [query.path for query, count in zip(split.query, counts, strict=True) if not count]
    return _some(
        alone,
        f"Queries without a match in the gallery, skipped: {{count}} of {len(split.query)}.",
        "Add other images of their identities to the gallery, or remove these queries.",
    )


def _trained_and_ranked(split: Split, _: bool) -> list[Finding]:
    trained = {sample.identity for sample in split.train}
    both = {sample.identity: sample.path for sample in split.query if sample.identity in trained}
    return _some(
        list(both.values()),
        "Identities both trained on and asked for, which makes figures too good: {count}.",
        "Keep the identities of training and evaluation apart.",
    )


def same_files(split: Split, digests: Mapping[str, str]) -> list[Finding]:
    """Files with the same bytes in parts that should not share any; ``digests`` is by path."""
    pairs: list[tuple[Part, Part]] = [("train", "query"), ("train", "gallery")]
    findings = [
        finding
        for first, second in pairs
        for finding in _copies(split.part(first), split.part(second), digests, (first, second))
    ]
    for queries, gallery in _rankings(split):
        findings += _copies(queries, gallery, digests, ("query", "gallery"))
    return findings


def _rankings(split: Split) -> list[tuple[Sequence[Sample], Sequence[Sample]]]:
    """Queries and gallery of each ranking in which no image should be its own copy."""
    if split.leave_one_out:
        return []
    if not split.pairings:
        return [(split.query, split.gallery)]
    places = [split.paired(pairing) for pairing in split.pairings]
    return [
        ([split.query[place] for place in queries], [split.gallery[place] for place in gallery])
        for queries, gallery in places
    ]


def _copies(
    first: Sequence[Sample],
    second: Sequence[Sample],
    digests: Mapping[str, str],
    names: tuple[Part, Part],
) -> list[Finding]:
    known = {digests[sample.path] for sample in first if sample.path in digests}
    return _some(
        [sample.path for sample in second if digests.get(sample.path) in known],
        f"Images in {names[1]} that are the same file as one in {names[0]}: {{count}}.",
        f"Remove them from one of the two: finding a copy is no achievement in {names[1]}.",
    )


def unpublished(split: Split, dataset: Dataset) -> list[Finding]:
    """Counts that differ from the published ones."""
    cure = "Unpack it again; or, for another set in the same layout, nothing is wrong."
    return [Finding("warning", text, cure) for text in differences(split, dataset)]


def _some(files: Sequence[str], sentence: str, cure: str) -> list[Finding]:
    """A warning about files, counted, the first as an example; nothing where there are none."""
    if not files:
        return []
    return [Finding("warning", sentence.format(count=len(files)), cure, files[0])]


LOOKS: tuple[Callable[[Split, bool], list[Finding]], ...] = (
    _unusable,
    _alone,
    _one_camera,
    _without_match,
    _trained_and_ranked,
)
"""Everything that a split shows under an evaluation that excludes same-camera images, or not."""
