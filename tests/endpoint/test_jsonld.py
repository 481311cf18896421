"""JSON-LD of any triples with our terms: compact, framed or expanded, it holds them all and no more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

import endpoint.jsonld
from endpoint.jsonld import MOST_TRIPLES, framed, used_part, write_jsonld
from kg.namespaces import BASE, NEAKG, XSD, expand
from kg.resources import folder
from kg.vocabulary.terms import terms

CONTEXT = json.loads((folder("ontology") / "context.jsonld").read_bytes())["@context"]
TYPE = NamedNode(expand("rdf:type"))
THINGS = [NamedNode(f"{BASE}id/{path}") for path in ("species/a", "place/b", "figure/c", "evidence/d", "finding/e")]
CLASSES = [NamedNode(term.iri) for term in terms().values() if term.kind == "class"]
LINKS = [NamedNode(term.iri) for term in terms().values() if term.kind == "object property"]
VALUES = [NamedNode(term.iri) for term in terms().values() if term.kind == "datatype property"]
OTHERS = [NamedNode(expand(curie)) for curie in ("rdfs:label", "dcterms:date", "geo:asWKT", "skos:notation")]
OUTSIDE = [NamedNode("http://example.org/p"), NamedNode("urn:p"), NamedNode(f"{NEAKG}noTermOfOurs")]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ["neakg:value", "@id", "true", "7", "Taxon", f"{BASE}id/species/a", "_:b0", "names"]
)
DATATYPES = ("string", "integer", "decimal", "double", "boolean", "gYear", "date")
LITERALS = st.one_of(
    TEXTS.map(Literal),
    st.builds(lambda text, tag: Literal(text, language=tag), TEXTS, st.sampled_from(["en", "zh-hans", "ru"])),
    st.builds(
        lambda text, kind: Literal(text, datatype=NamedNode(XSD + kind)),
        st.sampled_from(["1", "-0", "007", "1.50", "1.0e6", "true", "0", "12345678901234567890", "INF", "2014", "x"]),
        st.sampled_from(DATATYPES),
    ),
)
NODES = st.sampled_from([*THINGS, NamedNode("urn:x"), NamedNode("http://example.org/a b".replace(" ", "%20"))])
TRIPLES = st.one_of(
    st.builds(lambda node, kind: Triple(node, TYPE, kind), st.sampled_from(THINGS), st.sampled_from(CLASSES)),
    st.builds(Triple, st.sampled_from(THINGS), st.sampled_from([*LINKS, *OUTSIDE]), NODES | LITERALS),
    st.builds(Triple, st.sampled_from(THINGS), st.sampled_from([*VALUES, *OTHERS, *OUTSIDE]), LITERALS | NODES),
)
GRAPHS = st.lists(TRIPLES, min_size=1, max_size=14, unique=True)


def says(body: bytes) -> set[Triple]:
    return {quad.triple for quad in parse(body, format=RdfFormat.JSON_LD)}


@settings(max_examples=120, deadline=None, derandomize=True)
@given(GRAPHS)
def test_a_written_document_says_what_the_triples_say(graph: list[Triple]) -> None:
    assert says(write_jsonld(graph, THINGS[0].value)) == set(graph)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(GRAPHS)
def test_a_framed_document_says_what_the_triples_say(graph: list[Triple]) -> None:
    for thing in THINGS[:3]:
        document = framed(graph, thing.value)
        assert document["id"] == thing.value
        assert says(json.dumps(document).encode()) == set(graph)


@pytest.mark.parametrize("tree", [{"label": {"en": "Wrong"}}, {"label": {"en": 7}}, {"names": [{"label": "x"}]}, {}])
def test_a_tree_that_says_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch, tree: dict[str, object]) -> None:
    thing = THINGS[0].value
    monkeypatch.setattr(endpoint.jsonld, "_tree", lambda *_: {"id": thing, **tree})
    graph = [Triple(THINGS[0], LINKS[0], THINGS[1]), Triple(THINGS[1], OTHERS[0], Literal("Place", language="en"))]
    document = framed(graph, thing)
    assert says(json.dumps(document).encode()) == set(graph)
    assert len(document["included"]) == 2


def test_triples_that_no_key_holds_are_written_expanded() -> None:
    blank = Triple(BlankNode("a"), LINKS[0], THINGS[0])
    many = [Triple(NamedNode(f"urn:{number}"), LINKS[0], THINGS[0]) for number in range(MOST_TRIPLES + 1)]
    for graph in ([blank], many):
        body = write_jsonld(graph)
        assert b"@context" not in body
        assert len(says(body)) == len(graph)


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        ({"id": "urn:a"}, {"id"}),
        ({"type": "Share"}, {"type", "Share", "neakg"}),
        ({"label": {"en": "x"}}, {"label", "rdfs"}),
        ({"names": []}, {"names", "neakg"}),
        ({"id": "dwc:Taxon"}, {"id", "dwc"}),
    ],
)
def test_a_document_carries_what_it_uses_of_the_context(document: dict[str, object], keys: set[str]) -> None:
    assert used_part(CONTEXT, document).keys() == {"@version", "@protected", *keys}
