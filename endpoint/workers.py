"""All worker processes of the service: the lanes of queries, and a pool for pages that queries never delay."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from typing import Any, Final

from endpoint.answers import Question
from endpoint.context import Representation
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.lanes import Lanes, Stream, Ticket
from endpoint.metrics import Metrics
from endpoint.process import Worker, WorkerLost, finished
from endpoint.settings import Settings
from kg.errors import StoreError

_LOG = logging.getLogger("neakg.workers")
#: Pages that may wait for a worker: beyond that something is wrong, and waiting longer helps nobody.
_WAITING_PAGES: Final = 1000


class PagePool:
    """Workers for pages and documents: small tasks of our own making, first come, first served."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self._dataset = dataset
        self._settings = settings
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._closed = False
        self.triples = 0

    @property
    def alive(self) -> int:
        """How many workers run."""
        return len(self._workers)

    async def start(self) -> None:
        """Start all workers.

        Raises:
            StoreError: the data cannot be opened.
        """
        await asyncio.gather(*(self._add() for _ in range(self._settings.page_workers)))

    async def close(self) -> None:
        """End all workers."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._workers.clear()

    async def run(self, task: str, arguments: tuple[Any, ...]) -> Any:
        """Do a task in some worker.

        Raises:
            Problem: the task's own, or busy, query-timeout or query-crashed.
        """
        seconds = self._settings.page_timeout
        end = asyncio.get_running_loop().time() + seconds
        worker = await self._take(seconds)
        lost = True
        try:
            worker.ask(task, arguments, seconds)
            message = await worker.receive(end - asyncio.get_running_loop().time())
            lost = False
            return finished(message)
        except TimeoutError:
            raise Problem("query-timeout", f"no answer within {seconds:g} seconds", {"seconds": seconds}) from None
        except WorkerLost:
            _LOG.error("a worker ended (exit code %s) during task %s", worker.process.exitcode, task)
            raise Problem("query-crashed", "the process that made the page ended; try again") from None
        finally:
            if lost:
                self._lose(worker)
            else:
                self._idle.put_nowait(worker)

    async def _take(self, seconds: float) -> Worker:
        if self._waiting >= _WAITING_PAGES:
            raise Problem("busy", f"{self._waiting} pages are waiting already", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            return await asyncio.wait_for(self._idle.get(), seconds)
        except TimeoutError:
            text = f"no worker became free within {seconds:g} seconds"
            raise Problem("busy", text, headers={"Retry-After": "5"}) from None
        finally:
            self._waiting -= 1

    async def _add(self) -> None:
        worker = await Worker.started(self._dataset, self._settings)
        self._workers.add(worker)
        self.triples = worker.triples
        self._idle.put_nowait(worker)

    def _lose(self, worker: Worker) -> None:
        worker.kill()
        self._workers.discard(worker)
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self._replace(worker))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _replace(self, lost: Worker) -> None:
        await lost.close()
        while not self._closed:
            try:
                await self._add()
            except (StoreError, OSError):
                _LOG.exception("a worker could not be replaced; trying again")
                await asyncio.sleep(1)
            else:
                return


class Workers:
    """The lanes of queries and the pool of pages."""

    def __init__(self, dataset: Dataset, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self.queries = Lanes(dataset, settings, metrics.worker_ended)
        self.pages = PagePool(dataset, settings)

    async def start(self) -> None:
        """Start all workers.

        Raises:
            StoreError: the data cannot be opened.
        """
        multiprocessing.set_forkserver_preload(["endpoint.preload"])
        await self.pages.start()
        await self.queries.start()

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(self.pages.close(), self.queries.close())

    async def retire(self) -> None:
        """End all workers once nobody waits for what they do; new requests go to their successors."""
        await self.queries.drain(self._settings.query_timeout)
        await asyncio.sleep(self._settings.write_timeout / 10)  # pages are short; their last readers have asked by now
        await self.close()

    async def query(self, question: Question, ticket: Ticket, seconds: float) -> Representation | Stream:
        """Run a query for a client."""
        return await self.queries.query(question, ticket, seconds)

    async def bulk(self, task: str, *arguments: Any, client: str) -> Any:
        """Do a look-up that may be large, such as a whole graph, among the slow queries."""
        return await self.queries.bulk(task, arguments, client, self._settings.query_timeout)

    async def page(self, task: str, *arguments: Any) -> Any:
        """Do a look-up for a page or a document."""
        return await self.pages.run(task, arguments)
