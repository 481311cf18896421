"""The errors of the service: one table from name to status, one body shape (RFC 9457).

A ``Problem`` carries text for the client.  Any other exception is logged and answered as ``internal`` without a word
of its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kg.errors import NeakgError, QueryError
from kg.namespaces import BASE

PROBLEM_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status, its title and what a reader can do."""

    status: int
    title: str
    advice: str


KINDS: Final[dict[str, Kind]] = {
    "bad-request": Kind(400, "The request is not well formed", "Correct what the detail names."),
    "query-syntax": Kind(400, "The query is not valid SPARQL", "Look at the line and column given."),
    "query-too-deep": Kind(400, "The query is nested too deeply", "Write it flatter, or with VALUES."),
    "unknown-graph": Kind(400, "A graph of the query is not loaded", "GET /graphs lists the graphs; none is fetched."),
    "unknown-function": Kind(400, "A function of the query does not exist here", "GET /sparql lists the functions."),
    "format-does-not-fit": Kind(400, "The format cannot hold the answer", "Choose a format of the list."),
    "updates-refused": Kind(403, "Updates are refused", "The service is read-only; download a dump to change a copy."),
    "service-refused": Kind(403, "SERVICE is refused", "Run the federated query on your side."),
    "not-found": Kind(404, "Nothing is known under this address", "Search by a query, or start at the home page."),
    "method-not-allowed": Kind(405, "The method does not fit this address", "Use a method of the Allow header."),
    "not-acceptable": Kind(406, "No format fits the Accept header", "Ask for one of the media types listed."),
    "request-too-large": Kind(413, "The request is too large", "Send less, or split the query."),
    "unsupported-media-type": Kind(415, "The content type is not understood", "Use one that the detail lists."),
    "result-too-large": Kind(422, "The answer is too large", "Add LIMIT, or download a dump."),
    "uri-too-long": Kind(414, "The address is too long", "Send the query by POST."),
    "query-refused": Kind(
        422, "The query is refused for a while", "Simplify it, or try after the time in Retry-After."
    ),
    "too-many-requests": Kind(429, "You have too many requests waiting", "Wait for some, then send more."),
    "client-gone": Kind(499, "The client went away", "Nothing to do."),
    "internal": Kind(500, "Something went wrong here", "Try again; if it stays, report the address."),
    "query-crashed": Kind(500, "The query ended its worker process", "Simplify it; it may need too much memory."),
    "query-timeout": Kind(503, "The query took too long", "Make it more selective, or add LIMIT."),
    "busy": Kind(503, "All workers are busy", "Try again after the time in Retry-After."),
}

#: Refusals of ``kg`` and the kind of problem each one is.
_QUERY_KINDS: Final[dict[str, str]] = {
    "syntax": "query-syntax",
    "update": "updates-refused",
    "service": "service-refused",
    "unknown-graph": "unknown-graph",
    "unknown-function": "unknown-function",
    "too-large": "query-too-deep",
    "result-too-large": "result-too-large",
}


class Problem(Exception):
    """Something a client should read.

    Args:
        name: a key of ``KINDS``.
        detail: what is wrong with this very request.
        extra: further members of the body (``line``, ``column``, ``formats`` ...).
        headers: further response headers.
    """

    def __init__(
        self,
        name: str,
        detail: str,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.name = name
        self.detail = detail
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def __reduce__(self) -> tuple[type[Problem], tuple[Any, ...]]:
        return Problem, (self.name, self.detail, self.extra, self.headers)

    @property
    def kind(self) -> Kind:
        """The row of the table."""
        return KINDS[self.name]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            "type": f"{BASE}problem/{self.name}",
            "title": self.kind.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }


def of_graph_error(error: NeakgError) -> Problem:
    """Return the problem that an error of the graph side is for a client."""
    if isinstance(error, QueryError):
        place = {"line": error.line, "column": error.column} if error.line else {}
        return Problem(_QUERY_KINDS[error.kind], error.detail, place)
    return Problem("bad-request", str(error))


NAME_OF_STATUS: Final[dict[int, str]] = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "request-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    422: "bad-request",
    429: "too-many-requests",
}


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the problem for a status that the web framework raised."""
    name = NAME_OF_STATUS.get(status, "bad-request" if status < 500 else "internal")
    return Problem(name, KINDS[name].advice, headers=headers)
