"""How the worker processes of one kind are started, replaced and ended, however they are given their work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from endpoint.dataset import Dataset
from endpoint.process import Worker
from endpoint.settings import Settings
from kg.errors import StoreError

_LOG = logging.getLogger("neakg.crew")


class Crew:
    """Worker processes of one kind.

    Args:
        dataset: what they open.
        settings: limits.
        ended: called with the reason, ``stopped`` or ``died``, when a worker ends before its time.
    """

    def __init__(self, dataset: Dataset, settings: Settings, ended: Callable[[str], None] = lambda _: None) -> None:
        self._dataset = dataset
        self._settings = settings
        self._ended = ended
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def alive(self) -> int:
        """How many workers run."""
        return len(self._workers)

    async def close(self) -> None:
        """End all workers, those that are just being started too."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._workers.clear()

    async def _several(self, count: int) -> list[Worker]:
        """Start workers; when one fails, the others are there to be closed before it is told."""
        found = await asyncio.gather(*(self._new() for _ in range(count)), return_exceptions=True)
        for item in found:
            if isinstance(item, BaseException):
                raise item
        return [item for item in found if isinstance(item, Worker)]

    async def _new(self) -> Worker:
        worker = await Worker.started(self._dataset, self._settings)
        self._workers.add(worker)
        return worker

    def _lose(self, worker: Worker, give: Callable[[Worker], None], *, died: bool = False) -> None:
        """End a worker, and give another in its place as soon as it has started."""
        self._ended("died" if died else "stopped")
        worker.kill()
        self._workers.discard(worker)
        if not self._closed:
            self._background(self._replace(worker, give, died=died))

    async def _replace(self, lost: Worker, give: Callable[[Worker], None], *, died: bool) -> None:
        code = await lost.close()
        if died:  # the pipe breaks first, and only then is the exit code known
            _LOG.error("a worker died (exit code %s)", code)
        while not self._closed:
            try:
                worker = await self._new()
            except (StoreError, OSError):
                _LOG.exception("a worker could not be replaced; trying again")
                await asyncio.sleep(1)
            else:
                give(worker)
                return

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
