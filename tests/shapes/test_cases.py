"""Every shape has a valid case, every constraint an invalid one that breaks it and nothing else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from kg.namespaces import NEAKG, RDF, SH, SHAPES, expand
from kg.rdf.mapping import KIND_CLASSES, MAPPINGS
from kg.sensitive import load_policy
from kg.validate import own_shapes, validate
from tests.shapes.cases import HERE, INVALID, VALID, context, expectation, matches, name, ontology, report, triples

#: Shapes without a target: one is used by other shapes, one is applied by kg.validate to every node.
HELPERS = {f"{SHAPES}#AnyPlaceShape", f"{SHAPES}#NamedNodeShape"}
#: Parameters of the constraint components that our shapes use, and what a report calls them.
PARAMETERS = """
    class datatype disjoint hasValue in lessThan lessThanOrEquals maxCount maxExclusive maxInclusive maxLength minCount
    minExclusive minInclusive minLength node nodeKind not or pattern uniqueLang xone and equals
"""
COMPONENTS = {
    f"{SH}{parameter}": f"{SH}{parameter[0].upper()}{parameter[1:]}ConstraintComponent"
    for parameter in PARAMETERS.split()
} | {f"{SH}sparql": f"{SH}SPARQLConstraintComponent"}
#: Parts of a shape that constrain nothing.
OTHER = {SH + part for part in ("path", "property", "message", "severity")} | {
    SH + part for part in ("targetClass", "targetNode", "targetSubjectsOf")
}


def _shapes() -> Store:
    store = Store()
    store.load(own_shapes(), format=RdfFormat.N_TRIPLES)
    return store


SHAPES_GRAPH = _shapes()


def _named(kind: str) -> set[str]:
    rows = SHAPES_GRAPH.quads_for_pattern(None, NamedNode(f"{RDF}type"), NamedNode(SH + kind))
    return {row.subject.value for row in rows if isinstance(row.subject, NamedNode)}


def _values(predicate: str, shape: str | None = None) -> set[str]:
    subject = NamedNode(shape) if shape else None
    return {row.object.value for row in SHAPES_GRAPH.quads_for_pattern(subject, NamedNode(SH + predicate), None)}


def test_there_are_cases() -> None:
    assert VALID
    assert INVALID
    stems = {path.stem for path in (HERE.parents[1] / "shapes").glob("*.ttl")}
    assert {path.parents[1].name for path in VALID} == stems
    assert {path.parents[1].name for path in INVALID} == stems


def test_the_context_conforms_without_a_warning() -> None:
    assert [str(item) for item in validate(context()).violations] == []


@pytest.mark.parametrize("path", VALID, ids=name)
def test_a_valid_case_conforms_without_a_warning(path: Path) -> None:
    assert [str(item) for item in report(path).violations] == []


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_an_invalid_case_breaks_the_rule_of_its_first_line_and_no_other(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# expect: sh:")
    found = report(path).violations
    assert len(found) == 1, [f"{item.component} {item}" for item in found]
    assert matches(found[0], *expectation(path)), (expectation(path), found[0])


def test_every_shape_has_a_valid_case() -> None:
    everything = [triple for path in VALID for triple in triples(path)]
    classes = {triple.object for triple in everything if triple.predicate.value == f"{RDF}type"}
    used = {term.value for term in classes if isinstance(term, NamedNode)}
    properties = {triple.predicate.value for triple in everything}
    objects = {triple.object.value for triple in everything if not hasattr(triple.object, "predicate")}
    reached = used | properties | objects
    for shape in _named("NodeShape") - HELPERS:
        targets = {value for kind in ("Class", "SubjectsOf", "Node") for value in _values(f"target{kind}", shape)}
        assert targets, f"{shape} has no target"
        assert targets & reached, f"{shape} has no valid case"
    mapped = {expand(curie) for mapping in MAPPINGS.values() for curie in mapping.classes}
    assert mapped | {expand(curie) for curie in KIND_CLASSES.values()} <= used


def test_every_class_has_a_shape() -> None:
    mapped = {curie for mapping in MAPPINGS.values() for curie in mapping.classes} - {"skos:Concept"}
    extra = {"neakg:Evidence", "oa:TextPositionSelector", "oa:TextQuoteSelector", "void:Dataset", "dcat:Dataset"}
    assert {expand(curie) for curie in mapped | set(KIND_CLASSES.values()) | extra} <= _values("targetClass")


def test_every_statement_class_needs_evidence() -> None:
    statements = {curie for mapping in MAPPINGS.values() if mapping.is_statement for curie in mapping.classes}
    wanted = {expand(curie) for curie in statements | set(KIND_CLASSES.values())}
    assert wanted <= _values("targetClass", f"{SHAPES}#StatementShape")


def test_every_constraint_has_an_invalid_case() -> None:
    wanted = set()
    for shape in (_named("NodeShape") | _named("PropertyShape")) - HELPERS:
        for row in SHAPES_GRAPH.quads_for_pattern(NamedNode(shape), None, None):
            if component := COMPONENTS.get(row.predicate.value):
                wanted.add((shape, component))
    broken = {(item.shape, item.component) for path in INVALID for item in report(path).violations}
    assert sorted(wanted - broken) == []


def test_shapes_use_no_part_of_shacl_that_these_tests_do_not_know() -> None:
    for shape in _named("NodeShape") | _named("PropertyShape"):
        for row in SHAPES_GRAPH.quads_for_pattern(NamedNode(shape), None, None):
            part = row.predicate.value
            assert not part.startswith(SH) or part in COMPONENTS or part in OTHER, (shape, part)


def test_every_rule_is_a_named_sentence() -> None:
    """Blank property shapes and several SPARQL constraints in one shape are reported differently by the engines."""
    for row in SHAPES_GRAPH.quads_for_pattern(None, NamedNode(f"{SH}path"), None):
        assert isinstance(row.subject, NamedNode), f"a property shape without an IRI, path {row.object}"
        constrains = any(
            part.predicate.value in COMPONENTS for part in SHAPES_GRAPH.quads_for_pattern(row.subject, None, None)
        )
        assert not constrains or len(_values("message", row.subject.value)) == 1, row.subject
    for shape in _named("NodeShape"):
        assert len(_values("sparql", shape)) <= 1, shape
    for message in _values("message"):
        assert message[0].isupper(), message
        assert message.endswith((".", "}")), message


def test_every_term_of_ours_that_a_shape_uses_is_defined() -> None:
    terms = {
        term.value
        for row in SHAPES_GRAPH
        for term in (row.predicate, row.object)
        if isinstance(term, NamedNode) and term.value.startswith(NEAKG)
    }
    defined = {triple.subject.value for triple in ontology() if isinstance(triple.subject, NamedNode)}
    assert sorted(terms - defined) == []


def test_every_class_of_the_ontology_has_a_shape() -> None:
    classes = {
        triple.subject.value
        for triple in ontology()
        if triple.predicate.value == f"{RDF}type" and triple.object == NamedNode(expand("owl:Class"))
    }
    assert sorted({iri for iri in classes if iri.startswith(NEAKG)} - _values("targetClass")) == []


def test_the_policy_on_sensitive_places_is_no_finer_than_its_shape() -> None:
    assert load_policy().grid % Decimal("0.1") == 0
