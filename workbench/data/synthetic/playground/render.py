"""One picture of a plan: its pixels, its part mask and what is known about it."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from workbench.data.synthetic.playground.cameras import CAMERAS, Camera, expose
from workbench.data.synthetic.playground.canvas import Canvas
from workbench.data.synthetic.playground.occluders import draw_occluder, pick_occluder
from workbench.data.synthetic.playground.people.body_parts import PARTS
from workbench.data.synthetic.playground.people.identities import Identity
from workbench.data.synthetic.playground.people.person import draw_person
from workbench.data.synthetic.playground.people.skeleton import Place, Pose, sample_pose
from workbench.data.synthetic.playground.people.sketch import make_sketch
from workbench.data.synthetic.playground.plan import Job, Plan
from workbench.data.synthetic.playground.randomness import Draws
from workbench.data.synthetic.playground.scenes import backdrop

_OVERSAMPLING = 2
_HEADING_DEVIATION = 0.26
"""Radians by which people stray from a camera's two headings."""
_BRIGHTNESS = (0.82, 0.9, 1.0, 1.06, 1.14)


@dataclass(frozen=True)
class Picture:
    """A finished picture.

    ``image`` is RGB, ``mask`` holds indices into ``PARTS``, ``facts`` is its line of images.jsonl.
    """

    image: UInt8[np.ndarray, "height width 3"]
    mask: UInt8[np.ndarray, "height width"]
    facts: dict[str, Any]


