"""Where queries run: a fast lane that none may hold for long, and a slow lane that holds as many as it has workers.

Every query starts in the fast lane.  One that is not done after ``fast_milliseconds`` moves, with its worker, to the
slow lane, and an idle worker of that lane takes its place; when the slow lane is full, the query is stopped and waits
for a place there to start again.  So a light query waits for light ones only, whatever else runs.  A text that has
proved slow goes to the slow lane at once for a while.

No client holds all slow workers while there are several, and both lanes are waited for in turn, client by client.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from endpoint.answers import Question
from endpoint.context import Representation
from endpoint.crew import Crew
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.fair import FairQueue, Full
from endpoint.memory import Remembered
from endpoint.process import HEAD, Message, Worker, WorkerLost, chunks, finished
from endpoint.settings import Settings

_LOG = logging.getLogger("neakg.lanes")
_REMEMBERED_TEXTS: Final = 10_000
_SLOW_SECONDS: Final = 600.0
_RETRY: Final = {"Retry-After": "5"}


@dataclass(slots=True)
class Ticket:
    """A query as the service knows it: who asks, its id for logs, and the lane in which it ended."""

    client: str
    id: str = ""
    lane: str = "fast"


@dataclass(slots=True)
class Run:
    """A query on its way: what is asked, by whom, until when, and the worker it has.

    ``slow`` with a worker means that the client holds a place of the slow lane.
    """

    task: str
    arguments: tuple[Any, ...]
    text: str
    client: str
    end: float
    seconds: float
    slow: bool = False
    worker: Worker | None = None


class Stream:
    """An answer that is sent while it is computed; ``close`` must be called when it is read or given up.

    Args:
        content_type: the media type of the answer.
        pieces: the bytes, in order; an error in the middle ends them.
        end: called once with whether all was read.
    """

    def __init__(self, content_type: str, pieces: AsyncIterator[bytes], end: Callable[[bool], None]) -> None:
        self.content_type = content_type
        self._pieces = pieces
        self._end: Callable[[bool], None] | None = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece
        self._finish(whole=True)

    def close(self) -> None:
        """Stop the query if it still runs."""
        self._finish(whole=False)

    def _finish(self, *, whole: bool) -> None:
        end, self._end = self._end, None
        if end is not None:
            end(whole)


class Lanes(Crew):
    """The two lanes of query workers.

    Args:
        dataset: what they open.
        settings: limits.
        ended: called with the reason, ``stopped`` or ``died``, when a worker ends before its time.
    """

    def __init__(self, dataset: Dataset, settings: Settings, ended: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(dataset, settings, ended)
        self._fast: list[Worker] = []
        self._slow: list[Worker] = []
        self._holding: Counter[str] = Counter()
        self._fast_queue: FairQueue[Worker] = FairQueue(settings.queue, settings.queue_share)
        self._slow_queue: FairQueue[Worker] = FairQueue(settings.queue, settings.queue_share)
        self._known_slow = Remembered(_SLOW_SECONDS, _REMEMBERED_TEXTS)
        self._deadly = Remembered(settings.refuse_seconds, _REMEMBERED_TEXTS)

    @property
    def size(self) -> int:
        """How many workers there should be."""
        return self._settings.fast_workers + self._settings.query_workers

    @property
    def idle(self) -> tuple[int, int]:
        """How many workers of the fast and of the slow lane have nothing to do."""
        return len(self._fast), len(self._slow)

    @property
    def waiting(self) -> tuple[int, int]:
        """How many queries wait for the fast and for the slow lane."""
        return len(self._fast_queue), len(self._slow_queue)

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the workers."""
        return [worker.process.pid for worker in self._workers if worker.process.pid]

    async def start(self) -> None:
        """Start all workers.

        Raises:
            StoreError: the data cannot be opened.
        """
        started = await self._several(self.size)
        self._fast = started[: self._settings.fast_workers]
        self._slow = started[self._settings.fast_workers :]

    @property
    def at_rest(self) -> bool:
        """Whether no query runs or waits."""
        return len(self._fast) + len(self._slow) >= self.alive and not any(self.waiting)

    async def query(self, question: Question, ticket: Ticket, seconds: float) -> Representation | Stream:
        """Answer a query within ``seconds``, the time of waiting included.

        Raises:
            Problem: the query's own, or busy, too-many-requests, query-refused, query-timeout or query-crashed.
        """
        if left := self._deadly.seconds_left(question.text):
            text = "this query ended the process that ran it; it is refused for a while"
            raise Problem("query-refused", text, headers={"Retry-After": str(int(left) + 1)})
        end = asyncio.get_running_loop().time() + seconds
        is_slow = self._known_slow.seconds_left(question.text) > 0
        ticket.lane = "slow" if is_slow else "fast"
        run = Run("query", (question,), question.text, ticket.client, end, seconds, is_slow)
        try:
            found: Representation | Stream = await self._run(run)
        finally:
            ticket.lane = "slow" if run.slow else "fast"
        return found

    async def bulk(self, task: str, arguments: tuple[Any, ...], client: str, seconds: float) -> Any:
        """Do a look-up that may be large, such as a whole graph, in the slow lane."""
        end = asyncio.get_running_loop().time() + seconds
        return await self._run(Run(task, arguments, "", client, end, seconds, slow=True))

    # --- one query --------------------------------------------------------------------------------------

    async def _run(self, run: Run) -> Any:
        kept = False
        try:
            message = await (self._in_slow_lane(run) if run.slow else self._in_fast_lane(run))
            if message.outcome == HEAD:
                kept = True  # the stream releases the worker
                return self._stream(run, message.value)
            self._learn(run)
            return finished(message)
        except TimeoutError:
            self._drop(run)
            text = f"no answer within {run.seconds:g} seconds; the query was stopped"
            raise Problem("query-timeout", text, {"seconds": run.seconds}) from None
        except WorkerLost:
            raise self._crashed(run) from None
        except asyncio.CancelledError:
            self._abandon(run)
            raise
        finally:
            if not kept:
                self._release(run)

    async def _in_fast_lane(self, run: Run) -> Message:
        loop = asyncio.get_running_loop()
        worker = await self._begin(run)
        end_of_lane = loop.time() + self._settings.fast_milliseconds / 1000
        message = None
        try:
            message = await worker.receive(min(end_of_lane, run.end) - loop.time())
            if message.outcome != HEAD:
                return message  # a stream holds its worker for as long as its reader takes, which may be very long
        except TimeoutError:
            if loop.time() >= run.end:
                raise
        self._known_slow.add(run.text)
        if self._slow and self._may_hold(run.client):
            self._give_fast(self._slow.pop())
            self._holding[run.client] += 1
            run.slow = True
            return message or await worker.receive(run.end - loop.time())
        self._drop(run)
        run.slow = True
        return await self._in_slow_lane(run)

    async def _in_slow_lane(self, run: Run) -> Message:
        worker = await self._begin(run)
        return await worker.receive(run.end - asyncio.get_running_loop().time())

    async def _begin(self, run: Run) -> Worker:
        """Give a query to a worker of its lane; one that died while it was idle is replaced and passed over."""
        while True:
            run.worker = worker = await self._place(run)
            try:
                worker.ask(run.task, run.arguments, run.end - asyncio.get_running_loop().time())
            except WorkerLost:
                self._drop(run, died=True)
            else:
                return worker

    async def _place(self, run: Run) -> Worker:
        if run.slow and self._slow and self._may_hold(run.client):
            self._holding[run.client] += 1
            return self._slow.pop()
        if not run.slow and self._fast:
            return self._fast.pop()
        queue = self._slow_queue if run.slow else self._fast_queue
        future = self._join(queue, run.client)
        try:
            async with asyncio.timeout_at(run.end):
                return await asyncio.shield(future)
        except (TimeoutError, asyncio.CancelledError) as error:
            if future.done():  # given in this very moment
                run.worker = future.result()
                self._release(run)
            queue.leave(run.client, future)
            if isinstance(error, asyncio.CancelledError):
                raise
            text = f"no worker became free within {run.seconds:g} seconds"
            raise Problem("busy", text, headers=_RETRY) from None

    def _join(self, queue: FairQueue[Worker], client: str) -> asyncio.Future[Worker]:
        try:
            return queue.join(client)
        except Full as full:
            if full.of_client:
                text = f"{self._settings.queue_share} queries of yours are waiting already"
                raise Problem("too-many-requests", text, headers=_RETRY) from None
            raise Problem("busy", f"{len(queue)} queries are waiting already", headers=_RETRY) from None

    def _stream(self, run: Run, content_type: str) -> Stream:
        worker = run.worker
        assert worker is not None

        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for piece in chunks(worker, run.end):
                    yield piece
            except WorkerLost:
                raise self._crashed(run) from None

        def end(whole: bool) -> None:
            if not whole:
                self._drop(run)
            self._release(run)

        return Stream(content_type, pieces(), end)

    def _learn(self, run: Run) -> None:
        """A text that was slow once and is quick now need not stay in the slow lane."""
        took = run.seconds - (run.end - asyncio.get_running_loop().time())
        if run.slow and run.text and took < self._settings.fast_milliseconds / 2000:
            self._known_slow.forget(run.text)

    def _crashed(self, run: Run) -> Problem:
        if run.text:
            self._deadly.add(run.text)
        _LOG.error("a worker died during task %s: %s", run.task, run.text[:2000])
        self._drop(run, died=True)
        text = "the process that ran the query ended, for want of memory or by a fault of the engine"
        return Problem("query-crashed", text)

    # --- places in the lanes -----------------------------------------------------------------------------

    def _may_hold(self, client: str) -> bool:
        most = max(1, self._settings.query_workers - 1)
        return self._holding[client] < most

    def _release(self, run: Run) -> None:
        """Give a worker that has nothing left to do back to its lane."""
        worker, run.worker = run.worker, None
        if worker is None:
            return
        if run.slow:
            self._let_go(run.client)
            self._give_slow(worker)
        else:
            self._give_fast(worker)

    def _drop(self, run: Run, *, died: bool = False) -> None:
        """End the worker of a query that must stop, and put a new one in its place."""
        worker, run.worker = run.worker, None
        if worker is None:
            return
        self._lose(worker, self._give_slow if run.slow else self._give_fast, died=died)
        if run.slow:
            self._let_go(run.client)
            self._serve_slow()

    def _abandon(self, run: Run) -> None:
        """Leave a query nobody waits for: a light one may end, so that leaving early costs us no process."""
        if run.slow or run.worker is None:
            self._drop(run)
            return
        worker, run.worker = run.worker, None
        self._background(self._let_end(worker))

    async def _let_end(self, worker: Worker) -> None:
        try:
            message = await worker.receive(self._settings.fast_milliseconds / 1000)
        except (TimeoutError, WorkerLost) as error:
            self._lose(worker, self._give_fast, died=isinstance(error, WorkerLost))
            return
        if message.outcome == HEAD:
            self._lose(worker, self._give_fast)
        else:
            self._give_fast(worker)

    def _let_go(self, client: str) -> None:
        self._holding[client] -= 1
        if not self._holding[client]:
            del self._holding[client]

    def _give_fast(self, worker: Worker) -> None:
        if found := self._fast_queue.next():
            found[1].set_result(worker)
        else:
            self._fast.append(worker)

    def _give_slow(self, worker: Worker) -> None:
        self._slow.append(worker)
        self._serve_slow()

    def _serve_slow(self) -> None:
        """Give idle workers to those who wait; a client that held its share until now may be among them."""
        while self._slow and (found := self._slow_queue.next(self._may_hold)):
            client, future = found
            self._holding[client] += 1
            future.set_result(self._slow.pop())
