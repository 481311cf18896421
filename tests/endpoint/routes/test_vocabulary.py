from __future__ import annotations

import re

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.compare import to_isomorphic
from starlette.testclient import TestClient

from endpoint.publication import versions
from kg.formats import RDF_FORMATS, Format
from kg.namespaces import BASE, NEAKG, ONTOLOGY
from kg.resources import folder, walk
from kg.vocabulary.alignments import alignments
from kg.vocabulary.terms import terms

HTML = {"accept": "text/html"}
EARLIER = versions()
ALIGNMENTS = [table.name for table in alignments()]
#: Every document that comes in all formats.
DOCUMENTS = ["/ontology", "/shapes", *(f"/ontology/{item}" for item in EARLIER),
             *(f"/ontology/alignments/{name}" for name in ALIGNMENTS)]  # fmt: skip


def present(client: TestClient) -> str:
    """Return the number of the present version, as the ontology says it."""
    (found,) = re.findall(r"ontology> <[^>]*versionInfo> \"([^\"]+)\"", client.get("/ontology.nt").text)
    return str(found)


def test_there_is_an_earlier_version_and_an_alignment_to_serve() -> None:
    assert "0.1.0" in EARLIER
    assert len(ALIGNMENTS) > 5


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_a_document_of_the_vocabulary_comes_in_every_format(client: TestClient, path: str, row: Format) -> None:
    by_suffix = client.get(f"{path}.{row.extension}")
    by_accept = client.get(path, headers={"accept": row.media_type})
    assert by_suffix.status_code == by_accept.status_code == 200
    assert by_suffix.content == by_accept.content
    assert by_accept.headers["content-location"] == f"{path}.{row.extension}"
    assert by_accept.headers["vary"] == "Accept, Accept-Encoding"
    assert by_suffix.headers["content-type"] == row.content_type
    expected = sum(1 for _ in parse(client.get(f"{path}.nt").content, format=RdfFormat.N_TRIPLES))
    assert sum(1 for _ in parse(by_suffix.content, format=row.rdf)) == expected > 5


# rdflib's own reader of JSON-LD makes the graph that it warns of.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("path", ["/ontology", "/ontology/0.1.0"])
@pytest.mark.parametrize(("extension", "kind"), [("rdf", "xml"), ("jsonld", "json-ld"), ("ttl", "turtle")])
def test_another_tool_reads_the_same_ontology(client: TestClient, path: str, extension: str, kind: str) -> None:
    expected = rdflib.Graph().parse(data=client.get(f"{path}.nt").text, format="nt")
    found = rdflib.Graph().parse(data=client.get(f"{path}.{extension}").text, format=kind)
    assert to_isomorphic(found) == to_isomorphic(expected)
    assert len(found) > 500


def test_every_term_of_every_version_has_its_anchor(client: TestClient) -> None:
    text = client.get("/ontology", headers=HTML).text
    there = set(re.findall(r'<article class="term" id="([^"]+)"', text))
    assert there == {term.name for term in terms().values()}
    for version in EARLIER:
        quads = parse(client.get(f"/ontology/{version}.nt").content, format=RdfFormat.N_TRIPLES)
        names = {str(quad.subject)[1 + len(NEAKG) : -1] for quad in quads if str(quad.subject).startswith(f"<{NEAKG}")}
        assert len(names) > 50
        assert names <= there
        old = client.get(f"/ontology/{version}", headers=HTML).text
        assert names == set(re.findall(r'<dt id="([^"]+)"', old))


def test_examples_guides_and_alignments_are_not_part_of_the_ontology(client: TestClient) -> None:
    text = client.get("/ontology.nt").text
    assert "example.org" not in text
    assert re.search(r"> <[^>]*#label> \"", text)
    assert not re.search(r"> <[^>]*#closeMatch> <", text)
    assert client.get("/ontology.pdf").status_code == 404


def test_the_present_version_answers_under_its_own_address(client: TestClient) -> None:
    version = present(client)
    assert f"<{ONTOLOGY}/{version}>" in client.get("/ontology.nt").text
    for headers in ({}, HTML, {"accept": "application/rdf+xml"}):
        found = client.get(f"/ontology/{version}", headers=headers)
        assert found.content == client.get("/ontology", headers=headers).content
        assert found.headers["content-location"].startswith(f"/ontology/{version}.")
    assert client.get(f"/ontology/{version}.ttl").content == client.get("/ontology.ttl").content


def test_versions_name_one_another(client: TestClient) -> None:
    """RFC 5829: predecessor, successor, latest and history of a version."""
    version = present(client)
    earlier = next(item for item in EARLIER if item != version)
    now, then = (client.get(path).headers["link"] for path in ("/ontology", f"/ontology/{earlier}"))
    assert f'</ontology/{earlier}>; rel="predecessor-version"' in now
    assert "successor-version" not in now
    assert 'rel="successor-version"' in then
    for links in (now, then):
        assert '</ontology/changelog>; rel="version-history"' in links
        assert '</ontology>; rel="latest-version"' in links


