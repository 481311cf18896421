from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from kg.formats import RDF_FORMATS, Format
from tests.endpoint.conftest import GRAPH

BROWSER = {"accept": "text/html"}
GRAPHS = "https://w3id.org/neakg/graph/"


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize("name", ["bibliography", "derived/labels"])
def test_a_graph_answers_with_its_own_triples(client: TestClient, row: Format, name: str) -> None:
    expected = {
        quad.triple for quad in parse(GRAPH.encode(), format=RdfFormat.TRIG) if quad.graph_name.value == GRAPHS + name
    }  # type: ignore[union-attr]
    found = client.get(f"/graph/{name}", headers={"accept": row.media_type})
    assert found.status_code == 200
    assert found.headers["content-location"] == f"/graph/{name}.{row.extension}"
    assert found.content == client.get(f"/graph/{name}.{row.extension}").content
    read = list(parse(found.content, format=row.rdf))
    assert {str(quad.triple).lower() for quad in read} == {str(item).lower() for item in expected}


def test_a_graph_that_is_not_there_is_404(client: TestClient) -> None:
    assert client.get("/graph/nothing").status_code == 404
    assert client.get("/graph/made-up.pdf").status_code == 404


def test_the_page_of_a_graph_describes_it(client: TestClient) -> None:
    text = client.get("/graph/made-up", headers=BROWSER).text
    assert "<h1>A made-up graph</h1>" in text
    assert "No rights" in text
    assert "creativecommons.org" in text


def test_the_graphs_are_listed(client: TestClient) -> None:
    listed = {item["iri"]: item["triples"] for item in client.get("/graphs").json()}
    assert len(listed) == 5
    assert listed[f"{GRAPHS}bibliography"] == 3
    assert client.get("/graph/").json() == client.get("/graphs").json()
    assert 'href="/graph/derived/labels"' in client.get("/graphs", headers=BROWSER).text


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_the_catalogue_is_found_where_void_says(client: TestClient, row: Format) -> None:
    found = client.get("/.well-known/void", headers={"accept": row.media_type})
    assert found.headers["content-type"] == row.content_type
    assert any("void#Dataset" in str(quad.object) for quad in parse(found.content, format=row.rdf))


def test_the_dataset_leads_to_its_description(client: TestClient) -> None:
    assert client.get("/dataset").headers["location"] == "/.well-known/void"
    assert client.get("/dataset/class/x").status_code == 303
