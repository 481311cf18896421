"""Workers are killed, crash, are full and are left alone; the service lives on."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from endpoint.answers import Question
from endpoint.app import create_app
from endpoint.context import Representation
from endpoint.dataset import Dataset
from endpoint.errors import Problem
from endpoint.lanes import Lanes, Stream, Ticket
from endpoint.process import Worker, finished
from endpoint.settings import Settings
from kg.errors import StoreError
from kg.store import DatasetChoice
from tests.endpoint.conftest import SETTINGS

PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
_NUMBERS = itertools.count()
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r }"


@pytest.fixture(scope="module")
def small(snapshot: Dataset) -> Iterator[TestClient]:
    """A service with one query worker and nobody waiting."""
    settings = replace(SETTINGS, workers=1, fast_workers=1, fast_milliseconds=50, queue=0, query_timeout=30)
    with TestClient(create_app(snapshot, settings), raise_server_exceptions=False, follow_redirects=False) as found:
        yield found


def _until(condition: object, seconds: float = 20) -> None:
    """Wait for something that other processes do; the pause only spares the processor."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.01)


def _lanes(client: TestClient) -> Lanes:
    lanes = client.app.state.service.workers.queries  # type: ignore[attr-defined]
    assert isinstance(lanes, Lanes)
    return lanes


def _fresh() -> str:
    """A light query that no cache holds."""
    return f"ASK {{}} # {next(_NUMBERS)}"


def _works(client: TestClient) -> bool:
    return client.get("/sparql", params={"query": _fresh()}).status_code == 200


def test_a_product_is_stopped_at_its_deadline(small: TestClient) -> None:
    _until(lambda: _works(small))
    start = time.monotonic()
    found = small.get("/sparql", params={"query": ENDLESS, "timeout": "0.3"})
    assert time.monotonic() - start < 0.3 + 0.5
    assert found.status_code == 503
    assert found.json()["type"].endswith("/query-timeout")
    _until(lambda: _works(small))
    _until(lambda: small.get("/health").json()["status"] == "ok")


def test_light_queries_and_pages_answer_while_the_slow_lane_is_full(small: TestClient) -> None:
    _until(lambda: _lanes(small).idle == (1, 1))
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(small.get, "/sparql", params={"query": ENDLESS, "timeout": "3"})
        _until(lambda: _lanes(small).idle == (1, 0))
        assert _works(small)
        for path in ("/doc/species/amur-tiger", "/", "/health"):
            assert small.get(path).status_code == 200
        refused = small.get("/sparql", params={"query": f"{ENDLESS} # another"})
        assert refused.status_code == 503
        assert refused.json()["type"].endswith("/busy")
        assert int(refused.headers["retry-after"]) > 0
        assert not running.done()
        assert running.result().status_code == 503
    _until(lambda: _lanes(small).idle == (1, 1))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_dies_fails_its_query_is_replaced_and_the_query_refused(
    small: TestClient, number: signal.Signals
) -> None:
    lanes = _lanes(small)
    _until(lambda: lanes.idle == (1, 1))
    query = f"{ENDLESS} # ended by {number.name}"
    before = set(lanes.process_ids)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(small.get, "/sparql", params={"query": query})
        _until(lambda: lanes.idle == (1, 0))
        (busy,) = [worker for worker in lanes._workers if worker not in (*lanes._fast, *lanes._slow)]
        os.kill(busy.process.pid or 0, number)
        found = running.result()
    assert found.status_code == 500
    assert found.json()["type"].endswith("/query-crashed")
    again = small.get("/sparql", params={"query": query})
    assert again.status_code == 422
    assert again.json()["type"].endswith("/query-refused")
    assert 0 < int(again.headers["retry-after"]) <= SETTINGS.refuse_seconds + 1
    _until(lambda: lanes.idle == (1, 1))
    assert len(before & set(lanes.process_ids)) == 1


def test_an_idle_worker_that_dies_costs_no_query(small: TestClient) -> None:
    lanes = _lanes(small)
    _until(lambda: lanes.idle == (1, 1))
    process = lanes._fast[0].process
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(20)
    assert _works_or_waits(small)
    _until(lambda: lanes.idle == (1, 1))
    assert lanes.alive == lanes.size == 2


def _works_or_waits(client: TestClient) -> bool:
    """A dead worker is noticed when it is asked; with nobody allowed to wait the query may be told to come again."""
    return client.get("/sparql", params={"query": _fresh()}).status_code in (200, 503)


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="address space is limited on Linux only")
def test_memory_is_limited(small: TestClient) -> None:
    lanes = _lanes(small)
    _until(lambda: lanes.idle == (1, 1))
    for process in lanes.process_ids:
        with Path(f"/proc/{process}/limits").open() as limits:
            line = next(line for line in limits if line.startswith("Max address space"))
        assert str(SETTINGS.worker_memory * 1024 * 1024) in line


