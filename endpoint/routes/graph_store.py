"""/graph-store: the read part of the SPARQL 1.1 Graph Store HTTP Protocol, with graphs named in the address."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoint.errors import Problem
from endpoint.graph_store import DEFAULT
from endpoint.http import accept_of, client_of, common_links, respond, service_of, unless_gone
from endpoint.parameters import Parameters


async def graph_store(request: Request) -> Response:
    """Answer GET and HEAD with the default graph or the one named (sections 4.2, 5.2 and 5.6)."""
    service = service_of(request)
    parameters = Parameters()
    parameters.add(request.scope["query_string"])
    names, default = parameters.all("graph"), parameters.all("default")
    if len(names) + bool(default) != 1:
        text = "name one graph: /graph-store?default, or /graph-store?graph= with its IRI, percent-encoded"
        raise Problem("bad-request", text)
    if names and not names[0]:
        raise Problem("bad-request", "graph= is empty; for the default graph ask /graph-store?default")
    reference = names[0] if names else DEFAULT
    here = str(request.url.replace(query=""))
    work = service.workers.bulk("graph-store", reference, here, accept_of(request), client=client_of(request))
    found = await unless_gone(request, work)
    return respond(request, found, headers={"Vary": "Accept"}, links=common_links(service.dataset))


ROUTES = [Route("/graph-store", graph_store)]
