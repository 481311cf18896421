"""Headers that every response carries: cross-origin access for all, and what a browser may do with our pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from endpoint.errors import Problem
from endpoint.http import problem_response

Handler = Callable[[Request], Awaitable[Response]]
#: Bytes of path and query string; longer queries go by POST.
MAX_ADDRESS: Final = 32_768
_POLICY: Final = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_EXPOSED: Final = (
    "Allow, Content-Location, Content-Length, ETag, Last-Modified, Link, "
    "Location, NEAKG-Query-Id, NEAKG-Rows, Retry-After, Server-Timing, Vary"
)
#: Anybody may read, nobody with credentials: there are none here.
_ALWAYS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": _EXPOSED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


class CommonHeaders:
    """Adds the common headers and answers OPTIONS (CORS preflight included).

    Args:
        app: the application.
        allowed: returns the methods that a path knows; empty when there is no such path.
        hot: paths and methods that are answered at once, past the router and the framework's other layers.
    """

    def __init__(
        self, app: ASGIApp, allowed: Callable[[Scope], list[str]], hot: Mapping[tuple[str, str], Handler]
    ) -> None:
        self._app = app
        self._allowed = allowed
        self._hot = hot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = _POLICY
            await send(message)

        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > MAX_ADDRESS:
            text = f"the address has more than {MAX_ADDRESS} bytes; send the query by POST"
            response = problem_response(Request(scope), Problem("uri-too-long", text))
            await response(scope, receive, send_with_headers)
            return
        if handler := self._hot.get((scope["path"], scope["method"])):
            await _answer(handler, scope, receive, send_with_headers)
            return
        methods = self._allowed(scope) if scope["method"] == "OPTIONS" else []
        if methods:
            await _options(", ".join(methods), send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


async def _answer(handler: Handler, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive, send)
    try:
        response = await handler(request)
    except Problem as problem:
        response = problem_response(request, problem)
    await response(scope, receive, send)


async def _options(methods: str, send: Send) -> None:
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match, Range",
        "Access-Control-Max-Age": "86400",
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 204, "headers": raw})
    await send({"type": "http.response.body", "body": b""})
