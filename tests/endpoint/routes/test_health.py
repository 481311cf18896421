from __future__ import annotations

from starlette.testclient import TestClient

from endpoint.dataset import Dataset


def test_health_says_what_is_served(client: TestClient, snapshot: Dataset) -> None:
    found = client.get("/health")
    assert found.headers["cache-control"] == "no-store"
    state = found.json()
    assert state["snapshot"] == snapshot.manifest["nquads"]["sha256"]
    assert state["triples"] == snapshot.manifest["nquads"]["quads"]
    assert state["kind"] == "snapshot"


def test_health_is_documented_and_refuses_other_methods(client: TestClient) -> None:
    assert "/health" in client.get("/openapi.json").json()["paths"]
    found = client.post("/health")
    assert found.status_code == 405
    assert found.headers["allow"] == "GET, HEAD, OPTIONS"


def test_live_and_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready"}
    assert client.head("/health/ready").status_code == 200


def test_metrics_count_queries_by_lane_and_outcome(client: TestClient) -> None:
    def value(name: str, label: str = "") -> float:
        found = client.get("/metrics")
        assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = [line for line in found.text.splitlines() if line.startswith(name) and label in line]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def counts() -> tuple[float, float, float]:
        name = "neakg_queries_total{"
        worker = value(name, 'outcome="ok"') - value(name, 'lane="cache",outcome="ok"')
        return worker, value(name, 'outcome="query-syntax"'), value(name, 'lane="cache",outcome="ok"')

    before = counts()
    for query in ("ASK { # counted\n }", "ASK { # counted\n }", "ASK { # wrong"):
        client.get("/sparql", params={"query": query})
    assert counts() == tuple(number + 1 for number in before)
    assert value("neakg_workers ") == 4
    assert value("neakg_cache_hits", "answers") > 0
    assert value("neakg_snapshot_age_seconds ") >= 0
