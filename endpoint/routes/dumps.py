"""Downloads: the files of the release, with sizes and hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from endpoint.context import Representation
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.http import SHORT, accept_of, common_links, json_representation, matches, respond, service_of
from endpoint.negotiate import prefers_html
from kg.formats import RDF_FORMATS


def _files(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Return what the manifest says of each file that can be downloaded."""
    if dataset.dumps is None:
        return {}
    kinds = {row.extension: row for row in RDF_FORMATS}
    found = {}
    for name, said in sorted(dataset.manifest.get("files", {}).items()):
        row = kinds.get(name.rpartition(".")[2])
        kind, label = (row.media_type, row.label) if row else ("application/octet-stream", "")
        found[name] = {"name": name, "address": f"/dumps/{name}", "mediaType": kind, "format": label, **said}
    return found


async def dumps(request: Request) -> Response:
    """List the files."""
    service = service_of(request)
    found = list(_files(service.dataset).values())
    headers = {"Vary": "Accept"}
    if prefers_html(accept_of(request), "application/json"):
        body = service.pages.render("dumps.html", files=found)
        return respond(request, Representation(body, "text/html; charset=utf-8"), headers=headers)
    return respond(request, json_representation(found), headers=headers)


async def dump(request: Request) -> Response:
    """Send one file; parts of it by Range."""
    service = service_of(request)
    name = request.path_params["name"]
    said = _files(service.dataset).get(name)
    path = (service.dataset.dumps or Path()) / name
    if said is None or not path.is_file():
        raise Problem("not-found", "there is no file of this name; /dumps lists them")
    tag = f'"{said["sha256"][:32]}"'
    headers = {"ETag": tag, "Cache-Control": SHORT, "Link": ", ".join(common_links(service.dataset))}
    if matches(request, tag):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=said["mediaType"], headers=headers)


ROUTES = [Route("/dumps", dumps), Route("/dumps/", dumps), Route("/dumps/{name}", dump)]
