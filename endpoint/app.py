"""The application: routes, error handlers and workers put together, and the server that runs it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
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
from endpoint.lanes import Lanes
from endpoint.logs import configure
from endpoint.metrics import Metrics
from endpoint.middleware import CommonHeaders
from endpoint.pages import Pages
from endpoint.protocol import timed
from endpoint.routes import dumps, graph_store, graphs, health, jsonld, pages, sparql, things, vocabulary
from endpoint.settings import Settings
from endpoint.workers import Workers
from kg.errors import NeakgError, StoreError

_LOG = logging.getLogger("neakg.app")
ROUTES = [
    *pages.ROUTES,
    *sparql.ROUTES,
    *graph_store.ROUTES,
    *things.ROUTES,
    *jsonld.ROUTES,
    *vocabulary.ROUTES,
    *graphs.ROUTES,
    *dumps.ROUTES,
]


#: What must be quick whatever the framework does; the routes say the same to whoever reads them.
HOT = {("/sparql", method): sparql.sparql for method in ("GET", "HEAD", "POST")}


def create_app(dataset: Dataset, settings: Settings) -> FastAPI:
    """Return the application for one dataset; its workers start with it and end with it."""
    metrics = Metrics()
    service = new_service(dataset, settings, metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await service.workers.start()
            yield
        finally:
            await service_now(app).workers.close()

    app = FastAPI(
        title="NEAKG",
        description="Linked open data on nature conservation across the borders of North-East Asia.",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = service
    _measure(app, metrics)
    app.router.routes.extend([*ROUTES, *health.router.routes])
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _framework_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(CommonHeaders, allowed=lambda scope: allowed_methods(app, scope), hot=HOT)
    return app


def new_service(dataset: Dataset, settings: Settings, metrics: Metrics) -> Service:
    """Return a service whose workers are not started yet."""
    size = settings.answer_cache * 1_000_000
    workers = Workers(dataset, settings, metrics)
    return Service(dataset, settings, workers, Pages(dataset), ByteCache(size), ByteCache(size), metrics)


def service_now(app: FastAPI) -> Service:
    """Return the service that new requests get."""
    found: Service = app.state.service
    return found


async def reload(app: FastAPI, dataset: Dataset) -> None:
    """Serve another dataset from now on; requests under way end on the one before.

    Raises:
        StoreError: it cannot be opened; the one before is served on.
        OSError: the system gives no processes for it; the same.
    """
    before = service_now(app)
    after = new_service(dataset, before.settings, before.metrics)
    try:
        await after.workers.start()
    except (StoreError, OSError):
        await after.workers.close()
        raise
    app.state.service = after
    await before.workers.retire()


def _measure(app: FastAPI, metrics: Metrics) -> None:
    """Let the metrics read what the service of the moment holds."""

    def lanes() -> Lanes:
        return service_now(app).workers.queries

    def cache(name: str, value: str) -> float:
        return float(getattr(getattr(service_now(app), name), value))

    for index, lane in enumerate(("fast", "slow")):
        waiting, idle = partial(lambda i: lanes().waiting[i], index), partial(lambda i: lanes().idle[i], index)
        metrics.measure("neakg_waiting_queries", "Queries that wait", waiting, lane=lane)
        metrics.measure("neakg_idle_workers", "Query workers with nothing to do", idle, lane=lane)
    metrics.measure("neakg_workers", "Query workers that run", lambda: lanes().alive)
    for name in ("answers", "compressed"):
        for value in ("hits", "misses", "size"):
            text = f"Of a cache of the service: {value}"
            metrics.measure(f"neakg_cache_{value}", text, partial(cache, name, value), cache=name)
    age = "Seconds since the served data were written"
    metrics.measure("neakg_snapshot_age_seconds", age, lambda: service_now(app).dataset.age)


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

    def __init__(self, config: uvicorn.Config, dataset: Dataset, again: Callable[[], Dataset] | None) -> None:
        super().__init__(config)
        self._dataset = dataset
        self._again = again
        self._reloading: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            if self._again is not None:
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(
                f"NEAKG serves {self._dataset.release}: http://{host}:{self.config.port}/ (stop with Ctrl-C)",
                flush=True,
            )

    def _reload(self) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.get_running_loop().create_task(self._serve_again())

    async def _serve_again(self) -> None:
        assert self._again is not None
        app = self.config.app
        assert isinstance(app, FastAPI)
        try:
            dataset = self._again()
            if dataset.store == service_now(app).dataset.store:
                _LOG.info("nothing new to serve: %s", dataset.release)
                return
            await reload(app, dataset)
        except (NeakgError, OSError) as error:
            _LOG.error("the new data are not served: %s", error)
        else:
            _LOG.info("now serving %s", dataset.release)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._dataset.close()  # here, because a signal is raised again as soon as the server has stopped


def serve(
    dataset: Dataset,
    host: str,
    port: int,
    settings: Settings | None = None,
    again: Callable[[], Dataset] | None = None,
) -> int:
    """Serve a dataset until a signal ends it; return the exit code.

    Args:
        dataset: what to serve.
        host: the address to listen at.
        port: its port.
        settings: limits; read from the environment when not given.
        again: finds the dataset to serve after SIGHUP.

    Raises:
        UsageError: a setting in the environment is wrong.
    """
    chosen = settings or Settings.from_environment(os.environ)
    configure()
    app = create_app(dataset, chosen)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        http=timed(chosen),
        log_config=None,
        timeout_graceful_shutdown=int(chosen.query_timeout) + 1,
    )
    server = _Server(config, dataset, again)
    try:
        server.run()
    except KeyboardInterrupt:
        return 0  # the server has shut down cleanly and passes the signal on
    finally:
        dataset.close()
    return 0 if server.started else StoreError.exit_code


def serve_build(build: Path | None, files: Sequence[Path], host: str, port: int) -> int:
    """Serve a build folder's snapshot, or files; return the exit code."""
    if build is None:
        return serve(Dataset.of_files(files), host, port)
    folder = build
    return serve(Dataset.of_build(folder), host, port, again=lambda: Dataset.of_build(folder))
