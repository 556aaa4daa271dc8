"""The vector of an image, by hand on a network whose outputs can be predicted."""

import pytest
import torch

from workbench.model.embedding import embed
from workbench.model.outputs import BranchOutput
from workbench.recipe.settings.evaluation import Embedding


def corners(images):
    """Outputs that read one corner each: left is mirrored into right."""
    left, right = images[:, :2, 0, 0], images[:, :2, 0, -1]
    size = torch.full((len(images), 1), float(images.shape[2]))
    return {
        "whole": BranchOutput(size, size, size, None),
        "part_0": BranchOutput(left, left, 10 * left, None),
        "part_1": BranchOutput(right, right, 10 * right, None),
    }


@pytest.fixture
def images():
    images = torch.zeros(1, 3, 8, 4)
    images[0, :2, :, 0] = torch.tensor([3.0, 4.0]).unsqueeze(1)
    images[0, :2, :, -1] = torch.tensor([1.0, 0.0]).unsqueeze(1)
    return images


def vector(images, **settings):
    return embed(corners, images, Embedding(**settings)).tolist()[0]


def test_outputs_are_joined_in_their_order(images):
    assert vector(images) == [8, 30, 40, 10, 0]
    assert vector(images, branches=["part_1", "part_0"], reads="pooled") == [3, 4, 1, 0]
    assert vector(images, branches=["whole"]) == [8]


def test_a_mirrored_copy_is_added(images):
    assert vector(images, branches=["part_*"], reads="reduced", flip=True) == [4, 4, 4, 4]


def test_resized_copies_are_added(images):
    assert vector(images, branches=["whole"], scales=[1.0, 2.0, 0.5], flip=True) == [2 * 28]


def test_each_output_is_divided_by_the_length_of_its_sum(images):
    found = vector(images, branches=["part_*"], reads="pooled", normalise_outputs=True)
    assert found == pytest.approx([0.6, 0.8, 1.0, 0.0])
    found = vector(images, branches=["part_*"], normalise_outputs=True, flip=True)
    assert found == pytest.approx([0.5**0.5] * 4)


def test_half_precision_outputs_are_summed_in_float32(images):
    half = {"whole": BranchOutput(*(torch.full((1, 2), 0.1).half(),) * 3, None)}
    found = embed(lambda copy: half, images, Embedding(flip=True))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, torch.full((1, 2), 0.1).half().float() * 2)
