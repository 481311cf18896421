"""Responses: strong validators, conditional requests, links, problems."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from endpoint.cache import ByteCache
from endpoint.context import Representation
from endpoint.dataset import OUR_LICENCE, Dataset
from endpoint.documents import SUFFIXES
from endpoint.encoding import CODINGS, IDENTITY
from endpoint.encoding import choose as choose_coding
from endpoint.errors import PROBLEM_TYPE, Problem
from endpoint.lanes import Stream
from endpoint.metrics import Metrics
from endpoint.negotiate import HTML, Range, parse_accept, prefers_html
from endpoint.pages import Pages
from endpoint.settings import Settings
from endpoint.workers import Workers
from kg.formats import BY_NAME

T = TypeVar("T")
_LOG = logging.getLogger("neakg.http")
#: Seconds of work before it is noticed that the client has gone.
_UNWATCHED: Final = 0.05

SHORT: Final = "public, max-age=60"
LONG: Final = "public, max-age=31536000, immutable"
_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes work with; kept in ``app.state.service``."""

    dataset: Dataset
    settings: Settings
    workers: Workers
    pages: Pages
    answers: ByteCache[Representation]
    compressed: ByteCache[bytes]
    metrics: Metrics


def service_of(request: Request) -> Service:
    """Return the service behind a request."""
    found: Service = request.app.state.service
    return found


def accept_of(request: Request) -> tuple[Range, ...]:
    """Return the media ranges of all Accept lines of a request."""
    return _accepted(tuple(request.headers.getlist("accept")))


@lru_cache(maxsize=1000)
def _accepted(lines: tuple[str, ...]) -> tuple[Range, ...]:
    """Few clients invent their headers anew."""
    return tuple(parse_accept(lines))


def client_of(request: Request) -> str:
    """Return who asks, as far as the connection tells: shares of the queues are counted by it."""
    return request.client.host if request.client else ""


def raw_path(request: Request, prefix: str) -> str:
    """Return the path after ``prefix`` as it was sent, percent-encoded."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    text = raw.split(b"?", 1)[0].decode("ascii", errors="replace")
    return text.removeprefix(prefix)


def respond(
    request: Request,
    found: Representation,
    *,
    cache: str = SHORT,
    headers: dict[str, str] | None = None,
    links: Iterable[str] = (),
    status: int = 200,
) -> Response:
    """Return a representation with its validator, or 304 when the client holds it already (RFC 9110, section 13)."""
    service = service_of(request)
    coding = choose_coding(request.headers.getlist("accept-encoding"), found.content_type, len(found.body))
    tag = entity_tag(found.body, found.content_type, coding)
    fields = {"ETag": tag, "Cache-Control": cache, **dict(found.headers), **(headers or {})}
    if joined := ", ".join(links):
        fields["Link"] = joined
    fields["Vary"] = f"{fields['Vary']}, Accept-Encoding" if "Vary" in fields else "Accept-Encoding"
    if status == 200 and matches(request, tag):
        return Response(status_code=304, headers=fields)
    if coding != IDENTITY:
        fields["Content-Encoding"] = coding
    return Response(
        _encoded(service, found.body, tag, coding), status, headers={**fields, "Content-Type": found.content_type}
    )


def _encoded(service: Service, body: bytes, tag: str, coding: str) -> bytes:
    if coding == IDENTITY:
        return body
    known = service.compressed.get(tag)
    if known is None:
        known = CODINGS[coding](body)
        service.compressed.put(tag, known, len(known))
    return known


def streamed(request: Request, found: Stream, *, headers: dict[str, str]) -> Response:
    """Return an answer that is sent while it is computed; it has no validator, for nobody knows it whole.

    When it fails midway the connection is broken, so that no client takes a part for the whole.
    """
    fields = {"Cache-Control": "no-store", **headers, "Content-Type": found.content_type}
    if request.method == "HEAD":
        found.close()
        return Response(status_code=200, headers=fields)
    return _Streaming(found, fields)


class _Streaming(StreamingResponse):
    """A streamed answer whose query ends with it, however it ends."""

    def __init__(self, found: Stream, fields: dict[str, str]) -> None:
        super().__init__(found, 200, headers=fields)
        self._found = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except (Problem, TimeoutError) as error:
            # Returning before the end makes the server close the connection: the client sees a broken transfer.
            _LOG.warning("a streamed answer was broken off: %s", error or "its deadline passed")
        finally:
            self._found.close()


def entity_tag(body: bytes, content_type: str, coding: str = IDENTITY) -> str:
    """Return a strong validator: it changes with the bytes, their media type and their coding."""
    digest = hashlib.sha256(content_type.encode() + b"\n" + body).hexdigest()
    return f'"{digest[:32]}"' if coding == IDENTITY else f'"{digest[:32]}-{coding}"'


def matches(request: Request, tag: str) -> bool:
    """Say whether If-None-Match names the tag (weak comparison) or any."""
    if request.method not in ("GET", "HEAD"):
        return False
    lines = ", ".join(request.headers.getlist("if-none-match"))
    return lines.strip() == "*" or tag in _TAG.findall(lines)


def json_representation(value: Any) -> Representation:
    """Return a value as JSON."""
    return Representation(json.dumps(value, indent=2, ensure_ascii=False).encode(), "application/json")


def uri_of(iri: str) -> str:
    """Return an IRI as a URI, which headers can carry (RFC 3987, section 3.1)."""
    return quote(iri, safe="%/:?#[]@!$&'()*+,;=~")


def alternates(address: str) -> list[str]:
    """Return the Link values that name a document's other formats (RFC 8288)."""
    found = []
    for suffix, name in SUFFIXES.items():
        kind = HTML if name == "html" else BY_NAME[name].media_type
        found.append(f'<{address}.{suffix}>; rel="alternate"; type="{kind}"')
    return found


def common_links(dataset: Dataset) -> list[str]:
    """Return the Link values that hold for all our documents."""
    found = ['</.well-known/void>; rel="describedby"']
    return [*found, f'<{OUR_LICENCE}>; rel="license"'] if dataset.is_ours else found


def problem_response(request: Request, problem: Problem) -> Response:
    """Return a problem as a page for browsers and as problem+json for everyone else."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **problem.headers}
    if prefers_html(accept_of(request), PROBLEM_TYPE):
        query = request.query_params.get("query")
        body = service_of(request).pages.render("problem.html", problem=problem, query=query)
        return Response(body, problem.status, headers={**headers, "Content-Type": "text/html; charset=utf-8"})
    body = json.dumps(problem.body(), ensure_ascii=False).encode()
    return Response(body, problem.status, headers={**headers, "Content-Type": PROBLEM_TYPE})


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Wait for work, but stop it when the client goes away.

    Raises:
        Problem: client-gone; nobody will read it.
    """
    working = asyncio.create_task(work)
    try:
        # Most work is done before a look at the connection would pay.
        await asyncio.wait({working}, timeout=_UNWATCHED)
        if not working.done():
            leaving = asyncio.create_task(_disconnected(request))
            try:
                await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                leaving.cancel()
        if not working.done():
            raise Problem("client-gone", "the connection was closed before the answer was ready")
        return working.result()
    finally:
        working.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
