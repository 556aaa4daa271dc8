"""Legs, shoes, arms and hands, with what they wear."""

from workbench.data.synthetic.playground.people.identities import LegsKind, TorsoKind
from workbench.data.synthetic.playground.people.palette import CLOTH, SKIN, Colour, shade
from workbench.data.synthetic.playground.people.skeleton import Leg, Point, Point3
from workbench.data.synthetic.playground.people.sketch import Sketch

# Factors of the radii at hip, knee and hem.
_FITS: dict[LegsKind, tuple[float, float, float]] = {
    "trousers": (1.0, 1.06, 1.32),
    "wide": (1.04, 1.38, 2.10),
    "leggings": (0.93, 0.92, 0.92),
}
_THICK_SLEEVES: tuple[TorsoKind, ...] = ("jacket", "coat", "hoodie")
_FAR_LEG, _FAR_ARM = 0.84, 0.82


def draw_leg(sketch: Sketch, side: int, far: bool) -> None:
    """One leg with trousers or bare, and its shoe; the far one lies in shadow."""
    dim = _FAR_LEG if far else 1.0
    if sketch.person.legs.kind not in _FITS:
        _bare_leg(sketch, sketch.skeleton.legs[side], dim)
        _shoe(sketch, side, dim)
        if sketch.person.legs.kind == "shorts":
            _shorts(sketch, sketch.skeleton.legs[side], dim)
    elif sketch.person.shoes.kind == "boot":
        _trouser_leg(sketch, side, dim)
        _shoe(sketch, side, dim)
    else:
        _shoe(sketch, side, dim)
        _trouser_leg(sketch, side, dim)


def _leg_radii(sketch: Sketch) -> tuple[float, float, float]:
    """Pixels at hip, knee and ankle."""
    body, scale = sketch.person.body, sketch.view.scale
    hip = 0.050 * (0.55 + 0.45 * body.build) * body.hips**0.5
    return scale * hip, scale * 0.036 * (0.6 + 0.4 * body.build), scale * 0.026


def _trouser_leg(sketch: Sketch, side: int, dim: float) -> None:
    person, leg, view = sketch.person, sketch.skeleton.legs[side], sketch.view
    radii = [
        radius * fit
        for radius, fit in zip(_leg_radii(sketch), _FITS[person.legs.kind], strict=True)
    ]
    hem = _between(leg.knee, leg.ankle, 1.06 if person.legs.kind == "wide" else 0.97)
    points = [view.project(leg.hip), view.project(leg.knee), view.project(hem)]
    colour = shade(CLOTH[person.legs.colour], dim)
    sketch.canvas.limb(points, radii, colour, "legs", view.light, cut=True)
    if person.legs.stripe and view.depth(side, 0.0) > -0.35:
        stripe = shade(CLOTH[person.legs.stripe], dim)
        shift = side * view.cos
        line = [
            (x + shift * 0.72 * radius, y) for (x, y), radius in zip(points, radii, strict=True)
        ]
        width = view.scale * 0.008
        sketch.canvas.strip(line[0], line[1], width, stripe, "legs")
        sketch.canvas.strip(line[1], line[2], width, stripe, "legs")


def _bare_leg(sketch: Sketch, leg: Leg, dim: float) -> None:
    """Thigh, knee, calf and ankle."""
    hip, knee, ankle = _leg_radii(sketch)
    calf = _between(leg.knee, leg.ankle, 0.35)
    points = [sketch.view.project(point) for point in (leg.hip, leg.knee, calf, leg.ankle)]
    radii = [0.88 * hip, 0.88 * knee, 0.98 * knee, 0.84 * ankle]
    skin = shade(SKIN[sketch.person.body.skin], dim)
    sketch.canvas.limb(points, radii, skin, "legs", sketch.view.light)


def _shorts(sketch: Sketch, leg: Leg, dim: float) -> None:
    hip, knee, _ = _leg_radii(sketch)
    hem = _between(leg.hip, leg.knee, 0.82)
    points = [sketch.view.project(leg.hip), sketch.view.project(hem)]
    colour = shade(CLOTH[sketch.person.legs.colour], dim)
    sketch.canvas.limb(
        points, [1.06 * hip, 1.5 * knee], colour, "legs", sketch.view.light, cut=True
    )


