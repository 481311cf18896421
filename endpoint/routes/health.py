"""/health, /health/live, /health/ready and /metrics: the state of the service, answered without a worker."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from endpoint.errors import Problem
from endpoint.http import service_of
from endpoint.metrics import CONTENT_TYPE

router = APIRouter()
_FRESH = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """The state of the service.

    ``snapshot`` is the SHA-256 of the served N-Quads, null for files; ``status`` is ``degraded`` while workers are
    being replaced.
    """

    status: str
    kind: str
    snapshot: str | None
    triples: int
    workers: dict[str, int]


class State(BaseModel):
    """One word."""

    status: str


async def health(request: Request) -> JSONResponse:
    """Say whether the service works, and what it serves."""
    service = service_of(request)
    workers = service.workers
    alive = {"query": workers.queries.alive, "page": workers.pages.alive}
    full = alive == {"query": workers.queries.size, "page": service.settings.page_workers}
    state = Health(
        status="ok" if full else "degraded",
        kind=service.dataset.kind,
        snapshot=service.dataset.digest or None,
        triples=workers.pages.triples,
        workers=alive,
    )
    return JSONResponse(state.model_dump(), headers=_FRESH)


async def live(_: Request) -> JSONResponse:
    """Say that the process answers at all: restart it when this fails."""
    return JSONResponse(State(status="live").model_dump(), headers=_FRESH)


async def ready(request: Request) -> JSONResponse:
    """Say whether queries and pages can be answered now: send no traffic while this fails."""
    workers = service_of(request).workers
    if not workers.queries.alive or not workers.pages.alive:
        raise Problem("busy", "the workers are being started", headers={"Retry-After": "1"})
    return JSONResponse(State(status="ready").model_dump(), headers=_FRESH)


async def metrics(request: Request) -> Response:
    """Return counters and measurements in the text format of Prometheus."""
    return Response(service_of(request).metrics.exposition(), headers={**_FRESH, "Content-Type": CONTENT_TYPE})


for _path, _endpoint, _model in (
    ("/health", health, Health),
    ("/health/live", live, State),
    ("/health/ready", ready, State),
):
    router.add_api_route(_path, _endpoint, methods=["GET"], response_model=_model)
    router.add_api_route(_path, _endpoint, methods=["HEAD"], include_in_schema=False)
router.add_api_route("/metrics", metrics, methods=["GET"], response_class=Response)
router.add_api_route("/metrics", metrics, methods=["HEAD"], include_in_schema=False)
