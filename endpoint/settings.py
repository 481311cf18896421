"""The settings of the service: read once from the environment into one frozen object."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.errors import UsageError

_PREFIX = "NEAKG_"


def _setting(default: float, least: float, most: float, text: str) -> Any:
    return field(default=default, metadata={"least": least, "most": most, "help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set; each field is the variable ``NEAKG_<NAME>``.

    Args:
        query_timeout: seconds after which a query is stopped; a client may ask for less.
        page_timeout: seconds after which the look-up behind a page is stopped.
        workers: processes that run slow queries; 0 means one a processor, at least 2.
        fast_workers: processes that run queries in their first moments, so that light ones wait for no heavy one.
        fast_milliseconds: after which a query is slow.
        page_workers: processes kept for pages and documents, so that queries never delay them.
        queue: queries that may wait for a worker, in each lane; one more is refused at once.
        queue_share: how many of them may be one client's.
        refuse_seconds: for how long a query that ended its worker is refused.
        worker_memory: megabytes of address space of a worker (Linux); 0 means no limit.
        max_result: megabytes of an answer; a larger one is refused or broken off, never cut short in silence.
        stream_after: megabytes of rows that are held until the answer is whole; more of them is streamed.
        max_body: megabytes of a request.
        header_timeout: seconds in which the headers of a request must be whole; a slower client is dropped.
        body_timeout: seconds in which its body must be whole.
        write_timeout: seconds after which a client that reads nothing is dropped.
        slow_query: seconds after which a query is written to the log.
        log_queries: 1 writes every query to the log.
        cache: megabytes of finished documents that each page worker keeps.
        answer_cache: megabytes of answers that the service keeps, and as many of compressed bodies.
    """

    query_timeout: float = _setting(30.0, 0.05, 86_400, "seconds until a query is stopped")
    page_timeout: float = _setting(20.0, 0.05, 86_400, "seconds until the look-up behind a page is stopped")
    workers: int = _setting(0, 0, 256, "processes that run slow queries; 0: one a processor, at least 2")
    fast_workers: int = _setting(2, 1, 256, "processes that run queries in their first moments")
    fast_milliseconds: int = _setting(200, 10, 60_000, "milliseconds after which a query is slow")
    page_workers: int = _setting(2, 1, 64, "processes kept for pages and documents")
    queue: int = _setting(64, 0, 100_000, "queries that may wait for a worker, in each lane")
    queue_share: int = _setting(16, 1, 100_000, "how many of them may be one client's")
    refuse_seconds: int = _setting(600, 0, 86_400, "seconds for which a query that ended its worker is refused")
    worker_memory: int = _setting(2048, 0, 1_000_000, "megabytes of address space of a worker; 0: no limit")
    max_result: int = _setting(1000, 1, 100_000, "megabytes of an answer; a larger one is refused or broken off")
    stream_after: int = _setting(1, 1, 1000, "megabytes of rows after which an answer streams")
    header_timeout: float = _setting(10.0, 0.05, 3600, "seconds in which a request's headers must be whole")
    body_timeout: float = _setting(30.0, 0.05, 3600, "seconds in which a request's body must be whole")
    write_timeout: float = _setting(30.0, 0.05, 3600, "seconds after which a client that reads nothing is dropped")
    max_body: int = _setting(10, 1, 1_000, "megabytes of a request")
    slow_query: float = _setting(5.0, 0, 86_400, "seconds after which a query is written to the log")
    log_queries: int = _setting(0, 0, 1, "1: every query is written to the log")
    cache: int = _setting(64, 0, 100_000, "megabytes of finished documents that each page worker keeps")
    answer_cache: int = _setting(64, 0, 100_000, "megabytes of answers kept, and as many of compressed bodies")

    @property
    def query_workers(self) -> int:
        """The number of slow query processes, with the default filled in."""
        return self.workers or max(2, os.cpu_count() or 1)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables that are set.

        Raises:
            UsageError: a value is no number or out of range; the message names the variable.
        """
        values: dict[str, Any] = {}
        for item in dataclasses.fields(cls):
            name = _PREFIX + item.name.upper()
            if text := environ.get(name, "").strip():
                values[item.name] = _number(name, text, item)
        return cls(**values)


def _number(name: str, text: str, item: dataclasses.Field[Any]) -> float:
    least, most = item.metadata["least"], item.metadata["most"]
    try:
        value = int(text) if isinstance(item.default, int) else float(text)
    except ValueError:
        raise UsageError(f"{name}={text}: expected a number ({item.metadata['help']})") from None
    if not least <= value <= most:
        raise UsageError(f"{name}={text}: expected a number from {least} to {most} ({item.metadata['help']})")
    return value
