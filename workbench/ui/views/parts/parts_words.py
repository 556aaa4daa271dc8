"""The numbers of a pair and its parts as faces show them, with a sentence beside each."""

from typing import Any

import numpy as np

from workbench.data.samples import UNKNOWN_CAMERA, Sample
from workbench.explain.explanation import PairExplanation, PartExplanation
from workbench.explain.interpretation import verdict_in_words
from workbench.explain.methods import Method
from workbench.explain.true_masks import PERSON, Shares
from workbench.retrieval.ranked_list import RankedImage
from workbench.ui.words import percent

COLD = "No cell is above zero: there is no heat."


def pair_in_words(
    found: PairExplanation, place: RankedImage, hit: Sample, *, known: bool = True
) -> str:
    """Where a hit stands, who it is, and how similar the two are.

    ``known`` says whether anybody knows who is on the query: else nothing is a match.
    """
    where = f"Left out of the list ({place.excluded})" if place.excluded else f"Rank {place.rank}"
    camera = "" if hit.camera == UNKNOWN_CAMERA else f", camera {hit.camera}"
    verdict = f"{place.verdict}, " if known else ""
    who = f"{verdict}identity {hit.identity}" if hit.is_person else "nobody"
    measure = (
        "cosine of the two vectors, at most 1"
        if found.about.get("distance", "cosine") == "cosine"
        else "minus their squared distance, at most 0"
    )
    return f"{where}: {who}{camera}. Similarity {found.total:.4f} ({measure})."


def part_of(part: PartExplanation, title: str, method: Method) -> dict[str, Any]:
    """Everything about one map but its picture."""
    return {
        "name": part.name,
        "title": title,
        "share": part.similarity,
        "cosine": part.cosine,
        "sum": _sum_of(part) if method == "evidence" else None,
        "cells": list(part.query_heat.shape),
        "cold": {
            "query": not bool((part.query_heat > 0).any()),
            "hit": not bool((part.hit_heat > 0).any()),
        },
        "deletion": _deletion_of(part),
        "truth": {"query": _truth_of(part.query_shares), "hit": _truth_of(part.hit_shares)},
    }


def _sum_of(part: PartExplanation) -> dict[str, float]:
    """What a share is made of, on the query: cells for the pair, cells against it, the rest."""
    return {
        "for": float(np.clip(part.query_heat, 0.0, None).sum()),
        "against": float(np.clip(part.query_heat, None, 0.0).sum()),
        "constant": part.query_constant,
    }


def _deletion_of(part: PartExplanation) -> dict[str, Any] | None:
    if part.deletion is None:
        return None
    return part.deletion.numbers() | {"words": verdict_in_words(part)}


def _truth_of(shares: Shares | None) -> dict[str, Any] | None:
    if shares is None:
        return None
    labels = [
        {"name": label, "share": shares.on_part[label], "area": shares.part_area[label]}
        for label in PERSON
        if shares.part_area[label] > 0
    ]
    if not any(shares.on_part.values()):
        return {"person": None, "labels": labels, "hottest": None, "words": COLD}
    hottest = max(labels, key=lambda one: one["share"], default=None)
    return {
        "person": shares.on_person,
        "labels": labels,
        "hottest": hottest["name"] if hottest and hottest["share"] > 0 else None,
        "words": (
            f"{percent(shares.on_person)} of the heat is on the person, who covers"
            f" {percent(shares.person_area)} of the image."
        ),
    }
