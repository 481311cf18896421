"""Pages of concept schemes and concepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from endpoint.alignments import related
from endpoint.app import create_app
from endpoint.ontology import package_text
from kg.namespaces import SCHEME
from kg.resources import folder, walk
from tests.endpoint.conftest import SETTINGS, write_snapshot

HTML = {"accept": "text/html"}
SCHEMES = [entry.name.removesuffix(".ttl") for entry in walk(folder("ontology") / "vocabularies", ".ttl")]
DATA = """
@prefix neakg: <https://w3id.org/neakg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix scheme: <https://w3id.org/neakg/scheme/> .
@prefix thing: <https://example.org/> .
<https://w3id.org/neakg/graph/made-up> {
  thing:a neakg:unit <https://w3id.org/neakg/scheme/unit/individuals> .
  thing:b neakg:unit <https://w3id.org/neakg/scheme/unit/individuals> ;
    skos:related <https://w3id.org/neakg/scheme/unit/individuals> .
  scheme:circle a skos:ConceptScheme ; skos:prefLabel "Circle"@en .
  <https://w3id.org/neakg/scheme/circle/a> a skos:Concept ; skos:inScheme scheme:circle ; skos:prefLabel "a"@en ;
    skos:broader <https://w3id.org/neakg/scheme/circle/b> .
  <https://w3id.org/neakg/scheme/circle/b> a skos:Concept ; skos:inScheme scheme:circle ; skos:prefLabel "b"@en ;
    skos:broader <https://w3id.org/neakg/scheme/circle/a> .
  <https://w3id.org/neakg/scheme/circle/c> a skos:Concept ; skos:inScheme scheme:circle ; skos:prefLabel "c"@en .
}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service whose data use our concepts and hold a scheme that goes in a circle."""
    dataset = write_snapshot(Path(tmp_path_factory.mktemp("schemes")), DATA)
    with TestClient(create_app(dataset, SETTINGS), raise_server_exceptions=False) as found:
        yield found


def test_there_are_schemes() -> None:
    assert len(SCHEMES) > 30


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_shows_all_of_its_concepts_in_the_order_of_its_file(own: TestClient, name: str) -> None:
    text = own.get(f"/doc/scheme/{name}", headers=HTML).text
    quads = list(parse(package_text(f"vocabularies/{name}.ttl").encode(), format=RdfFormat.TURTLE))
    said = {quad.object.value for quad in quads if str(quad.predicate).endswith(("#definition>", "/title>"))}  # type: ignore[union-attr]
    assert said
    for value in said:
        assert value.replace("'", "&#39;").replace('"', "&#34;") in text
    within = {str(quad.subject): str(quad.object) for quad in quads if str(quad.predicate).endswith("#broader>")}
    concepts = dict.fromkeys(str(quad.subject) for quad in quads if str(quad.predicate).endswith("#inScheme>"))
    expected = [iri for top in concepts if top not in within for iri in [top, *below(top, concepts, within)]]
    assert [f"<{SCHEME}{name}/{item}>" for item in re.findall(r'<div id="([^"]+)">', text)] == expected
    assert len(expected) == len(concepts)


def below(top: str, concepts: dict[str, None], within: dict[str, str]) -> list[str]:
    """Return the concepts under one, each followed by those under it."""
    return [iri for item in concepts if within.get(item) == top for iri in [item, *below(item, concepts, within)]]


def test_uses_of_a_concept_are_counted_and_can_be_listed(own: TestClient) -> None:
    text = own.get("/doc/scheme/unit", headers=HTML).text
    part = text.partition('<div id="individuals">')[2].partition("</div>")[0]
    assert re.search(r'<a href="/sparql\?query=[^"]+">2 uses</a>', part)
    assert "no use in the graph" in text.partition('<div id="nests">')[2].partition("</div>")[0]


def test_a_concept_shows_labels_with_their_source_and_mappings(own: TestClient) -> None:
    name = next(iri for iri in related() if iri.startswith(f"{SCHEME}red-list-category/"))
    part = own.get("/doc/scheme/red-list-category", headers=HTML).text
    part = part.partition(f'<div id="{name.rpartition("/")[2]}">')[2].partition("</div>")[0]
    assert re.search(r'<span lang="(ru|zh-Hans|ja|ko)" title="[^"]+ \([^"]+\)">', part)
    assert related()[name][0].target.href in part


def test_the_scheme_leads_to_the_property_that_uses_it(own: TestClient) -> None:
    assert 'href="/ontology#unit"' in own.get("/doc/scheme/unit", headers=HTML).text


def test_a_circle_ends(own: TestClient) -> None:
    text = own.get("/doc/scheme/circle", headers=HTML).text
    assert re.findall(r'<div id="([^"]+)">', text) == ["c"]


def test_a_concept_has_its_definition_and_its_neighbours(own: TestClient) -> None:
    text = own.get("/doc/scheme/unit/animals", headers=HTML).text
    assert "What is counted are animals" in text.partition("<h2")[0]
    assert '<li><a href="/doc/scheme/unit"' in text.partition("<h1")[0]
    narrower = text.partition("Narrower concepts")[2].partition("</details>")[0]
    assert 'href="/doc/scheme/unit/individuals"' in narrower
    assert "Has top concept" not in text
    mapped = own.get("/doc/scheme/unit/individuals", headers=HTML).text
    assert 'href="/doc/scheme/unit/animals"' in mapped.partition("Broader")[2]
