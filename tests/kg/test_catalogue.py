"""The description of the data set: what source.ttl must say, and what is counted."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions

from kg.catalogue import DumpFile, catalogue, credit_lines, describe
from kg.errors import UsageError
from kg.iris import Base
from kg.namespaces import NEAKG, XSD, expand
from kg.pipeline import Built, rules
from kg.sources import discover
from kg.store import GraphStore

TURTLE = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix neakg: <https://w3id.org/neakg/ontology#> .
<https://w3id.org/neakg/graph/a-source>
    dcterms:title "A source"@en ;
    dcterms:description "What it is."@en ;
    dcterms:publisher "A press" ;
    dcterms:license <https://example.org/licence> ;
    dcterms:rights "Some."@en ;
    neakg:reuse "open" ;
    neakg:credit "A press" .
"""
BASE = Base()


def test_a_description_is_read() -> None:
    found = describe("a-source", TURTLE.encode(), BASE)
    assert (found.id, found.title, found.reuse, found.credit) == ("a-source", "A source", "open", "A press")
    assert len(found.triples) == 7


def test_a_description_moves_with_the_base() -> None:
    found = describe("a-source", TURTLE.encode(), Base("http://localhost:8000/"))
    assert {triple.subject for triple in found.triples} == {NamedNode("http://localhost:8000/graph/a-source")}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("dcterms:title", "dcterms:alternative", "dcterms:title is missing"),
        ("dcterms:description", "dcterms:alternative", "dcterms:description is missing"),
        ("dcterms:publisher", "dcterms:alternative", "dcterms:publisher is missing"),
        ("dcterms:license", "dcterms:alternative", "dcterms:license is missing"),
        ("dcterms:rights", "dcterms:alternative", "dcterms:rights is missing"),
        ('"open"', '"perhaps"', "neakg:reuse must be 'open' or 'restricted', not 'perhaps'"),
        ("neakg:reuse", "neakg:other", "neakg:reuse must be"),
        ("graph/a-source>", "graph/b-source>", "expected only <https://w3id.org/neakg/graph/a-source>"),
        ("neakg:credit", "unknown:credit", ":11: not well-formed Turtle"),
        ('"A press" .', '"A press', "not well-formed Turtle"),
    ],
)
def test_a_description_that_lacks_something_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^kg/sources/a_source/source.ttl.*{message}"):
        describe("a-source", TURTLE.replace(old, new).encode(), BASE)


@pytest.mark.parametrize("source", discover(), ids=lambda source: source.id)
def test_every_source_has_a_description(source: object) -> None:
    found = describe(source.id, source.description, BASE)  # type: ignore[attr-defined]
    assert found.title
    assert found.credit or found.reuse


def test_credits_are_printed_once() -> None:
    one = describe("a-source", TURTLE.encode(), BASE)
    none = describe("a-source", TURTLE.replace(' ;\n    neakg:credit "A press"', "").encode(), BASE)
    assert list(credit_lines([one, none, one])) == ["A press"]


# --- counts ------------------------------------------------------------------------------------------------

RELEASE = {"version": "1.2.3", "date": "2026-11-25"}
A, B, P = (NamedNode(f"https://w3id.org/neakg/id/place/{name}") for name in ("a", "b", "p"))
GRAPH = NamedNode(BASE.graph("a-source"))
BIBLIOGRAPHY = NamedNode(BASE.graph("bibliography"))
TYPE, EVIDENCE, SOURCE = (NamedNode(expand(curie)) for curie in ("rdf:type", "neakg:hasEvidence", "dcterms:source"))
BOOK = NamedNode(BASE.thing("source/a-book"))
CITED = NamedNode(BASE.thing("evidence/a-book"))
SMALL = [
    Quad(A, TYPE, NamedNode(f"{NEAKG}Place"), GRAPH),
    Quad(B, TYPE, NamedNode(f"{NEAKG}Place"), GRAPH),
    Quad(A, EVIDENCE, CITED, GRAPH),
    Quad(CITED, TYPE, NamedNode(f"{NEAKG}Evidence"), BIBLIOGRAPHY),
    Quad(CITED, SOURCE, BOOK, BIBLIOGRAPHY),
    Quad(BOOK, TYPE, NamedNode(f"{NEAKG}Source"), BIBLIOGRAPHY),
]


