from __future__ import annotations

import json

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from kg.formats import RDF_FORMATS, Format
from kg.namespaces import NEAKG


@pytest.mark.parametrize("which", ["ontology", "shapes"])
@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_the_package_answers_in_every_format(client: TestClient, which: str, row: Format) -> None:
    by_suffix = client.get(f"/{which}.{row.extension}")
    by_accept = client.get(f"/{which}", headers={"accept": row.media_type})
    assert by_suffix.status_code == by_accept.status_code == 200
    assert by_suffix.content == by_accept.content
    assert by_accept.headers["content-location"] == f"/{which}.{row.extension}"
    assert by_suffix.headers["content-type"] == row.content_type
    content = by_suffix.content
    if b"context.jsonld" in content[:200]:
        document = json.loads(content)
        document["@context"] = client.get("/context.jsonld").json()["@context"]
        content = json.dumps(document).encode()
    expected = sum(1 for _ in parse(client.get(f"/{which}.nt").content, format=RdfFormat.N_TRIPLES))
    assert sum(1 for _ in parse(content, format=row.rdf)) == expected > 100


def test_the_ontology_page_has_an_anchor_for_every_term(client: TestClient) -> None:
    text = client.get("/ontology", headers={"accept": "text/html"}).text
    kinds = ("Class", "ObjectProperty", "DatatypeProperty")
    terms = [
        quad.subject.value.removeprefix(NEAKG)  # type: ignore[union-attr]
        for quad in parse(client.get("/ontology.nt").content, format=RdfFormat.N_TRIPLES)
        if str(quad.object).rstrip(">").endswith(tuple(f"owl#{kind}" for kind in kinds))
        and str(quad.subject).startswith(f"<{NEAKG}")
    ]
    assert len(terms) > 50
    for term in terms:
        assert f'id="{term}"' in text


def test_examples_and_alignments_are_not_part_of_the_ontology(client: TestClient) -> None:
    assert "example.org" not in {
        str(quad.subject) for quad in parse(client.get("/ontology.nt").content, format=RdfFormat.N_TRIPLES)
    }
    assert client.get("/ontology.pdf").status_code == 404


def test_the_context_may_be_kept(client: TestClient) -> None:
    found = client.get("/context.jsonld")
    assert found.headers["content-type"] == "application/ld+json"
    assert "max-age=86400" in found.headers["cache-control"]
    assert "@context" in found.json()


def test_the_version_of_the_ontology_answers(client: TestClient) -> None:
    predicate = "<http://www.w3.org/2002/07/owl#versionIRI>"
    line = next(item for item in client.get("/ontology.nt").text.splitlines() if predicate in item)
    path = line.split()[2].strip("<>").removeprefix("https://w3id.org/neakg")
    assert client.get(path).content == client.get("/ontology").content
    for other in ("/ontology/9.9.9", "/ontology/%20<", "/ontology/"):
        assert client.get(other).status_code == 404
