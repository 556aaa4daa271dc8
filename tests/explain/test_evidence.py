"""Part evidence on networks whose evidence is known, and its sums for every kind."""

import numpy as np
import pytest
import torch

from tests.explain.by_hand import divided, network, noise, recipe, shaken, squares
from workbench.errors import ShapeError
from workbench.explain.evidence import PROMISES
from workbench.explain.pair_reader import PairReader
from workbench.model.build import build_network
from workbench.model.embedding import embed
from workbench.recipe.settings import model as settings
from workbench.recipe.settings.pools import POOLS
from workbench.recipe.settings.regions import REGIONS

RED, GREEN = (255, 0, 0), (0, 255, 0)


def kinds(registry):
    return [kind() for kind in registry.kinds.values()]


def read(network, recipe, query, hit):
    reader = PairReader(network, recipe, query, hit)
    return reader, reader.evidence()


def test_a_square_that_both_have_carries_the_similarity():
    query = squares((1, 0, RED), (3, 1, GREEN))
    hit = squares((0, 1, RED))
    reader, (first, second) = read(network(), recipe(), query, hit)
    # Red against red counts, green meets nothing: cos = (1 * 1 + 1 * 0) / (sqrt 2 * 1).
    assert reader.total == pytest.approx(1 / np.sqrt(2))
    expected = np.zeros((4, 2))
    expected[1, 0] = reader.total
    np.testing.assert_allclose(first["part"].heat, expected, atol=1e-6)
    assert np.unravel_index(second["part"].heat.argmax(), (4, 2)) == (0, 1)
    assert first["part"].constant == pytest.approx(0, abs=1e-6)


def test_a_head_that_reads_one_stripe_finds_its_evidence_there():
    query = squares((0, 0, RED), (3, 0, GREEN))
    _, (first, _) = read(network(settings.RowStripes(count=2)), recipe(), query, query)
    upper, lower = first["part_0"].heat, first["part_1"].heat
    assert upper[0, 0] == pytest.approx(0.5)
    assert lower[3, 0] == pytest.approx(0.5)
    assert np.abs(upper[2:]).sum() == np.abs(lower[:2]).sum() == 0


def test_a_maximum_has_its_evidence_at_its_cell_and_shares_it_among_equals():
    query = squares((2, 1, RED), (0, 0, (100, 0, 0)))
    _, (first, _) = read(network(pool=settings.MaxPool()), recipe(), query, query)
    assert first["part"].heat[2, 1] == pytest.approx(1.0)
    assert first["part"].heat.sum() == pytest.approx(1.0)
    twice = squares((2, 1, RED), (0, 0, RED))
    _, (first, _) = read(network(pool=settings.MaxPool()), recipe(), twice, twice)
    assert first["part"].heat[2, 1] == first["part"].heat[0, 0] == pytest.approx(0.5)


def test_a_generalised_mean_shares_by_powers():
    query = squares((0, 0, (200, 0, 0)), (1, 0, (100, 0, 0)))
    pool = settings.GeneralisedMean(power=3.0)
    _, (first, _) = read(network(pool=pool), recipe(), query, query)
    assert first["part"].heat[0, 0] / first["part"].heat[1, 0] == pytest.approx(8.0, rel=1e-4)


def test_an_offset_behind_the_pool_is_a_constant_and_no_heat():
    net = network(neck=settings.Neck(width=3, bias=True, bnneck=None))
    with torch.no_grad():
        net.branches["part"].heads[0].neck.linear.weight.copy_(torch.eye(3))
        net.branches["part"].heads[0].neck.linear.bias.copy_(torch.tensor([0.0, 0.5, 0.0]))
    reader, (first, _) = read(net, recipe(), squares((0, 0, RED)), squares((0, 0, RED)))
    vector = np.array([1 / 8, 0.5, 0.0])
    assert first["part"].constant == pytest.approx(0.25 / (vector @ vector), rel=1e-5)
    assert first["part"].heat[0, 0] == pytest.approx((1 / 64) / (vector @ vector), rel=1e-5)
    assert reader.total == pytest.approx(1.0)


NECKS = [
    settings.Neck(),
    settings.Neck(width=5, bias=True, activation="leaky_relu", norm=settings.BatchNorm()),
    settings.Neck(width=5, activation="relu", bnneck=None),
]
CASES = [
    settings.Branch(regions=regions, pool=pool)
    for regions in kinds(REGIONS)
    for pool in kinds(POOLS)
] + [settings.Branch(neck=neck) for neck in NECKS]
CASES += [settings.Branch(regions=settings.InterleavedRows(count=3))]
CASES += [settings.Branch(regions=settings.ChannelGroups(count=3))]
EMBEDDINGS = [
    {},
    {"evaluation__embedding__flip": True},
    {"evaluation__embedding__normalise_outputs": True, "evaluation__distance": "euclidean"},
    {"evaluation__embedding__reads": "pooled", "evaluation__distance": "euclidean"},
    {"evaluation__embedding__reads": "reduced"},
]


