"""Lines as published systems print them, beside lines they published."""

import re

import pytest

from workbench.errors import RecipeError
from workbench.interop.result_lines import ranks_of, result_lines

PEOPLE = {"mAP": 0.90465, "rank1": 0.961589, "rank5": 0.986936, "rank10": 0.99139, "mINP": 0.7}
CARS = {
    "mAP": 0.5,
    "rank1": 0.914894,
    "mINP": 0.1,
    "recall_at_1": 0.914894,
    "recall_at_2": 0.949945,
    "recall_at_4": 0.968885,
    "recall_at_8": 0.981675,
    "NMI": 0.793197,
}


def under(part, metrics):
    return {f"{part}.{name}": value for name, value in metrics.items()}


@pytest.mark.parametrize("system", ["rpm", "msvit"])
def test_people(system):
    line = "top1:0.961589 top5:0.986936 top10:0.991390 mAP:0.904650"
    assert result_lines(system, PEOPLE) == [line]


def test_cars():
    line = "Recall@1:0.914894 Recall@2:0.949945 Recall@4:0.968885 Recall@8:0.981675 NMI:0.793197"
    assert result_lines("rpm", CARS) == [line]
    # As many clusters as training classes, where that was counted: so its authors do.
    assert result_lines("rpm", CARS | {"NMI_training_count": 0.5})[0].endswith(" NMI:0.500000")


def test_buildings_have_a_line_for_each_direction():
    down = {"mAP": 0.900724, "rank1": 0.922967, "rank5": 0.950071, "rank10": 0.952924, "mINP": 0}
    up = {"mAP": 0.912387, "rank1": 0.897081, "rank5": 0.964364, "rank10": 0.973742, "mINP": 0}
    both = PEOPLE | under("satellite_to_drone", down) | under("drone_to_satellite", up)
    assert result_lines("rpm", both) == [
        "top1:0.922967 top5:0.950071 top10:0.952924 mAP:0.900724",
        "top1:0.897081 top5:0.964364 top10:0.973742 mAP:0.912387",
    ]
    assert len(result_lines("layumi", both)) == 2


def test_vehicles_have_a_line_for_each_draw_where_the_system_does_so():
    each = PEOPLE | under("draw_1", PEOPLE) | under("draw_2", PEOPLE | {"mAP": 0.5})
    each |= under("deviation", PEOPLE)
    assert [line[-8:] for line in result_lines("rpm", each)] == ["0.904650", "0.500000"]
    assert result_lines("layumi", each) == result_lines("layumi", PEOPLE)


def test_the_baseline_tells_multiple_queries_and_re_ranking_apart():
    metrics = PEOPLE | under("multi_query", PEOPLE | {"rank1": 0.9195, "mAP": 0.7806})
    assert result_lines("layumi", metrics, PEOPLE | {"mAP": 0.8476}) == [
        "Rank@1:0.961589 Rank@5:0.986936 Rank@10:0.991390 mAP:0.904650",
        "multi Rank@1:0.919500 Rank@5:0.986936 Rank@10:0.991390 mAP:0.780600",
        "top1:0.961589 top5:0.986936 top10:0.991390 mAP:0.847600",
    ]


def test_percentages():
    assert result_lines("nama", PEOPLE) == [
        "mAP: 90.46%",
        "CMC curve, Rank-1  :96.16%",
        "CMC curve, Rank-5  :98.69%",
        "CMC curve, Rank-10 :99.14%",
    ]
    rows = result_lines("mgn", PEOPLE | {"rank1": 0.952, "mAP": 0.888, "mINP": 0.636}, None, "MGN")
    assert rows[-1] == "| MGN | 95.2% | 88.8% | 63.6% |"
    assert {row.count("|") for row in rows} == {5}


def test_recall_stands_for_cumulative_match():
    metrics = {"mAP": 0.5, "mINP": 0.1} | {f"recall_at_{k}": k / 10 for k in (1, 5, 10)}
    assert result_lines("layumi", metrics) == result_lines(
        "layumi", {"mAP": 0.5, "mINP": 0.1} | {f"rank{k}": k / 10 for k in (1, 5, 10)}
    )


def test_what_a_line_needs_is_counted_or_said():
    assert ranks_of("rpm", recall=True) == ()
    assert ranks_of("rpm", recall=False) == ranks_of("nama", recall=True) == (1, 5, 10)
    with pytest.raises(RecipeError, match=re.escape("rank 5 was not counted")):
        result_lines("layumi", CARS)
