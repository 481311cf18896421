"""A worker process and our end of its pipe: ask, and receive what it sends without blocking the event loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.settings import Settings
from endpoint.worker import CHUNK, DONE, END, HEAD, PROBLEM, READY, main
from kg.errors import StoreError

_START_SECONDS = 60.0
_END_SECONDS = 5.0


class WorkerLost(Exception):
    """The worker's process ended before it had answered."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a worker sent: an outcome (see ``endpoint.worker``) and its value."""

    outcome: str
    value: Any


class Worker:
    """A process that does one task at a time; nothing here waits for it except ``receive``."""

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        methods = multiprocessing.get_context("forkserver")
        self._pipe, theirs = methods.Pipe()
        self.process = methods.Process(target=main, args=(theirs, dataset, settings), daemon=True)
        self.process.start()
        theirs.close()
        self._coming: asyncio.Future[Message] | None = None
        self._watched = False
        self._closed = False
        self.triples = 0

    @classmethod
    async def started(cls, dataset: Dataset, settings: Settings) -> Worker:
        """Start a worker and wait until its store is open.

        Raises:
            StoreError: it cannot be opened.
        """
        worker = await asyncio.get_running_loop().run_in_executor(None, cls, dataset, settings)
        try:
            message = await worker.receive(_START_SECONDS)
        except (WorkerLost, TimeoutError) as error:
            await worker.close()
            raise StoreError("a worker process did not start") from error
        except asyncio.CancelledError:
            await worker.close()
            raise
        if message.outcome != READY:
            await worker.close()
            raise StoreError(message.value.detail)
        worker.triples = message.value
        return worker

    def ask(self, task: str, arguments: tuple[Any, ...], seconds: float) -> None:
        """Give the worker a task; it is idle, so its pipe takes the message.

        Raises:
            WorkerLost: the process has ended.
        """
        try:
            self._pipe.send((task, arguments, seconds))
        except OSError as error:
            raise WorkerLost from error

    async def receive(self, seconds: float) -> Message:
        """Return the next message; one that comes just as the waiting ends is kept for who asks next.

        Raises:
            TimeoutError: none came within ``seconds``.
            WorkerLost: the process ended.
        """
        if self._pipe.closed:
            raise WorkerLost
        if self._coming is None:
            self._coming = asyncio.get_running_loop().create_future()
            self._watch()
        coming = self._coming
        try:
            await asyncio.wait({coming}, timeout=max(0.0, seconds))
        finally:
            if not coming.done():
                self._coming = None
        if not coming.done():
            raise TimeoutError
        self._coming = None
        return coming.result()

    def _watch(self) -> None:
        """Let the event loop look at the pipe, and go on looking: most often the next message is waited for too."""
        if not self._watched:
            asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._readable)
            self._watched = True
            # Some event loops make what they watch non-blocking; a message longer than the pipe's buffer needs a wait.
            os.set_blocking(self._pipe.fileno(), True)

    def _unwatch(self) -> None:
        if self._watched:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._watched = False

    def _readable(self) -> None:
        """Take a message for whoever waits; when nobody does it stays in the pipe, which stops the worker in time."""
        coming = self._coming
        if coming is None or coming.done():
            self._unwatch()
            return
        try:
            coming.set_result(Message(*self._pipe.recv()))
        except (EOFError, OSError) as error:
            self._unwatch()
            lost = WorkerLost()
            lost.__cause__ = error
            coming.set_exception(lost)

    def kill(self) -> None:
        """End the process at once."""
        if not self._closed:
            self.process.kill()

    async def close(self) -> int | None:
        """End the process, wait for its end, give back what it took of ours, and return its exit code if there is one.

        Whoever waits for a message is told that the worker is lost.
        """
        if self._closed:
            return None
        self._closed = True
        self.process.kill()
        await asyncio.get_running_loop().run_in_executor(None, self.process.join, _END_SECONDS)
        self._unwatch()
        self._pipe.close()
        if self._coming is not None and not self._coming.done():
            self._coming.set_exception(WorkerLost())
        code = self.process.exitcode
        if code is not None:
            self.process.close()  # else its end is left to the collector
        return code


def finished(message: Message) -> Any:
    """Return the value of a finished task.

    Raises:
        Problem: the task's own refusal.
    """
    if message.outcome == PROBLEM:
        assert isinstance(message.value, Problem)
        raise message.value
    assert message.outcome == DONE, message.outcome
    return message.value


async def chunks(worker: Worker, deadline: float) -> AsyncIterator[bytes]:
    """Yield what a worker streams after its ``HEAD``.

    Args:
        worker: a worker that has sent ``HEAD``.
        deadline: the loop's time at which the answer must be whole.

    Raises:
        Problem: the task failed midway.
        TimeoutError: the deadline passed.
        WorkerLost: the process ended.
    """
    loop = asyncio.get_running_loop()
    while True:
        message = await worker.receive(deadline - loop.time())
        if message.outcome == END:
            return
        if message.outcome == PROBLEM:
            raise message.value
        assert message.outcome == CHUNK, message.outcome
        yield message.value


__all__ = ["HEAD", "Message", "Worker", "WorkerLost", "chunks", "finished"]
