"""The log: one JSON object a line, with the id that the client got too."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Final

QUERIES: Final = logging.getLogger("neakg.queries")
_MOST_TEXT: Final = 2000


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON; ``extra={"fields": {...}}`` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        found = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            found["exception"] = self.formatException(record.exc_info)
        return json.dumps(found, ensure_ascii=False, default=str)


def configure() -> None:
    """Send the log to standard error as JSON, for the service and the server library alike."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("neakg").setLevel(logging.INFO)


def log_query(level: int, query_id: str, client: str, lane: str, outcome: str, seconds: float, text: str) -> None:
    """Write a query to the log.

    Args:
        level: of the logging module.
        query_id: the id that the client got.
        client: its address.
        lane: where the query ran.
        outcome: ``ok``, ``streamed`` or the name of a problem.
        seconds: until the answer began.
        text: the query; its first 2,000 characters are written.
    """
    fields = {
        "queryId": query_id,
        "client": client,
        "lane": lane,
        "outcome": outcome,
        "seconds": round(seconds, 4),
        "query": text[:_MOST_TEXT],
    }
    QUERIES.log(level, "query %s in %.3f s", outcome, seconds, extra={"fields": fields})
