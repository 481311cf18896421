"""Pools of worker processes that can be killed: a hard deadline, a bounded queue, and a new worker for each one lost.

Pages and documents have a pool of their own, so that they answer while every query worker is busy.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from endpoint.context import Representation
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.settings import Settings
from endpoint.worker import main
from kg.errors import StoreError

_LOG = logging.getLogger("neakg.workers")
_START_SECONDS = 60.0


class WorkerLost(Exception):
    """The worker's process ended before it answered."""


class DeadlinePassed(Exception):
    """The worker had not answered when its time was over."""


class Worker:
    """A process and our end of its pipe; the methods block and are called from threads."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        methods = multiprocessing.get_context("forkserver")
        self._pipe, theirs = methods.Pipe()
        self.process = methods.Process(target=main, args=(theirs, dataset, settings), daemon=True)
        self.process.start()
        theirs.close()
        self.triples = 0

    def wait_ready(self) -> None:
        """Wait until the store is open.

        Raises:
            StoreError: it cannot be opened.
        """
        try:
            outcome, value = self._receive(_START_SECONDS)
        except (WorkerLost, DeadlinePassed) as error:
            self.kill()
            raise StoreError("a worker process did not start") from error
        if outcome != "ready":
            self.kill()
            raise StoreError(value.detail)
        self.triples = value

    def call(self, task: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        """Do a task and return what it returns.

        Raises:
            Problem: the task's own refusal.
            DeadlinePassed: no answer in time.
            WorkerLost: the process ended.
        """
        try:
            self._pipe.send((task, arguments, seconds))
        except OSError as error:
            raise WorkerLost from error
        outcome, value = self._receive(seconds)
        if outcome == "problem":
            raise value
        return value

    def _receive(self, seconds: float) -> tuple[str, Any]:
        try:
            if not self._pipe.poll(seconds):
                raise DeadlinePassed
            answer: tuple[str, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerLost from error
        return answer

    def kill(self) -> None:
        """End the process at once; a thread that waits for it sees the pipe close."""
        self.process.kill()

    def close(self) -> None:
        """End the process and wait for its end."""
        self.process.kill()
        self.process.join(5)


class Pool:
    """Workers of one kind.

    Args:
        dataset: what they open.
        settings: limits.
        size: how many.
        queue: tasks that may wait; None for no bound.
    """

    def __init__(self, dataset: Dataset, settings: Settings, size: int, queue: int | None) -> None:
        self._dataset = dataset
        self._settings = settings
        self._size = size
        self._queue = queue
        self._waiting = 0
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._threads = ThreadPoolExecutor(2 * size, thread_name_prefix="worker")
        self._workers: set[Worker] = set()
        self._repairs: set[asyncio.Task[None]] = set()
        self._closed = False
        self.triples = 0

    @property
    def alive(self) -> int:
        """How many workers run."""
        return len(self._workers)

    @property
    def idle(self) -> int:
        """How many workers have nothing to do."""
        return self._idle.qsize()

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the workers."""
        return [worker.process.pid for worker in self._workers if worker.process.pid]

    async def start(self) -> None:
        """Start all workers.

        Raises:
            StoreError: the data cannot be opened.
        """
        for worker in await asyncio.gather(*(self._in_thread(self._new) for _ in range(self._size))):
            self._add(worker)

    async def close(self) -> None:
        """End all workers."""
        self._closed = True
        for task in self._repairs:
            task.cancel()
        await asyncio.gather(*(self._in_thread(worker.close) for worker in self._workers))
        self._workers.clear()
        self._threads.shutdown(wait=False)

    async def run(self, task: str, *arguments: Any, seconds: float) -> Any:
        """Do a task in some worker within ``seconds``, the time of waiting included.

        Raises:
            Problem: the task's own, or busy, query-timeout or query-crashed.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        worker = await self._take(seconds)
        calling = loop.run_in_executor(self._threads, worker.call, task, arguments, max(0.0, end - loop.time()))
        lost = True
        try:
            answer = await asyncio.shield(calling)
            lost = False
        except Problem:
            lost = False
            raise
        except DeadlinePassed:
            worker.kill()
            text = f"no answer within {seconds:g} seconds; the query was stopped"
            raise Problem("query-timeout", text, {"seconds": seconds}) from None
        except WorkerLost:
            _LOG.error("a worker ended (exit code %s) during task %s", worker.process.exitcode, task)
            text = "the process that ran the query ended, for want of memory or by a fault of the engine"
            raise Problem("query-crashed", text) from None
        except asyncio.CancelledError:
            worker.kill()
            calling.add_done_callback(_forget)
            raise
        finally:
            if lost:
                self._replace(worker)
            else:
                self._idle.put_nowait(worker)
        return answer

    async def _take(self, seconds: float) -> Worker:
        if not self._idle.empty():
            return self._idle.get_nowait()
        if self._queue is not None and self._waiting >= self._queue:
            raise Problem("busy", f"{self._waiting} queries are waiting already", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            return await asyncio.wait_for(self._idle.get(), seconds)
        except TimeoutError:
            text = f"no worker became free within {seconds:g} seconds"
            raise Problem("busy", text, headers={"Retry-After": "5"}) from None
        finally:
            self._waiting -= 1

    def _new(self) -> Worker:
        worker = Worker(self._dataset, self._settings)
        worker.wait_ready()
        return worker

    def _add(self, worker: Worker) -> None:
        self._workers.add(worker)
        self.triples = worker.triples
        self._idle.put_nowait(worker)

    def _replace(self, worker: Worker) -> None:
        self._workers.discard(worker)
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self._repair(worker))
            self._repairs.add(task)
            task.add_done_callback(self._repairs.discard)

    async def _repair(self, lost: Worker) -> None:
        await self._in_thread(lost.close)
        while not self._closed:
            try:
                self._add(await self._in_thread(self._new))
            except (StoreError, OSError):
                _LOG.exception("a worker could not be replaced; trying again")
                await asyncio.sleep(1)
            else:
                return

    async def _in_thread(self, function: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)


def _forget(future: asyncio.Future[Any]) -> None:
    """Take the outcome of a call nobody waits for, so that it is not reported as unread."""
    if not future.cancelled():
        future.exception()


class Workers:
    """The two pools: queries, and pages."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        self._settings = settings
        self.queries = Pool(dataset, settings, settings.query_workers, settings.queue)
        self.pages = Pool(dataset, settings, settings.page_workers, None)

    async def start(self) -> None:
        """Start both pools."""
        multiprocessing.set_forkserver_preload(["endpoint.worker"])
        await self.pages.start()
        await self.queries.start()

    async def close(self) -> None:
        """End both pools."""
        await asyncio.gather(self.pages.close(), self.queries.close())

    async def query(self, *arguments: Any, seconds: float) -> Representation:
        """Run a query."""
        answer: Representation = await self.queries.run("query", *arguments, seconds=seconds)
        return answer

    async def bulk(self, task: str, *arguments: Any) -> Any:
        """Do a look-up that may be large, such as a whole graph, among the queries."""
        return await self.queries.run(task, *arguments, seconds=self._settings.query_timeout)

    async def page(self, task: str, *arguments: Any) -> Any:
        """Do a look-up for a page or a document."""
        return await self.pages.run(task, *arguments, seconds=self._settings.page_timeout)
