"""Things that stand between a person and the camera."""

from collections.abc import Callable
from typing import Literal, get_args

from workbench.data.synthetic.playground.canvas import Canvas
from workbench.data.synthetic.playground.people.palette import CLOTH, shade
from workbench.data.synthetic.playground.people.skeleton import Place
from workbench.data.synthetic.playground.randomness import Draws

Occluder = Literal["none", "pole", "car", "bush", "bollard", "bench", "person"]
OCCLUDERS: tuple[Occluder, ...] = get_args(Occluder)

_SHARES: dict[Occluder, int | float] = {
    "pole": 26,
    "car": 18,
    "bush": 14,
    "bollard": 12,
    "bench": 8,
    "person": 22,
}


def pick_occluder(draws: Draws, probability: float) -> Occluder:
    """One kind of obstacle with this probability, else none."""
    return draws.weighted(_SHARES) if draws.chance(probability) else "none"


def draw_occluder(kind: Occluder, canvas: Canvas, place: Place, draws: Draws) -> None:
    """Paint an obstacle before somebody who stands at ``place``; a person is not painted here."""
    draw = _OBSTACLES.get(kind)
    if draw:
        draw(canvas, place, draws)


def _pole(canvas: Canvas, place: Place, draws: Draws) -> None:
    x, scale = place.x + place.scale * draws.uniform(-0.14, 0.14), place.scale
    colour = shade((110, 112, 118), draws.uniform(0.6, 1.3))
    ends = [(x, -0.1 * scale), (x, canvas.height + 0.1 * scale)]
    canvas.limb(ends, [0.028 * scale, 0.030 * scale], colour, "occluder", 0.5)


def _car(canvas: Canvas, place: Place, draws: Draws) -> None:
    """The side of a car that reaches over the whole width."""
    scale, width = place.scale, float(canvas.width)
    paint = CLOTH[draws.pick(("red", "white", "blue", "grey", "black", "navy"))]
    top = place.ground - scale * draws.uniform(0.16, 0.34)
    middle = place.x + scale * draws.uniform(-0.25, 0.25)
    below = canvas.height + 9.0
    body = [(-scale, top + 0.06 * scale), (middle - 0.3 * scale, top), (middle + 0.3 * scale, top)]
    body += [(width + scale, top + 0.07 * scale), (width + scale, below), (-scale, below)]
    canvas.polygon(body, paint, "occluder")
    gloss = top + 0.10 * scale
    canvas.strip((0.0, gloss), (width, gloss), 0.008 * scale, shade(paint, 1.25), "occluder")
    sill = top + 0.22 * scale
    canvas.strip((0.0, sill), (width, sill), 0.006 * scale, shade(paint, 0.7), "occluder")
    hub = (middle + 0.05 * scale, place.ground + 0.02 * scale)
    canvas.ellipse(hub, (0.11 * scale, 0.11 * scale), (26, 26, 28), "occluder")
    canvas.ellipse(hub, (0.05 * scale, 0.05 * scale), (150, 150, 152), "occluder")


def _bush(canvas: Canvas, place: Place, draws: Draws) -> None:
    side, scale = draws.pick((-1, 1)), place.scale
    for _ in range(30):
        x = place.x + side * scale * draws.uniform(0.0, 0.3)
        y = place.ground - scale * draws.uniform(-0.05, 0.34)
        radius = scale * draws.uniform(0.025, 0.065)
        leaves = shade((64, 116, 56), draws.uniform(0.7, 1.25))
        canvas.ellipse((x, y), (radius, radius), leaves, "occluder")


def _bollard(canvas: Canvas, place: Place, draws: Draws) -> None:
    x, scale = place.x + place.scale * draws.uniform(-0.12, 0.12), place.scale
    ends = [(x, place.ground - 0.30 * scale), (x, place.ground + 0.10 * scale)]
    canvas.limb(ends, [0.040 * scale, 0.045 * scale], (188, 62, 50), "occluder", 0.4)
    band = place.ground - 0.22 * scale
    left, right = (x - 0.028 * scale, band), (x + 0.028 * scale, band)
    canvas.strip(left, right, 0.018 * scale, (232, 232, 226), "occluder")


def _bench(canvas: Canvas, place: Place, draws: Draws) -> None:
    scale, seat = place.scale, place.ground - 0.2 * place.scale
    colour = shade((122, 86, 56), draws.uniform(0.8, 1.15))
    for depth in (0.0, 0.06, 0.16):
        top, bottom = seat + scale * depth, seat + scale * (depth + 0.035)
        plank = [
            (-5.0, top),
            (canvas.width + 5.0, top),
            (canvas.width + 5.0, bottom),
            (-5.0, bottom),
        ]
        canvas.polygon(plank, shade(colour, 1.0 - depth), "occluder")
    leg = place.x + 0.2 * scale
    canvas.strip(
        (leg, seat), (leg, place.ground + 0.05 * scale), 0.016 * scale, (60, 60, 64), "occluder"
    )


_OBSTACLES: dict[Occluder, Callable[[Canvas, Place, Draws], None]] = {
    "pole": _pole,
    "car": _car,
    "bush": _bush,
    "bollard": _bollard,
    "bench": _bench,
}
