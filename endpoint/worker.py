"""The inside of a worker process: open the store, then do one task after another until the pipe closes.

Each message to it is ``(task name, arguments, seconds)``.  It answers ``(DONE, value)`` or ``(PROBLEM, problem)``, or
streams a large answer: ``(HEAD, content type)``, then ``(CHUNK, bytes)`` as often as needed, then ``(END, None)``, or
``(PROBLEM, problem)`` when it fails midway.
"""

from __future__ import annotations

import logging
import math
import resource
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

from endpoint.context import Context
from endpoint.dataset import Dataset
from endpoint.errors import Problem, of_graph_error
from endpoint.outlet import STREAMED, Outlet
from endpoint.settings import Settings
from endpoint.tasks import TASKS
from kg.errors import NeakgError

_LOG = logging.getLogger("neakg.worker")
READY, DONE, PROBLEM, HEAD, CHUNK, END = "ready", "done", "problem", "head", "chunk", "end"
#: Seconds beyond the deadline after which a worker ends itself, should its parent be gone.
_GRACE = 5


def main(pipe: Connection, dataset: Dataset, settings: Settings) -> None:
    """Serve tasks until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent closes the pipe
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _limit_memory(settings.worker_memory)
    context = Context(dataset, settings, outlet=lambda content_type: PipeOutlet(pipe, content_type, settings))
    try:
        triples = len(context.store)
    except NeakgError as error:
        pipe.send((PROBLEM, Problem("internal", str(error))))
        return
    pipe.send((READY, triples))
    while True:
        try:
            name, arguments, seconds = pipe.recv()
        except (EOFError, OSError):
            return
        signal.alarm(math.ceil(seconds) + _GRACE)  # its default action ends the process even inside the engine
        answer = _do(context, name, arguments)
        signal.alarm(0)
        try:
            pipe.send(answer)
        except OSError:
            return


class PipeOutlet(Outlet):
    """Holds an answer until it is whole or longer than a start, and streams it from then on."""

    def __init__(self, pipe: Connection, content_type: str, settings: Settings) -> None:
        super().__init__(settings.max_result * 1_000_000)
        self._pipe = pipe
        self._content_type = content_type
        self._start = settings.stream_after * 1_000_000
        self._streams = False

    def flush_some(self) -> None:
        """Send what is held, if it is much."""
        if self._streams or len(self.held) > self._start:
            if not self._streams:
                self._pipe.send((HEAD, self._content_type))
                self._streams = True
            self._pipe.send((CHUNK, bytes(self.held)))
            self.held.clear()

    def finish(self) -> bytes | None:
        """Return the whole answer, or None when it has been streamed."""
        if not self._streams:
            return bytes(self.held)
        if self.held:
            self._pipe.send((CHUNK, bytes(self.held)))
        return None


def _do(context: Context, name: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        value = TASKS[name](context, *arguments)
    except Problem as problem:
        return PROBLEM, problem
    except NeakgError as error:
        return PROBLEM, of_graph_error(error)
    except MemoryError:
        return PROBLEM, Problem("query-crashed", "the worker ran out of its memory limit")
    except Exception:  # noqa: BLE001 - the edge of the process: logged here, told to nobody
        _LOG.exception("task %s failed", name)
        return PROBLEM, Problem("internal", "the request could not be answered; the cause is in the server's log")
    return (END, None) if value is STREAMED else (DONE, value)


def _limit_memory(megabytes: int) -> None:
    if megabytes and sys.platform == "linux":
        limit = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
