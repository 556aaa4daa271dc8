"""One person, painted from the farthest part to the nearest."""

from workbench.data.synthetic.playground.people.bags import (
    draw_backpack,
    draw_crossbody,
    draw_handbag,
    draw_tote,
)
from workbench.data.synthetic.playground.people.garments import (
    draw_lower_garment,
    draw_scarf,
    draw_torso,
)
from workbench.data.synthetic.playground.people.heads import draw_back_hair, draw_head, draw_neck
from workbench.data.synthetic.playground.people.limbs import draw_arm, draw_leg
from workbench.data.synthetic.playground.people.skeleton import SIDES, View
from workbench.data.synthetic.playground.people.sketch import Sketch

_BEHIND = -0.02
"""An arm whose shoulder lies deeper than this is painted before the trunk."""


def draw_person(sketch: Sketch) -> None:
    """Paint the whole person."""
    if sketch.view.faces_away:
        _from_behind(sketch)
    else:
        _from_the_front(sketch)


def _from_the_front(sketch: Sketch) -> None:
    far_side, near_side, far_arm_behind = _arms(sketch)
    draw_back_hair(sketch)
    draw_backpack(sketch)
    if far_arm_behind:
        _arm_and_bag(sketch, far_side, far=True)
    _legs(sketch)
    draw_torso(sketch)
    draw_crossbody(sketch)
    draw_neck(sketch)
    draw_scarf(sketch)
    draw_head(sketch)
    if not far_arm_behind:
        _arm_and_bag(sketch, far_side, far=False)
    _arm_and_bag(sketch, near_side, far=False)


def _from_behind(sketch: Sketch) -> None:
    far_side, near_side, far_arm_behind = _arms(sketch)
    if far_arm_behind:
        _arm_and_bag(sketch, far_side, far=True)
    _legs(sketch)
    draw_neck(sketch)
    draw_torso(sketch)
    draw_crossbody(sketch)
    draw_backpack(sketch)
    draw_scarf(sketch)
    if not far_arm_behind:
        _arm_and_bag(sketch, far_side, far=False)
    _arm_and_bag(sketch, near_side, far=False)
    draw_head(sketch)
    draw_back_hair(sketch)


def _arms(sketch: Sketch) -> tuple[int, int, bool]:
    """The side of the farther arm, of the nearer one, and whether the trunk hides the farther."""
    far_side, near_side = sorted(SIDES, key=lambda side: sketch.view.depth(side, 0.0))
    shoulder = sketch.skeleton.arms[far_side].shoulder
    return far_side, near_side, sketch.view.depth(shoulder[0], 0.0) < _BEHIND


def _legs(sketch: Sketch) -> None:
    """Both legs, the one whose knee is farther off first, and the garment between them."""
    view = sketch.view
    trousers = sketch.person.legs.kind not in ("skirt", "dress")
    if trousers:
        draw_lower_garment(sketch)
    for side in sorted(SIDES, key=lambda side: _knee_depth(sketch, view, side)):
        hip = sketch.skeleton.legs[side].hip
        draw_leg(sketch, side, far=view.depth(hip[0], 0.0) < -0.01)
    if not trousers:
        draw_lower_garment(sketch)


def _knee_depth(sketch: Sketch, view: View, side: int) -> float:
    x, _, z = sketch.skeleton.legs[side].knee
    return view.depth(x, z)


def _arm_and_bag(sketch: Sketch, side: int, far: bool) -> None:
    bag = sketch.person.bag
    draw_arm(sketch, side, far)
    if bag.side == side and bag.kind == "handbag":
        draw_handbag(sketch)
    if bag.side == side and bag.kind == "tote":
        draw_tote(sketch)
