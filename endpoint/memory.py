"""What is remembered of query texts for a while: those that ended their worker, and those known to be slow."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic


class Remembered:
    """Texts, kept as hashes, each for a time; the oldest go first when there are too many.

    Args:
        seconds: how long a text is remembered.
        most: how many texts.
        clock: where the time comes from.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._until)

    def add(self, text: str) -> None:
        """Remember a text from now on."""
        key = _key(text)
        self._until.pop(key, None)
        self._until[key] = self._clock() + self._seconds
        while len(self._until) > self._most:
            self._until.popitem(last=False)

    def forget(self, text: str) -> None:
        """Remember a text no more."""
        self._until.pop(_key(text), None)

    def seconds_left(self, text: str) -> float:
        """Return for how long a text is still remembered; 0 when it is not."""
        if not self._until:
            return 0.0
        until = self._until.get(_key(text), 0.0)
        left = until - self._clock()
        if left <= 0:
            self._until.pop(_key(text), None)
        return max(0.0, left)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