def check_sums(net, settings_of_run):
    query, hit = noise(1), noise(2)
    reader, sides = read(net, settings_of_run, query, hit)
    with torch.no_grad():
        vectors = embed(net, reader.images, settings_of_run.evaluation.embedding).double()
    if settings_of_run.evaluation.distance == "cosine":
        expected = float(torch.cosine_similarity(*vectors[:, None]))
    else:
        expected = -float((vectors[0] - vectors[1]).square().sum())
    assert reader.total == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert sum(reader.worth.values()) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    for side in sides:
        assert list(side) == list(reader.worth)
        for name, evidence in side.items():
            assert evidence.heat.sum() + evidence.constant == pytest.approx(
                reader.worth[name], rel=1e-4, abs=1e-4
            )


@pytest.fixture(scope="module")
def built():
    def build(branch):
        torch.manual_seed(1)
        backbone = settings.CompactResNet(width=8, tail_strides=[1])
        model = settings.Model(backbone=backbone, branches={"part": branch})
        return shaken(build_network(model, 2, (64, 16)))

    return build


@pytest.mark.thorough
@pytest.mark.parametrize("branch", CASES, ids=lambda b: f"{b.regions.kind}-{b.pool.kind}")
def test_the_maps_of_every_kind_sum_to_its_share(built, branch):
    size = {"data__height": 64, "data__width": 16}
    query, hit = (np.concatenate([noise(s), noise(s + 9)]) for s in (1, 2))
    reader, sides = read(built(branch), recipe(**size), query, hit)
    for side in sides:
        for name, evidence in side.items():
            assert evidence.heat.sum() + evidence.constant == pytest.approx(
                reader.worth[name], abs=1e-5
            )
    assert sum(reader.worth.values()) == pytest.approx(reader.total, abs=1e-5)


def test_every_pool_says_what_it_promises():
    assert set(PROMISES) == {pool.kind for pool in kinds(POOLS)}


@pytest.mark.thorough
@pytest.mark.parametrize("changes", EMBEDDINGS)
def test_they_sum_over_copies_and_for_both_distances(changes):
    neck = settings.Neck(width=4, bias=True)
    check_sums(shaken(network(settings.RowStripes(count=2), neck=neck)), recipe(**changes))


def test_they_sum_over_sizes():
    check_sums(
        shaken(network(neck=settings.Neck(width=4))),
        recipe(evaluation__embedding__scales=[1.0, 1.5], evaluation__embedding__flip=True),
    )


def test_a_part_left_out_of_the_embedding_has_no_map():
    stripes = {"kind": "row_stripes", "count": 2}
    only = recipe(
        evaluation__embedding__branches=["part_1"], model__branches__part={"regions": stripes}
    )
    reader, (first, _) = read(network(settings.RowStripes(count=2)), only, noise(1), noise(2))
    assert list(first) == ["part_1"]
    assert reader.worth["part_1"] == pytest.approx(reader.total)


@pytest.mark.parametrize(
    "regions",
    [
        settings.Whole(),
        settings.RowStripes(count=3),
        settings.InterleavedRows(count=2),
        settings.InterleavedRows(count=4),
    ],
    ids=repr,
)
def test_parts_share_out_the_map_among_them(regions):
    feature_map = torch.rand(2, 3, 6, 2)
    evidence = divided(regions).evidence(feature_map)
    assert evidence.shape == (2, regions.parts, 6, 2)
    torch.testing.assert_close(evidence.sum(1), feature_map.sum(1))


def test_interleaved_rows_are_put_back_where_they_were_dealt_from():
    rows = torch.arange(5.0).reshape(1, 1, 5, 1)
    first, second = divided(settings.InterleavedRows(count=2)).evidence(rows)[0, :, :, 0].tolist()
    assert first == [0, 0, 2, 0, 4]
    assert second == [0, 1, 0, 3, 0]


def test_channel_groups_look_through_their_masks():
    groups = divided(settings.ChannelGroups(), settings.MapSize(4, 2, 1))
    evidence = groups.evidence(torch.ones(1, 4, 2, 1))
    assert evidence[0, :, :, 0].tolist() == [[2, 0], [0, 2]]


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ShapeError, match="32 x 16: resize it first"):
        PairReader(network(), recipe(), noise(1)[:16], noise(2)[:16])
