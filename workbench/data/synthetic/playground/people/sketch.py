"""What every stroke of one person needs to know."""

from dataclasses import dataclass, replace

from workbench.data.synthetic.playground.canvas import Canvas
from workbench.data.synthetic.playground.people.identities import Identity
from workbench.data.synthetic.playground.people.skeleton import (
    Place,
    Pose,
    Skeleton,
    View,
    pose_skeleton,
)


@dataclass(frozen=True)
class Sketch:
    """A person, bent into a pose, before a camera, about to be painted."""

    canvas: Canvas
    view: View
    person: Identity
    pose: Pose
    skeleton: Skeleton

    @property
    def girth(self) -> float:
        """Factor of the trunk's widths: heavy people are not wider in proportion."""
        return 0.5 + 0.5 * self.person.body.build


def make_sketch(
    canvas: Canvas, person: Identity, pose: Pose, place: Place, pitch: float, light: float
) -> Sketch:
    """Place a person in a picture; ``place.scale`` is that of somebody of usual height."""
    scaled = replace(place, scale=place.scale * person.body.height)
    view = View(scaled, pose.yaw, pitch, light)
    return Sketch(canvas, view, person, pose, pose_skeleton(person, pose))
