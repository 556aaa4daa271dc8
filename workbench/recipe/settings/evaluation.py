"""Evaluation settings: what is compared, and by which protocol figures are counted."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.recipe.settings.base import Group, setting


class Embedding(Group):
    """Which vectors of the network represent an image; they are concatenated in branch order."""

    reads: Annotated[
        Literal["pooled", "reduced", "embedding"], setting("Which vector of each output.")
    ] = "embedding"
    branches: Annotated[
        list[str], setting("Outputs used: names or patterns such as part_*.", min_length=1)
    ] = ["*"]
    normalise_outputs: Annotated[
        bool,
        setting("Divide each output by its length before joining, so that all weigh the same."),
    ] = False
    flip: Annotated[bool, setting("Add the vector of the mirrored image.")] = False
    scales: Annotated[
        list[Annotated[float, Field(gt=0.1, le=4.0)]],
        setting("Add the vectors of the image at these sizes.", min_length=1, max_length=8),
    ] = [1.0]


class ReRanking(Group):
    """k-reciprocal re-ranking (Zhong et al. 2017, arXiv 1701.08398)."""

    k1: Annotated[int, setting("Size of the reciprocal neighbourhood.", ge=1, le=1000)] = 20
    k2: Annotated[int, setting("Neighbours of the query expansion.", ge=1, le=1000)] = 6
    weight: Annotated[
        float, setting("Share of the original distance in the result.", ge=0.0, le=1.0)
    ] = 0.3
    squared: Annotated[
        bool,
        setting(
            "Square the original distance, a squared one already, once more, as the layumi baseline"
            " does.",
            later=True,
        ),
    ] = False


class GalleryDraws(Group):
    """How often, and from which seed, one image of each identity is drawn as gallery.

    For data sets whose protocol says so (VehicleID); others draw nothing.
    """

    count: Annotated[int, setting("Draws; figures are their mean.", ge=1, le=100)] = 10
    seed: Annotated[int, setting("Same seed, same draws.", ge=0, le=2**31 - 1)] = 0


class Clustering(Group):
    """Agreement of k-means clusters with the classes (NMI), and Recall@K beside it.

    Vectors are divided by their length first; there are as many clusters as classes.
    """

    training_count: Annotated[
        bool,
        setting(
            "Count NMI also with as many clusters as classes were trained on, as some published"
            " figures were."
        ),
    ] = False
    iterations: Annotated[int, setting("Rounds at most.", ge=1, le=1000)] = 20
    seed: Annotated[int, setting("Of the first centres.", ge=0, le=2**31 - 1)] = 0


class Evaluation(Group):
    """Protocol of ranking and figures."""

    embedding: Annotated[Embedding, setting("The vector of an image.")] = Embedding()
    distance: Annotated[Literal["cosine", "euclidean"], setting("How vectors are compared.")] = (
        "cosine"
    )
    average_precision: Annotated[
        Literal["step", "trapezoid"],
        setting(
            "Area under precision-recall by steps (FastReID) or trapezoids (Market's own code)."
        ),
    ] = "step"
    denominator: Annotated[
        Literal["valid", "all"],
        setting("Divide by queries that have a match, or by all queries."),
    ] = "valid"
    drop_same_camera: Annotated[
        bool, setting("Ignore gallery images of the query's identity from its own camera.")
    ] = True
    ties: Annotated[
        Literal["mean", "index", "worst"],
        setting("Equal distances: expected value over all orders, gallery order, or worst order."),
    ] = "mean"
    ranks: Annotated[
        list[Annotated[int, Field(ge=1, le=10_000)]], setting("k of CMC rank-k.", min_length=1)
    ] = [1, 5, 10]
    gallery_draws: Annotated[
        GalleryDraws, setting("Draws of the gallery, where a data set is ranked so.")
    ] = GalleryDraws()
    multi_query: Annotated[
        bool,
        setting(
            "Rank also by the mean vector of all images of a query's identity and camera, where"
            " the data set has them."
        ),
    ] = False
    clustering: Annotated[
        Clustering | None, setting("Count Recall@K and NMI of clusters; empty: no.")
    ] = None
    certainty_weight: Annotated[
        float,
        setting(
            "Angle taken off an image's distance for each unit of its certainty; for networks that"
            " learn certainty.",
            ge=-100.0,
            le=100.0,
        ),
    ] = 0.0
    re_ranking: Annotated[
        ReRanking | None, setting("Re-rank with k-reciprocal neighbours; empty: no.")
    ] = None
    batch_size: Annotated[int, setting("Images embedded at once.", ge=1, le=4096)] = 128
