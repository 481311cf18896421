"""The inside of a worker process: open the store, then do one task after another until the pipe closes."""

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
from endpoint.settings import Settings
from endpoint.tasks import TASKS
from kg.errors import NeakgError

_LOG = logging.getLogger("neakg.worker")
_READY, _DONE, _PROBLEM = "ready", "done", "problem"
#: Seconds beyond the deadline after which a worker ends itself, should its parent be gone.
_GRACE = 5


def main(pipe: Connection, dataset: Dataset, settings: Settings) -> None:
    """Serve tasks: each message is ``(task name, arguments, seconds)``, each answer ``(outcome, value)``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent closes the pipe
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _limit_memory(settings.worker_memory)
    context = Context(dataset, settings)
    try:
        triples = len(context.store)
    except NeakgError as error:
        pipe.send((_PROBLEM, Problem("internal", str(error))))
        return
    pipe.send((_READY, triples))
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


def _do(context: Context, name: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return _DONE, TASKS[name](context, *arguments)
    except Problem as problem:
        return _PROBLEM, problem
    except NeakgError as error:
        return _PROBLEM, of_graph_error(error)
    except MemoryError:
        return _PROBLEM, Problem("query-crashed", "the worker ran out of its memory limit")
    except Exception:  # noqa: BLE001 - the edge of the process: logged here, told to nobody
        _LOG.exception("task %s failed", name)
        return _PROBLEM, Problem("internal", "the request could not be answered; the cause is in the server's log")


def _limit_memory(megabytes: int) -> None:
    if megabytes and sys.platform == "linux":
        limit = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
