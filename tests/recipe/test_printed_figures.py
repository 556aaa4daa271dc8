"""The figures that published systems print, typed from their result lines, beside the presets.

A line holds the figures in the order in which the system prints them; nothing is rounded.
"""

from decimal import Decimal
from functools import cache

import pytest

from workbench.recipe.presets import preset_names, preset_tree

PEOPLE = ("rank1", "rank5", "rank10", "mAP")
OBJECTS = ("recall_at_1", "recall_at_2", "recall_at_4", "recall_at_8", "NMI")
PRODUCTS = ("recall_at_1", "recall_at_10", "NMI")
CLOTHES = (*(f"recall_at_{k}" for k in (1, 10, 20, 30, 40)), "NMI")
PERCENT = ("rank1", "mAP")
ALL_THREE = (*PERCENT, "mINP")

# github xiaolai-sqlai/RPM-ReID-DML: a name, then the lines with ReLU and with PReLU.
RPM = {
    "market1501": (PEOPLE, ".961589 .986936 .991390 .904650", ".964074 .986342 .992577 .908825"),
    "dukemtmc": (PEOPLE, ".915619 .956912 .969031 .824559", ".918312 .960054 .971275 .827411"),
    "cuhk03_detected": (
        PEOPLE,
        ".842143 .931429 .963571 .811973",
        ".850714 .934286 .957143 .814122",
    ),
    "cuhk03_labelled": (
        PEOPLE,
        ".874286 .954286 .975000 .844478",
        ".871429 .947857 .973571 .841431",
    ),
    "msmt17": (PEOPLE, ".863024 .930697 .947080 .672814", ".866455 .930268 .947680 .676779"),
    "veri776": (PEOPLE, ".973778 .985697 .993445 .830682", ".976758 .989273 .991657 .828620"),
    "vehicleid": (PEOPLE, ".892324 .981732 .992447 .911746", ".884244 .983664 .992798 .905112"),
    "cars196": (
        OBJECTS,
        ".914894 .949945 .968885 .981675 .793197",
        ".907023 .941090 .961628 .974665 .775495",
    ),
    "cub200": (
        OBJECTS,
        ".718433 .813639 .877954 .923869 .732626",
        ".710500 .806381 .875422 .929946 .726015",
    ),
    "sop": (PRODUCTS, ".843542 .938283 .919845", ".844765 .938002 .920118"),
    "in_shop": (
        CLOTHES,
        ".945054 .988184 .992123 .993600 .994373 .928027",
        ".945914 .988043 .991560 .993459 .994795 .928868",
    ),
    "university1652": (
        tuple(
            f"{way}.{name}"
            for way in ("satellite_to_drone", "drone_to_satellite")
            for name in PEOPLE
        ),
        ".922967 .950071 .952924 .900724 .897081 .964364 .973742 .912387",
        ".927247 .950071 .955777 .901062 .897715 .966108 .975802 .913270",
    ),
}
# github xiaolai-sqlai/MSViT-ReID: a name, then the lines of sizes S and L.
MSVIT = {
    "occluded_duke": (PEOPLE, ".697738 .819457 .857014 .611958", ".713765 .825792 .855656 .624352"),
    "p_dukemtmc": (PEOPLE, ".919556 .950069 .963477 .842074", ".918632 .950994 .960703 .844234"),
    "market1501": (PEOPLE, ".961698 .986045 .991983 .909755", ".961105 .984264 .989905 .905942"),
    "dukemtmc": (PEOPLE, ".924147 .960054 .968582 .847815", ".929533 .961400 .971275 .854566"),
    "cuhk03_detected": (
        PEOPLE,
        ".848571 .932857 .965000 .816581",
        ".861429 .939286 .963571 .830185",
    ),
    "cuhk03_labelled": (
        PEOPLE,
        ".874286 .955000 .970714 .850546",
        ".886429 .956429 .976429 .866022",
    ),
    "msmt17": (PEOPLE, ".877005 .934300 .950510 .705762", ".876833 .939189 .952140 .719252"),
    "cars196": (
        OBJECTS,
        ".938507 .963719 .976510 .985365 .815310",
        ".935924 .960644 .974665 .982659 .798309",
    ),
    "cub200": (
        OBJECTS,
        ".714889 .804018 .872890 .921843 .725097",
        ".726367 .816678 .880317 .926739 .737156",
    ),
}
# github layumi/Person_reID_baseline_pytorch: rank 1 and mAP in percent, in its table and its text.
LAYUMI = {
    "market1501": (PERCENT, "88.84 71.59"),
    "market1501_train": (PERCENT, "88.24 70.68"),
    "densenet121": (PERCENT, "90.17 74.02"),
    "densenet121_train": (PERCENT, "89.91 73.58"),
    "pcb": (PERCENT, "92.64 77.47"),
    "pcb_64": (PERCENT, "92.73 78.16"),
    "fp16": (PERCENT, "88.03 71.40"),
    "all_tricks": (PERCENT, "91.83 78.32"),
    "dukemtmc": (PERCENT, "64.23 43.92"),
    "multi_query": (tuple(f"multi_query.{name}" for name in PERCENT), "91.95 78.06"),
    "re_ranking": (tuple(f"re_ranked.{name}" for name in PERCENT), "90.20 84.76"),
}
# github JDAI-CV/fast-reid, projects/MGN of May 2020; and the table of its later models.
MGN = {
    "market1501": (ALL_THREE, "95.2 88.8 63.6"),
    "dukemtmc": (ALL_THREE, "89.0 80.8 44.9"),
    "msmt17": (ALL_THREE, "72.2 48.4 9.6"),
}
FASTREID = {
    "bot_market1501": (ALL_THREE, "94.4 86.1 59.4"),
    "agw_market1501": (ALL_THREE, "95.3 88.2 66.3"),
    "sbs_market1501": (ALL_THREE, "95.4 88.2 64.8"),
    "mgn_market1501": (ALL_THREE, "95.8 89.8 67.7"),
    "bot_dukemtmc": (ALL_THREE, "87.1 76.9 41.6"),
    "agw_dukemtmc": (ALL_THREE, "89.0 79.9 46.3"),
    "sbs_dukemtmc": (ALL_THREE, "89.6 79.8 44.6"),
    "mgn_dukemtmc": (ALL_THREE, "91.1 82.0 46.8"),
    "bot_msmt17": (ALL_THREE, "72.3 48.3 9.7"),
    "agw_msmt17": (ALL_THREE, "76.7 53.6 12.2"),
    "sbs_msmt17": (ALL_THREE, "83.3 59.9 14.6"),
    "mgn_msmt17": (ALL_THREE, "85.1 65.4 18.4"),
}
LATER = {
    "bot_dukemtmc": "87.2 77.0 42.1",
    "agw_dukemtmc": "89.0 79.9 46.1",
    "sbs_dukemtmc": "90.3 80.3 46.5",
    "bot_msmt17": "74.1 50.2 10.4",
    "agw_msmt17": "78.3 55.6 12.9",
    "sbs_msmt17": "81.8 58.4 13.9",
}
"""The same table beside the weights v0.1.1, where it differs from that of May 2020."""
WITHOUT = {f"msvit/{name}_{size}" for name in ("veri776", "vehicleid", "sop") for size in "sl"}
"""Data sets that a description lists without a command and a figure."""


