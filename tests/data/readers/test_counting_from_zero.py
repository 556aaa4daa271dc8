"""Cameras and identities counted from 0 mean the same as those counted from 1, in every reader."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.data.catalogue.published import dataset_of
from workbench.data.catalogue.splits import read_folder
from workbench.data.checks.check import check
from workbench.data.export import export_prepared
from workbench.data.samples import Sample, Split, matches
from workbench.recipe.settings.data import ImageFolder
from workbench.recipe.settings.evaluation import Evaluation
from workbench.retrieval.embeddings.store import Embeddings
from workbench.retrieval.protocol import protocol_report
from workbench.retrieval.rankings import Rankings

PEOPLE, RANKED, CAMERAS, SHOTS = 12, 5, 3, 3
FLAT = {
    "market1501": ("{p:04d}_c{c}s1_{n:06d}_00.png", "bounding_box_train", "bounding_box_test"),
    "dukemtmc": ("{p:04d}_c{c}_f{n:07d}.png", "bounding_box_train", "bounding_box_test"),
    "occluded_duke": ("{p:04d}_c{c}_f{n:07d}.png", "bounding_box_train", "bounding_box_test"),
    "veri776": ("{p:04d}_c{c:03d}_{n:08d}_0.png", "image_train", "image_test"),
    "msmt17": ("{p:04d}_c{c}_{n:04d}.png", "bounding_box_train", "bounding_box_test"),
    "cuhk03_np": ("{p:04d}_c{c}_{n}.png", "bounding_box_train", "bounding_box_test"),
}


def shots():
    return [(p, c, n) for p in range(PEOPLE) for c in range(CAMERAS) for n in range(SHOTS)]


def flat(kind, camera, identity=1):
    form, train, gallery = FLAT[kind]
    for p, c, n in shots():
        ranked = ("image_query" if kind == "veri776" else "query") if n == 0 else gallery
        folder = ranked if p < RANKED else train
        top = "detected/" if kind == "cuhk03_np" else ""
        yield f"{top}{folder}/" + form.format(p=p + identity, c=c + camera, n=n)


def nested(kind, camera, identity=1):
    for p, c, n in shots():
        use = "train_all" if p >= RANKED else "query" if n == 0 else "gallery"
        use = "train" if kind == "folder" and use == "train_all" else use
        yield f"{use}/{p + identity:04d}/{p + identity:04d}_c{c + camera}_{n}.png"


KINDS = {
    **dict.fromkeys(FLAT, (flat, None)),
    "prepared": (nested, None),
    "folder": (nested, ImageFolder(camera_pattern=r"_c(\d+)")),
}


def read(root, kind):
    split = read_folder(root, KINDS[kind][1] or dataset_of(kind))
    return replace(split, notes=())


def figures_of(split: Split):
    """Figures of vectors that depend on the person, the camera and the shot, not on numbers."""

    def vectors(images):
        return np.stack([vector_of(image) for image in images])

    def vector_of(image: Sample):
        numbers = [int(digits) for digits in re.findall(r"\d+", image.path.rpartition("/")[2])]
        key = [numbers[0] - lowest["identity"], numbers[1] - lowest["camera"], numbers[-1]]
        own, view = np.random.default_rng(key[0]), np.random.default_rng(1000 + key[1])
        shot = np.random.default_rng([2000, *key])
        vector = own.normal(size=8) + 0.8 * view.normal(size=8) + shot.normal(size=8)
        return vector.astype(np.float32)

    lowest = {
        "identity": min(int(re.findall(r"\d+", s.path.rpartition("/")[2])[0]) for s in split.query),
        "camera": min(int(re.findall(r"_c(\d+)", s.path)[0]) for s in split.query),
    }
    embeddings = Embeddings(
        vectors(split.query), vectors(split.gallery), split.query, split.gallery, split.root
    )
    report = protocol_report(Rankings(embeddings, Evaluation()))
    return dict(report.plain), dict(report.counts)


@pytest.mark.parametrize("kind", KINDS)
def test_figures_and_excluded_pairs_do_not_depend_on_the_first_camera(tmp_path, make_images, kind):
    names = KINDS[kind][0]
    results = {}
    for first in (0, 1):
        root = make_images(tmp_path / f"from{first}", names(kind, first))
        split = read(root, kind)
        assert {s.camera for s in split.query} == set(range(first, first + CAMERAS))
        results[first] = figures_of(split)
        # One query for each ranked person and camera, two gallery images share both.
        assert results[first][1]["same_camera_pairs"] == RANKED * CAMERAS * (SHOTS - 1)
        assert matches(split, drop_same_camera=True) == [4] * RANKED * CAMERAS
        assert check(root, kind, settings=KINDS[kind][1]).facts["cameras"] == CAMERAS
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", ["market1501", "prepared", "folder"])
def test_a_person_numbered_0_who_is_asked_for_counts_as_a_person(tmp_path, make_images, kind):
    names = KINDS[kind][0]
    from_1 = read(make_images(tmp_path / "from1", names(kind, 1)), kind)
    root = make_images(tmp_path / "from0", names(kind, 1, identity=0))
    from_0 = read(root, kind)
    assert figures_of(from_0) == figures_of(from_1)
    assert not any(image.distractor for image in from_0.gallery)
    report = check(root, kind, settings=KINDS[kind][1])
    assert report.facts["query_identities"] == report.facts["gallery_identities"] == RANKED
    if kind != "folder":  # which numbers identities from 1 where one is named 0
        assert "Identity 0 is a person like any other: 9 images." in report.notes


def test_nobody_asked_for_0_is_a_distractor_and_minus_1_is_junk(market):
    split = read_folder(market, dataset_of("market1501"))
    assert [(s.identity, s.is_person) for s in split.gallery if s.identity <= 0] == [
        (-1, False),
        (0, False),
    ]
    notes = check(market).notes
    assert (
        "Identity 0 in the gallery marks distractors, which are always wrong: 1 image, no query"
        " has it."
    ) in notes
    assert "Identity -1 marks junk, which is never scored: 1 image." in notes


def test_earlier_digests_are_those_of_camera_0_as_the_unknown_one():
    known, unknown = Sample("a.png", 1, 0), Sample("a.png", 1)
    splits = [Split("x", Path(), (one,), (), ()) for one in (known, unknown)]
    assert splits[0].digest("train") != splits[1].digest("train")
    assert splits[0].earlier_digest("train") == splits[1].earlier_digest("train")


def test_an_exported_folder_keeps_camera_0_and_the_pairs_it_excludes(tmp_path, make_images):
    split = read(make_images(tmp_path / "from0", flat("market1501", 0)), "market1501")
    export_prepared(split, tmp_path / "prepared")
    again = read_folder(tmp_path / "prepared", dataset_of("prepared"))
    assert sorted(s.camera for s in again.gallery) == sorted(s.camera for s in split.gallery)
    assert matches(again, drop_same_camera=True) == matches(split, drop_same_camera=True)
