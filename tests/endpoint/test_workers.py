"""Workers are killed, crash, are full and are left alone; the service lives on."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from endpoint.answers import Question
from endpoint.app import create_app
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.workers import Pool
from kg.errors import StoreError
from kg.store import DatasetChoice
from tests.endpoint.conftest import SETTINGS

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r }"


@pytest.fixture(scope="module")
def small(snapshot: Dataset) -> Iterator[TestClient]:
    """A service with one query worker and nobody waiting."""
    settings = replace(SETTINGS, workers=1, queue=0, query_timeout=30)
    with TestClient(create_app(snapshot, settings), raise_server_exceptions=False, follow_redirects=False) as found:
        yield found


def _until(condition: object, seconds: float = 20) -> None:
    """Wait for something that other processes do; the pause only spares the processor."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.01)


def _pool(client: TestClient) -> Pool:
    pool = client.app.state.service.workers.queries  # type: ignore[attr-defined]
    assert isinstance(pool, Pool)
    return pool


def _works(client: TestClient) -> bool:
    return client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_a_product_is_stopped_at_its_deadline(small: TestClient) -> None:
    _until(lambda: _works(small))
    start = time.monotonic()
    found = small.get("/sparql", params={"query": ENDLESS, "timeout": "0.3"})
    assert time.monotonic() - start < 0.3 + 0.5
    assert found.status_code == 503
    assert found.json()["type"].endswith("/query-timeout")
    _until(lambda: _works(small))
    _until(lambda: small.get("/health").json()["status"] == "ok")


def test_pages_answer_while_queries_are_heavy_and_more_queries_are_refused(small: TestClient) -> None:
    _until(lambda: _works(small))
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(small.get, "/sparql", params={"query": ENDLESS, "timeout": "1.5"})
        _until(lambda: _pool(small).idle == 0)
        refused = small.get("/sparql", params={"query": "ASK {}"})
        assert refused.status_code == 503
        assert refused.json()["type"].endswith("/busy")
        assert int(refused.headers["retry-after"]) > 0
        assert small.get("/doc/species/amur-tiger").status_code == 200
        assert small.get("/").status_code == 200
        assert small.get("/health").status_code == 200
        assert not running.done()
        assert running.result().status_code == 503
    _until(lambda: _works(small))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_dies_fails_its_query_and_is_replaced(small: TestClient, number: signal.Signals) -> None:
    _until(lambda: _works(small))
    pool = _pool(small)
    (process,) = pool.process_ids
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(small.get, "/sparql", params={"query": ENDLESS})
        _until(lambda: pool.idle == 0)
        os.kill(process, number)
        found = running.result()
    assert found.status_code == 500
    assert found.json()["type"].endswith("/query-crashed")
    _until(lambda: _works(small))
    assert process not in pool.process_ids


def test_an_idle_worker_that_dies_costs_one_query_at_most(small: TestClient) -> None:
    _until(lambda: _works(small))
    pool = _pool(small)
    os.kill(pool.process_ids[0], signal.SIGKILL)
    assert small.get("/sparql", params={"query": "ASK {}"}).status_code in (200, 500, 503)
    _until(lambda: _works(small))


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="address space is limited on Linux only")
def test_memory_is_limited(small: TestClient) -> None:
    pool = _pool(small)
    _until(lambda: len(pool.process_ids) == 1)
    with Path(f"/proc/{pool.process_ids[0]}/limits").open() as limits:
        line = next(line for line in limits if line.startswith("Max address space"))
    assert str(SETTINGS.worker_memory * 1024 * 1024) in line


def _question(text: str) -> Question:
    return Question(text, DatasetChoice(), ())


def test_a_query_nobody_waits_for_is_stopped(snapshot: Dataset) -> None:
    async def run() -> None:
        pool = Pool(snapshot, replace(SETTINGS, workers=1), 1, queue=5)
        await pool.start()
        (before,) = pool.process_ids
        task = asyncio.create_task(pool.run("query", _question(ENDLESS), seconds=60))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        found = await pool.run("query", _question("ASK {}"), seconds=20)
        assert b"true" in found.body
        assert pool.process_ids != [before]
        await pool.close()
        assert pool.process_ids == []

    asyncio.run(run())


def test_waiting_counts_into_the_deadline(snapshot: Dataset) -> None:
    async def run() -> None:
        pool = Pool(snapshot, SETTINGS, 1, queue=5)
        await pool.start()
        heavy = asyncio.create_task(pool.run("query", _question(ENDLESS), seconds=1))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await pool.run("query", _question("ASK {}"), seconds=0.1)
        assert refused.value.name == "busy"
        with pytest.raises(Problem) as stopped:
            await heavy
        assert stopped.value.name == "query-timeout"
        await pool.close()

    asyncio.run(run())


def test_a_store_that_cannot_be_opened_stops_the_start(snapshot: Dataset, tmp_path: object) -> None:
    missing = replace(snapshot, store=snapshot.store / "missing")

    async def run() -> None:
        pool = Pool(missing, SETTINGS, 1, queue=None)
        with pytest.raises(StoreError, match="no usable store"):
            await pool.start()
        await pool.close()

    asyncio.run(run())


def test_an_unexpected_error_says_nothing_of_the_inside(small: TestClient) -> None:
    service = small.app.state.service  # type: ignore[attr-defined]
    original = service.pages.render
    service.pages.render = lambda *_, **__: 1 / 0
    try:
        found = small.get("/sparql", headers={"accept": "text/html"})
    finally:
        service.pages.render = original
    assert found.status_code == 500
    for word in ("Traceback", "ZeroDivision", "division", "endpoint"):
        assert word not in found.text
