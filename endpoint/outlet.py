"""Where an answer is written: held until it is whole, or sent on in pieces when it is large."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from kg.store import too_large

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: What a task returns when its answer has gone out through the outlet.
STREAMED: Final = "streamed"


class Outlet(io.RawIOBase):
    """Where an answer is written: held in memory until it is whole, and refused when it grows too large.

    Args:
        limit: most bytes; 0 for no limit.
    """

    #: Bytes between two looks at what to do with them.
    STEP = 256 * 1024

    def __init__(self, limit: int = 0) -> None:
        super().__init__()
        self.held = bytearray()
        self._limit = limit
        self._total = 0
        self._seen = 0

    def writable(self) -> bool:
        """Say that it is written to."""
        return True

    def write(self, data: Buffer) -> int:
        """Take bytes.

        Raises:
            QueryError: the answer is larger than the limit.
        """
        size = len(memoryview(data))
        self.held += data
        self._total += size
        if self._limit and self._total > self._limit:
            raise too_large(self._limit)
        if self._total - self._seen >= self.STEP:
            self._seen = self._total
            self.flush_some()
        return size

    def flush_some(self) -> None:
        """Called when some more has been written; a plain outlet holds it."""

    def finish(self) -> bytes | None:
        """Return the whole answer, or None when it has been streamed."""
        return bytes(self.held)
