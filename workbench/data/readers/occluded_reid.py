"""Occluded-REID, which has no training images: figures are of networks trained on Market-1501.

Source: Zhuo et al. 2018, Occluded Person Re-identification (ICME, arXiv 1804.02792).
"""

import os
from dataclasses import replace
from pathlib import Path

from workbench.data.readers import flat, nested
from workbench.data.samples import Sample, Split

RAISED = 10_000
"""What is added to its identities, which count from 1 as those of Market-1501 do."""


def read(root: Path, market: Path) -> Split:
    """Occluded queries and whole bodies as gallery; the training images of Market-1501.

    The split's root is the folder that holds both. Raises MissingDataset where either is
    incomplete.
    """
    tested = nested.read(nested.OCCLUDED_REID, root)
    trained = flat.read(flat.MARKET1501, market)
    above = Path(os.path.commonpath([root.absolute(), market.absolute()]))
    return replace(
        tested,
        root=above,
        train=_moved(trained.train, market, above, 0),
        query=_moved(tested.query, root, above, RAISED),
        gallery=_moved(tested.gallery, root, above, RAISED),
        notes=(*trained.notes, *tested.notes),
    )


def _moved(samples: tuple[Sample, ...], root: Path, above: Path, raised: int) -> tuple[Sample, ...]:
    inside = root.absolute().relative_to(above).as_posix()
    return tuple(
        replace(sample, path=f"{inside}/{sample.path}", identity=sample.identity + raised)
        for sample in samples
    )
