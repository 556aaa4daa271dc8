"""What there is to know about one kind of data set."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """What is known about one kind of data set.

    Attributes:
        name: its ``kind`` in a recipe.
        title: what people call it.
        origin: who published it, where, and what it shows.
        terms: what its authors ask of who uses it.
        homepage: where it is published; empty where there is no such page.
        layout: what its folder holds.
        how_to_get: what to do where it is not there.
        counts: published figures by name (``train_identities``, ``train_images``, ...), empty
            where nobody published any.
        folders: the names looked for under the data sets folder; capitals and signs do not matter.
        variants: other figures under a setting, by ``field=value``; None: nobody published one.
        withdrawn: why its authors no longer hand it out; empty where they do.
        shows: a name for the people or things shown; sets of the same name share identities.
        protocol: how its published figures are counted, in words.
    """

    name: str
    title: str
    origin: str
    terms: str
    homepage: str
    layout: str
    how_to_get: str
    counts: Mapping[str, int] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    variants: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    withdrawn: str = ""
    shows: str = ""
    protocol: str = ""


PEOPLE_TERMS = (
    "For academic research; the authors ask to be cited. It shows real people who were not each"
    " asked: do not try to find out who they are, do not pass the images on, show no more of them"
    " than a result needs, and check what your institution and law require."
)
CAMERA_PROTOCOL = (
    "Each query against the gallery, images of its own identity and camera left out; CMC and mAP."
)
OPEN_PROTOCOL = "Each query against the whole gallery, no image left out for its camera."
LEAVE_ONE_OUT_PROTOCOL = (
    "Every test image against all others: Recall@K, and NMI of clusters as many as classes."
)


def unpack(title: str, folder: str, url: str) -> str:
    """How to get a data set from its page and where to put it."""
    return (
        f"Get {title} from {url} and unpack it under the data sets folder as {folder}, or set"
        " data.root to where it is."
    )
