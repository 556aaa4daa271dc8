"""Questions about the rankings of stored embeddings: figures, lists, curves, any image as query."""

from dataclasses import replace
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from workbench.data.samples import DISTRACTOR, Sample
from workbench.errors import DataError
from workbench.recipe.settings.evaluation import Evaluation, ReRanking
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.exact.blocks import Pairs
from workbench.retrieval.exact.certain_pairs import CertainPairs
from workbench.retrieval.exact.matrix_pairs import MatrixPairs
from workbench.retrieval.exact.pairs import FeaturePairs
from workbench.retrieval.metrics import RetrievalReport, Rules, relevance_of, report
from workbench.retrieval.protocol_parts import Part, directions, joined
from workbench.retrieval.ranked_list import Query, RankedImage, Ranking
from workbench.retrieval.reranking.neighbourhoods import Neighbourhoods
from workbench.retrieval.reranking.reranked_pairs import ReRankedPairs

Order = Literal["worst", "id", "random"]


class Rankings:
    """Rankings of stored embeddings under one protocol.

    Queries are numbered from 0; behind the last one follow the gallery images, so that any image
    can be a query (``query_of``). With leave-one-out they are the same images and the same numbers.
    With pairings an image is ranked against the group that its own is paired with: other images are
    not in its list, and the report weighs every pairing the same. Draws of a gallery are a matter
    of figures (``protocol``): here every image is ranked against all others.
    Nothing is computed before it is asked for.
    """

    def __init__(self, embeddings: Embeddings, evaluation: Evaluation) -> None:
        self.embeddings = embeddings
        self.evaluation = evaluation
        self._labels = embeddings.labels()
        self._rules = Rules(
            evaluation.average_precision,
            evaluation.denominator,
            tuple(evaluation.ranks),
            evaluation.ties,
        )
        self._latest: tuple[int, Ranking] | None = None

    @property
    def num_queries(self) -> int:
        """Number of queries proper; gallery images as queries come behind them."""
        return len(self.embeddings.query_images)

    @cached_property
    def report(self) -> RetrievalReport:
        """Figures over all queries. Raises EmptySplit where no query has a right answer."""
        if self._directions:
            reports = [(part, rankings.report) for part, rankings in self._directions]
            return joined(reports, self.num_queries)
        relevance = relevance_of(
            self._labels, self.evaluation.drop_same_camera, self.embeddings.leave_one_out
        )
        re_ranking = self.evaluation.re_ranking is not None
        pairs = self._re_ranked_queries if re_ranking else self._pairs
        return report(pairs, relevance, self._rules)

    @cached_property
    def _zero_is_person(self) -> bool:
        images = (*self.embeddings.query_images, *self.embeddings.gallery_images)
        return any(image.identity == DISTRACTOR and image.is_person for image in images)

    def directions(self) -> dict[str, RetrievalReport]:
        """Figures of each pairing by its name; empty where there are none."""
        return {part.name: rankings.report for part, rankings in self._directions}

    def re_ranked(self, settings: ReRanking | None) -> "Rankings":
        """The same embeddings with other re-ranking settings; None switches it off."""
        evaluation = self.evaluation.model_copy(update={"re_ranking": settings})
        return Rankings(self.embeddings, evaluation)

    def query_of(self, image: int | str) -> int:
        """The number under which an image is a query: a gallery index, or the path of any image.

        Raises DataError where there is no such image.
        """
        queries, gallery = self.embeddings.query_images, self.embeddings.gallery_images
        behind = 0 if self.embeddings.leave_one_out else len(queries)
        if isinstance(image, int):
            if not 0 <= image < len(gallery):
                raise DataError(
                    f"There is no gallery image {image}: they are numbered from 0 to"
                    f" {len(gallery) - 1}."
                )
            return behind + image
        for first, images in ((0, queries), (behind, gallery)):
            for index, sample in enumerate(images):
                if sample.path == image:
                    return first + index
        raise DataError(
            f"'{image}' is neither a query nor a gallery image of {self.embeddings.root}."
        )

    def image_of(self, query: int) -> Sample:
        """The image behind a query's number. Raises DataError where there is no such query."""
        embeddings = self.embeddings
        gallery = () if embeddings.leave_one_out else embeddings.gallery_images
        images = len(embeddings.query_images) + len(gallery)
        if not 0 <= query < images:
            raise DataError(f"There is no query {query}: they are numbered from 0 to {images - 1}.")
        behind = query - self.num_queries
        return gallery[behind] if behind >= 0 else embeddings.query_images[query]

    def order(self, by: Order, seed: int = 0) -> Int64[np.ndarray, "queries"]:
        """Queries by average precision, the worst first; by identity; or in random order.

        Queries without a right answer come last among the worst.
        """
        number = np.arange(self.num_queries)
        if by == "random":
            return np.random.default_rng(seed).permutation(number)
        if by == "worst":
            return np.lexsort((number, self.report.average_precision))
        return np.lexsort((number, self._labels.query_cameras, self._labels.query_ids))

    def average_precision(self, query: int) -> float | None:
        """Average precision of one query, the same as in the report; None without right answer."""
        ranking = self.ranking(query)
        if not ranking.relevance.matches.size:
            return None
        pairs = MatrixPairs(-ranking.scores[None])
        return float(report(pairs, ranking.relevance, self._rules).average_precision[0])

    def precision_recall(
        self, query: int
    ) -> tuple[Float64[np.ndarray, "matches"], Float64[np.ndarray, "matches"]]:
        """Recall and precision at each right answer of one query, nearest first."""
        ranking = self.ranking(query)
        return ranking.recall(), ranking.precision()

    def ranking(self, query: int) -> Ranking:
        """The whole gallery in order of distance to one query."""
        if self._latest is None or self._latest[0] != query:
            self._latest = query, self._ranking(query)
        return self._latest[1]

    def _ranking(self, query: int) -> Ranking:
        image = self.image_of(query)
        scores, distances = self._scores(query)
        return Ranking(
            scores,
            distances,
            Query(image.identity, image.camera, self._column(query)),
            self._labels.gallery_ids,
            self._labels.gallery_cameras,
            drop_same_camera=self.evaluation.drop_same_camera,
            zero_is_person=self._zero_is_person,
            apart=self._apart(image),
        )

    def _apart(self, image: Sample) -> Bool[np.ndarray, "images"] | None:
        """Gallery images that an image is not ranked against; None where there are none."""
        opposite = {pairing.query: pairing.gallery for pairing in self.embeddings.pairings}
        group = opposite.get(image.group)
        if group is None:
            return None
        return np.array([other.group != group for other in self.embeddings.gallery_images])

    def _scores(
        self, query: int
    ) -> tuple[Float64[np.ndarray, "images"], Float64[np.ndarray, "images"]]:
        """Scores that decide the order, and distances for a person to see."""
        if self.evaluation.re_ranking is not None:
            scores = self._re_ranked_row(query)
            return scores, -scores
        proper = query < self.num_queries
        pairs, row = (self._pairs, query) if proper else (self._gallery_pairs, self._column(query))
        columns = np.arange(len(self.embeddings.gallery))
        scores = pairs.scores(np.full(len(columns), row), columns)
        if self.evaluation.certainty_weight:
            return scores, -scores
        cosine = self.evaluation.distance == "cosine"
        return scores, 1 - scores if cosine else np.sqrt(-scores)

    def _column(self, query: int) -> int | None:
        """The gallery column of a query that is a gallery image."""
        own = 0 if self.embeddings.leave_one_out else self.num_queries
        return query - own if query >= own else None

    @cached_property
    def _directions(self) -> list[tuple[Part, "Rankings"]]:
        parts = directions(self.embeddings)
        return [(part, Rankings(part.embeddings, self.evaluation)) for part in parts]

    @cached_property
    def _pairs(self) -> Pairs:
        if self.embeddings.leave_one_out:  # the same vectors, though not the same array
            return self._gallery_pairs
        return self._pairs_of(self.embeddings.query)

    @cached_property
    def _gallery_pairs(self) -> Pairs:
        return self._pairs_of(self.embeddings.gallery)

    def _pairs_of(self, query: Float32[np.ndarray, "rows dim"]) -> Pairs:
        pairs = FeaturePairs(query, self.embeddings.gallery, self.evaluation.distance)
        weight, certainty = self.evaluation.certainty_weight, self.embeddings.certainty
        if not weight:
            return pairs
        if certainty is None:
            raise DataError(
                f"evaluation.certainty_weight = {weight}: these embeddings of"
                f" {self.embeddings.root} say nothing of certainty. Embed the images again."
            )
        return CertainPairs(pairs, weight * np.asarray(certainty, dtype=np.float64))

    @property
    def _settings(self) -> ReRanking:
        return self.evaluation.re_ranking or ReRanking()

    @cached_property
    def _neighbourhoods(self) -> Neighbourhoods:
        settings = self._settings
        query, gallery = self.embeddings.query, self.embeddings.gallery
        everything = gallery if self.embeddings.leave_one_out else np.concatenate([query, gallery])
        return Neighbourhoods(
            everything,
            settings.k1,
            settings.k2,
            self.evaluation.distance,
            squared=settings.squared,
        )

    @cached_property
    def _re_ranked_queries(self) -> ReRankedPairs:
        return self._re_ranked_pairs(np.arange(self.num_queries))

    def _re_ranked_row(self, query: int) -> Float64[np.ndarray, "images"]:
        group = self.image_of(query).group
        for pairing, (part, rankings) in zip(
            self.embeddings.pairings, self._directions, strict=True
        ):
            if pairing.query == group:
                return self._re_ranked_in(part, rankings, query)
        proper = query < self.num_queries
        pairs = self._re_ranked_queries if proper else self._re_ranked_pairs(np.array([query]))
        columns = np.arange(pairs.shape[1])
        return pairs.scores(np.full(len(columns), query if proper else 0), columns)

    def _re_ranked_in(
        self, part: Part, rankings: "Rankings", query: int
    ) -> Float64[np.ndarray, "images"]:
        """Scores of one direction's gallery, all others below them."""
        row = np.flatnonzero(part.queries == query)
        if len(row):
            found = rankings._re_ranked_row(int(row[0]))
        else:  # a gallery image asks: its neighbourhoods are those of the direction and itself
            image = self.embeddings.gallery[[query - self.num_queries]]
            asking = replace(
                part.embeddings,
                query=np.concatenate([part.embeddings.query, image]),
                query_images=(*part.embeddings.query_images, self.image_of(query)),
            )
            found = Rankings(asking, self.evaluation)._re_ranked_row(len(part.queries))
        scores = np.full(len(self.embeddings.gallery), found.min() - 1.0)
        scores[part.gallery] = found
        return scores

    def _re_ranked_pairs(self, queries: Int64[np.ndarray, "rows"]) -> ReRankedPairs:
        gallery = slice(0 if self.embeddings.leave_one_out else self.num_queries, None)
        return self._neighbourhoods.pairs(queries, gallery, self._settings.weight)

    def list(self, query: int, k: int = 10) -> list[RankedImage]:
        """The ``k`` nearest images that count, in their places those that do not, with the reason.

        Raises DataError where there is no such query.
        """
        return self.ranking(query).top(k)