def listing(*dumps: DumpFile) -> set[tuple[str, str, str]]:
    found = catalogue(SMALL, [describe("a-source", TURTLE.encode(), BASE)], rules(), BASE, RELEASE, dumps)
    assert {quad.graph_name for quad in found} == {NamedNode(BASE.graph("catalogue"))}
    assert found == sorted(found, key=str)
    return {(q.subject.value, q.predicate.value, q.object.value) for q in found}  # type: ignore[union-attr]


def test_triples_subjects_classes_and_properties_are_counted() -> None:
    found = listing()
    dataset = f"{BASE.iri}dataset"
    assert (dataset, expand("void:triples"), "6") in found
    assert (dataset, expand("void:distinctSubjects"), "4") in found
    assert (dataset, expand("void:properties"), "3") in found
    assert (GRAPH.value, expand("void:triples"), "3") in found
    assert (BIBLIOGRAPHY.value, expand("void:triples"), "3") in found
    (place,) = {s for s, p, o in found if p == expand("void:class") and o == f"{NEAKG}Place"}
    assert (place, expand("void:entities"), "2") in found


def test_a_graph_names_the_sources_it_rests_on() -> None:
    found = listing()
    for graph in (GRAPH, BIBLIOGRAPHY):
        assert (graph.value, SOURCE.value, BOOK.value) in found


def test_version_date_and_licence_are_stated() -> None:
    found = listing()
    dataset = f"{BASE.iri}dataset"
    assert (dataset, expand("dcat:version"), "1.2.3") in found
    assert (dataset, expand("dcterms:issued"), "2026-11-25") in found
    assert (dataset, expand("dcterms:license"), "https://creativecommons.org/licenses/by/4.0/") in found


def test_a_dump_is_described_with_size_and_hash() -> None:
    found = listing(DumpFile("neakg.nq", "application/n-quads", 123, "ab" * 32))
    iri = f"{BASE.iri}dumps/neakg.nq"
    assert (f"{BASE.iri}dataset", expand("void:dataDump"), iri) in found
    assert (iri, expand("dcat:byteSize"), "123") in found
    assert (f"{iri}#sha256", expand("spdx:checksumValue"), "ab" * 32) in found


def test_every_graph_has_title_licence_publisher_and_size(graph: GraphStore) -> None:
    answer = graph.query(
        """PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?g { { SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } }
          FILTER NOT EXISTS { ?g dcterms:title ?t ; dcterms:license ?l ; dcterms:publisher ?p ; void:triples ?n } }"""
    )
    assert isinstance(answer, QuerySolutions)
    lacking = {row["g"].value for row in answer}  # type: ignore[union-attr]
    assert lacking <= {BASE.graph("catalogue")}, "only the catalogue cannot count itself"


def test_no_two_partitions_share_a_node(graph: GraphStore) -> None:
    for curie in ("void:class", "void:property"):
        answer = graph.query(f"SELECT ?node (COUNT(?term) AS ?n) {{ ?node <{expand(curie)}> ?term }} GROUP BY ?node")
        assert isinstance(answer, QuerySolutions)
        counts = {row["node"].value: int(row["n"].value) for row in answer}  # type: ignore[union-attr]
        assert counts
        assert set(counts.values()) == {1}, [node for node, count in counts.items() if count > 1]


def test_the_counts_of_the_catalogue_are_those_of_the_graph(built: Built) -> None:
    found = catalogue(built.quads, built.descriptions, rules(), BASE, RELEASE)
    counted = {
        quad.subject.value: int(quad.object.value)  # type: ignore[union-attr]
        for quad in found
        if quad.predicate.value == expand("void:triples") and "/graph/" in quad.subject.value  # type: ignore[union-attr]
    }
    assert counted == Counter(quad.graph_name.value for quad in built.quads)  # type: ignore[union-attr]
    assert Literal(str(len({q.triple for q in built.quads})), datatype=NamedNode(f"{XSD}integer")) in {
        quad.object
        for quad in found
        if quad.subject.value == f"{BASE.iri}dataset"  # type: ignore[union-attr]
    }
