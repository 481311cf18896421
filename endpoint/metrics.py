"""What the service counts and measures, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

# The time at which a counter was made says nothing here, and doubles the lines.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The counters of one service, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._gauges: dict[str, Gauge] = {}
        self._queries = Counter(
            "neakg_queries", "Queries by lane and outcome", ("lane", "outcome"), registry=self._registry
        )
        self._seconds = Histogram(
            "neakg_query_seconds",
            "Seconds from a query to the start of its answer",
            ("lane",),
            buckets=_BOUNDS,
            registry=self._registry,
        )
        self._ends = Counter(
            "neakg_worker_ends", "Worker processes that were stopped or died", ("reason",), registry=self._registry
        )

    def query(self, lane: str, outcome: str, seconds: float) -> None:
        """Count a query.

        Args:
            lane: ``fast``, ``slow`` or ``cache``.
            outcome: ``ok``, ``streamed`` or the name of the problem.
            seconds: from the request to the start of the answer.
        """
        self._queries.labels(lane, outcome).inc()
        self._seconds.labels(lane).observe(seconds)

    def worker_ended(self, reason: str) -> None:
        """Count the end of a worker: ``stopped`` by us, or ``died``."""
        self._ends.labels(reason).inc()

    def measure(self, name: str, text: str, read: Callable[[], float], **labels: str) -> None:
        """Add something that is read whenever it is asked for; once a name and labels."""
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(name, text, tuple(labels), registry=self._registry)
        (gauge.labels(**labels) if labels else gauge).set_function(read)

    def exposition(self) -> bytes:
        """Return everything in the text format."""
        return generate_latest(self._registry)
