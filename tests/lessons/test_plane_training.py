"""The training in the plane, and its claims. Losses of the package take seconds to load."""

import numpy as np
import pytest

from workbench.errors import RunError
from workbench.lessons import plane
from workbench.lessons.losses_lesson import claims
from workbench.lessons.plane_training import initial_state, loss_of, train_points
from workbench.lessons.settings import WITH_MARGIN, LossName, LossSetting
from workbench.lessons.worker import frames_of
from workbench.losses.triplet import batch_hard_triplet

torch = pytest.importorskip("torch")
LOSSES = list(LossName.__args__)


def request(setting, state=None, count=3):
    images = plane.images(setting).ravel().tolist()
    values = {"setting": setting.model_dump(), "images": images, "state": state}
    return {**values, "count": count, "steps": 1}


def test_the_first_frame_is_where_the_untrained_network_puts_the_images():
    setting = LossSetting(rate=0.001, seed=4)
    frame = train_points(setting, frames=1, steps=0)[0]
    np.testing.assert_allclose(frame.points, plane.untrained(setting), atol=1e-12)


def test_the_loss_is_the_librarys():
    setting = LossSetting(margin=0.4, seed=2)
    frame = train_points(setting, frames=1, steps=3)[0]
    points, labels = torch.from_numpy(frame.points), torch.from_numpy(plane.labels())
    expected = batch_hard_triplet(points, labels, margin=0.4, normalise=False).loss
    assert frame.loss == pytest.approx(float(expected))


def test_a_step_goes_down_the_slope():
    setting = LossSetting(rate=0.01, likeness=0.2)
    first, *_, last = train_points(setting, frames=10, steps=1)
    assert last.loss < first.loss


def test_going_on_is_the_same_as_never_having_stopped():
    setting = LossSetting(seed=1)
    whole = train_points(setting, frames=6, steps=1)
    half = train_points(setting, frames=3, steps=1)[-1]
    rest = train_points(setting, state=half.state, frames=3, steps=1)
    np.testing.assert_array_equal(rest[-1].points, whole[-1].points)


@pytest.mark.thorough
def test_recall_by_hand():
    points = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], plane.IMAGES, axis=0)
    points += np.arange(len(points))[:, None] * 1e-3
    assert plane.recall_at_1(points) == 1.0
    # A pair of people at every place: the nearest image is always somebody else.
    pairs = np.arange(len(points)) % (2 * plane.IMAGES)
    assert plane.recall_at_1(np.stack([pairs * 1.0, 0.0 * pairs], axis=1)) == 0.0


def test_points_that_leave_all_bounds_are_told():
    images = np.full((plane.IDENTITIES * plane.IMAGES, 2), np.nan)
    with pytest.raises(RunError, match="smaller rate"):
        train_points(LossSetting(), images, frames=1)


def test_margins_are_used_where_they_are_offered():
    for name in LOSSES:
        texts = [str(loss_of(LossSetting(loss=name, margin=margin))) for margin in (0.1, 0.7)]
        assert (texts[0] != texts[1]) == (name in WITH_MARGIN)


@pytest.mark.thorough
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_moves_the_points_and_goes_on_from_a_frame(name):
    setting = LossSetting(loss=name, likeness=0.2, margin=0.3)
    first = frames_of(request(setting))
    assert first[0]["points"] != first[-1]["points"]
    assert 0.0 <= first[-1]["recall"] <= 1.0
    assert (first[0]["state"]["own"] is not None) == (
        initial_state(setting).class_vectors is not None
    )
    again = frames_of(request(setting, first[-1]["state"], count=1))
    assert np.isfinite(again[0]["points"]).all()
    # From one loss to another: class vectors are made where they are needed.
    softmax = setting.model_copy(update={"loss": "softmax"})
    assert len(frames_of(request(softmax, first[-1]["state"], count=1))[0]["state"]["own"]) == 8


@pytest.mark.thorough
def test_the_claims_hold():
    made_claims = claims()
    assert [claim.key for claim in made_claims] == ["collapse", "stuck", "cured", "easy", "warm"]
    assert [claim for claim in made_claims if not claim.holds] == []
