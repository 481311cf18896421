"""/sparql: the query operation of the SPARQL 1.1 Protocol, the service description and the query form."""

from __future__ import annotations

import logging
import math
import re
import secrets
from time import monotonic
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoint.answers import Question
from endpoint.context import Representation
from endpoint.errors import Problem
from endpoint.http import Service, accept_of, client_of, respond, service_of, streamed, unless_gone
from endpoint.lanes import Stream, Ticket
from endpoint.logs import log_query
from endpoint.negotiate import prefers_html
from endpoint.parameters import Parameters
from kg.formats import BY_NAME, names
from kg.sparql_text import MAX_LENGTH
from kg.store import DatasetChoice

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_CLIENT_SLACK: Final = 0.001
#: Functions whose value is another each time.
_CHANGING: Final = re.compile(r"\b(RAND|NOW|UUID|STRUUID|BNODE)\b", re.IGNORECASE)
_MOST_ROWS: Final = 1_000_000


async def sparql(request: Request) -> Response:
    """Answer GET and both kinds of POST (SPARQL 1.1 Protocol, section 2.1)."""
    service = service_of(request)
    parameters = Parameters()
    parameters.add(request.scope["query_string"])
    if request.method == "POST":
        await _read_post(request, parameters, service.settings.max_body * 1_000_000)
        service = service_of(request)  # a body may take long, and other data may be served since it began
    elif not parameters.all("query") and not parameters.all("update"):
        return await _bare(request, service)
    question = _question(request, parameters)
    seconds = _seconds(parameters, service.settings.query_timeout)
    return await _answer(request, service, question, seconds)


async def _answer(request: Request, service: Service, question: Question, seconds: float) -> Response:
    """Answer from memory or by a worker; count it, and tell the client the query's id and how long it took."""
    start = monotonic()
    ticket = Ticket(client_of(request), secrets.token_hex(8), "cache")
    outcome = "internal"
    headers = {"Vary": "Accept", "NEAKG-Query-Id": ticket.id}
    try:
        found: Representation | Stream | None = service.answers.get(question)
        if found is None:
            found = await unless_gone(request, service.workers.query(question, ticket, seconds))
            if isinstance(found, Representation) and not _CHANGING.search(question.text):
                service.answers.put(question, found, len(found.body) + len(question.text))
        headers["Server-Timing"] = f'query;desc="{ticket.lane}";dur={1000 * (monotonic() - start):.1f}'
        if isinstance(found, Stream):
            outcome = "streamed"
            return streamed(request, found, headers=headers)
        outcome = "ok"
        return respond(request, found, headers=headers)
    except Problem as problem:
        outcome = problem.name
        problem.extra["queryId"] = ticket.id
        problem.headers["NEAKG-Query-Id"] = ticket.id
        raise
    finally:
        _note(service, ticket, outcome, monotonic() - start, question.text)


def _note(service: Service, ticket: Ticket, outcome: str, seconds: float, text: str) -> None:
    service.metrics.query(ticket.lane, outcome, seconds)
    is_slow = seconds >= service.settings.slow_query
    if is_slow or service.settings.log_queries:
        level = logging.WARNING if is_slow else logging.INFO
        log_query(level, ticket.id, ticket.client, ticket.lane, outcome, seconds, text)


async def _read_post(request: Request, parameters: Parameters, limit: int) -> None:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind == UPDATE:
        raise Problem("updates-refused", "this is a read-only service: updates are not carried out")
    if kind not in (FORM, DIRECT):
        raise Problem("unsupported-media-type", f"send {FORM} or {DIRECT}, not {kind or 'a body without a type'}")
    charset = rest.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Problem("unsupported-media-type", f"send UTF-8, not {charset}")
    body = await _body(request, limit)
    if kind == FORM:
        parameters.add(body)
        return
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Problem("bad-request", "the query is not UTF-8") from None
    parameters.values.setdefault("query", []).append(text)


async def _body(request: Request, limit: int) -> bytes:
    too_large = Problem("request-too-large", f"a request may have at most {limit} bytes")
    if (length := request.headers.get("content-length", "")).isdigit() and int(length) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _question(request: Request, parameters: Parameters) -> Question:
    if parameters.all("update"):
        raise Problem("updates-refused", "this is a read-only service: updates are not carried out")
    if not parameters.all("query"):
        raise Problem("bad-request", "the parameter query is missing: give exactly one")
    text = parameters.one("query")
    if len(text) > MAX_LENGTH:
        raise Problem("request-too-large", f"the query has {len(text)} characters; at most {MAX_LENGTH} are read")
    wanted = parameters.one("format")
    if wanted and wanted not in (*BY_NAME, "html"):
        formats = [*BY_NAME, "html"]
        raise Problem("bad-request", f"unknown format {wanted!r}; use one of: {names(BY_NAME.values())} html",
                      {"formats": formats})  # fmt: skip
    chosen = DatasetChoice(parameters.all("default-graph-uri"), parameters.all("named-graph-uri"))
    rows = _rows(parameters)
    if wanted == "html":
        return Question(text, chosen, (), page=True, max_rows=rows)
    return Question(text, chosen, accept_of(request), wanted, max_rows=rows)


def _rows(parameters: Parameters) -> int:
    text = parameters.one("max-rows")
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _MOST_ROWS):
        raise Problem("bad-request", f"max-rows={text}: expected a whole number from 1 to {_MOST_ROWS}")
    return int(text)


def _seconds(parameters: Parameters, most: float) -> float:
    text = parameters.one("timeout")
    if not text:
        return most
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise Problem("bad-request", f"timeout={text}: expected seconds, a number above 0")
    return max(min(seconds, most), _CLIENT_SLACK)


async def _bare(request: Request, service: Service) -> Response:
    """Answer a GET without a query: a form for people, the service description for programs."""
    headers = {"Vary": "Accept"}
    accept = accept_of(request)
    if prefers_html(accept, "text/turtle"):
        body = service.pages.render("query.html", formats=list(BY_NAME.values()), examples=service.pages.examples)
        return respond(request, Representation(body, "text/html; charset=utf-8"), headers=headers)
    here = str(request.url.replace(query=""))
    endpoint = f"{service.dataset.base.iri}sparql" if service.dataset.is_ours else here
    return respond(request, await service.workers.page("service", endpoint, accept), headers=headers)


ROUTES = [Route("/sparql", sparql, methods=["GET", "POST"])]
