"""Parts of a feature map, by hand and against the formulas of their sources."""

import pytest
import torch
import torch.nn.functional as F

from workbench.errors import ShapeError
from workbench.model.pooling import make_pool
from workbench.model.regions import make_regions, start_masks
from workbench.recipe.settings import model as settings
from workbench.recipe.settings.model import MapSize
from workbench.recipe.settings.regions import group_widths


def random_map(channels, rows, columns):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, channels, rows, columns, generator=generator)


ANY_SIZE = MapSize(1, 1, 1)


def divide(regions, size=ANY_SIZE):
    """The division of these settings; most kinds need not know the size."""
    return make_regions(regions, size)


def parts(blocks):
    return [part for block in blocks for part in block.unbind(2)]


@pytest.mark.parametrize("count", [2, 3, 6])
def test_row_stripes_pool_as_the_bins_of_pcb(count):
    feature_map = random_map(5, 24, 8)
    (block,) = divide(settings.RowStripes(count=count))(feature_map)
    pooled = make_pool(settings.AveragePool())(block)
    bins = F.adaptive_avg_pool2d(feature_map, (count, 1)).squeeze(-1)
    torch.testing.assert_close(pooled, bins)


@pytest.mark.parametrize("count", [2, 3])
def test_row_stripes_pool_as_the_windows_of_mgn(count):
    feature_map = random_map(5, 24, 8)
    (block,) = divide(settings.RowStripes(count=count))(feature_map)
    pooled = make_pool(settings.MaxPool())(block)
    windows = F.max_pool2d(feature_map, kernel_size=(24 // count, 8)).squeeze(-1)
    torch.testing.assert_close(pooled, windows)


@pytest.mark.parametrize(("rows", "count"), [(24, 2), (24, 3), (7, 2), (8, 3), (5, 5)])
def test_interleaved_rows_are_every_nth_row(rows, count):
    feature_map = random_map(3, rows, 4)
    found = parts(divide(settings.InterleavedRows(count=count))(feature_map))
    assert len(found) == count
    for index, part in enumerate(found):
        assert torch.equal(part, feature_map[:, :, index::count])


def test_masks_are_ones_on_their_stripes():
    column = start_masks(2, 1, rows=4, columns=1).flatten(1)
    assert column.tolist() == [[1, 1, 0, 0], [0, 0, 1, 1]]
    column = start_masks(2, 2, rows=6, columns=1).flatten(1)
    assert column.tolist() == [[1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1]]
    assert start_masks(3, 0, rows=5, columns=2).eq(1).all()


def test_stripes_of_masks_end_at_rounded_rows():
    # 14 rows in 5 + 2 - 1 = 6 stripes: 0, 2.33, 4.67, 7, 9.33, 11.67, 14
    masks = start_masks(5, 2, rows=14, columns=3)[:, :, 0]
    ends = [(row.nonzero().min().item(), row.nonzero().max().item() + 1) for row in masks]
    assert ends == [(0, 5), (2, 7), (5, 9), (7, 12), (9, 14)]


@pytest.mark.parametrize(("count", "stripes"), [(2, 0), (2, 1), (3, 2), (4, 1)])
def test_channel_groups_are_chunks_times_their_masks(count, stripes):
    size = MapSize(16, 24, 8)
    feature_map = random_map(*size)
    found = parts(
        divide(settings.ChannelGroups(count=count, start_stripes=stripes), size)(feature_map)
    )
    stripe_of_row = torch.arange(24) // (24 // max(count + stripes - 1, 1))
    for index, (part, chunk) in enumerate(zip(found, feature_map.chunk(count, 1), strict=True)):
        inside = (stripe_of_row >= index) & (stripe_of_row < index + stripes)
        rows = inside if stripes else torch.ones(24, dtype=torch.bool)
        torch.testing.assert_close(part, chunk * rows.view(24, 1))


@pytest.mark.parametrize(("channels", "count"), [(1024, 2), (1024, 3), (10, 4), (7, 7)])
def test_group_widths_are_those_of_chunk(channels, count):
    assert group_widths(channels, count) == [
        len(chunk) for chunk in torch.arange(channels).chunk(count)
    ]


@pytest.mark.parametrize(
    ("regions", "size", "refusal"),
    [
        (
            settings.RowStripes(count=7),
            MapSize(9, 24, 8),
            "count = 7: feature map has 24 rows; 7 does not divide 24."
            " Use 2, 3, 4, 6, 8, 12 or 24.",
        ),
        (
            settings.RowStripes(count=2),
            MapSize(9, 7, 8),
            "count = 2: feature map has 7 rows; 2 does not divide 7. Use 7.",
        ),
        (
            settings.InterleavedRows(count=25),
            MapSize(9, 24, 8),
            "count = 25: feature map has 24 rows. Use at most 24.",
        ),
        (
            settings.ChannelGroups(count=4),
            MapSize(9, 24, 8),
            "count = 4: 9 channels in groups of 3 are only 3 groups. Use 3 or a divisor of 9.",
        ),
        (
            settings.ChannelGroups(count=3, start_stripes=23),
            MapSize(9, 24, 8),
            "start_stripes = 23: feature map has 24 rows, too few for 25 stripes"
            " (count + start_stripes - 1). Use at most 22.",
        ),
    ],
)
def test_refusals_say_what_fits(regions, size, refusal):
    assert str(regions.problem("regions", size)) == f"regions.{refusal}"


def test_what_fits_is_not_refused():
    size = MapSize(9, 24, 8)
    for fits in (settings.RowStripes(count=8), settings.ChannelGroups(count=3), settings.Whole()):
        assert fits.problem("regions", size) is None


def test_a_map_of_another_size_is_one_sentence():
    with pytest.raises(ShapeError, match="26 rows cannot be cut into 4 equal stripes"):
        divide(settings.RowStripes(count=4))(random_map(3, 26, 8))
    with pytest.raises(ShapeError, match="2 rows cannot be dealt out to 3 parts"):
        divide(settings.InterleavedRows(count=3))(random_map(3, 2, 8))
    with pytest.raises(ShapeError, match="12 x 4 does not fit masks of 24 x 8"):
        divide(settings.ChannelGroups(), MapSize(4, 24, 8))(random_map(4, 12, 4))
