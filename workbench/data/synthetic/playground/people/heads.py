"""Heads: hair behind the head, the head itself, hats."""

import math
from collections.abc import Callable

from workbench.data.synthetic.playground.people.cylinder import Tube, wrap
from workbench.data.synthetic.playground.people.identities import HairStyle, HatKind
from workbench.data.synthetic.playground.people.palette import CLOTH, HAIR, SKIN, Colour, shade
from workbench.data.synthetic.playground.people.skeleton import HEAD, NECK, Point
from workbench.data.synthetic.playground.people.sketch import Sketch
from workbench.data.synthetic.playground.people.textures import head_texture

_HALF_HEIGHT, _HALF_WIDTH = 0.076, 0.058
_FULL_HAIR: tuple[HairStyle, ...] = ("short", "bob", "long", "ponytail", "bun")

# An egg: full at the brow, narrower at the jaw.
_OUTLINE = tuple(
    (
        step / 12,
        math.sqrt(max(0.03, 1.0 - abs(step / 6 - 1.0) ** 2.3))
        * (1.0 - 0.20 * max(0.0, step / 12 - 0.5) / 0.5),
    )
    for step in range(13)
)


class _Skull:
    """Where the head is in the picture: middle, half-axes in pixels, and colours."""

    def __init__(self, sketch: Sketch) -> None:
        view = sketch.view
        self.sketch, self.view, self.canvas = sketch, view, sketch.canvas
        self.forward = 1.3 * sketch.skeleton.lean + 0.012
        self.x, self.y = self.at(0.0, 0.0)
        self.tall = view.scale * _HALF_HEIGHT
        self.wide = view.scale * _HALF_WIDTH * (0.94 + 0.10 * abs(view.sin))

    def at(self, up: float, forward: float) -> Point:
        """The point ``up`` and ``forward`` (statures) of the middle of the head."""
        height = HEAD + self.sketch.skeleton.lift + up
        return self.view.project((0.0, height, self.forward + forward))

    def off(self, across: float, down: float) -> Point:
        """The point so many half-widths to the right and half-heights below the middle."""
        return self.x + self.wide * across, self.y + self.tall * down

    def dome(self, across: float, base: float, rise: float, shift: float = 0.0) -> list[Point]:
        """Upper half of an ellipse that stands on the line ``base``, in half-axes."""
        angles = [step * math.pi / 12 for step in range(13)]
        return [self.off(shift + across * math.cos(a), base - rise * math.sin(a)) for a in angles]


def draw_back_hair(sketch: Sketch) -> None:
    """Hair that hangs behind the head; a hood covers it."""
    if sketch.person.hat.kind == "hood":
        return
    skull = _Skull(sketch)
    draw = _BACK_HAIR.get(sketch.person.head.hair)
    if draw:
        draw(skull, HAIR[sketch.person.head.colour])


def _long(skull: _Skull, colour: Colour) -> None:
    (x, y), wide = skull.at(0.0, -0.030), skull.wide
    points = [(x, y - 0.2 * skull.tall), (x, y + 0.7 * skull.tall), skull.at(-0.145, -0.055)]
    radii = [1.08 * wide, 1.06 * wide, 0.78 * wide]
    skull.canvas.limb(points, radii, colour, "head", skull.view.light)


def _bob(skull: _Skull, colour: Colour) -> None:
    (x, y), wide = skull.at(0.0, -0.026), skull.wide
    points = [(x, y - 0.2 * skull.tall), (x, y + 0.30 * skull.tall)]
    skull.canvas.limb(points, [1.10 * wide, 1.14 * wide], colour, "head", skull.view.light)


def _ponytail(skull: _Skull, colour: Colour) -> None:
    scale = skull.view.scale
    points = [skull.at(0.035, -0.055), skull.at(-0.01, -0.094), skull.at(-0.125, -0.088)]
    radii = [scale * 0.018, scale * 0.025, scale * 0.010]
    skull.canvas.limb(points, radii, colour, "head", skull.view.light)


def _bun(skull: _Skull, colour: Colour) -> None:
    scale = skull.view.scale
    start, end = skull.at(0.064, -0.05), skull.at(0.068, -0.052)
    radii = [scale * 0.033, scale * 0.033]
    skull.canvas.limb([start, end], radii, colour, "head", skull.view.light)


def _afro(skull: _Skull, colour: Colour) -> None:
    x, y = skull.at(0.02, -0.02)
    radius = 1.62 * skull.wide
    skull.canvas.limb([(x, y), (x, y - 1.0)], [radius, radius], colour, "head", skull.view.light)


_BACK_HAIR: dict[HairStyle, Callable[[_Skull, Colour], None]] = {
    "long": _long,
    "bob": _bob,
    "ponytail": _ponytail,
    "bun": _bun,
    "afro": _afro,
}


def draw_neck(sketch: Sketch) -> None:
    """The neck, from chin to collar."""
    skull, view = _Skull(sketch), sketch.view
    skin = SKIN[sketch.person.body.skin]
    nape = view.project((0.0, NECK - 0.022 + sketch.skeleton.lift, sketch.skeleton.lean))
    chin = (0.6 * skull.x + 0.4 * nape[0], skull.y + 0.6 * skull.tall)
    radii = [view.scale * 0.029, view.scale * 0.034]
    sketch.canvas.limb([chin, nape], radii, shade(skin, 0.86), "head", view.light)