class _Studio:
    """What the steps of one picture share."""

    def __init__(self, plan: Plan, job: Job, height: int) -> None:
        key = (job.identity, job.camera, job.sequence)
        self.plan, self.job = plan, job
        self.draws = Draws(plan.seed, "picture", *key, job.frame, job.number, job.content)
        # All pictures of one walk past a camera share its direction and the light.
        walk = Draws(plan.seed, "walk", *key)
        self.side, self.brightness = walk.integer(0, 1), walk.pick(_BRIGHTNESS)
        self.camera: Camera = CAMERAS[job.camera - 1]
        self.canvas = Canvas(height // 2 * _OVERSAMPLING, height * _OVERSAMPLING)

    def pose(self, side: int) -> Pose:
        heading = math.radians(self.camera.headings[side])
        return sample_pose(self.draws, self.draws.normal(heading, _HEADING_DEVIATION))

    def person(self, person: Identity, pose: Pose, place: Place) -> None:
        camera = self.camera
        draw_person(make_sketch(self.canvas, person, pose, place, camera.pitch, camera.light))

    def passer_by(
        self, place: Place, aside: tuple[float, float], size: tuple[float, float]
    ) -> None:
        """Somebody else beside ``place``, so many widths aside and of such a relative size."""
        draws = self.draws
        x = place.x + self.canvas.width * draws.pick((-1, 1)) * draws.uniform(*aside)
        pose = self.pose(draws.integer(0, 1))
        with self.canvas.labelled("other"):
            beside = replace(place, x=x, scale=place.scale * draws.uniform(*size))
            self.person(draws.pick(self.plan.strangers), pose, beside)


def render(plan: Plan, job: Job, height: int) -> Picture:
    """Draw one job of a plan, ``height`` x ``height // 2`` pixels.

    The result depends on the plan's seed and the job alone.
    """
    studio = _Studio(plan, job, height)
    draws, canvas = studio.draws, studio.canvas
    pose, place = studio.pose(studio.side), _place(studio)
    if draws.chance(0.10):
        farther = replace(place, ground=place.ground - canvas.height * draws.uniform(0.02, 0.06))
        studio.passer_by(farther, aside=(0.32, 0.55), size=(0.80, 0.95))
    empty = job.content == "distractor" and draws.chance(0.45)
    if not empty:
        known = job.content == "person"
        person = plan.identities[job.identity] if known else draws.pick(plan.strangers)
        studio.person(person, pose, place)
    obstacle = pick_occluder(draws, studio.camera.occlusion)
    if obstacle == "person":
        nearer = replace(place, ground=place.ground + canvas.height * draws.uniform(0.02, 0.08))
        studio.passer_by(nearer, aside=(0.28, 0.48), size=(1.00, 1.12))
    else:
        draw_occluder(obstacle, canvas, place, draws)
    labels = np.asarray(canvas.labels)
    image = _compose(studio, labels, place if not empty else None)
    # The label in the middle of each pixel.
    mask = labels[_OVERSAMPLING // 2 :: _OVERSAMPLING, _OVERSAMPLING // 2 :: _OVERSAMPLING]
    facts = _facts(studio, None if empty else pose, obstacle, mask)
    return Picture(image, mask, facts)


def _place(studio: _Studio) -> Place:
    """The detector's box, loose and shifted: 7 % are cut badly, junk is a zoomed fragment."""
    draws, width, height = studio.draws, studio.canvas.width, studio.canvas.height
    scale = 0.915 * height * studio.camera.distance * draws.uniform(0.93, 1.07)
    x = width * draws.normal(0.5, 0.045)
    ground = height * draws.normal(0.962, 0.018)
    if draws.chance(0.07):
        scale *= draws.uniform(1.12, 1.4)
        ground += height * draws.uniform(-0.02, 0.22)
    if studio.job.content == "junk":
        scale *= draws.uniform(1.5, 2.4)
        ground += height * draws.uniform(0.1, 0.9)
        x += width * draws.uniform(-0.5, 0.5)
    return Place(x, ground, scale)


def _compose(
    studio: _Studio, labels: UInt8[np.ndarray, "rows columns"], feet: Place | None
) -> UInt8[np.ndarray, "height width 3"]:
    """The figures over the camera's view, as its sensor shows them; a shadow at the feet."""
    width, height = studio.canvas.width // _OVERSAMPLING, studio.canvas.height // _OVERSAMPLING
    seed, job, draws = studio.plan.seed, studio.job, studio.draws
    behind = backdrop(seed, job.camera, width, height, draws).astype(np.float32)
    if feet:
        behind *= _shadow(studio.camera, feet, width, height)[..., None]
    covered = Image.fromarray((labels > 0).view(np.uint8) * 255).reduce(_OVERSAMPLING)
    clear = 1.0 - np.asarray(covered, np.float32) * np.float32(1 / 255)
    figures = np.asarray(studio.canvas.colours.reduce(_OVERSAMPLING), np.float32)
    radiance = figures + behind * clear[..., None]
    return expose(radiance, studio.camera, studio.brightness, seed, draws)


def _shadow(
    camera: Camera, place: Place, width: int, height: int
) -> Float[np.ndarray, "height width"]:
    """Factor of the ground's brightness: a soft ellipse round the feet, away from the light."""
    x = place.x / _OVERSAMPLING - 0.08 * camera.light * height
    y = place.ground / _OVERSAMPLING
    across = (np.arange(width, dtype=np.float32) - np.float32(x)) / np.float32(0.16 * height)
    down = (np.arange(height, dtype=np.float32) - np.float32(y)) / np.float32(0.028 * height)
    return 1.0 - 0.5 * np.exp(-(down**2))[:, None] * np.exp(-(across**2))


def _facts(
    studio: _Studio, pose: Pose | None, obstacle: str, mask: UInt8[np.ndarray, "height width"]
) -> dict[str, Any]:
    counts = np.bincount(mask.ravel(), minlength=len(PARTS)).tolist()
    job = studio.job
    return {
        "file": f"{job.folder}/{job.stem}.jpg",
        "identity": job.identity,
        "camera": job.camera,
        "yaw": None if pose is None else round(math.degrees(pose.yaw) % 360.0, 1),
        "side": None if pose is None else studio.side,
        "occluder": obstacle,
        "visible": dict(zip(PARTS[1:], counts[1:], strict=True)),
    }
