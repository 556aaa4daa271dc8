import io

import numpy as np
import pytest
from PIL import Image

from workbench.data.images.depth import Levels
from workbench.data.images.uploaded import receive_image
from workbench.errors import BrokenImage, DataError
from workbench.explain.explanation import PairExplanation, PartExplanation
from workbench.recipe.settings.data import Data
from workbench.ui.uploads import KEPT_SECONDS, MOST_KEPT, MOST_LISTS, MOST_PAIRS, Uploads


def image(shade=0):
    file = io.BytesIO()
    Image.new("RGB", (4, 8), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


def opened(upload):
    return receive_image(upload.data)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def uploads(clock):
    made = Uploads(clock)
    yield made
    if made._timer is not None:
        made._timer.cancel()


def test_an_image_is_known_by_a_word_nobody_can_guess(uploads):
    first, second = uploads.add(image()), uploads.add(image())
    assert first != second
    assert min(len(first), len(second)) >= 24
    assert opened(uploads.get(first)).size == (4, 8)


def test_a_deep_image_is_read_with_the_white_of_the_data_set_it_is_looked_for_in(uploads):
    file = io.BytesIO()
    Image.fromarray(np.full((32, 32), 1_000, np.uint16)).save(file, "PNG")
    upload = uploads.get(uploads.add(file.getvalue()))
    data = Data(height=16, width=16)
    assert upload.evaluated(data, Levels(integer=4_095)).getpixel((3, 3)) == (62, 62, 62)
    assert upload.evaluated(data).getpixel((3, 3)) == (249, 249, 249)
    with pytest.raises(BrokenImage, match="up to 1000, where the images of its data set end at"):
        upload.evaluated(data, Levels(integer=255))


def test_it_is_forgotten_when_its_page_is_left(uploads):
    word = uploads.add(image())
    uploads.forget(word)
    uploads.forget(word)
    with pytest.raises(DataError, match="not kept any more: choose the file again"):
        uploads.get(word)


def test_it_is_forgotten_when_nobody_asks_for_it(uploads, clock):
    asked, left = uploads.add(image()), uploads.add(image())
    clock.now = KEPT_SECONDS - 1
    uploads.get(asked)
    clock.now = KEPT_SECONDS + 1
    uploads._sweep()
    assert len(uploads) == 1
    assert uploads.get(asked)
    with pytest.raises(DataError):
        uploads.get(left)


def test_a_full_store_forgets_the_oldest(uploads):
    words = [uploads.add(image(shade)) for shade in range(MOST_KEPT + 2)]
    assert len(uploads) == MOST_KEPT
    with pytest.raises(DataError):
        uploads.get(words[1])
    assert opened(uploads.get(words[2])).getpixel((0, 0)) == (2, 0, 0)


def test_nothing_is_kept_of_what_is_refused(uploads):
    with pytest.raises(BrokenImage):
        uploads.add(b"no image")
    assert len(uploads) == 0


def test_lists_are_made_once_and_failures_told_once(uploads):
    from concurrent.futures import Future

    upload = uploads.get(uploads.add(image()))
    failed, good = Future(), Future()
    failed.set_exception(DataError("once"))
    good.set_result("list")
    assert upload.ranked("a", lambda: failed) is failed
    assert upload.ranked("a", lambda: good) is good
    assert upload.ranked("a", lambda: pytest.fail("made twice")) is good
    for key in range(MOST_LISTS):
        upload.ranked(key, lambda: good)
    assert upload.ranked("a", lambda: failed) is failed


def heatmaps(total):
    part = PartExplanation("all", np.ones((2, 1)), np.ones((2, 1)), 0.5, 0.5)
    return PairExplanation("evidence", (part,), part, 0.0, total)


def test_the_latest_heatmaps_are_kept_with_their_image(uploads):
    upload = uploads.get(uploads.add(image()))
    for key in range(MOST_PAIRS + 1):
        upload.keep(key, heatmaps(float(key)))
    assert upload.explained(0) is None
    assert upload.explained(MOST_PAIRS).total == MOST_PAIRS
