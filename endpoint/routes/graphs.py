"""Named graphs: each answers with its triples or a page about it; /.well-known/void describes them all."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from endpoint.documents import split_suffix
from endpoint.http import (
    accept_of,
    alternates,
    client_of,
    common_links,
    json_representation,
    raw_path,
    respond,
    service_of,
    unless_gone,
)
from endpoint.negotiate import prefers_html


async def graph(request: Request) -> Response:
    """Answer with one named graph (200: a graph is a document)."""
    service = service_of(request)
    path = raw_path(request, "/graph/")
    found, _ = await unless_gone(
        request, service.workers.bulk("graph", path, accept_of(request), client=client_of(request))
    )
    stem, suffix = split_suffix(path)
    headers = {} if suffix else {"Vary": "Accept", "Content-Location": f"/graph/{stem}.{found.suffix}"}
    links = [*alternates(f"/graph/{stem}"), *common_links(service.dataset)]
    return respond(request, found, headers=headers, links=links)


async def graphs(request: Request) -> Response:
    """List the named graphs."""
    service = service_of(request)
    headers = {"Vary": "Accept"}
    if prefers_html(accept_of(request), "application/json"):
        return respond(request, await service.workers.page("graphs"), headers=headers)
    return respond(request, json_representation(await service.workers.page("graphs-json")), headers=headers)


async def void(request: Request) -> Response:
    """Describe the data: VoID and DCAT."""
    service = service_of(request)
    found = await service.workers.page("catalogue", accept_of(request))
    return respond(request, found, headers={"Vary": "Accept"}, links=common_links(service.dataset)[1:])


async def dataset(_: Request) -> Response:
    """Redirect from the dataset, and its parts, to their description."""
    return RedirectResponse("/.well-known/void", status_code=303)


ROUTES = [
    Route("/graph/", graphs),
    Route("/graphs", graphs),
    Route("/graph/{path:path}", graph),
    Route("/.well-known/void", void),
    Route("/dataset", dataset),
    Route("/dataset/{path:path}", dataset),
]