def _shoe(sketch: Sketch, side: int, dim: float) -> None:
    """A shoe from heel to toe, the foot pointing where the shank swings."""
    leg, view, canvas = sketch.skeleton.legs[side], sketch.view, sketch.canvas
    heel, toe = _foot(leg, side)
    start, end, ankle = view.project(heel), view.project(toe), view.project(leg.ankle)
    kind, scale = sketch.person.shoes.kind, view.scale
    colour = shade(CLOTH[sketch.person.shoes.colour], dim)
    sole = shade((236, 236, 232) if kind == "sneaker" else (40, 34, 30), dim)
    top, width = (0.062, 0.034) if kind == "boot" else (0.0, 0.027)
    shaft = (ankle[0], ankle[1] - scale * top)
    canvas.limb([shaft, start], [scale * width, scale * 0.028], colour, "shoes", view.light)
    canvas.limb([start, end], [scale * 0.027, scale * 0.021], colour, "shoes", view.light)
    if kind == "flat":
        return
    back, front = (start[0], start[1] + scale * 0.021), (end[0], end[1] + scale * 0.016)
    canvas.strip(back, front, scale * 0.007, sole, "shoes")
    if kind == "sneaker":
        laces = _mid(start, end, 0.5)
        further = _mid(start, end, 0.62)
        lift = scale * 0.010
        canvas.strip(
            (laces[0], laces[1] - lift),
            (further[0], further[1] - lift),
            scale * 0.006,
            sole,
            "shoes",
        )


def _foot(leg: Leg, side: int) -> tuple[Point3, Point3]:
    """Heel and toe; the heel lifts as the shank swings back."""
    x, y, z = leg.ankle
    lifted = max(0.0, -leg.swing)
    heel = (x, max(0.026, y - 0.014 + 0.02 * lifted), z - 0.016)
    toe = (x + side * 0.014, max(0.020, y - 0.020 - 0.05 * lifted), z + 0.072)
    return heel, toe


def draw_arm(sketch: Sketch, side: int, far: bool) -> None:
    """One arm with its sleeve, a hand and perhaps a telephone."""
    view, person, arm = sketch.view, sketch.person, sketch.skeleton.arms[side]
    shoulder, elbow, hand = (view.project(point) for point in (arm.shoulder, arm.elbow, arm.hand))
    dim = _FAR_ARM if far else 1.0
    skin = shade(SKIN[person.body.skin], dim)
    radii = _arm_radii(sketch)
    wrist = _mid(elbow, hand, 0.9)
    if person.torso.kind in ("tshirt", "tank"):
        sketch.canvas.limb(
            [shoulder, elbow, wrist],
            [0.86 * radii[0], 0.94 * radii[1], 0.72 * radii[2]],
            skin,
            "arms",
            view.light,
        )
    scale = view.scale
    sketch.canvas.limb([wrist, hand], [scale * 0.018, scale * 0.021], skin, "arms", view.light)
    if person.torso.kind != "tank":
        _sleeve(sketch, [shoulder, elbow, wrist], dim)
    if sketch.pose.phone == side:
        above, below = (hand[0], hand[1] - scale * 0.03), (hand[0], hand[1] + scale * 0.008)
        sketch.canvas.strip(above, below, scale * 0.012, (24, 24, 30), "arms")


def _arm_radii(sketch: Sketch) -> tuple[float, float, float]:
    """Pixels at shoulder, elbow and wrist."""
    build, scale = sketch.person.body.build, sketch.view.scale
    upper, fore = scale * 0.0325 * (0.6 + 0.4 * build), scale * 0.0255 * (0.65 + 0.35 * build)
    return upper, fore, fore


def _sleeve(sketch: Sketch, points: list[Point], dim: float) -> None:
    garment, light = sketch.person.torso, sketch.view.light
    second = shade(CLOTH[garment.second], dim)
    whole = garment.pattern == "block" and garment.variant % 2
    colour = second if whole else shade(CLOTH[garment.colour], dim)
    upper, elbow, wrist = _arm_radii(sketch)
    if garment.kind == "tshirt":
        hem = _mid(points[0], points[1], 0.72)
        radii = [upper, 1.06 * upper]
        points = [points[0], hem]
    else:
        thick = 1.16 if garment.kind in _THICK_SLEEVES else 1.0
        radii = [0.98 * upper * thick, 1.08 * elbow * thick, 0.94 * wrist * thick]
    sketch.canvas.limb(points, radii, colour, "arms", light, cut=True)
    if garment.pattern in ("hstripe", "check"):
        _rings(sketch, points[:2], radii[0], second)


def _rings(sketch: Sketch, points: list[Point], radius: float, colour: Colour) -> None:
    """Two bands round the upper sleeve, as the pattern of the trunk goes on."""
    for start in (0.30, 0.70):
        upper, lower = _mid(points[0], points[1], start), _mid(points[0], points[1], start + 0.18)
        across, down = lower[0] - upper[0], lower[1] - upper[1]
        length = max(1e-6, (across * across + down * down) ** 0.5)
        x, y = -down / length * radius * 0.97, across / length * radius * 0.97
        band = [
            (upper[0] + x, upper[1] + y),
            (lower[0] + x, lower[1] + y),
            (lower[0] - x, lower[1] - y),
            (upper[0] - x, upper[1] - y),
        ]
        sketch.canvas.polygon(band, shade(colour, 0.92), "arms")


def _between(start: Point3, end: Point3, share: float) -> Point3:
    return (
        start[0] + (end[0] - start[0]) * share,
        start[1] + (end[1] - start[1]) * share,
        start[2] + (end[2] - start[2]) * share,
    )


def _mid(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
