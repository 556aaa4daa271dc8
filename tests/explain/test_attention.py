"""What a token listens to, by hand and beside the network's own weights, and how it is drawn."""

import numpy as np
import pytest
import torch

from workbench.errors import DataError, WeightsError
from workbench.explain.attention import BlockAttention, Key, attends, in_words
from workbench.explain.pictures.token_overlay import HEIGHT, groups_picture, keys_picture
from workbench.explain.token_attention import attend
from workbench.model.attention_maps import attention_maps
from workbench.model.build import build_network
from workbench.recipe.settings import model as settings

SMALL = settings.GridTransformer(
    widths=[16, 16, 16, 16], depths=[2, 2, 2, 1], heads=[2, 2, 2], grid=[4, 2], kept_keys=0.5
)
# A map of 4 x 4 tokens in groups of 2 x 2: the token's group has rows 1 and 3, columns 0 and 2.
BLOCK = BlockAttention(
    number=1,
    of=3,
    rows=4,
    columns=4,
    grid=(2, 2),
    row=1,
    column=2,
    kept=2,
    heads=((Key(3, 0, 0.75), Key(1, 2, 0.25)), (Key(1, 2, 0.5), Key(1, 0, 0.5))),
)
GREY = np.full((40, 40, 3), 128, dtype=np.uint8)


def network_of(backbone):
    torch.manual_seed(0)
    return build_network(settings.Model(backbone=backbone), 3, (64, 32)).eval()


def test_the_group_of_a_token_by_hand():
    assert BLOCK.members() == [(1, 0), (1, 2), (3, 0), (3, 2)]
    assert BLOCK.groups()[:2].tolist() == [[0, 1, 0, 1], [2, 3, 2, 3]]
    assert BLOCK.strides == (2, 2)


def test_heads_are_averaged():
    heard = BLOCK.weights()
    assert (heard[3, 0], heard[1, 2], heard[1, 0]) == (0.375, 0.375, 0.25)
    assert heard.sum() == 1
    assert BLOCK.weights(0)[3, 0] == 0.75


def test_words():
    assert in_words(BLOCK) == (
        "This map has 4 groups of 4 tokens, every 2nd row and every 2nd column each. Each of 2"
        " heads listens to the best 2 of the token's group."
    )
    whole = BlockAttention(1, 1, 2, 2, (2, 2), 0, 0, 4, ((Key(0, 0, 1.0),),))
    assert in_words(whole) == (
        "All tokens of this map are one group. Its only head listens to all of the token's group."
    )


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.5, 0.99), (0.3, 0.4)])
def test_keys_are_what_the_network_weighs(place):
    network, images = network_of(SMALL), torch.rand(1, 3, 64, 32)
    shown = attention_maps(network, images, place)
    found = attend(network, images, place)
    assert [block.number for block in found] == [1, 2, 3]
    assert [(block.rows, block.columns) for block in found] == [(16, 8), (8, 4), (4, 2)]
    for block, token in zip(found, shown.values(), strict=True):
        assert (block.row, block.column, block.kept) == (token.row, token.column, 4)
        for head in range(2):
            np.testing.assert_allclose(block.weights(head), token.weights[0, head], atol=1e-7)
            shares = [key.weight for key in block.heads[head]]
            assert shares == sorted(shares, reverse=True)
        assert {(key.row, key.column) for keys in block.heads for key in keys} <= set(
            block.members()
        )


def test_what_cannot_be_asked_is_one_sentence():
    images = torch.rand(1, 3, 64, 32)
    with pytest.raises(DataError, match=r"The place 1, 0.5 lies outside of the image"):
        attend(network_of(SMALL), images, (1.0, 0.5))
    with pytest.raises(WeightsError, match="no attention to look into"):
        attend(network_of(settings.CompactResNet(width=8)), images, (0.5, 0.5))
    assert attends(settings.Model(backbone=SMALL))
    assert not attends(settings.Model(backbone=settings.CompactResNet()))


def test_kept_keys_shine_and_the_rest_is_dim():
    picture = np.asarray(keys_picture(GREY, BLOCK, head=0)).astype(int)
    cell = HEIGHT // 4
    strongest = picture[3 * cell + cell // 2, cell // 2]
    weaker = picture[cell + cell // 2, 2 * cell + cell // 2]
    elsewhere = picture[cell // 2, cell // 2]
    assert strongest.tolist() == [0xFD, 0xE7, 0x25]
    assert strongest.sum() > weaker.sum() > elsewhere.sum()
    assert elsewhere.max() < 128


def test_cells_of_one_group_have_one_colour():
    picture = np.asarray(groups_picture(GREY, BLOCK))
    cell = HEIGHT // 4
    middles = picture[cell // 2 :: cell, cell // 2 :: cell]
    assert (middles[0, 0] == middles[2, 2]).all()
    assert (middles[0, 0] != middles[0, 1]).any()
