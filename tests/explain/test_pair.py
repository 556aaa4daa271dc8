"""A whole explanation: its sums, its truth, and its way to disk and back."""

import numpy as np
import pytest
from PIL import Image

from tests.explain.by_hand import network, noise, recipe, squares
from workbench.data.synthetic.playground import PARTS
from workbench.errors import BrokenImage
from workbench.explain.explanation import PairExplanation
from workbench.explain.methods import ABOUT, METHODS
from workbench.explain.pair_explanation import explain_images
from workbench.explain.pair_reader import PairReader
from workbench.explain.true_masks import shares, true_parts
from workbench.recipe.settings import model as settings

RED = (255, 0, 0)


def mask_of(**rows):
    mask = np.zeros((32, 16), dtype=np.uint8)
    for label, (top, bottom) in rows.items():
        mask[top:bottom] = PARTS.index(label)
    return mask


def test_the_whole_is_the_sum_of_its_parts():
    reader = PairReader(network(settings.RowStripes(count=2)), recipe(), noise(1), noise(2))
    found = explain_images(reader)
    assert [part.name for part in found.branches] == ["part_0", "part_1"]
    assert sum(part.similarity for part in found.branches) == pytest.approx(found.total)
    summed = sum(part.query_heat for part in found.branches)
    np.testing.assert_allclose(found.whole.query_heat, summed)
    assert found.whole.query_heat.sum() + found.constant == pytest.approx(found.total, abs=1e-5)
    assert found.parts[-1] is found.whole


def test_the_heat_on_a_true_part_is_its_share():
    query = squares((0, 0, RED), (2, 0, (0, 255, 0)))
    mask = mask_of(head=(0, 8), legs=(16, 20), occluder=(20, 24))
    reader = PairReader(network(), recipe(), query, query)
    whole = explain_images(reader, masks=(mask, None), scores=False).whole
    # Half of the heat lies on each square; the second one is half legs, half occluder.
    assert whole.on_part("head") == pytest.approx(0.5)
    assert whole.on_part("legs") == pytest.approx(0.25)
    assert whole.on_part("occluder") == pytest.approx(0.25)
    assert whole.on_person == pytest.approx(0.75)
    assert whole.query_shares.person_area == pytest.approx(12 / 32)
    assert whole.hit_shares is None
    assert whole.deletion is None


def test_a_map_without_warmth_has_no_share_anywhere():
    found = shares(np.full((4, 2), -1.0), mask_of(head=(0, 8)))
    assert found.on_person == 0.0
    assert sum(found.on_part.values()) == 0.0
    assert found.part_area["head"] == 0.25


def test_masks_are_found_by_the_name_of_the_image(tmp_path):
    assert true_parts(tmp_path, "query/a.jpg") is None
    (tmp_path / "masks").mkdir()
    assert true_parts(tmp_path, "query/a.jpg") is None
    Image.fromarray(mask_of(bag=(0, 4))).save(tmp_path / "masks" / "a.png")
    assert true_parts(tmp_path, "query/a.jpg")[0, 0] == PARTS.index("bag")
    (tmp_path / "masks" / "b.png").write_bytes(b"no picture")
    with pytest.raises(BrokenImage, match="draw the playground again"):
        true_parts(tmp_path, "query/b.jpg")


@pytest.mark.parametrize("method", ["evidence", "hirescam"])
def test_it_comes_back_from_disk_as_it_went(tmp_path, method):
    reader = PairReader(network(settings.RowStripes(count=2)), recipe(), noise(1), noise(2))
    found = explain_images(reader, method, masks=(mask_of(torso=(4, 20)), None))
    found.save(tmp_path / "pair.npz")
    again = PairExplanation.load(tmp_path / "pair.npz")
    assert again.numbers() == found.numbers()
    for part, other in zip(again.parts, found.parts, strict=True):
        np.testing.assert_array_equal(part.query_heat, other.query_heat)
        np.testing.assert_array_equal(part.hit_heat, other.hit_heat)


def test_every_method_is_explained_to_the_reader():
    assert set(ABOUT) == set(METHODS)