def printed(names, line, unit="1"):
    values = [Decimal(word) * Decimal(unit) for word in line.split()]
    return dict(zip(names, map(float, values), strict=True))


PRINTED = {
    **{f"rpm/{name}": printed(names, relu) for name, (names, relu, _) in RPM.items()},
    **{f"rpm/{name}_prelu": printed(names, slopes) for name, (names, _, slopes) in RPM.items()},
    **{f"msvit/{name}_s": printed(names, small) for name, (names, small, _) in MSVIT.items()},
    **{f"msvit/{name}_l": printed(names, large) for name, (names, _, large) in MSVIT.items()},
    **{f"mgn/{name}": printed(*row, unit="0.01") for name, row in MGN.items()},
    **{f"fastreid/{name}": printed(*row, unit="0.01") for name, row in FASTREID.items()},
}
PRINTED_IN_PERCENT = {f"layumi/{name}": printed(*row, unit="0.01") for name, row in LAYUMI.items()}
# Market-1501 has 3,368 queries, DukeMTMC-reID 2,228, and so on: a share of them is a whole number.
QUERIES = {
    "market1501": 3368,
    "dukemtmc": 2228,
    "cuhk03_detected": 1400,
    "cuhk03_labelled": 1400,
    "msmt17": 11659,
    "veri776": 1678,
    "vehicleid": 5693,
    "cars196": 8131,
    "cub200": 5924,
    "sop": 60502,
    "in_shop": 14218,
    "occluded_duke": 2210,
    "p_dukemtmc": 2163,
}
NO_SHARE = {("rpm/market1501", "rank1"), ("rpm/in_shop", "recall_at_1")} | {
    ("msvit/occluded_duke_l", "rank1")
}
"""Printed figures that are no share of the queries; the pages of both systems say so."""