def test_the_page_of_an_earlier_version_leads_to_the_present_one(client: TestClient) -> None:
    text = client.get("/ontology/0.1.0", headers=HTML).text
    assert "This is an earlier version" in text
    assert 'href="/ontology#Taxon"' in text


@pytest.mark.parametrize(
    "path", ["9.9.9", "%20%3C", "", "0.1", "0.1.0.pdf", "versions/0.1.0", "alignments/none", "core"]
)
def test_an_address_of_nothing_says_what_there_is(client: TestClient, path: str) -> None:
    found = client.get(f"/ontology/{path}")
    assert found.status_code == 404
    body = found.json()
    assert body["versions"][0] == present(client)
    assert "0.1.0" in body["versions"]
    assert body["alignments"] == ALIGNMENTS
    assert client.get(body["documents"][0]).status_code == 200


@pytest.mark.parametrize("name", ALIGNMENTS)
def test_an_alignment_answers_as_page_and_as_the_table_it_is_made_from(client: TestClient, name: str) -> None:
    address = f"/ontology/alignments/{name}"
    table = client.get(f"{address}.sssom.tsv")
    assert table.headers["content-type"] == "text/tab-separated-values; charset=utf-8"
    assert table.content == (folder("ontology") / "alignments" / f"{name}.sssom.tsv").read_bytes()
    page = client.get(address, headers=HTML)
    assert f'<{address}.sssom.tsv>; rel="alternate"; type="text/tab-separated-values"' in page.headers["link"]
    (rows,) = (len(item.matches) for item in alignments() if item.name == name)
    assert page.text.count("<tr>") == rows + 1
    assert f"{BASE}ontology/alignments/{name}" in client.get(f"{address}.ttl").text


def test_the_list_of_alignments_is_on_the_page(client: TestClient) -> None:
    found = client.get("/ontology/alignments")
    assert (found.status_code, found.headers["location"]) == (303, "/ontology#other-vocabularies")
    text = client.get("/ontology", headers=HTML).text
    for name in ALIGNMENTS:
        assert f'href="/ontology/alignments/{name}"' in text


@pytest.mark.parametrize("top", ["examples", "guide"])
def test_a_file_to_start_from_is_served_as_it_lies(client: TestClient, top: str) -> None:
    files = walk(folder("ontology") / top, ".ttl")
    assert files
    for entry in files:
        found = client.get(f"/ontology/{top}/{entry.name}")
        assert found.content == entry.read_bytes()
        assert found.headers["content-type"] == "text/turtle; charset=utf-8"
    refused = client.get(f"/ontology/{top}/none.ttl")
    assert refused.status_code == 404
    assert refused.json()["files"] == [entry.name for entry in files]
    assert client.get(f"/ontology/{top}/../core.ttl").status_code == 404
    assert client.get(f"/ontology/{top}/..%2Fcore.ttl").status_code == 404


@pytest.mark.parametrize(("name", "file"), [("changelog", "CHANGELOG.md"), ("notes", "NOTES.md")])
def test_texts_answer_as_page_and_as_markdown(client: TestClient, name: str, file: str) -> None:
    text = (folder("ontology") / file).read_bytes()
    page = client.get(f"/ontology/{name}", headers=HTML)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-location"] == f"/ontology/{name}.html"
    assert page.text.count("<h1>") == 1
    assert "## " not in page.text
    raw = client.get(f"/ontology/{name}", headers={"accept": "text/markdown"})
    assert raw.headers["content-type"] == "text/markdown; charset=utf-8"
    assert raw.content == client.get(f"/ontology/{name}.md").content == text
    assert client.get(f"/ontology/{name}.html").content == page.content
    assert client.get(f"/ontology/{name}", headers={"accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    "path", ["/ontology", "/ontology/0.1.0", "/ontology/changelog", "/ontology/guide/new-census.ttl"]
)
def test_head_and_validators(client: TestClient, path: str) -> None:
    found, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.headers["etag"] == found.headers["etag"]
    assert head.headers["content-length"] == found.headers["content-length"]
    again = client.get(path, headers={"if-none-match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_nothing_acceptable_is_said_with_what_there_is(client: TestClient) -> None:
    for path in ("/ontology", "/ontology/0.1.0", "/shapes"):
        found = client.get(path, headers={"accept": "image/png"})
        assert found.status_code == 406
        assert "text/turtle" in found.json()["mediaTypes"]


def test_the_page_of_the_shapes_says_what_a_rule_asks(client: TestClient) -> None:
    text = client.get("/shapes", headers=HTML).text
    article = text.partition('id="taxon-name"')[2].partition("</article>")[0]
    for part in ("A taxon has exactly one scientific name.", "dwc:scientificName", "<dt>At least</dt><dd>1</dd>"):
        assert part in article
