"""Things and the documents about them: /id and /scheme redirect to /doc, which negotiates and has suffixes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoint.documents import split_suffix
from endpoint.http import SHORT, accept_of, alternates, common_links, raw_path, respond, service_of, uri_of
from kg.namespaces import BASE


async def thing(request: Request) -> Response:
    """Redirect from a thing to its document (303: a thing is not a document)."""
    path = raw_path(request, "/id/")
    return await _redirect(request, path)


async def concept(request: Request) -> Response:
    """Redirect from a concept or a concept scheme to its document."""
    return await _redirect(request, raw_path(request, "/"))


async def _redirect(request: Request, path: str) -> Response:
    await service_of(request).workers.page("exists", path)
    return Response(status_code=303, headers={"Location": f"/doc/{path}", "Cache-Control": SHORT, "Vary": "Accept"})


async def document(request: Request) -> Response:
    """Answer with the document about a thing, in the format of the suffix or of Accept."""
    service = service_of(request)
    path = raw_path(request, "/doc/")
    found, iri = await service.workers.page("document", path, accept_of(request))
    stem, suffix = split_suffix(path)
    address = f"/doc/{stem}"
    links = [*alternates(address), *common_links(service.dataset), f'<{uri_of(iri)}>; rel="cite-as"']
    if service.dataset.is_ours:
        links.append(f'<{BASE if iri.startswith(BASE) else service.dataset.base.iri}doc/{stem}>; rel="canonical"')
    headers = {} if suffix else {"Vary": "Accept", "Content-Location": f"{address}.{found.suffix}"}
    return respond(request, found, headers=headers, links=links)


ROUTES = [
    Route("/id/{path:path}", thing),
    Route("/scheme/{path:path}", concept),
    Route("/doc/{path:path}", document),
]