def system(name):
    return [preset for preset in preset_names() if preset.startswith(f"{name}/")]


@cache
def tree_of(preset):
    return preset_tree(preset)


def reported(preset, later=False):
    rows = tree_of(preset).get("reported", [])
    rows = [row for row in rows if ("v0.1.1" in row["source"]) == later]
    found = {f"{row.get('part', '')}.{row['metric']}".lstrip("."): row["value"] for row in rows}
    assert len(found) == len(rows), preset
    return found


def test_every_printed_figure_stands_in_its_preset_to_the_last_digit():
    assert {preset: reported(preset) for preset in PRINTED} == PRINTED


def test_fastreids_two_tables_stand_beside_each_other_and_say_which_they_are():
    for preset in system("fastreid"):
        name = preset.partition("/")[2]
        figures = printed(ALL_THREE, LATER[name], unit="0.01") if name in LATER else {}
        assert reported(preset, later=True) == figures, preset
        for row in tree_of(preset)["reported"]:
            dated = "May 2020" in row["protocol"] and "May 2020" in row["source"]
            newer = "v0.1.1" in row["protocol"] and "v0.1.1" in row["source"]
            assert dated + newer == (name in LATER), (preset, row)


def test_figures_in_percent_stand_in_their_presets():
    for preset, figures in PRINTED_IN_PERCENT.items():
        assert figures.items() <= reported(preset).items(), preset


def test_no_figure_stands_where_none_is_printed():
    for preset in {*system("nama"), *WITHOUT}:
        assert reported(preset) == {}, preset
    assert {*system("rpm"), *system("mgn"), *system("fastreid")} <= PRINTED.keys()
    assert {*system("msvit")} - PRINTED.keys() == WITHOUT


def test_there_are_as_many_presets_as_commands_and_tables():
    counts = {name: len(system(name)) for name in ("rpm", "msvit", "nama", "mgn", "fastreid")}
    assert counts == {"rpm": 24, "msvit": 18 + 6, "nama": 6, "mgn": 3, "fastreid": 12}
    assert len(system("layumi")) >= 10
    assert sum(counts.values()) + len(system("layumi")) >= 60


def test_printed_ranks_are_shares_of_the_queries():
    odd = set()
    for preset in (*system("rpm"), *system("msvit")):
        figures = PRINTED.get(preset, {})
        data = preset.partition("/")[2].removesuffix("_prelu").removesuffix("_s").removesuffix("_l")
        for name, value in figures.items():
            if data in QUERIES and name not in ("mAP", "NMI"):
                hits = round(value * QUERIES[data])
                if f"{hits / QUERIES[data]:.6f}" != f"{value:.6f}":
                    odd.add((preset, name))
    assert odd == NO_SHARE


@pytest.mark.parametrize("name", ["rpm", "msvit"])
def test_a_protocol_says_where_no_image_is_left_out_for_its_camera(name):
    for preset in system(name):
        tree = tree_of(preset)
        kind = tree["data"]["dataset"]["kind"]
        for row in tree.get("reported", []):
            said = "no image left out for its camera" in row["protocol"]
            wanted = kind in ("p_dukemtmc", "vehicleid", "university1652")
            assert said == wanted, (preset, row["protocol"])
