"""What JSON-LD tools fetch: the context of our documents, and the frames."""

from __future__ import annotations

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoint.context import Representation
from endpoint.errors import Problem
from endpoint.http import common_links, json_representation, respond, service_of
from endpoint.jsonld import context_document, frame_documents
from kg.namespaces import BASE, NEAKG
from kg.vocabulary.frames import ADDRESS

#: A day: a key keeps its meaning for ever, but new terms bring new keys.
_CACHE: Final = "public, max-age=86400"
#: The media types with the profile that says what kind of document it is (JSON-LD 1.1, appendix C: IANA).
_CONTEXT: Final = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#context"'
_FRAME: Final = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#frame"'


async def context(request: Request) -> Response:
    """Return the JSON-LD context that documents name."""
    body = context_document()
    if body is None:
        raise Problem("not-found", "this installation has no context")
    return respond(request, Representation(body, _CONTEXT), cache=_CACHE)


async def frames(request: Request) -> Response:
    """Return the list of the frames, with the class that each one is for."""
    listed = []
    for name, body in frame_documents().items():
        found = json.loads(body)
        listed.append({"frame": f"{BASE}frames/{name}.jsonld", "class": NEAKG + found["type"]})
    document = {"context": ADDRESS, "frames": listed}
    return respond(
        request, json_representation(document), cache=_CACHE, links=common_links(service_of(request).dataset)
    )


async def frame(request: Request) -> Response:
    """Return the frame of a class."""
    body = frame_documents().get(request.path_params["name"])
    if body is None:
        raise _unknown()
    return respond(request, Representation(body, _FRAME), cache=_CACHE)


async def elsewhere(_: Request) -> Response:
    """Answer for an address below the frames that is none of theirs."""
    raise _unknown()


def _unknown() -> Problem:
    names = list(frame_documents())
    return Problem("not-found", "there is no frame of this name; the list says which there are", {"frames": names})


ROUTES = [
    Route("/context.jsonld", context),
    Route("/frames", frames),
    Route("/frames/{name}.jsonld", frame),
    Route("/frames/{path:path}", elsewhere),
]
