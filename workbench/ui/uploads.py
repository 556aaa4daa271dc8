"""Images that visitors hand in: kept in memory while they are looked at, never written anywhere.

They are known by a word nobody can guess, and by nothing that the visitor called them. An image is
forgotten when its page is left, or when nobody has asked for it for some minutes.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field

from PIL import Image

from workbench.data.images.depth import Levels
from workbench.data.images.image_file import ALONE, resized
from workbench.data.images.uploaded import received
from workbench.errors import DataError
from workbench.explain.explanation import PairExplanation
from workbench.recipe.settings.data import Data
from workbench.retrieval.rankings import Rankings
from workbench.ui.pictures import small_jpeg

KEPT_SECONDS = 600.0
MOST_KEPT = 16
MOST_LISTS = 4
MOST_PAIRS = 8


@dataclass(eq=False)
class Upload:
    """One image of a visitor, with its lists and heatmaps; all of it goes together."""

    data: bytes
    seen: float
    _lists: "OrderedDict[Hashable, Future[Rankings]]" = field(default_factory=OrderedDict)
    _pairs: "OrderedDict[Hashable, PairExplanation]" = field(default_factory=OrderedDict)

    def evaluated(self, data: Data, levels: Levels = ALONE) -> Image.Image:
        """The image, decoded anew, in RGB and at the size at which a recipe's data are stored.

        ``levels`` are those of the data set. A network sees the same as of the whole image.
        Raises BrokenImage where its values do not fit that.
        """
        # Loads torch, which this is for: nothing else here needs it.
        from workbench.data.pixel_positions import stored_size

        with received(self.data, levels) as image:
            height, width = stored_size(data)
            return Image.fromarray(resized(image, height, width, data.transforms.interpolation))

    def picture(self, height: int) -> bytes:
        """The image as JPEG, at most ``height`` pixels high."""
        with received(self.data, height=height) as image:
            return small_jpeg(image, height)

    def ranked(self, key: Hashable, make: "Callable[[], Future[Rankings]]") -> "Future[Rankings]":
        """The rankings of a key, made where there are none yet.

        A failure is told once; whoever asks again has it tried again.
        """
        answer = self._lists.pop(key, None) or make()
        if not (answer.done() and answer.exception()):
            self._lists[key] = answer
        while len(self._lists) > MOST_LISTS:
            self._lists.popitem(last=False)
        return answer

    def explained(self, key: Hashable) -> PairExplanation | None:
        """The heatmaps of a pair with this image; None where they are not made, or long ago."""
        return self._pairs.get(key)

    def keep(self, key: Hashable, found: PairExplanation) -> None:
        """Keep the heatmaps of a pair as long as the image, the latest few of them."""
        self._pairs[key] = found
        while len(self._pairs) > MOST_PAIRS:
            self._pairs.popitem(last=False)


class Uploads:
    """All images of all visitors of a page's process.

    Args:
        clock: seconds, as ``time.monotonic`` counts them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[str, Upload] = OrderedDict()
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None

    def add(self, data: bytes) -> str:
        """Keep an image; its word. The oldest one goes where there are too many.

        Raises BrokenImage where it is refused.
        """
        # Decoded once, so that what is damaged is refused now.
        with received(data):
            word = secrets.token_urlsafe(18)
        with self._guard:
            self._held[word] = Upload(data, self._clock())
            while len(self._held) > MOST_KEPT:
                self._held.popitem(last=False)
            self._sweep_later()
        return word

    def get(self, word: str) -> Upload:
        """An image by its word, kept on from now. Raises DataError where it is forgotten."""
        self.forget_old()
        with self._guard:
            found = self._held.get(word)
            if found is None:
                raise DataError("This image is not kept any more: choose the file again.")
            found.seen = self._clock()
            return found

    def forget(self, word: str) -> None:
        """Delete an image and all that was computed from it."""
        with self._guard:
            self._held.pop(word, None)

    def forget_old(self) -> None:
        """Delete the images nobody has asked for lately."""
        last = self._clock() - KEPT_SECONDS
        with self._guard:
            for word in [word for word, one in self._held.items() if one.seen < last]:
                del self._held[word]

    def __len__(self) -> int:
        """How many images are kept."""
        return len(self._held)

    def _sweep_later(self) -> None:
        """Look for old images again, as long as there are any."""
        if self._timer is None and self._held:
            self._timer = threading.Timer(KEPT_SECONDS / 2, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        self.forget_old()
        with self._guard:
            self._timer = None
            self._sweep_later()


uploads = Uploads()
"""Those of this process."""
