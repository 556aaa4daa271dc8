"""How the ranked list of one query formed, over the snapshots of its training. No torch."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from workbench.errors import RunError
from workbench.experiment.protocol_metrics import plain
from workbench.experiment.snapshots import SAMPLE, spread
from workbench.inspection.filmstrip import (
    Frame,
    Hit,
    Snapshot,
    Strip,
    filmstrip,
    pinned_queries,
    snapshot_embeddings,
)
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.rankings import Rankings
from workbench.runs.folder import RunFolder

TOP = 10


@dataclass(frozen=True)
class Formation:
    """The lists of one query at every evaluation, by the raw weights of that step.

    Attributes:
        frames: one for each snapshot, in order, with the one query in it.
        among: how many gallery images the lists were made from.
        exact: the lists are those of the evaluation; else they are made anew from vectors that
            were kept in half precision.
    """

    frames: tuple[Frame, ...]
    among: int
    exact: bool


def formation(run: RunFolder, rankings: Rankings, query: int, top: int = TOP) -> Formation:
    """How the list of a query formed.

    Lists of the pinned queries were kept. Any other image's are made from the images whose vectors
    snapshots keep (at most 2,000), if it is one of them.

    Args:
        run: whose snapshots are read.
        rankings: of the same run, for what its images are and how they are compared.
        query: as ``rankings`` counts them, so that gallery images come behind the queries.
        top: how many images that count, at most 20 for a pinned query.

    Raises:
        DataError: there is no such query.
        RunError: there is no snapshot yet; the run has been deleted; snapshots keep nothing of this
            image; the data are not those of the snapshots any more.
    """
    rankings.image_of(query)
    if query in pinned_queries(run):
        kept = [
            Frame(frame.step, strips)
            for frame in filmstrip(run, top)
            if (strips := tuple(strip for strip in frame.strips if strip.query == query))
        ]
        return Formation(tuple(kept), len(rankings.embeddings.gallery_images), exact=True)
    snapshots = snapshot_embeddings(run)
    sample = _Sample(run, rankings, snapshots[-1].sample)
    row = sample.row_of(query)
    frames = tuple(Frame(one.step, (sample.strip(one, row, query, top),)) for one in snapshots)
    return Formation(frames, len(sample.gallery), exact=False)


class _Sample:
    """The images whose vectors snapshots keep, by their rows.

    Attributes:
        rows: of the gallery images among them.
        gallery: their numbers in the gallery.
    """

    def __init__(
        self, run: RunFolder, rankings: Rankings, sample: Int64[np.ndarray, "points"]
    ) -> None:
        self._run, self._rankings, self._sample = run, rankings, sample
        embeddings = rankings.embeddings
        # Where gallery begins among all images: with leave-one-out there are no others.
        self._first = 0 if embeddings.leave_one_out else rankings.num_queries
        if not np.array_equal(sample, spread(self._first + len(embeddings.gallery_images), SAMPLE)):
            raise RunError(
                f"The snapshots of run {run.id} are of other images than its rankings: the data"
                " were changed in between."
            )
        self.rows = np.flatnonzero(sample >= self._first)
        self.gallery = sample[self.rows] - self._first

    def row_of(self, query: int) -> int:
        """The row of an image. Raises RunError where snapshots do not keep it."""
        row = int(np.searchsorted(self._sample, query))
        if row < len(self._sample) and self._sample[row] == query:
            return row
        raise RunError(
            f"The snapshots of run {self._run.id} keep nothing of this image: they hold"
            f" {len(self._sample)} images and the lists of"
            f" {len(pinned_queries(self._run))} queries. Choose one of those queries."
        )

    def strip(self, snapshot: Snapshot, row: int, query: int, top: int) -> Strip:
        """The list of a query, whose row is given, at one snapshot."""
        embeddings = self._rankings.embeddings
        there = Embeddings(
            query=snapshot.vectors[[row]],
            gallery=snapshot.vectors[self.rows],
            query_images=(self._rankings.image_of(query),),
            gallery_images=tuple(embeddings.gallery_images[number] for number in self.gallery),
            root=embeddings.root,
            pairings=embeddings.pairings,
            # Snapshots keep no certainty: that of the end stands in for it.
            certainty=None if embeddings.certainty is None else embeddings.certainty[self.gallery],
        )
        lists = Rankings(there, plain(self._rankings.evaluation))
        is_gallery = query >= self._first
        number = lists.query_of(int(np.searchsorted(self.rows, row))) if is_gallery else 0
        ranking = lists.ranking(number)
        right = ranking.hits()
        hits = tuple(
            Hit(int(self.gallery[image.index]), image.distance, image.verdict)
            for image in ranking.top(top)
            if image.excluded is None
        )
        first = int(right.argmax()) + 1 if right.any() else None
        return Strip(query, hits, first, len(right))