def _question(text: str) -> Question:
    return Question(text, DatasetChoice(), ())


SMALL = replace(SETTINGS, workers=1, fast_workers=1, fast_milliseconds=50, queue=4, queue_share=2, stream_after=1)


async def _with_lanes(snapshot: Dataset, settings: Settings, act: Callable[[Lanes], Awaitable[None]]) -> None:
    lanes = Lanes(snapshot, settings)
    await lanes.start()
    try:
        await act(lanes)
    finally:
        await lanes.close()
        assert lanes.process_ids == []


async def _passes(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_slow_query_nobody_waits_for_is_stopped(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        before = set(lanes.process_ids)
        task = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 60))
        await _passes(lambda: lanes.idle == (1, 0))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _passes(lambda: lanes.idle == (1, 1))
        assert len(before & set(lanes.process_ids)) == 1

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_light_query_nobody_waits_for_costs_no_process(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        before = set(lanes.process_ids)
        task = asyncio.create_task(lanes.query(_question("ASK {}"), Ticket("a"), 60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _passes(lambda: lanes.idle == (1, 1))
        assert set(lanes.process_ids) == before

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_query_that_finds_the_slow_lane_full_starts_again_there(snapshot: Dataset) -> None:
    """Two endless queries, one slow worker: the second is stopped in the fast lane and ends by its own deadline."""

    async def act(lanes: Lanes) -> None:
        first = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 2))
        await _passes(lambda: lanes.idle == (1, 0))
        second = asyncio.create_task(lanes.query(_question(f"{ENDLESS} # 2"), Ticket("b"), 1))
        await _passes(lambda: lanes.waiting == (0, 1))
        await _passes(lambda: lanes.idle == (1, 0))
        found = await lanes.query(_question("ASK {}"), Ticket("c"), 20)
        assert isinstance(found, Representation)
        assert b"true" in found.body
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        assert [getattr(item, "name", item) for item in outcomes] == ["query-timeout", "busy"]
        await _passes(lambda: lanes.idle == (1, 1))

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_text_that_was_slow_goes_to_the_slow_lane_at_once(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        with pytest.raises(Problem):
            await lanes.query(_question(ENDLESS), Ticket("a"), 0.3)
        await _passes(lambda: lanes.idle == (1, 1))
        again = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 1))
        await asyncio.sleep(0)
        assert lanes.idle == (1, 0)
        with pytest.raises(Problem, match="no answer within 1 seconds"):
            await again

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_client_has_a_share_of_the_queue(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        lanes._known_slow.add(ENDLESS)
        tasks = [asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 1)) for _ in range(4)]
        await _passes(lambda: lanes.waiting == (0, 2))
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        names = sorted(getattr(item, "name", str(item)) for item in outcomes)
        assert names == ["busy", "busy", "query-timeout", "too-many-requests"]

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_no_client_holds_all_slow_workers(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        lanes._known_slow.add(ENDLESS)
        tasks = [asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 1)) for _ in range(2)]
        await _passes(lambda: lanes.waiting == (0, 1))
        assert lanes.idle == (1, 1)
        other = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("b"), 1))
        await _passes(lambda: lanes.idle == (1, 0))
        await asyncio.gather(*tasks, other, return_exceptions=True)
        await _passes(lambda: lanes.idle == (1, 2))
        assert not lanes._holding

    asyncio.run(_with_lanes(snapshot, replace(SMALL, workers=2), act))


