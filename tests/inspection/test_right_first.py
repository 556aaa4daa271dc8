"""Which queries a map marks as right where images are ranked in two directions."""

import numpy as np
import pytest

from tests.data.conftest import make_images, written
from tests.retrieval.brute import vectors_of
from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_folder
from workbench.inspection.map_making import right_first
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.rankings import Rankings

__all__ = ["make_images", "written"]


def test_right_first_is_rank_1_of_each_direction(written):
    embeddings = vectors_of(read_folder(written("university1652"), dataset_of("university1652")))
    rankings = Rankings(embeddings, Evaluation())
    right = right_first(rankings)
    groups = np.array([image.group for image in embeddings.query_images])
    for name, report in rankings.directions().items():
        asked = right[: len(groups)][groups == name.partition("_")[0]]
        assert set(asked.tolist()) <= {0, 1}
        assert asked.mean() == pytest.approx(report.rank[1])
    assert (right[len(groups) :] == -1).all()
