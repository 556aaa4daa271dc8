"""Backpacks, crossbody bags, handbags and totes."""

from workbench.data.synthetic.playground.people.cylinder import Tube, wrap
from workbench.data.synthetic.playground.people.palette import CLOTH, opposite, shade
from workbench.data.synthetic.playground.people.skeleton import shoulder_half_width
from workbench.data.synthetic.playground.people.sketch import Sketch
from workbench.data.synthetic.playground.people.textures import backpack_texture


def draw_backpack(sketch: Sketch) -> None:
    """A pack on the back; its straps are part of the torso's texture."""
    if sketch.person.bag.kind != "backpack":
        return
    view, lift = sketch.view, sketch.skeleton.lift
    behind = -0.118
    half = view.half_width(0.086, 0.054)
    tube = Tube(
        top=view.project((0.0, 0.815 + lift, behind)),
        bottom=view.project((0.0, 0.560 + lift, behind)),
        profile=(
            (0.0, 0.55 * half),
            (0.05, 0.84 * half),
            (0.15, half),
            (0.93, half),
            (1.0, 0.88 * half),
        ),
        sag=0.6 * view.sag(0.086, 0.054),
    )
    texture = backpack_texture(CLOTH[sketch.person.bag.colour])
    wrap(sketch.canvas, tube, texture, "bag", view.yaw, view.light)


def draw_crossbody(sketch: Sketch) -> None:
    """A small bag at the hip; its strap is part of the torso's texture."""
    view, person, lift = sketch.view, sketch.person, sketch.skeleton.lift
    side, scale = person.bag.side, view.scale
    if person.bag.kind != "crossbody" or view.depth(side, 0.0) < -0.75:
        return
    colour = CLOTH[person.bag.colour]
    x, y = view.project((side * (0.105 * sketch.girth + 0.016), 0.470 + lift, 0.01))
    wide, tall = scale * (0.034 + 0.028 * abs(view.sin)), scale * 0.078
    box = [(x - wide, y - 0.5 * tall), (x + wide, y - 0.5 * tall)]
    box += [(x + 1.05 * wide, y + 0.5 * tall), (x - 1.05 * wide, y + 0.5 * tall)]
    sketch.canvas.polygon(box, colour, "bag")
    flap = [box[0], box[1], (x + wide, y), (x - wide, y)]
    sketch.canvas.polygon(flap, shade(colour, 0.80), "bag")


def draw_handbag(sketch: Sketch) -> None:
    """A bag hanging from the hand of its side."""
    view, colour = sketch.view, CLOTH[sketch.person.bag.colour]
    x, y = view.project(sketch.skeleton.arms[sketch.person.bag.side].hand)
    scale = view.scale
    wide, tall = scale * (0.046 + 0.034 * abs(view.sin)), scale * 0.075
    box = (x - 0.6 * wide, y - 0.006 * scale, x + 0.6 * wide, y + 0.08 * scale)
    sketch.canvas.arch(box, 0.01 * scale, shade(colour, 0.7), "bag")
    top = y + 0.036 * scale
    corners = [(x - wide, top), (x + wide, top)]
    corners += [(x + 1.12 * wide, top + tall), (x - 1.12 * wide, top + tall)]
    sketch.canvas.polygon(corners, shade(colour, 0.94), "bag")
    flap = [
        corners[0],
        corners[1],
        (x + 0.9 * wide, top + 0.36 * tall),
        (x - 0.9 * wide, top + 0.36 * tall),
    ]
    sketch.canvas.polygon(flap, shade(colour, 0.76), "bag")


def draw_tote(sketch: Sketch) -> None:
    """A big bag with a round print, hanging from the shoulder of its side."""
    view, person, lift = sketch.view, sketch.person, sketch.skeleton.lift
    side, scale, colour = person.bag.side, view.scale, CLOTH[person.bag.colour]
    edge = shoulder_half_width(person)
    shoulder = view.project((side * edge * 0.95, 0.820 + lift, 0.0))
    x, y = view.project((side * (edge + 0.042), 0.56 + lift, -0.01))
    wide, tall = scale * (0.046 + 0.044 * abs(view.sin)), scale * 0.135
    for shift in (-0.5, 0.5):
        sketch.canvas.strip(
            shoulder, (x + shift * wide, y), scale * 0.007, shade(colour, 0.75), "bag"
        )
    corners = [
        (x - wide, y),
        (x + wide, y),
        (x + 0.94 * wide, y + tall),
        (x - 0.94 * wide, y + tall),
    ]
    sketch.canvas.polygon(corners, shade(colour, 0.95), "bag")
    hem = [corners[0], corners[1], (x + wide, y + 0.1 * tall), (x - wide, y + 0.1 * tall)]
    sketch.canvas.polygon(hem, shade(colour, 0.78), "bag")
    radii = (0.42 * wide, 0.24 * tall)
    sketch.canvas.ellipse((x, y + 0.55 * tall), radii, opposite(colour), "bag")
