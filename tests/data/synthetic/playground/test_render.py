from dataclasses import replace

import numpy as np
import pytest

from workbench.data.synthetic.playground.cameras import CAMERAS
from workbench.data.synthetic.playground.people.body_parts import LABELS, PARTS
from workbench.data.synthetic.playground.people.palette import CLOTH
from workbench.data.synthetic.playground.randomness import Draws
from workbench.data.synthetic.playground.render import render
from workbench.data.synthetic.playground.scenes import backdrop, scene

# Job of the usual plan: part: (pixels, mean red, green and blue), 64 pixels high.
PIXELS = {
    0: {
        "background": (1379, (174.8, 175.2, 168.8)),
        "head": (58, (149.5, 118.3, 95.5)),
        "torso": (200, (73.2, 120.5, 196.3)),
        "legs": (203, (100.9, 105.5, 80.6)),
        "shoes": (63, (216.3, 185.0, 68.2)),
    },
    700: {
        "background": (1401, (66.2, 63.4, 58.7)),
        "torso": (164, (37.7, 42.6, 64.0)),
        "legs": (233, (119.7, 102.5, 75.9)),
    },
    2500: {
        "head": (126, (36.7, 35.2, 28.2)),
        "torso": (115, (125.3, 129.3, 120.9)),
        "legs": (280, (204.3, 198.6, 177.0)),
        "shoes": (53, (130.5, 109.2, 141.3)),
    },
}


def jobs_of(plan, content):
    return [job for job in plan.jobs if job.content == content]


def test_a_picture_has_its_size_its_mask_and_its_facts(plan):
    job = plan.jobs[0]
    picture = render(plan, job, 64)
    assert picture.image.shape == (64, 32, 3)
    assert picture.mask.shape == (64, 32)
    assert picture.mask.max() < len(PARTS)
    assert picture.facts["file"] == f"{job.folder}/{job.stem}.jpg"
    assert (picture.facts["identity"], picture.facts["camera"]) == (job.identity, job.camera)
    for part, pixels in picture.facts["visible"].items():
        assert pixels == (picture.mask == LABELS[part]).sum()


@pytest.mark.thorough
def test_a_picture_does_not_depend_on_what_was_drawn_before(plan):
    first = render(plan, plan.jobs[5], 32)
    for job in plan.jobs[40:44]:
        render(plan, job, 32)
    again = render(plan, plan.jobs[5], 32)
    assert (first.image == again.image).all()
    assert (first.mask == again.mask).all()
    assert first.facts == again.facts


@pytest.mark.thorough
@pytest.mark.parametrize("index", PIXELS)
def test_colours_of_parts_are_those_stored(plan, index):
    """Mean colours and sizes of parts, with room for other versions of Pillow and libm."""
    picture = render(plan, plan.jobs[index], 64)
    for part, (pixels, colour) in PIXELS[index].items():
        marked = picture.mask == LABELS[part]
        assert marked.sum() == pytest.approx(pixels, abs=4)
        assert picture.image[marked].mean(axis=0) == pytest.approx(colour, abs=4.0)


@pytest.mark.thorough
def test_garments_have_their_colours_under_the_mask(plan):
    """Before the most neutral camera the plain garments of many people are recognised."""
    right = wrong = 0
    for job in jobs_of(plan, "person"):
        person = plan.identities[job.identity]
        if job.camera != 1 or person.torso.pattern != "plain" or right + wrong == 40:
            continue
        picture = render(plan, job, 64)
        torso, legs = (
            np.median(picture.image[picture.mask == LABELS[part]], axis=0)
            for part in ("torso", "legs")
        )
        straight = np.abs(torso - CLOTH[person.torso.colour]).sum()
        crossed = np.abs(legs - CLOTH[person.torso.colour]).sum()
        right, wrong = right + (straight < crossed), wrong + (straight >= crossed)
    assert right >= 5 * wrong


def test_all_pictures_of_a_walk_head_the_same_way(plan):
    first, second = plan.jobs[0], plan.jobs[1]
    assert (first.identity, first.camera) == (second.identity, second.camera)
    one, other = render(plan, first, 32).facts, render(plan, second, 32).facts
    assert one["side"] == other["side"]
    apart = abs(one["yaw"] - other["yaw"]) % 360
    assert min(apart, 360 - apart) < 90


@pytest.mark.thorough
def test_some_distractors_are_empty_and_say_so(plan):
    facts = [render(plan, job, 32).facts for job in jobs_of(plan, "distractor")[:30]]
    empty = [fact for fact in facts if fact["yaw"] is None]
    assert 5 < len(empty) < 25
    assert not any(fact["visible"]["torso"] for fact in empty)


@pytest.mark.thorough
def test_obstacles_and_passers_by_are_labelled(plan):
    facts = [render(plan, job, 32).facts for job in jobs_of(plan, "person")[:60]]
    kinds = {fact["occluder"] for fact in facts}
    assert {"none", "pole", "person"} <= kinds
    for fact in facts:
        if fact["occluder"] in ("pole", "car"):
            assert fact["visible"]["occluder"]
        if fact["occluder"] == "none":
            assert not fact["visible"]["occluder"]
    assert any(fact["visible"]["other"] for fact in facts)


@pytest.mark.thorough
@pytest.mark.parametrize("height", [33, 128, 512])
def test_any_height_the_recipe_allows(plan, height):
    picture = render(plan, plan.jobs[2], height)
    assert picture.image.shape == (height, height // 2, 3)
    assert picture.mask.any()


def test_larger_pictures_show_the_same_scene(plan):
    """The same numbers are drawn at any height, so a pair of heights shows one person's pose."""
    job = plan.jobs[2]
    small, large = render(plan, job, 64), render(plan, job, 128)
    same = small.mask == large.mask[1::2, 1::2]
    assert same.mean() > 0.95
    assert small.facts["yaw"] == large.facts["yaw"]


def test_a_camera_s_view_stands_still():
    assert (scene(0, 2).image == scene(0, 2).image).all()
    windows = [backdrop(0, 2, 32, 64, Draws(number)) for number in range(2)]
    assert (windows[0] != windows[1]).any()
    assert abs(windows[0].mean() - windows[1].mean()) < 40


@pytest.mark.thorough
def test_cameras_see_the_same_person_differently(plan):
    job = plan.jobs[0]
    means = [
        render(plan, replace(job, camera=camera), 32).image.mean(axis=(0, 1))
        for camera in range(1, len(CAMERAS) + 1)
    ]
    assert max(mean.mean() for mean in means) > 1.3 * min(mean.mean() for mean in means)
