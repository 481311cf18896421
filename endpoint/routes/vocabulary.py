"""The ontology (a hash namespace) and the shapes: what the package holds."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from endpoint.documents import SUFFIXES
from endpoint.errors import Problem
from endpoint.http import accept_of, alternates, common_links, raw_path, respond, service_of
from endpoint.publication import Part


def _known(suffix: str, which: str) -> str:
    if suffix and suffix not in SUFFIXES:
        raise Problem("not-found", f"{which} is not offered as .{suffix}", {"suffixes": list(SUFFIXES)})
    return SUFFIXES.get(suffix, "")


async def shapes(request: Request) -> Response:
    """Answer with the shapes, in the format of the suffix or of Accept."""
    suffix = request.path_params.get("suffix", "")
    service = service_of(request)
    found = await service.workers.page("shapes", _known(suffix, "shapes"), accept_of(request))
    headers = {} if suffix else {"Vary": "Accept", "Content-Location": f"/shapes.{found.suffix}"}
    return respond(request, found, headers=headers, links=[*alternates("/shapes"), *common_links(service.dataset)])


async def ontology(request: Request) -> Response:
    """Answer with the present ontology: every term is ``/ontology#Name``, so this is where they resolve."""
    suffix = _known(request.path_params.get("suffix", ""), "ontology")
    return _answer(request, await service_of(request).workers.page("ontology", suffix, accept_of(request)))


async def part(request: Request) -> Response:
    """Answer with a version, an example, a guide, the changelog or the notes."""
    path = raw_path(request, "/ontology/")
    return _answer(request, await service_of(request).workers.page("ontology-part", path, accept_of(request)))


async def alignments(_: Request) -> Response:
    """Redirect to the list of the alignments."""
    return RedirectResponse("/ontology#other-vocabularies", status_code=303)


def _answer(request: Request, part: Part) -> Response:
    location = f"{part.address}.{part.found.suffix}"
    headers = {"Vary": "Accept", "Content-Location": location} if part.negotiated else {}
    links = [*(alternates(part.address) if part.formats else ()), *part.links]
    return respond(request, part.found, headers=headers, links=[*links, *common_links(service_of(request).dataset)])


ROUTES = [
    Route("/ontology", ontology),
    Route("/ontology.{suffix}", ontology),
    Route("/ontology/alignments", alignments),
    Route("/ontology/{path:path}", part),
    Route("/shapes", shapes),
    Route("/shapes.{suffix}", shapes),
]
