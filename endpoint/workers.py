"""All worker processes of the service: the lanes of queries, and a pool for pages that queries never delay."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from typing import Any, Final

from endpoint.answers import Question
from endpoint.context import Representation
from endpoint.crew import Crew
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.lanes import Lanes, Stream, Ticket
from endpoint.metrics import Metrics
from endpoint.process import Worker, WorkerLost, finished
from endpoint.settings import Settings

_LOG = logging.getLogger("neakg.workers")
#: Seconds between two looks at whether retiring workers are at rest.
_LOOK: Final = 0.05
#: Pages that may wait for a worker: beyond that something is wrong, and waiting longer helps nobody.
_WAITING_PAGES: Final = 1000


class PagePool(Crew):
    """Workers for pages and documents: small tasks of our own making, first come, first served."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        super().__init__(dataset, settings)
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._waiting = 0
        self.triples = 0

    async def start(self) -> None:
        """Start all workers.

        Raises:
            StoreError: the data cannot be opened.
        """
        for worker in await self._several(self._settings.page_workers):
            self.triples = worker.triples
            self._idle.put_nowait(worker)

    @property
    def at_rest(self) -> bool:
        """Whether no page is being made or waited for."""
        return self._idle.qsize() >= self.alive and not self._waiting

    async def run(self, task: str, arguments: tuple[Any, ...]) -> Any:
        """Do a task in some worker.

        Raises:
            Problem: the task's own, or busy, query-timeout or query-crashed.
        """
        seconds = self._settings.page_timeout
        end = asyncio.get_running_loop().time() + seconds
        worker = await self._take(seconds)
        lost, died = True, False
        try:
            worker.ask(task, arguments, seconds)
            message = await worker.receive(end - asyncio.get_running_loop().time())
            lost = False
            return finished(message)
        except TimeoutError:
            raise Problem("query-timeout", f"no answer within {seconds:g} seconds", {"seconds": seconds}) from None
        except WorkerLost:
            died = True
            _LOG.error("a worker died during task %s", task)
            raise Problem("query-crashed", "the process that made the page ended; try again") from None
        finally:
            if lost:
                self._lose(worker, self._idle.put_nowait, died=died)
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
        end = asyncio.get_running_loop().time() + max(self._settings.query_timeout, self._settings.page_timeout)
        while not (self.queries.at_rest and self.pages.at_rest) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_LOOK)
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
