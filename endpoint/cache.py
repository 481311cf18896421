"""Finished things kept in memory, the least recently used going first when their bytes are too many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class ByteCache(Generic[T]):
    """Values by key, bounded by their size.

    Args:
        most: bytes that all values together may have; 0 keeps nothing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self.size = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> T | None:
        """Return the value of a key, and count whether there was one."""
        found = self._values.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Keep a value of ``size`` bytes, unless it alone would fill an eighth of the cache."""
        if size > self._most // 8:
            return
        old = self._values.pop(key, None)
        if old is not None:
            self.size -= old[1]
        self._values[key] = value, size
        self.size += size
        while self.size > self._most:
            _, (_, gone) = self._values.popitem(last=False)
            self.size -= gone

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self.size = 0
