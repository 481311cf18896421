"""The examples: one file a concrete class, whole, consistent, and made of defined terms only."""

from __future__ import annotations

import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef

from kg.namespaces import BASE, NEAKG, SCHEME
from kg.resources import folder, walk
from kg.vocabulary.frames import ABSTRACT, kebab

FILES = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "examples", ".ttl")}


def term(name: str) -> URIRef:
    return URIRef(NEAKG + name)


def read(name: str) -> Graph:
    return Graph().parse(data=FILES[name].read_bytes(), format="turtle")


def concrete_classes(modules: Graph) -> set[str]:
    own = (str(iri) for iri in modules.subjects(RDF.type, OWL.Class))
    return {iri.removeprefix(NEAKG) for iri in own if iri.startswith(NEAKG)} - ABSTRACT


def under(modules: Graph, graph: Graph, name: str) -> set[URIRef]:
    """Return the nodes of the graph whose class is the named one or lies under it."""
    return {
        node
        for node, kind in graph.subject_objects(RDF.type)
        if isinstance(node, URIRef) and term(name) in modules.transitive_objects(kind, RDFS.subClassOf)
    }


def test_every_concrete_class_has_its_example(modules: Graph) -> None:
    assert FILES, "ontology/examples is empty"
    classes = concrete_classes(modules)
    assert set(FILES) == {kebab(name) for name in classes}
    for name in classes:
        assert (None, RDF.type, term(name)) in read(kebab(name)), f"{kebab(name)}.ttl has no neakg:{name}"


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_example_names_things_of_the_base_and_no_blank_node(name: str) -> None:
    graph = read(name)
    assert not [node for triple in graph for node in triple if isinstance(node, BNode)]
    for subject in set(graph.subjects()):
        assert str(subject).startswith((f"{BASE}id/", SCHEME)), subject


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_example_uses_defined_terms_in_their_kind(modules: Graph, name: str) -> None:
    builtin = {RDF.type, RDFS.label, RDFS.comment}
    for _, predicate, value in read(name):
        kinds = set(modules.objects(predicate, RDF.type))
        assert kinds or predicate in builtin, f"{predicate} is not defined"
        assert not (OWL.ObjectProperty in kinds and isinstance(value, Literal)), f"{predicate} has a literal"
        assert not (OWL.DatatypeProperty in kinds and not isinstance(value, Literal)), f"{predicate} has an IRI"
        if predicate == RDF.type:
            assert (value, RDF.type, OWL.Class) in modules, f"class {value} is not defined"


@pytest.mark.parametrize("name", sorted(FILES))
def test_concepts_of_an_example_stand_in_their_schemes(vocabularies: Graph, name: str) -> None:
    graph = read(name)
    for value in set(graph.objects()):
        if str(value).startswith(SCHEME) and not str(value).startswith(f"{SCHEME}habitat"):
            assert (value, RDF.type, None) in vocabularies, value


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_example_holds_all_that_it_refers_to(name: str) -> None:
    graph = read(name)
    subjects = set(graph.subjects())
    for value in set(graph.objects()):
        if str(value).startswith(f"{BASE}id/"):
            assert value in subjects, value


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_statement_of_an_example_leads_to_a_source(modules: Graph, name: str) -> None:
    graph = read(name)
    source = URIRef("http://purl.org/dc/terms/source")
    for node in under(modules, graph, "Statement"):
        evidence = list(graph.objects(node, term("hasEvidence")))
        assert evidence, node
        for item in evidence:
            sources = list(graph.objects(item, source))
            assert sources, item
            assert all((one, RDF.type, term("Source")) in graph for one in sources)
        assert graph.value(node, term("confidence")) is not None


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_figure_of_an_example_has_unit_subject_and_date(modules: Graph, name: str) -> None:
    graph = read(name)
    for node in under(modules, graph, "Figure"):
        have = {str(p).removeprefix(NEAKG) for p in graph.predicates(node)}
        assert have >= {"unit", "manner"}
        assert have & {"value", "minimum", "maximum"}
        assert have & {"ofPopulation", "atPlace", "ofTaxon", "measurementOf"}
        assert have >= {"asOf", "startYear"} or "undated" in have


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_node_of_an_example_falls_in_two_disjoint_classes(modules: Graph, name: str) -> None:
    """RDFS entailment by domain, range and superclass, then the disjoint pairs (OWL 2 RL, rule cax-dw)."""
    graph = read(name)
    types: dict[object, set[object]] = {}
    for subject, predicate, value in graph:
        found = types.setdefault(subject, set())
        found.update(modules.objects(predicate, RDFS.domain))
        if predicate == RDF.type:
            found.add(value)
        elif isinstance(value, URIRef):
            types.setdefault(value, set()).update(modules.objects(predicate, RDFS.range))
    pairs = list(modules.subject_objects(OWL.disjointWith))
    for node, found in types.items():
        above = {wider for kind in found for wider in modules.transitive_objects(kind, RDFS.subClassOf)}
        clash = [pair for pair in pairs if above >= set(pair)]
        assert not clash, f"{node} is in {clash}"
