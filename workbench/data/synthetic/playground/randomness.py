"""Random numbers that depend on a key and on nothing else.

Whoever draws picture 17 of camera 3 gets the same numbers, whatever was drawn before it and in
which process. Only ``random.Random.random`` is used, whose sequence Python promises to keep, and
only exact arithmetic on top of it, so a plan is the same on every machine.
"""

import hashlib
import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of random numbers, named by a key such as ``(seed, "pose", identity, frame)``."""

    def __init__(self, *key: int | str) -> None:
        """Start the stream of ``key``."""
        digest = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
        self._next = random.Random(int.from_bytes(digest, "big")).random

    def uniform(self, low: int | float = 0.0, high: int | float = 1.0) -> float:
        """A number in ``[low, high)``."""
        return low + (high - low) * self._next()

    def normal(self, mean: float, deviation: float) -> float:
        """About Gaussian, never farther than six deviations off.

        The sum of twelve uniform numbers has variance 1 and needs no logarithm, whose last bit
        differs between machines.
        """
        following = self._next
        return mean + deviation * (sum([following() for _ in range(12)]) - 6.0)

    def integer(self, low: int, high: int) -> int:
        """A whole number from ``low`` up to and including ``high``."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._next() < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(self._next() * len(options))]

    def weighted(self, weights: Mapping[T, int | float]) -> T:
        """One of the keys, as likely as its weight says; the weights need not add up to one."""
        options, upper = list(weights), list(accumulate(weights.values()))
        return options[bisect(upper, self._next() * upper[-1], hi=len(options) - 1)]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """The options in random order (Fisher and Yates)."""
        order = list(options)
        for last in range(len(order) - 1, 0, -1):
            other = self.integer(0, last)
            order[last], order[other] = order[other], order[last]
        return order
