"""Figures of a protocol counted image by image, with loops and one sort for each query."""

import math

import numpy as np

from workbench.retrieval.embeddings.store import Embeddings


def vectors_of(split, seed=0, dim=6, noise=1.2):
    """Embeddings of a split: an identity is a point, its images lie around it."""
    numbers = np.random.default_rng(seed)
    images = {*split.query, *split.gallery, *split.multi_query}
    points = {one: numbers.standard_normal(dim) for one in sorted({s.identity for s in images})}
    cloud = {
        image: (points[image.identity] + noise * numbers.standard_normal(dim)).astype(np.float32)
        for image in sorted(images, key=lambda image: image.path)
    }

    def stack(samples):
        return np.stack([cloud[sample] for sample in samples]) if samples else None

    gallery = stack(split.gallery)
    return Embeddings(
        query=gallery if split.leave_one_out else stack(split.query),
        gallery=gallery,
        query_images=split.query,
        gallery_images=split.gallery,
        root=split.root,
        leave_one_out=split.leave_one_out,
        pairings=split.pairings,
        gallery_draws=split.gallery_draws,
        multi_query=stack(split.multi_query),
        multi_query_images=split.multi_query,
    )


def unit(vector):
    wide = np.asarray(vector, dtype=np.float64)
    return wide / math.sqrt(sum(value * value for value in wide))


def hits_of(vector, image, others, near=lambda own, other, _: float(own @ other)):
    """Whether each image that counts is a right answer, nearest first.

    ``others`` are pairs of an image and its vector; the query itself must not be among them.
    """
    counted = [
        (near(unit(vector), unit(other), place), other_image)
        for place, (other_image, other) in enumerate(others)
        if other_image.identity != -1
        and not (
            other_image.identity == image.identity
            and other_image.camera == image.camera
            and image.camera != -1
        )
    ]
    counted.sort(key=lambda pair: -pair[0])
    return [other.identity == image.identity for _, other in counted]


def figures_of(lists, ranks=(1, 5, 10), trapezoid=False, every_query=False):
    """mAP, rank-k and mINP of lists of hits."""
    valid = [hits for hits in lists if any(hits)]
    divisor = len(lists) if every_query else len(valid)
    precisions, penalties = [], []
    for hits in valid:
        found, terms = 0, []
        for place, hit in enumerate(hits):
            if hit:
                before = found / place if place else 1.0
                found += 1
                at = found / (place + 1)
                terms.append((before + at) / 2 if trapezoid else at)
                last = place + 1
        precisions.append(sum(terms) / found)
        penalties.append(found / last)
    return {
        "mAP": sum(precisions) / divisor,
        **{f"rank{k}": sum(any(hits[:k]) for hits in valid) / divisor for k in ranks},
        "mINP": sum(penalties) / divisor,
    }
