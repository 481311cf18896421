from __future__ import annotations

from typing import Any

import pytest
import rdflib
from pyoxigraph import Quad, RdfFormat, parse
from starlette.testclient import TestClient

from kg.formats import RDF_FORMATS, Format
from tests.endpoint.conftest import TIGER

DOC = "/doc/species/amur-tiger"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def quads(content: bytes, row: Format) -> list[Quad]:
    """Read a document as any tool does: nothing is fetched."""
    assert row.rdf
    return list(parse(content, format=row.rdf))


def test_json_ld_has_short_keys_from_the_published_context_and_only_those_it_uses(client: TestClient) -> None:
    document: dict[str, Any] = client.get(f"{DOC}.jsonld").json()
    published = client.get("/context.jsonld").json()["@context"]
    assert document["@context"].items() <= published.items()
    assert 5 < len(document["@context"]) < len(published) / 2
    assert "scientificName" in document["@graph"][0]


@pytest.mark.parametrize("accept", [{}, {"accept": "*/*"}, {"accept": "text/turtle"}, BROWSER])
def test_a_thing_redirects_to_its_document(client: TestClient, accept: dict[str, str]) -> None:
    found = client.get("/id/species/amur-tiger", headers=accept)
    assert found.status_code == 303
    assert found.headers["location"] == DOC
    assert found.headers["vary"] == "Accept"
    assert client.head("/id/species/amur-tiger").status_code == 303


def test_concepts_redirect_and_answer(client: TestClient) -> None:
    assert client.get("/scheme/manner/about").headers["location"] == "/doc/scheme/manner/about"
    assert client.get("/scheme/manner").headers["location"] == "/doc/scheme/manner"
    assert '"about"@en' in client.get("/doc/scheme/manner/about").text
    assert "about" in client.get("/doc/scheme/manner", headers=BROWSER).text


def test_a_document_negotiates_in_place(client: TestClient) -> None:
    for accept, suffix in (
        ({}, "ttl"),
        ({"accept": "application/ld+json"}, "jsonld"),
        ({"accept": "application/json"}, "jsonld"),
        ({"accept": "application/rdf+xml"}, "rdf"),
        (BROWSER, "html"),
    ):
        found = client.get(DOC, headers=accept)
        assert found.status_code == 200
        assert found.headers["content-location"] == f"{DOC}.{suffix}"
        assert found.headers["vary"] == "Accept, Accept-Encoding"
        assert client.get(f"{DOC}.{suffix}").content == found.content
    refused = client.get(DOC, headers={"accept": "image/png"})
    assert refused.status_code == 406
    assert "text/turtle" in refused.json()["mediaTypes"]


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_all_data_formats_carry_the_same_triples(client: TestClient, row: Format) -> None:
    expected = {quad.triple for quad in parse(client.get(f"{DOC}.nq").content, format=RdfFormat.N_QUADS)}
    found = client.get(f"{DOC}.{row.extension}")
    assert found.headers["content-type"] == row.content_type
    read = quads(found.content, row)
    assert {quad.triple for quad in read} == expected
    assert len(expected) > 30
    named = {str(quad.graph_name) for quad in read}
    assert ("<https://w3id.org/neakg/graph/made-up>" in named) == (row.name in ("trig", "nquads"))


def test_rdflib_reads_turtle_and_rdfxml_alike(client: TestClient) -> None:
    turtle = rdflib.Graph().parse(data=client.get(f"{DOC}.ttl").text, format="turtle")
    xml = rdflib.Graph().parse(data=client.get(f"{DOC}.rdf").text, format="xml")
    assert set(turtle) == set(xml)


def test_jsonld_is_compact_and_starts_with_the_thing(client: TestClient) -> None:
    found = client.get(f"{DOC}.jsonld").json()
    assert found["@graph"][0]["id"] in (TIGER, "neakg:id/species/amur-tiger")
    assert "http://" not in " ".join(found["@graph"][0])