def test_a_large_answer_streams_and_its_worker_comes_back(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        found = await lanes.query(_question(PRODUCT), Ticket("a"), 60)
        assert isinstance(found, Stream)
        body = b"".join([piece async for piece in found])
        found.close()
        rows = json.loads(body)["results"]["bindings"]
        count = await lanes.query(_question("SELECT (COUNT(*) AS ?n) { ?a ?b ?c }"), Ticket("a"), 60)
        assert isinstance(count, Representation)
        assert len(rows) == int(json.loads(count.body)["results"]["bindings"][0]["n"]["value"]) ** 2
        await _passes(lambda: lanes.idle == (1, 1))

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_stream_given_up_ends_its_query(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        before = set(lanes.process_ids)
        found = await lanes.query(_question(PRODUCT), Ticket("a"), 60)
        assert isinstance(found, Stream)
        found.close()
        await _passes(lambda: lanes.idle == (1, 1))
        assert len(before - set(lanes.process_ids)) == 1

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_stream_beyond_the_limit_breaks(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        found = await lanes.query(_question("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"), Ticket("a"), 60)
        assert isinstance(found, Stream)
        with pytest.raises(Problem, match="larger than 2000000 bytes"):
            async for _ in found:
                pass
        found.close()
        await _passes(lambda: lanes.idle == (1, 1))

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_a_stream_that_nobody_reads_leaves_the_fast_lane_free(snapshot: Dataset) -> None:
    async def act(lanes: Lanes) -> None:
        ticket = Ticket("a")
        found = await lanes.query(_question(PRODUCT), ticket, 60)
        assert isinstance(found, Stream)
        assert ticket.lane == "slow"
        assert lanes.idle == (1, 0)
        other = asyncio.create_task(lanes.query(_question(f"{PRODUCT} # another"), Ticket("b"), 60))
        await _passes(lambda: lanes.waiting == (0, 1) and lanes.idle == (1, 0))
        assert isinstance(await lanes.query(_question("ASK {}"), Ticket("c"), 20), Representation)
        found.close()
        second = await other
        assert isinstance(second, Stream)
        second.close()
        await _passes(lambda: lanes.idle == (1, 1))
        assert not lanes._holding

    asyncio.run(_with_lanes(snapshot, SMALL, act))


def test_the_next_query_of_a_client_takes_its_place_at_once(snapshot: Dataset) -> None:
    """Its share of the slow lane is free before the stopped worker has been replaced."""

    async def act(lanes: Lanes) -> None:
        lanes._known_slow.add(ENDLESS)
        first = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 0.5))
        await _passes(lambda: lanes.idle == (1, 1))
        second = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 60))
        await _passes(lambda: lanes.waiting == (0, 1))
        with pytest.raises(Problem, match="no answer within"):
            await first
        assert lanes.waiting == (0, 0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        await _passes(lambda: lanes.idle == (1, 2))
        assert not lanes._holding

    asyncio.run(_with_lanes(snapshot, replace(SMALL, workers=2), act))


def test_why_a_worker_ended_is_told(snapshot: Dataset) -> None:
    async def run() -> None:
        reasons: list[str] = []
        lanes = Lanes(snapshot, SMALL, reasons.append)
        await lanes.start()
        task = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 60))
        await _passes(lambda: lanes.idle == (1, 0))
        (busy,) = lanes._workers - {*lanes._fast, *lanes._slow}
        os.kill(busy.process.pid or 0, signal.SIGKILL)
        with pytest.raises(Problem, match="ended"):
            await task
        assert reasons == ["died"]
        await _passes(lambda: lanes.idle == (1, 1))
        with pytest.raises(Problem, match="no answer within"):
            await lanes.query(_question(f"{ENDLESS} # another"), Ticket("a"), 0.3)
        assert reasons == ["died", "stopped"]
        await lanes.close()

    asyncio.run(run())


def test_closing_ends_a_query_under_way(snapshot: Dataset) -> None:
    async def run() -> None:
        lanes = Lanes(snapshot, SMALL)
        await lanes.start()
        task = asyncio.create_task(lanes.query(_question(ENDLESS), Ticket("a"), 600))
        stream = await lanes.query(_question(PRODUCT), Ticket("b"), 600)
        assert isinstance(stream, Stream)
        await asyncio.sleep(0)
        await lanes.close()
        async with asyncio.timeout(60):
            with pytest.raises(Problem, match="ended"):
                await task
            with pytest.raises(Problem, match="ended"):
                async for _ in stream:
                    pass
        stream.close()
        assert lanes.process_ids == []

    asyncio.run(run())


@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled", "timed out"])
def test_a_message_that_comes_as_the_waiting_ends_is_not_lost(snapshot: Dataset, cancelled: bool) -> None:
    """Else the next to ask gets the answer after it, and in the end the answer of another query."""

    async def run() -> None:
        worker = await Worker.started(snapshot, SMALL)
        worker.ask("query", (_question("ASK {}"),), 60)
        task = asyncio.create_task(worker.receive(60 if cancelled else 0))
        await asyncio.sleep(0)
        assert worker._pipe.poll(30)
        worker._readable()
        if cancelled:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            message = await worker.receive(30)
        else:
            message = await task
        assert b"true" in finished(message).body
        await worker.close()

    asyncio.run(run())


def test_a_store_that_cannot_be_opened_stops_the_start(snapshot: Dataset) -> None:
    missing = replace(snapshot, store=snapshot.store / "missing")

    async def run() -> None:
        lanes = Lanes(missing, SMALL)
        with pytest.raises(StoreError, match="no usable store"):
            await lanes.start()
        await lanes.close()

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


def test_an_unexpected_error_is_not_counted_as_an_answer(small: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    workers = small.app.state.service.workers  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        patch.setattr(workers, "query", lambda *_: 1 / 0)
        assert small.get("/sparql", params={"query": _fresh()}).status_code == 500
    assert 'outcome="internal"} 1.0' in small.get("/metrics").text
