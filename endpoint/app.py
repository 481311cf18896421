"""The application: routes, error handlers and workers put together, and the server that runs it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from endpoint.cache import ByteCache
from endpoint.dataset import Dataset
from endpoint.errors import KINDS, Problem, of_status
from endpoint.http import Service, problem_response
from endpoint.middleware import CommonHeaders
from endpoint.pages import Pages
from endpoint.routes import dumps, graph_store, graphs, health, pages, sparql, things, vocabulary
from endpoint.settings import Settings
from endpoint.workers import Workers
from kg.errors import StoreError

_LOG = logging.getLogger("neakg.app")
ROUTES = [
    *pages.ROUTES,
    *sparql.ROUTES,
    *graph_store.ROUTES,
    *things.ROUTES,
    *vocabulary.ROUTES,
    *graphs.ROUTES,
    *dumps.ROUTES,
]


def create_app(dataset: Dataset, settings: Settings) -> FastAPI:
    """Return the application for one dataset; its workers start with it and end with it."""
    workers = Workers(dataset, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await workers.start()
            yield
        finally:
            await workers.close()

    app = FastAPI(
        title="NEAKG",
        description="Linked open data on nature conservation across the borders of North-East Asia.",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = Service(
        dataset,
        settings,
        workers,
        Pages(dataset),
        ByteCache(settings.answer_cache * 1_000_000),
        ByteCache(settings.answer_cache * 1_000_000),
    )
    app.router.routes.extend([*ROUTES, *health.router.routes])
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _framework_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(CommonHeaders, allowed=lambda scope: allowed_methods(app, scope))
    return app


def allowed_methods(app: FastAPI, scope: Scope) -> list[str]:
    """Return the methods that the path of a request knows, OPTIONS included; none when there is no such path."""
    found: set[str] = set()
    for route in app.router.routes:
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            found |= route.methods or set()
    order = ("GET", "HEAD", "POST", "OPTIONS")
    return [method for method in order if method in found | {"OPTIONS"}] if found else []


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(request, error)


async def _framework_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed_methods(request.app, request.scope))
    return problem_response(request, of_status(error.status_code, headers))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request, Problem("bad-request", "a parameter does not fit what is documented"))


async def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("unexpected error", exc_info=error)
    return problem_response(request, Problem("internal", KINDS["internal"].advice))


# --- the server -----------------------------------------------------------------------------------------


class _Server(uvicorn.Server):
    """A server that says in one line where it is once it listens, and removes what it made when it stops."""

    def __init__(self, config: uvicorn.Config, dataset: Dataset) -> None:
        super().__init__(config)
        self._dataset = dataset

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(
                f"NEAKG serves {self._dataset.release}: http://{host}:{self.config.port}/ (stop with Ctrl-C)",
                flush=True,
            )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._dataset.close()  # here, because a signal is raised again as soon as the server has stopped


def serve(dataset: Dataset, host: str, port: int, settings: Settings | None = None) -> int:
    """Serve a dataset until a signal ends it; return the exit code.

    Raises:
        UsageError: a setting in the environment is wrong.
    """
    chosen = settings or Settings.from_environment(os.environ)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    app = create_app(dataset, chosen)
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    server = _Server(config, dataset)
    try:
        server.run()
    except KeyboardInterrupt:
        return 0  # the server has shut down cleanly and passes the signal on
    finally:
        dataset.close()
    return 0 if server.started else StoreError.exit_code


def serve_build(build: Path | None, files: Sequence[Path], host: str, port: int) -> int:
    """Serve a build folder's snapshot, or files; return the exit code."""
    dataset = Dataset.of_files(files) if build is None else Dataset.of_build(build)
    return serve(dataset, host, port)
