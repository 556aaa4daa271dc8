"""People for miniatures: those of the playground, some of them behind something."""

from functools import cache, partial

from PIL import Image, ImageDraw

from workbench.data.synthetic.miniatures.contents import Draw
from workbench.data.synthetic.playground.cameras import CAMERAS
from workbench.data.synthetic.playground.people.palette import Colour, shade
from workbench.data.synthetic.playground.plan import TRAIN, Content, Job, Plan, make_plan
from workbench.data.synthetic.playground.randomness import Draws
from workbench.data.synthetic.playground.render import render
from workbench.recipe.settings.datasets import Playground

HEIGHT = 128
"""Pixels; pictures are half as wide."""
_PEOPLE = Playground(train_identities=36, test_identities=28, image_height=HEIGHT, look_alikes=0.3)
_OBSTACLES: tuple[Colour, ...] = ((70, 74, 84), (150, 50, 44), (206, 204, 196), (52, 84, 62))


def person(number: int, camera: int, shot: int, content: Content = "person") -> Draw:
    """How a person of the playground is drawn; ``number`` and ``camera`` count from 1.

    Cameras beyond those of the playground show its places again. ``content`` may be a stranger.
    """
    return partial(_person, number, camera, shot, content)


def hidden(number: int, camera: int, shot: int) -> Draw:
    """How a person behind a car, a wall or a post is drawn."""
    return partial(_hidden, number, camera, shot)


@cache
def _plan() -> Plan:
    return make_plan(_PEOPLE)


def _person(number: int, camera: int, shot: int, content: Content) -> Image.Image:
    plan = _plan()
    known = 1 + (number - 1) % len(plan.identities)
    place = 1 + (camera - 1) % len(CAMERAS)
    # The number is part of the frame, so that people are seen in poses of their own.
    job = Job(TRAIN, known, place, 1 + camera % 6, number * 100 + shot, shot, content)
    return Image.fromarray(render(plan, job, HEIGHT).image)


def _hidden(number: int, camera: int, shot: int) -> Image.Image:
    image = _person(number, camera, shot, "person")
    draws = Draws("hidden", number, camera, shot)
    width, height = image.size
    brush, colour = ImageDraw.Draw(image), draws.pick(_OBSTACLES)
    if draws.chance(0.3):
        left = width * draws.uniform(0.2, 0.55)
        right = left + width * draws.uniform(0.2, 0.32)
        brush.rectangle((left, 0, right, height), fill=colour)
        brush.rectangle((left, 0, left + 3, height), fill=shade(colour, 1.3))
        return image
    top = height * draws.uniform(0.5, 0.68)
    brush.rounded_rectangle((-12, top, width + 12, height + 12), 10, fill=colour)
    brush.rectangle((0, top + 8, width, top + 12), fill=shade(colour, 1.35))
    return image
