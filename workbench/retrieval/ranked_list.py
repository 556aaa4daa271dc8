"""The gallery in order of distance to one query, with what each image is to it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64

from workbench.data.samples import DISTRACTOR, JUNK, UNKNOWN_CAMERA
from workbench.retrieval.relevance import Labels, Relevance, find_relevance

Verdict = Literal["match", "wrong", "distractor"]

ITSELF = "the query itself"
JUNK_IMAGE = "junk"
SAME_CAMERA = "same identity, same camera"


@dataclass(frozen=True)
class RankedImage:
    """One gallery image of a ranked list.

    Attributes:
        index: Gallery image.
        distance: To the query, smaller is nearer.
        verdict: Same identity, another one, or nobody in particular (distractor or junk).
        excluded: Why the image does not count for this query, in words; None where it counts.
        rank: Place among the images that count, from 1; None where it does not.
    """

    index: int
    distance: float
    verdict: Verdict
    excluded: str | None
    rank: int | None


@dataclass(frozen=True)
class Query:
    """What is known of a query: identity, camera (-1 unknown), its gallery column if any."""

    identity: int
    camera: int = UNKNOWN_CAMERA
    column: int | None = None


class Ranking:
    """The whole gallery in order of distance, equal distances in gallery order.

    A query that is nobody's, such as a distractor, has no right answer.

    Args:
        scores: Of every gallery image against the query, larger is nearer; they decide the order.
        distances: The same as a person is to see it, smaller is nearer.
        query: The query.
        gallery_ids: Identity of every gallery image; -1 is junk.
        gallery_cameras: Camera of every gallery image.
        drop_same_camera: Whether images of the query's identity and camera do not count.
        zero_is_person: Whether identity 0 is a person, since a query has it, and no distractor.
        apart: Gallery images that are not ranked for this query at all; None where all are.
    """

    def __init__(
        self,
        scores: Float64[np.ndarray, "images"],
        distances: Float64[np.ndarray, "images"],
        query: Query,
        gallery_ids: Int64[np.ndarray, "images"],
        gallery_cameras: Int64[np.ndarray, "images"],
        *,
        drop_same_camera: bool,
        zero_is_person: bool = False,
        apart: Bool[np.ndarray, "images"] | None = None,
    ) -> None:
        self.scores = scores
        self.distances = distances
        counted = gallery_ids if apart is None else np.where(apart, JUNK, gallery_ids)
        self._last_nobody = JUNK if zero_is_person else DISTRACTOR
        known = query if query.identity > self._last_nobody else replace(query, identity=JUNK)
        self.relevance = _relevance(known, counted, gallery_cameras, drop_same_camera)
        self._query = query
        self._ids = gallery_ids
        order = np.argsort(-scores, kind="stable")
        self._order = order if apart is None else order[~apart[order]]
        self._left_out = self.relevance.junk.copy()
        self._left_out[self.relevance.excluded[1]] = True
        if query.column is not None:
            self._left_out[query.column] = True

    def top(self, k: int) -> list[RankedImage]:
        """The ``k`` nearest images that count, and in their places those that do not.

        There are fewer where the gallery is smaller.
        """
        images: list[RankedImage] = []
        rank = 0
        for index in self._order.tolist():
            if rank == k:
                break
            excluded = self._reason(index)
            rank += excluded is None
            images.append(
                RankedImage(
                    index=index,
                    distance=float(self.distances[index]),
                    verdict=self._verdict(index),
                    excluded=excluded,
                    rank=rank if excluded is None else None,
                )
            )
        return images

    def hits(self) -> Bool[np.ndarray, "counted"]:
        """Whether each image that counts is a right answer, nearest first."""
        right = np.zeros(len(self._order), dtype=bool)
        right[self.relevance.matches[1]] = True
        counted = self._order[~self._left_out[self._order]]
        return right[counted]

    def recall(self) -> Float64[np.ndarray, "matches"]:
        """Share of the right answers found, at each right answer, nearest first."""
        found = np.arange(1, int(self.hits().sum()) + 1, dtype=np.float64)
        return found / max(len(found), 1)

    def precision(self) -> Float64[np.ndarray, "matches"]:
        """Share of right answers among the images up to each right answer, nearest first."""
        ranks = np.flatnonzero(self.hits()) + 1
        return np.arange(1, len(ranks) + 1) / ranks

    def _reason(self, index: int) -> str | None:
        if not self._left_out[index]:
            return None
        if index == self._query.column:
            return ITSELF
        return JUNK_IMAGE if self.relevance.junk[index] else SAME_CAMERA

    def _verdict(self, index: int) -> Verdict:
        identity = int(self._ids[index])
        if identity <= self._last_nobody:
            return "distractor"
        return "match" if identity == self._query.identity else "wrong"


def _relevance(
    query: Query,
    gallery_ids: Int64[np.ndarray, "images"],
    gallery_cameras: Int64[np.ndarray, "images"],
    drop_same_camera: bool,
) -> Relevance:
    labels = Labels(
        query_ids=np.array([query.identity]),
        gallery_ids=gallery_ids,
        query_cameras=np.array([query.camera]),
        gallery_cameras=gallery_cameras,
    )
    itself = None if query.column is None else np.array([query.column])
    return find_relevance(labels, drop_same_camera=drop_same_camera, itself=itself)
