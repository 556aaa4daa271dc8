"""Everything a playground will hold, before a pixel is drawn.

The layout and the file names are those of Market-1501 (Zheng et al. 2015): identity, camera and
sequence, frame, and the number of the box: ``0001_c1s1_000151_01.jpg``.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from workbench.data.synthetic.playground.people.families import population
from workbench.data.synthetic.playground.people.identities import Identity
from workbench.data.synthetic.playground.randomness import Draws

TRAIN, GALLERY, QUERY = "bounding_box_train", "bounding_box_test", "query"
FOLDERS = (TRAIN, GALLERY, QUERY)
MASKS = "masks"
CAMERAS = 6
STRANGERS = 60
DISTRACTOR, JUNK = 0, -1

DISTRACTOR_SHARE, JUNK_SHARE = 0.12, 0.08
FRAME_STEP = 25

Content = Literal["person", "distractor", "junk"]


@runtime_checkable
class Settings(Protocol):
    """What a playground is drawn from; ``workbench.recipe.settings.data.Playground`` is one.

    A protocol, so that the drawing processes need not import the recipe.
    """

    @property
    def train_identities(self) -> int:
        """Identities to train on."""
        ...

    @property
    def test_identities(self) -> int:
        """Identities to be ranked."""
        ...

    @property
    def image_height(self) -> int:
        """Height of an image in pixels; its width is half of it."""
        ...

    @property
    def look_alikes(self) -> float:
        """Share of identities in families, 0 to 1."""
        ...

    @property
    def seed(self) -> int:
        """Seed of everything."""
        ...


@dataclass(frozen=True)
class Job:
    """One image to be drawn. Cameras and sequences count from 1, ``number`` 0 is the query's."""

    folder: str
    identity: int
    camera: int
    sequence: int
    frame: int
    number: int
    content: Content = "person"

    @property
    def stem(self) -> str:
        """File name without its ending."""
        name = f"{self.identity:04d}" if self.identity >= 0 else str(self.identity)
        return f"{name}_c{self.camera}s{self.sequence}_{self.frame:06d}_{self.number:02d}"


@dataclass(frozen=True)
class Plan:
    """People and jobs. ``strangers`` pass by, distract, and are seen in junk."""

    seed: int
    identities: dict[int, Identity]
    strangers: tuple[Identity, ...]
    jobs: tuple[Job, ...]


def make_plan(settings: Settings) -> Plan:
    """The plan of these settings; the image height has no part in it."""
    seed = settings.seed
    train = population("train", settings.train_identities, settings.look_alikes, seed)
    families = len({person.family for person in train} - {None})
    test = population("test", settings.test_identities, settings.look_alikes, seed, families)
    total = len(train) + len(test)
    numbers = Draws(seed, "numbers").shuffled(range(1, total + 1))
    jobs = [
        job
        for place, number in enumerate(numbers)
        for job in _visits(seed, number, test=place >= len(train))
    ]
    jobs += _extras(seed, gallery=sum(job.folder == GALLERY for job in jobs))
    return Plan(
        seed=seed,
        identities=dict(sorted(zip(numbers, train + test, strict=True))),
        strangers=population("strangers", STRANGERS, 0.0, seed),
        jobs=tuple(jobs),
    )


def _visits(seed: int, identity: int, test: bool) -> list[Job]:
    """One identity: three to five cameras, two to four images each, and a query if tested."""
    draws = Draws(seed, "visits", identity)
    cameras = draws.shuffled(range(1, CAMERAS + 1))[: draws.integer(3, 5)]
    jobs: list[Job] = []
    for camera in sorted(cameras):
        images = draws.integer(2, 4)
        sequence = draws.integer(1, 6)
        first = draws.integer(1, 90_000)
        for index in range(images):
            frame = first + FRAME_STEP * index
            jobs.append(
                Job(GALLERY if test else TRAIN, identity, camera, sequence, frame, index + 1)
            )
        if test:
            # Half a step after the last one, so a query's frame is never in the gallery.
            frame = first + FRAME_STEP * images + FRAME_STEP // 2
            jobs.append(Job(QUERY, identity, camera, sequence, frame, 0))
    return jobs


def _extras(seed: int, gallery: int) -> list[Job]:
    """Distractors and junk, as shares of the gallery's ``gallery`` images."""
    contents: list[tuple[Content, int, int]] = [
        ("distractor", DISTRACTOR, int(gallery * DISTRACTOR_SHARE)),
        ("junk", JUNK, int(gallery * JUNK_SHARE)),
    ]
    jobs: list[Job] = []
    for content, identity, count in contents:
        for index in range(count):
            draws = Draws(seed, content, index)
            camera, sequence = draws.integer(1, CAMERAS), draws.integer(1, 6)
            # The index is part of the frame, so no two file names are the same.
            frame = (index * 37 + 151) % 1_000_000
            jobs.append(Job(GALLERY, identity, camera, sequence, frame, index % 99 + 1, content))
    return jobs
