"""/health: whether the service works, and what it serves; answered without a worker."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from endpoint.http import service_of

router = APIRouter()


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


async def health(request: Request) -> JSONResponse:
    """Say whether the service works."""
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
    return JSONResponse(state.model_dump(), headers={"Cache-Control": "no-store"})


router.add_api_route("/health", health, methods=["GET"], response_model=Health)
router.add_api_route("/health", health, methods=["HEAD"], include_in_schema=False)
