"""The ontology (a hash namespace), the shapes and the JSON-LD context: what the package holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoint.context import Representation
from endpoint.documents import SUFFIXES
from endpoint.errors import Problem
from endpoint.http import accept_of, alternates, common_links, respond, service_of
from endpoint.jsonld import context_document


def _serving(which: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        suffix = request.path_params.get("suffix", "")
        if suffix and suffix not in SUFFIXES:
            raise Problem("not-found", f"{which} is not offered as .{suffix}", {"suffixes": list(SUFFIXES)})
        service = service_of(request)
        found = await service.workers.page("vocabulary", which, SUFFIXES.get(suffix, ""), accept_of(request))
        headers = {} if suffix else {"Vary": "Accept", "Content-Location": f"/{which}.{found.suffix}"}
        links = [*alternates(f"/{which}"), *common_links(service.dataset)]
        return respond(request, found, headers=headers, links=links)

    return serve


async def version(request: Request) -> Response:
    """Return the ontology under the address of its version."""
    service = service_of(request)
    found = await service.workers.page("ontology-version", request.path_params["version"], accept_of(request))
    links = [*alternates("/ontology"), *common_links(service.dataset)]
    return respond(request, found, headers={"Vary": "Accept"}, links=links)


async def context(request: Request) -> Response:
    """Return the JSON-LD context that documents name."""
    body = context_document()
    if body is None:
        raise Problem("not-found", "this installation has no context")
    return respond(request, Representation(body, "application/ld+json"), cache="public, max-age=86400")


ROUTES = [
    Route("/ontology", _serving("ontology")),
    Route("/ontology.{suffix}", _serving("ontology")),
    Route("/ontology/{version}", version),
    Route("/shapes", _serving("shapes")),
    Route("/shapes.{suffix}", _serving("shapes")),
    Route("/context.jsonld", context),
]
