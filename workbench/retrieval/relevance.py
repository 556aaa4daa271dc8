"""Which gallery images are right answers to a query, and which do not count, from labels alone."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from workbench.data.samples import JUNK, UNKNOWN_CAMERA


@dataclass(frozen=True, eq=False)
class Labels:
    """Who is on each image (-1 junk) and which camera saw it (-1 unknown)."""

    query_ids: Int64[np.ndarray, "queries"]
    gallery_ids: Int64[np.ndarray, "images"]
    query_cameras: Int64[np.ndarray, "queries"]
    gallery_cameras: Int64[np.ndarray, "images"]


@dataclass(frozen=True, eq=False)
class Relevance:
    """Pairs ``(query, gallery)`` of one identity, sorted by query, and what they mean.

    Attributes:
        matches: Right answers ``(2, pairs)``: query row, gallery column.
        excluded: Pairs that do not count for their query: same identity and camera, or the query
            itself.
        same_camera: How many of the excluded pairs are so for their camera.
        junk: Gallery images that count for nobody.
        queries: Number of queries.
    """

    matches: Int64[np.ndarray, "2 matches"]
    excluded: Int64[np.ndarray, "2 excluded"]
    same_camera: int
    junk: Bool[np.ndarray, "images"]
    queries: int

    def starts(self) -> Int64[np.ndarray, "bounds"]:
        """Where the matches of each query begin, and where the last ones end."""
        return np.searchsorted(self.matches[0], np.arange(self.queries + 1))

    def hide(
        self, scores: Float[np.ndarray, "rows columns"], queries: slice, gallery: slice
    ) -> None:
        """Set matches and whatever does not count to minus infinity, in place."""
        junk = np.flatnonzero(self.junk[gallery])
        if len(junk):
            scores[:, junk] = -np.inf
        scores[self.hidden(queries, gallery)] = -np.inf

    def hidden(
        self, queries: slice, gallery: slice
    ) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
        """Matches and excluded pairs inside a block, counted from its corner."""
        blocks: list[Int64[np.ndarray, "2 pairs"]] = []
        for pairs in (self.matches, self.excluded):
            rows, columns = pairs_of(pairs, queries)
            inside = (columns >= gallery.start) & (columns < gallery.stop)
            blocks.append(np.stack([rows[inside], columns[inside] - gallery.start]))
        rows, columns = np.concatenate(blocks, axis=1)
        return rows, columns


def pairs_of(
    pairs: Int64[np.ndarray, "2 all_pairs"], queries: slice
) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
    """Those pairs, sorted by query, that are of some queries, counted from the first of these."""
    first, last = np.searchsorted(pairs[0], (queries.start, queries.stop))
    return pairs[0, first:last] - queries.start, pairs[1, first:last]


def find_relevance(
    labels: Labels,
    *,
    drop_same_camera: bool,
    itself: Int64[np.ndarray, "queries"] | None = None,
) -> Relevance:
    """Right answers and excluded pairs of every query.

    The work is proportional to the number of pairs of one identity, never to all pairs.

    Args:
        labels: Identities and cameras.
        drop_same_camera: Exclude images of the query's identity from its own camera. An unknown
            camera is nobody's own.
        itself: The gallery column that is the query itself, if any.
    """
    rows, columns = _pairs_of_one_identity(labels.query_ids, labels.gallery_ids)
    is_itself = columns == itself[rows] if itself is not None else np.zeros(len(rows), dtype=bool)
    camera = labels.query_cameras[rows]
    is_same_camera = (camera == labels.gallery_cameras[columns]) & (camera != UNKNOWN_CAMERA)
    is_same_camera &= drop_same_camera & ~is_itself
    counts = ~(is_itself | is_same_camera)
    pairs = np.stack([rows, columns])
    return Relevance(
        matches=pairs[:, counts],
        excluded=pairs[:, ~counts],
        same_camera=int(is_same_camera.sum()),
        junk=labels.gallery_ids == JUNK,
        queries=len(labels.query_ids),
    )


def _pairs_of_one_identity(
    query_ids: Int64[np.ndarray, "queries"], gallery_ids: Int64[np.ndarray, "images"]
) -> tuple[Int64[np.ndarray, "pairs"], Int64[np.ndarray, "pairs"]]:
    order = np.argsort(gallery_ids, kind="stable")
    ordered = gallery_ids[order]
    first = np.searchsorted(ordered, query_ids, side="left")
    last = np.searchsorted(ordered, query_ids, side="right")
    sizes = np.where(query_ids == JUNK, 0, last - first)
    rows = np.repeat(np.arange(len(query_ids)), sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, order[np.repeat(first, sizes) + within]
