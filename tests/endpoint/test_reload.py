"""New data are served without losing a request; data that cannot be opened change nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from endpoint.app import create_app, reload, service_now
from endpoint.context import Representation
from endpoint.dataset import Dataset
from kg.errors import StoreError
from tests.endpoint.conftest import GRAPH, SETTINGS, write_snapshot

COUNT = {"query": "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/neakg/ontology#Country> }", "format": "csv"}
ENDLESS = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "timeout": "1"}


def test_reloading_loses_no_request_and_ends_the_workers_before(snapshot: Dataset, tmp_path: Path) -> None:
    more = GRAPH.replace("<id/country/jp> a", "<id/country/mn> a neakg:Country . <id/country/jp> a")
    fresh = write_snapshot(tmp_path, more)
    settings = replace(SETTINGS, workers=1, fast_workers=1)

    numbers = itertools.count()

    async def run() -> None:
        app = create_app(snapshot, settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                assert (await client.get("/sparql", params=COUNT)).text == "n\r\n2\r\n"
                with pytest.raises(StoreError):
                    await reload(app, replace(snapshot, store=tmp_path / "none"))
                assert (await client.get("/sparql", params=COUNT)).text == "n\r\n2\r\n"
                before = service_now(app).workers
                running = asyncio.create_task(client.get("/sparql", params=ENDLESS))
                await asyncio.sleep(0)
                reloading = asyncio.create_task(reload(app, fresh))
                while service_now(app).dataset is not fresh:
                    light = {"query": f"ASK {{}} # {next(numbers)}"}  # no cache has it
                    assert (await client.get("/sparql", params=light)).status_code == 200
                assert (await client.get("/sparql", params=COUNT)).text == "n\r\n3\r\n"
                assert (await running).json()["type"].endswith("/query-timeout")
                await reloading
                assert before.queries.process_ids == []
                assert (await client.get("/doc/country/mn.ttl")).status_code == 200

    asyncio.run(run())


class _Other:
    """Workers of other data."""

    async def query(self, *_: Any) -> Representation:
        return Representation(b"other data", "text/plain")


def test_a_query_whose_body_takes_long_is_answered_by_the_data_of_now(snapshot: Dataset) -> None:
    """The workers of when it began may have ended since; here they never started."""
    app = create_app(snapshot, replace(SETTINGS, queue=0))
    other: Any = _Other()

    async def body() -> AsyncIterator[bytes]:
        yield b"ASK "
        app.state.service = replace(service_now(app), workers=other)
        yield b"{}"

    async def run() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Content-Type": "application/sparql-query"}
            found = await client.post("/sparql", content=body(), headers=headers)
        assert (found.status_code, found.text) == (200, "other data")

    asyncio.run(run())
