"""The trunk: upper garment, hood and scarf, hips, skirts."""

from workbench.data.synthetic.playground.people.cylinder import Tube, wrap
from workbench.data.synthetic.playground.people.palette import CLOTH, shade
from workbench.data.synthetic.playground.people.skeleton import NECK, shoulder_half_width
from workbench.data.synthetic.playground.people.sketch import Sketch
from workbench.data.synthetic.playground.people.textures import (
    plain_texture,
    strap_texels,
    torso_texture,
)

_BULK = {"jacket": 1.08, "hoodie": 1.10, "coat": 1.10}
_COLLAR = 0.848
_HEM, _COAT_HEM = 0.478, 0.315

Ring = tuple[float, float, float]
"""Height, lateral radius and thickness of the trunk, in statures."""


def _trunk(sketch: Sketch) -> list[Ring]:
    """Rings of the clothed trunk from collar to hem."""
    person, girth = sketch.person, sketch.girth
    hips = person.body.hips
    shoulder = shoulder_half_width(person)
    coat = person.torso.kind == "coat"
    waist = 0.086 * girth * (1.0 - 0.5 * max(0.0, hips - 1.0))
    rings = [
        (_COLLAR, 0.040, 0.036),
        (0.832, 0.066, 0.046),
        (0.815, 0.94 * shoulder, 0.060),
        (0.785, 0.99 * shoulder, 0.068),
        (0.720, 0.90 * shoulder, 0.078 * girth),
        (0.610, waist, 0.072 * girth),
        (0.530, 0.091 * hips * girth, 0.078 * hips * girth),
    ]
    if coat:
        rings.append((_COAT_HEM, 0.114 * hips * girth, 0.104 * hips * girth))
    else:
        rings.append((_HEM, 0.096 * hips * girth, 0.082 * hips * girth))
    bulk = _BULK.get(person.torso.kind, 1.0)
    return [(height, bulk * width, bulk * depth) for height, width, depth in rings]


def _tube(sketch: Sketch, rings: list[Ring], lean: float = 0.0) -> Tube:
    view, lift = sketch.view, sketch.skeleton.lift
    upper, lower = rings[0][0], rings[-1][0]
    return Tube(
        top=view.project((0.0, upper + lift, lean)),
        bottom=view.project((0.0, lower + lift, 0.0)),
        profile=tuple(
            ((upper - height) / (upper - lower), view.half_width(width, depth))
            for height, width, depth in rings
        ),
        sag=view.sag(rings[-1][1], rings[-1][2]),
    )


def draw_torso(sketch: Sketch) -> None:
    """The upper garment round the trunk, with hem, collar and a lowered hood."""
    person, view = sketch.person, sketch.view
    tube = _tube(sketch, _trunk(sketch), sketch.skeleton.lean)
    wrap(
        sketch.canvas,
        tube,
        torso_texture(person),
        "torso",
        view.yaw,
        view.light,
        strap_texels(person),
    )
    if person.torso.kind == "hoodie" and person.hat.kind != "hood":
        x, y = view.project((0.0, 0.825 + sketch.skeleton.lift, sketch.skeleton.lean - 0.03))
        radii = view.half_width(0.074, 0.062), view.scale * (0.020 + 0.032 * max(0.0, -view.cos))
        colour = shade(CLOTH[person.torso.colour], 0.84)
        sketch.canvas.ellipse((x, y), radii, colour, "torso")


def draw_lower_garment(sketch: Sketch) -> None:
    """Skirt or dress from waist to knee, else the seat of trousers."""
    person, view = sketch.person, sketch.view
    girth, hips = sketch.girth, person.body.hips
    colour = CLOTH[person.legs.colour]
    if person.legs.kind in ("skirt", "dress"):
        spread = 0.012 + 0.10 * sketch.pose.stride * abs(view.sin)
        knees = min(leg.knee[1] for leg in sketch.skeleton.legs.values()) - sketch.skeleton.lift
        hem = knees + (0.035 if person.legs.kind == "skirt" else -0.015)
        rings = [
            (0.545, 0.088 * hips * girth, 0.076 * hips * girth),
            (0.47, 0.108 * hips * girth, 0.094 * hips * girth),
            (hem, 0.128 * hips * girth, 0.112 * hips * girth + spread),
        ]
        texture = plain_texture(colour, pleats=18)
    else:
        rings = [
            (0.545, 0.088 * hips * girth, 0.074 * hips * girth),
            (0.49, 0.098 * hips * girth, 0.080 * hips * girth),
            (0.44, 0.082 * hips * girth, 0.060 * hips * girth),
        ]
        texture = plain_texture(shade(colour, 0.94))
    wrap(sketch.canvas, _tube(sketch, rings), texture, "legs", view.yaw, view.light)


def draw_scarf(sketch: Sketch) -> None:
    """A scarf round the neck, one end down the chest; it counts as torso."""
    if sketch.person.scarf is None:
        return
    view, lift, lean = sketch.view, sketch.skeleton.lift, sketch.skeleton.lean
    colour, scale = CLOTH[sketch.person.scarf], view.scale
    x, y = view.project((0.0, NECK - 0.005 + lift, lean + 0.01))
    ends = [(x - scale * 0.036, y), (x + scale * 0.036, y)]
    sketch.canvas.limb(ends, [scale * 0.023, scale * 0.023], colour, "torso", view.light)
    if view.cos > 0.1:
        start = (x + scale * 0.02 * view.cos, y)
        end = view.project((0.03, NECK - 0.13 + lift, lean + 0.08))
        radii = [scale * 0.017, scale * 0.020]
        sketch.canvas.limb([start, end], radii, shade(colour, 0.92), "torso", view.light, cut=True)
