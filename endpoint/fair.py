"""A bounded queue that serves its clients in turn, so that one with many requests delays only itself."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Full(Exception):
    """Nobody more may wait.

    Args:
        of_client: whether the client's own share is full, not the queue.
    """

    def __init__(self, *, of_client: bool) -> None:
        super().__init__()
        self.of_client = of_client


class FairQueue(Generic[T]):
    """Futures of waiting clients, one client after the other in turn.

    Args:
        size: how many may wait.
        share: how many of one client may wait.
    """

    def __init__(self, size: int, share: int) -> None:
        self._size = size
        self._share = share
        self._waiting: OrderedDict[str, deque[asyncio.Future[T]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def join(self, client: str) -> asyncio.Future[T]:
        """Return a future; whoever takes it out by ``next`` fulfils it.

        Raises:
            Full: too many wait, or too many of this client.
        """
        if self._count >= self._size:
            raise Full(of_client=False)
        own = self._waiting.get(client)
        if own is not None and len(own) >= self._share:
            raise Full(of_client=True)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(future)
        self._count += 1
        return future

    def leave(self, client: str, future: asyncio.Future[T]) -> None:
        """Take a future out that nobody waits for any more; nothing happens if it was served."""
        own = self._waiting.get(client)
        if own and future in own:
            own.remove(future)
            self._count -= 1
            if not own:
                del self._waiting[client]

    def next(self, may: Callable[[str], bool] = lambda _: True) -> tuple[str, asyncio.Future[T]] | None:
        """Take out the first future of the next client that ``may`` be served; None when there is none."""
        for client in list(self._waiting):
            if may(client):
                own = self._waiting.pop(client)
                future = own.popleft()
                self._count -= 1
                if own:
                    self._waiting[client] = own  # behind all others
                return client, future
        return None
