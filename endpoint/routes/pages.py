"""The start page, static files, robots.txt, and the pages that explain problems."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoint.context import Representation
from endpoint.errors import KINDS, Problem
from endpoint.http import LONG, accept_of, common_links, json_representation, respond, service_of
from endpoint.negotiate import prefers_html
from endpoint.pages import assets

_ROBOTS = "User-agent: *\nDisallow: /sparql\n"


async def home(request: Request) -> Response:
    """Return the start page."""
    service = service_of(request)
    return respond(request, await service.workers.page("home"), links=common_links(service.dataset))


async def static(request: Request) -> Response:
    """Return a static file; its address carries its hash, so it may be kept."""
    found = assets().get(request.path_params["name"])
    if found is None:
        raise Problem("not-found", "there is no such file")
    return respond(request, Representation(found.body, found.content_type), cache=LONG)


async def favicon(request: Request) -> Response:
    """Return the icon under the address that browsers guess."""
    found = assets()["favicon.svg"]
    return respond(request, Representation(found.body, found.content_type), cache="public, max-age=86400")


async def robots(request: Request) -> Response:
    """Tell crawlers what to leave alone."""
    return respond(request, Representation(_ROBOTS.encode(), "text/plain; charset=utf-8"))


async def problem(request: Request) -> Response:
    """Explain a kind of problem: the address that problem bodies give as their type."""
    name = request.path_params["name"]
    kind = KINDS.get(name)
    if kind is None:
        raise Problem("not-found", "there is no such kind of problem", {"kinds": list(KINDS)})
    headers = {"Vary": "Accept"}
    if prefers_html(accept_of(request), "application/json"):
        body = service_of(request).pages.render("kind.html", name=name, kind=kind)
        return respond(request, Representation(body, "text/html; charset=utf-8"), headers=headers)
    said = {"name": name, "status": kind.status, "title": kind.title, "advice": kind.advice}
    return respond(request, json_representation(said), headers=headers)


ROUTES = [
    Route("/", home),
    Route("/static/{name}", static),
    Route("/favicon.ico", favicon),
    Route("/robots.txt", robots),
    Route("/problem/{name}", problem),
]
