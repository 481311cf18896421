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
