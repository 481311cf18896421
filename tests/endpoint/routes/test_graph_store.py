"""The read part of the SPARQL 1.1 Graph Store HTTP Protocol; tests are named after its sections."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from pyoxigraph import parse
from starlette.testclient import TestClient

from kg.formats import RDF_FORMATS

GRAPH = "https://w3id.org/neakg/graph/bibliography"


def size(client: TestClient, query: str) -> int:
    return int(client.get("/sparql", params={"query": query}).json()["results"]["bindings"][0]["n"]["value"])


def test_4_2_a_graph_is_named_indirectly(client: TestClient) -> None:
    found = client.get(f"/graph-store?graph={quote(GRAPH, safe='')}", headers={"accept": "application/n-triples"})
    assert found.status_code == 200
    count = size(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}")
    assert len(found.text.splitlines()) == count > 0


def test_4_2_a_relative_reference_is_resolved_against_the_service(client: TestClient) -> None:
    found = client.get("/graph-store?graph=graph/none")
    assert found.status_code == 404
    assert "<http://testserver/graph/none>" in found.json()["detail"]


def test_5_2_the_default_graph(client: TestClient) -> None:
    found = client.get("/graph-store?default", headers={"accept": "application/n-triples"})
    count = size(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert len(found.text.splitlines()) == count > 0


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_5_2_content_is_negotiated(client: TestClient, row: object) -> None:
    media_type = row.media_type  # type: ignore[attr-defined]
    found = client.get(f"/graph-store?graph={quote(GRAPH)}", headers={"accept": media_type})
    assert found.headers["content-type"].startswith(media_type)
    assert found.headers["vary"] == "Accept, Accept-Encoding"
    assert list(parse(found.content, format=row.rdf))  # type: ignore[attr-defined]


def test_5_6_head_answers_like_get_without_a_body(client: TestClient) -> None:
    address = f"/graph-store?graph={quote(GRAPH)}"
    head, get = client.head(address), client.get(address)
    assert head.content == b""
    assert head.status_code == get.status_code == 200
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == str(len(get.content))


@pytest.mark.parametrize("query", ["", "?graph=", "?default&graph=x", "?graph=a&graph=b", "?default=x&graph=y"])
def test_4_2_exactly_one_graph_is_named(client: TestClient, query: str) -> None:
    found = client.get(f"/graph-store{query}")
    assert found.status_code == 400
    assert "default" in found.json()["detail"]


def test_a_graph_that_is_not_loaded_is_404_and_not_fetched(
    client: TestClient, canary: str, canary_hits: list[str], canary_file: str
) -> None:
    for address in (canary, canary_file, "http://[::1", "x y"):
        assert client.get("/graph-store", params={"graph": address}).status_code in (400, 404)
    assert canary_hits == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_5_3_to_5_7_changes_are_not_offered(client: TestClient, method: str) -> None:
    found = client.request(method, "/graph-store?default")
    assert found.status_code == 405
    assert found.headers["allow"] == "GET, HEAD, OPTIONS"


def test_no_acceptable_format_is_406(client: TestClient) -> None:
    assert client.get("/graph-store?default", headers={"accept": "image/png"}).status_code == 406
