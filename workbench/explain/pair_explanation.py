"""One pair of images explained: a map for each part on both, its worth, how far to believe it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, UInt8

from workbench.explain.cams.cells import resampled
from workbench.explain.explanation import PairExplanation, PartExplanation
from workbench.explain.faithfulness.scores import deletions
from workbench.explain.methods import Method
from workbench.explain.output_vectors import cosines, similarities
from workbench.explain.pair_reader import PairReader
from workbench.explain.part_titles import WHOLE
from workbench.explain.true_masks import Shares, shares

Mask = UInt8[np.ndarray, "mask_height mask_width"]


def explain_images(
    reader: PairReader,
    method: Method = "evidence",
    masks: tuple[Mask | None, Mask | None] = (None, None),
    *,
    scores: bool = True,
) -> PairExplanation:
    """Maps of every part and of all together on both images, with deletion scores and true shares.

    Args:
        reader: the pair.
        method: how maps are made.
        masks: true parts of query and hit where they are known.
        scores: whether to count deletion scores, most of the work.
    """
    found = _evidence(reader) if method == "evidence" else _activation_maps(reader, method)
    grid = found[-1].query_heat.shape if method == "evidence" else _finest_map(reader)
    if scores:
        scored = deletions(reader, {part.name: part.query_heat for part in found}, grid)
        found = [replace(part, deletion=scored[part.name]) for part in found]
    truths = [replace(part, **_truths(part, masks)) for part in found]
    *branches, whole = truths
    constant = sum(part.query_constant for part in branches)
    return PairExplanation(method, tuple(branches), whole, constant, reader.total)


def _evidence(reader: PairReader) -> list[PartExplanation]:
    query, hit = reader.evidence()
    alone = cosines(*reader.both)
    parts = [
        PartExplanation(
            name=name,
            query_heat=query[name].heat.copy(),
            hit_heat=hit[name].heat.copy(),
            similarity=worth,
            cosine=float(alone[name][0]),
            query_constant=query[name].constant,
            hit_constant=hit[name].constant,
        )
        for name, worth in reader.worth.items()
    ]
    return [*parts, _sum_of(parts, reader)]


def _sum_of(parts: list[PartExplanation], reader: PairReader) -> PartExplanation:
    """All parts on the finest of their maps."""
    rows, columns = (max(part.query_heat.shape[axis] for part in parts) for axis in (0, 1))
    return PartExplanation(
        name=WHOLE,
        query_heat=_summed([part.query_heat for part in parts], rows, columns),
        hit_heat=_summed([part.hit_heat for part in parts], rows, columns),
        similarity=reader.total,
        cosine=_cosine_of_all(reader),
        query_constant=sum(part.query_constant for part in parts),
        hit_constant=sum(part.hit_constant for part in parts),
    )


def _activation_maps(reader: PairReader, method: Method) -> list[PartExplanation]:
    # The grad-cam package takes a second to load: only for those who ask for it.
    from workbench.explain.cams.cam import similarity_maps

    if method == "evidence":
        raise AssertionError("evidence is not an activation map")
    alone = cosines(*reader.both)
    parts: list[PartExplanation] = []
    for name in [*reader.worth, None]:
        maps = similarity_maps(reader.network, reader.images, reader.embedding, method, name)
        parts.append(
            PartExplanation(
                name=name or WHOLE,
                query_heat=maps[0].astype(np.float64),
                hit_heat=maps[1].astype(np.float64),
                similarity=reader.worth[name] if name else reader.total,
                cosine=float(alone[name][0]) if name else _cosine_of_all(reader),
            )
        )
    return parts


def _cosine_of_all(reader: PairReader) -> float:
    return float(similarities(*reader.both, reader.embedding, "cosine")[0])


def _finest_map(reader: PairReader) -> tuple[int, int]:
    with torch.inference_mode(False), torch.no_grad():
        maps = reader.network.feature_maps(reader.images[:1]).values()
    rows, columns = (max(int(found.shape[axis]) for found in maps) for axis in (2, 3))
    return rows, columns


def _summed(
    heats: list[Float[np.ndarray, "_rows _columns"]], rows: int, columns: int
) -> Float[np.ndarray, "{rows} {columns}"]:
    return np.sum([resampled(heat, rows, columns) for heat in heats], axis=0)


def _truths(
    part: PartExplanation, masks: tuple[Mask | None, Mask | None]
) -> Mapping[str, Shares | None]:
    query, hit = masks
    return {
        "query_shares": None if query is None else shares(part.query_heat, query),
        "hit_shares": None if hit is None else shares(part.hit_heat, hit),
    }