def test_links_name_formats_licence_and_description(client: TestClient) -> None:
    links = client.get(DOC).headers["link"].split(", <")
    for row in RDF_FORMATS:
        assert any(f'{DOC}.{row.extension}>; rel="alternate"; type="{row.media_type}"' in link for link in links)
    relations = {link.split('rel="')[1].split('"')[0] for link in links}
    assert relations == {"alternate", "license", "describedby", "cite-as", "canonical"}


def test_validators_are_strong_and_one_a_representation(client: TestClient) -> None:
    tags = set()
    for suffix in ("html", *(row.extension for row in RDF_FORMATS)):
        found = client.get(f"{DOC}.{suffix}")
        tag = found.headers["etag"]
        tags.add(tag)
        assert tag.startswith('"')
        for sent in (tag, f'"x", {tag}', f"W/{tag}", "*"):
            again = client.get(f"{DOC}.{suffix}", headers={"if-none-match": sent})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(f"{DOC}.{suffix}", headers={"if-none-match": '"other"'}).status_code == 200
        assert "max-age" in found.headers["cache-control"]
    assert len(tags) == 1 + len(RDF_FORMATS)


@pytest.mark.parametrize(
    "path",
    [
        "/id/species/nobody", "/doc/species/nobody", "/doc/species/nobody.ttl", "/doc/", "/id/", "/scheme/nothing",
        "/doc/species/amur-tiger/", "/doc/species/amur-tiger.pdf", "/doc/species/..%2f..%2fetc%2fpasswd",
        "/doc/%0d%0aX: y", "/id/a<b>", "/id/" + "x" * 8000, "/doc/species%2Famur-tiger",
    ],
)  # fmt: skip
def test_unknown_and_hostile_addresses_are_404(client: TestClient, path: str) -> None:
    found = client.get(path)
    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"
    assert "x" not in found.headers
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_addresses_are_taken_as_they_are_encoded(client: TestClient) -> None:
    assert '"Place with a blank"@en' in client.get("/doc/place/a%20b").text
    assert client.get("/doc/place/a%2520b").status_code == 404
    assert '"Hulin"@en' in client.get("/doc/place/%E8%99%8E%E6%9E%97").text
    assert client.get("/id/place/%E8%99%8E%E6%9E%97").headers["location"] == "/doc/place/%E8%99%8E%E6%9E%97"


# --- the page -----------------------------------------------------------------------------------------------


def test_the_page_shows_labels_and_who_said_it(client: TestClient) -> None:
    text = client.get(DOC, headers=BROWSER).text
    assert "<h1>Amur tiger</h1>" in text
    assert '<span lang="zh-Hans">东北虎</span> <span class="tag">zh-Hans</span>' in text
    assert "about 500–1,600.5 individuals" in text
    assert "2014 to 2015" in text
    assert "undated" in text
    assert text.count('<a href="/doc/source/made-up"') >= 4
    assert 'href="https://example.org/page#:~:text=tiger"' in text
    assert "A heading, paragraph 3" in text
    assert "A made-up remark with &lt;tags&gt; &amp; signs." in text


def test_the_page_of_a_statement_stands_alone(client: TestClient) -> None:
    text = client.get("/doc/population-estimate/one.html").text
    assert "about 500–1,600.5 individuals" in text
    assert '<a href="/doc/species/amur-tiger"' in text
    assert "A heading, paragraph 3" in text


def test_the_page_shows_what_points_to_a_thing(client: TestClient) -> None:
    text = client.get("/doc/country/kp.html").text
    assert "What points here" in text
    assert 'href="/doc/place/a%20b"' in text


def test_the_page_offers_the_data(client: TestClient) -> None:
    text = client.get(DOC, headers=BROWSER).text
    for row in RDF_FORMATS:
        assert f'<a href="{DOC}.{row.extension}" type="{row.media_type}" rel="alternate">' in text
