"""A small three-dimensional skeleton, its walk, and how a camera sees it.

Body coordinates: x to the person's left, y up from the ground, z forward; the unit is the stature.
Heading (yaw) 0 faces the camera, positive turns to the person's left.
"""

import math
from dataclasses import dataclass

from workbench.data.synthetic.playground.people.identities import Identity
from workbench.data.synthetic.playground.randomness import Draws

Point3 = tuple[float, float, float]
Point = tuple[float, float]

SIDES = (-1, 1)
HIP, SHOULDER, NECK, HEAD = 0.50, 0.790, 0.845, 0.918
"""Heights of the joints of somebody standing."""
THIGH, SHANK, UPPER_ARM, FOREARM = 0.235, 0.225, 0.165, 0.140
ANKLE = 0.040


@dataclass(frozen=True)
class Pose:
    """One moment of a walk: angles in radians; ``phone`` is the side that holds one, or 0."""

    yaw: float
    phase: float
    stride: float
    arm_spread: float
    phone: int
    lean: float


def sample_pose(draws: Draws, yaw: float) -> Pose:
    """A moment of walking (85 %) or standing, headed ``yaw``."""
    walking = draws.chance(0.85)
    return Pose(
        yaw=yaw,
        phase=draws.uniform(0.0, 2.0 * math.pi),
        stride=draws.uniform(0.25, 0.48) if walking else draws.uniform(0.0, 0.08),
        arm_spread=abs(draws.normal(0.0, 0.05)),
        phone=draws.pick((-1, 0, 0, 0, 0, 0, 0, 1)),
        lean=draws.normal(0.008, 0.01),
    )


@dataclass(frozen=True)
class Leg:
    """Joints of a leg; ``swing`` is the angle of the shank, 0 upright."""

    hip: Point3
    knee: Point3
    ankle: Point3
    swing: float


@dataclass(frozen=True)
class Arm:
    """Joints of an arm."""

    shoulder: Point3
    elbow: Point3
    hand: Point3


@dataclass(frozen=True)
class Skeleton:
    """Legs and arms by side; ``lift`` is how far the body stands above its resting height."""

    legs: dict[int, Leg]
    arms: dict[int, Arm]
    lift: float
    lean: float


def pose_skeleton(identity: Identity, pose: Pose) -> Skeleton:
    """Bend the joints, then put the lower ankle on the ground, which makes a walker bob."""
    bent = {side: _leg(identity, pose, side) for side in SIDES}
    lift = ANKLE - min(leg.ankle[1] for leg in bent.values())
    legs = {
        side: Leg(
            _raised(leg.hip, lift), _raised(leg.knee, lift), _raised(leg.ankle, lift), leg.swing
        )
        for side, leg in bent.items()
    }
    arms = {side: _arm(identity, pose, side, lift) for side in SIDES}
    return Skeleton(legs, arms, lift, pose.lean)


def hip_half_width(identity: Identity) -> float:
    """Distance of a hip joint from the middle."""
    return 0.049 * identity.body.hips * (0.6 + 0.4 * identity.body.build)


def shoulder_half_width(identity: Identity) -> float:
    """Distance of a shoulder's outer edge from the middle, without the arm."""
    return 0.102 * (0.55 + 0.45 * identity.body.build)


def _raised(point: Point3, lift: float) -> Point3:
    return point[0], point[1] + lift, point[2]


def _side_phase(pose: Pose, side: int) -> float:
    return pose.phase if side > 0 else pose.phase + math.pi


def _leg(identity: Identity, pose: Pose, side: int) -> Leg:
    """Thigh swings as a sine; the knee bends while the leg comes forward."""
    swing = pose.stride * identity.body.gait
    phase = _side_phase(pose, side)
    thigh = swing * math.sin(phase)
    shank = thigh - 0.9 * swing * max(0.0, math.cos(phase))
    x = side * hip_half_width(identity)
    knee = (x, HIP - THIGH * math.cos(thigh), THIGH * math.sin(thigh))
    ankle = (x, knee[1] - SHANK * math.cos(shank), knee[2] + SHANK * math.sin(shank))
    return Leg((x, HIP, 0.0), knee, ankle, shank)


def _arm(identity: Identity, pose: Pose, side: int, lift: float) -> Arm:
    """Arms swing against the legs."""
    swing = pose.stride * identity.body.gait
    upper = -0.85 * swing * math.sin(_side_phase(pose, side))
    bend = 0.22 + 0.35 * swing + 0.6 * max(0.0, upper)
    if pose.phone == side:
        upper, bend = 0.35, 1.9
    elif identity.bag.kind == "handbag" and identity.bag.side == side:
        upper, bend = 0.3 * upper, 0.1
    out = 0.12 + pose.arm_spread
    x, y, z = side * shoulder_half_width(identity) * 0.93, SHOULDER + lift, pose.lean
    elbow = (
        x + side * UPPER_ARM * math.sin(out),
        y - UPPER_ARM * math.cos(upper) * math.cos(out),
        z + UPPER_ARM * math.sin(upper),
    )
    total = upper + bend
    hand = (
        elbow[0] + side * 0.012,
        elbow[1] - FOREARM * math.cos(total),
        elbow[2] + FOREARM * math.sin(total),
    )
    return Arm((x, y, z), elbow, hand)


@dataclass(frozen=True)
class Place:
    """Where a body stands in a picture: middle, ground line and pixels a unit of stature."""

    x: float
    ground: float
    scale: float


class View:
    """A camera's look at one body: projection, depth and apparent widths."""

    def __init__(self, place: Place, yaw: float, pitch: float, light: float) -> None:
        """Look from ``pitch`` radians above at a body headed ``yaw``.

        ``light`` says where the light stands, -1 (left) to 1 (right).
        """
        self.place, self.scale, self.yaw, self.light = place, place.scale, yaw, light
        self.cos, self.sin = math.cos(yaw), math.sin(yaw)
        self._up, self._slope = math.cos(pitch), math.sin(pitch)

    def project(self, point: Point3) -> Point:
        """Picture coordinates of a point of the body; y points down."""
        x, y, z = point
        depth = z * self.cos - x * self.sin
        return (
            self.place.x + self.scale * (x * self.cos + z * self.sin),
            self.place.ground - self.scale * (y * self._up - depth * self._slope),
        )

    def depth(self, x: int | float, z: float) -> float:
        """How much nearer to the camera than the body's axis a point is, in statures."""
        return z * self.cos - x * self.sin

    def half_width(self, lateral: float, thickness: float) -> float:
        """Half the apparent width, in pixels, of an upright elliptic cylinder with these radii."""
        return self.scale * math.hypot(lateral * self.cos, thickness * self.sin)

    def sag(self, lateral: float, thickness: float) -> float:
        """How far, in pixels, the near edge of such a cylinder's rim lies below its far ends."""
        return self.scale * self._slope * math.hypot(lateral * self.sin, thickness * self.cos)

    @property
    def faces_away(self) -> bool:
        """Whether the back is nearer to the camera than the chest."""
        return self.cos < 0.0
