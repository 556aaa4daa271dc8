"""What ``workbench bench retrieval`` measures, and what each case is to reach."""

from dataclasses import dataclass
from typing import Literal

from workbench.bench.retrieval_features import SIZES, Size

Work = Literal["evaluate", "rerank", "recall", "clusters", "index"]


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes:
        about: What is done, in words.
        work: What is done.
        size: Of the vectors.
        ratio: Wall time in bare float32 products of all queries and gallery images, at most.
        ratio_short: The same where the machine multiplies bfloat16 at least twice as fast.
        megabytes: Memory beyond the vectors, at most.
        rounds: Turns of each contestant; the first of several warms up and is left out.
        peers: Whether anybody else is measured.
        mapped: Whether vectors are read from files as they are needed; pages of a file that happen
            to be in memory are then not counted.
    """

    about: str
    work: Work
    size: Size
    ratio: float | None = None
    ratio_short: float | None = None
    megabytes: float | None = None
    rounds: int = 3
    peers: bool = True
    mapped: bool = False


CASES = {
    "tiny": Case("all figures, a size for trying out", "evaluate", SIZES["tiny"], rounds=1),
    "market": Case("all figures, Market size", "evaluate", SIZES["market"], 1.3, 0.5, 40.0),
    "market-2048": Case(
        "all figures, Market size, width 2,048", "evaluate", SIZES["market-2048"], 1.15, 0.5, 40.0
    ),
    "msmt17": Case("all figures, MSMT17 size", "evaluate", SIZES["msmt17"], 1.3, 0.7, 130.0),
    "rerank-tiny": Case("re-ranking and figures, to try out", "rerank", SIZES["tiny"], rounds=1),
    "rerank-market": Case(
        "re-ranking and figures, Market size", "rerank", SIZES["market"], 12.0, None, 300.0
    ),
    "rerank-msmt17": Case(
        "re-ranking and figures, MSMT17 size", "rerank", SIZES["msmt17"], 3.8, None, 1000.0, 1
    ),
    "recall-sop": Case(
        "Recall@K, MAP@R, R-precision, SOP size", "recall", SIZES["sop"], 1.15, 0.5, 120.0, 1
    ),
    "clusters-sop": Case(
        "k-means for NMI, SOP size, 11,316 clusters",
        "clusters",
        SIZES["sop"],
        megabytes=400.0,
        rounds=1,
    ),
    "bounded": Case(
        "all figures, 100,000 x 100,000, both sides on disk",
        "evaluate",
        SIZES["bounded"],
        megabytes=400.0,
        rounds=1,
        peers=False,
        mapped=True,
    ),
    "index": Case("indexes of a million vectors", "index", SIZES["million"], rounds=1),
}
"""By name, from the quickest to the slowest."""
