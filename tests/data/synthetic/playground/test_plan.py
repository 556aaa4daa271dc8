import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import asdict

import pytest

from workbench.data.synthetic.playground.plan import GALLERY, QUERY, TRAIN, Job, make_plan
from workbench.recipe.settings.data import Playground


def digest_of(table):
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.thorough
def test_the_plan_is_the_same_on_every_machine(plan):
    people = {number: asdict(person) for number, person in plan.identities.items()}
    assert digest_of(people) == "e06e5e126d4ae275"
    assert digest_of([asdict(person) for person in plan.strangers]) == "49d299ad37fab038"
    assert digest_of([asdict(job) for job in plan.jobs]) == "282f60331c1ce505"


def test_sizes_of_the_usual_playground(plan):
    folders = Counter(job.folder for job in plan.jobs)
    assert folders == {TRAIN: 1872, GALLERY: 1455, QUERY: 406}
    gallery = Counter(job.content for job in plan.jobs if job.folder == GALLERY)
    assert gallery == {"person": 1213, "distractor": 145, "junk": 97}


@pytest.mark.thorough
def test_the_image_height_has_no_part_in_the_plan(settings):
    assert make_plan(settings) == make_plan(settings.model_copy(update={"image_height": 64}))
    assert make_plan(settings) != make_plan(settings.model_copy(update={"seed": 4}))


def test_splits_share_neither_identity_nor_family(plan):
    folders = defaultdict(set)
    for job in plan.jobs:
        if job.content == "person":
            folders[job.folder].add(job.identity)
    assert folders[TRAIN] | folders[GALLERY] == set(range(1, 251))
    assert not folders[TRAIN] & folders[GALLERY]
    families = [
        {plan.identities[number].family for number in folders[name]} - {None}
        for name in (TRAIN, GALLERY)
    ]
    assert families[0]
    assert families[1]
    assert not families[0] & families[1]


def test_identity_numbers_do_not_tell_the_split(plan):
    train = {job.identity for job in plan.jobs if job.folder == TRAIN}
    assert sum(number <= 125 for number in train) == pytest.approx(75, abs=15)


def test_every_query_has_a_match_in_another_camera(plan):
    cameras = defaultdict(set)
    for job in plan.jobs:
        if job.folder == GALLERY:
            cameras[job.identity].add(job.camera)
    for job in plan.jobs:
        if job.folder == QUERY:
            assert cameras[job.identity] - {job.camera}


def test_one_query_for_each_identity_and_camera_of_the_gallery(plan):
    seen = {(j.identity, j.camera) for j in plan.jobs if j.folder == GALLERY and j.identity > 0}
    asked = [(job.identity, job.camera) for job in plan.jobs if job.folder == QUERY]
    assert len(set(asked)) == len(asked)
    assert set(asked) == seen


def test_a_query_s_frame_is_not_in_the_gallery(plan):
    gallery = {(j.identity, j.camera, j.frame) for j in plan.jobs if j.folder == GALLERY}
    queries = {(j.identity, j.camera, j.frame) for j in plan.jobs if j.folder == QUERY}
    assert not gallery & queries


def test_three_to_five_cameras_with_two_to_four_images(plan):
    images = Counter((j.identity, j.camera) for j in plan.jobs if j.number and j.identity > 0)
    assert set(images.values()) == {2, 3, 4}
    assert set(Counter(identity for identity, _ in images).values()) == {3, 4, 5}
    assert {camera for _, camera in images} == {1, 2, 3, 4, 5, 6}


def test_no_two_pictures_share_a_name(plan):
    assert len({job.stem for job in plan.jobs}) == len(plan.jobs)


def test_names_are_those_of_market_1501():
    assert Job(TRAIN, 1, 1, 1, 151, 1).stem == "0001_c1s1_000151_01"
    assert Job(GALLERY, -1, 3, 2, 98, 4, "junk").stem == "-1_c3s2_000098_04"
    assert Job(GALLERY, 0, 6, 5, 12, 9, "distractor").stem == "0000_c6s5_000012_09"


def test_the_smallest_playground():
    smallest = Playground(train_identities=4, test_identities=2, look_alikes=1.0)
    plan = make_plan(smallest)
    assert len(plan.identities) == 6
    assert {job.folder for job in plan.jobs} == {TRAIN, GALLERY, QUERY}