def draw_head(sketch: Sketch) -> None:
    """The head with its face, and the hat."""
    skull, person, view = _Skull(sketch), sketch.person, sketch.view
    skin, hair = SKIN[person.body.skin], HAIR[person.head.colour]
    if person.head.hair in _FULL_HAIR and person.hat.kind != "hood":
        crown = (skull.x - view.scale * 0.006 * view.sin, skull.y - 0.10 * skull.tall)
        sketch.canvas.ellipse(crown, (1.09 * skull.wide, skull.tall), shade(hair, 0.94), "head")
    tube = Tube(
        top=(skull.x, skull.y - skull.tall),
        bottom=(skull.x, skull.y + skull.tall),
        profile=tuple((share, skull.wide * width) for share, width in _OUTLINE),
    )
    wrap(sketch.canvas, tube, head_texture(person), "head", view.yaw, view.light)
    if view.cos > -0.6 and abs(view.sin) > 0.45:
        nose = skull.off(0.99 * view.sin, 0.16)
        sketch.canvas.ellipse(nose, (view.scale * 0.010, view.scale * 0.013), skin, "head")
    if person.head.hair == "afro" and person.hat.kind == "none":
        fringe = (skull.x - view.scale * 0.01 * view.sin, skull.y - 0.74 * skull.tall)
        sketch.canvas.ellipse(fringe, (1.25 * skull.wide, 0.50 * skull.tall), hair, "head")
    draw_hat = _HATS.get(person.hat.kind)
    if draw_hat:
        draw_hat(skull, CLOTH[person.hat.colour])


def _cap(skull: _Skull, colour: Colour) -> None:
    view = skull.view
    skull.canvas.polygon(skull.dome(1.12, -0.26, 0.88), shade(colour, 0.94), "hat")
    skull.canvas.polygon(
        skull.dome(0.74, -0.42, 0.64, 0.18 * view.light), shade(colour, 1.10), "hat"
    )
    if view.cos > -0.5:
        x, y = skull.at(0.022, 0.075)
        across = skull.wide * (0.95 * abs(view.cos) + 0.78 * abs(view.sin))
        down = skull.tall * (0.13 + 0.12 * max(0.0, view.cos))
        middle = (0.5 * (x + skull.x) + 0.5 * skull.wide * view.sin, y)
        skull.canvas.ellipse(middle, (across, down), shade(colour, 0.72), "hat")


def _beanie(skull: _Skull, colour: Colour) -> None:
    light, tall = skull.view.light, skull.tall
    skull.canvas.polygon(skull.dome(1.12, -0.20, 1.0), shade(colour, 0.94), "hat")
    skull.canvas.polygon(skull.dome(0.74, -0.34, 0.76, 0.18 * light), shade(colour, 1.10), "hat")
    cuff = skull.off(-0.96, -0.27), skull.off(0.96, -0.27)
    skull.canvas.strip(cuff[0], cuff[1], 0.17 * tall, shade(colour, 0.78), "hat")
    skull.canvas.ellipse(
        skull.off(0.0, -1.22), (0.28 * tall, 0.26 * tall), shade(colour, 1.14), "hat"
    )


def _sunhat(skull: _Skull, colour: Colour) -> None:
    light, tall = skull.view.light, skull.tall
    brim = skull.off(0.0, -0.36)
    skull.canvas.ellipse(brim, (1.95 * skull.wide, 0.27 * tall), shade(colour, 0.82), "hat")
    skull.canvas.polygon(skull.dome(1.04, -0.40, 0.80), shade(colour, 0.95), "hat")
    skull.canvas.polygon(skull.dome(0.68, -0.50, 0.62, 0.18 * light), shade(colour, 1.10), "hat")
    band = skull.off(-0.92, -0.50), skull.off(0.92, -0.50)
    skull.canvas.strip(band[0], band[1], 0.09 * tall, shade(colour, 0.6), "hat")


def _hood(skull: _Skull, colour: Colour) -> None:
    """From behind a full hood, from the front a rim round the face."""
    view, light = skull.view, skull.view.light
    if view.cos < -0.2:
        skull.canvas.ellipse(
            skull.off(0.0, -0.02),
            (1.28 * skull.wide, 1.14 * skull.tall),
            shade(colour, 0.92),
            "hat",
        )
        lit = (0.78 * skull.wide, 0.82 * skull.tall)
        skull.canvas.ellipse(skull.off(0.28 * light, -0.10), lit, shade(colour, 1.05), "hat")
        return
    turn = 0.55 * view.sin
    angles = [-0.9 + step * (math.pi + 1.8) / 20 for step in range(21)]
    outer = [skull.off(1.26 * math.cos(a) - 0.5 * turn, 0.06 - 1.14 * math.sin(a)) for a in angles]
    face = 0.80 - 0.10 * abs(view.sin)
    inner = [
        skull.off(face * math.cos(a) + 0.55 * turn, 0.10 - 0.82 * math.sin(a))
        for a in reversed(angles)
    ]
    skull.canvas.polygon(outer + inner, shade(colour, 0.90), "hat")


_HATS: dict[HatKind, Callable[[_Skull, Colour], None]] = {
    "cap": _cap,
    "beanie": _beanie,
    "sunhat": _sunhat,
    "hood": _hood,
}
