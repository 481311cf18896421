"""Timers of a connection: who sends a request too slowly, or reads an answer too slowly, is dropped.

The server library waits for ever for the first bytes, for the rest of a request, and for a reader that has stalled.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from endpoint.settings import Settings


class TimedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with time limits; ``timed`` sets them.

    A connection is dropped when a request's headers, or its body, are not whole in time, or when a reader takes
    nothing for so long that what waits for it does not get smaller.
    """

    header_seconds: float
    body_seconds: float
    write_seconds: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._wait_to_read(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._wait_to_read(0)
        self._wait_to_write(0)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the headers of a further request; those of the first are waited for already."""
        super().on_message_begin()
        if self._reading is None:
            self._wait_to_read(self.header_seconds)

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        self._wait_to_read(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing: the request is whole."""
        self._wait_to_read(0)
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the reader."""
        super().pause_writing()
        self._wait_to_write(self.write_seconds)

    def resume_writing(self) -> None:
        """Wait for nothing: the reader has read."""
        self._wait_to_write(0)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, and drop it if what was sent before is still unread."""
        super().timeout_keep_alive_handler()
        self._wait_to_write(self.write_seconds)

    def _wait_to_read(self, seconds: float) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self.loop.call_later(seconds, self._drop) if seconds else None

    def _wait_to_write(self, seconds: float) -> None:
        if self._writing is not None:
            self._writing.cancel()
        self._writing = self.loop.call_later(seconds, self._drop) if seconds else None

    def _drop(self) -> None:
        self.transport.abort()


def timed(settings: Settings) -> type[TimedProtocol]:
    """Return the protocol with the limits of the settings."""
    limits = {
        "header_seconds": settings.header_timeout,
        "body_seconds": settings.body_timeout,
        "write_seconds": settings.write_timeout,
    }
    return type("ServiceProtocol", (TimedProtocol,), limits)
