"""Each class that things are of has a shape, an example that conforms, and a counter-example that fails."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.namespaces import NEAKG, expand
from kg.validate import own_shapes, validate
from kg.vocabulary.frames import ABSTRACT, kebab
from kg.vocabulary.terms import terms
from tests.shapes.cases import INVALID, all_in_one_graph

EXAMPLES = Path(__file__).resolve().parents[2] / "ontology" / "examples"
TYPE = expand("rdf:type")
CLASSES = [term.name for term in terms().values() if term.kind == "class" and term.status != "deprecated"]
CONCRETE = sorted(set(CLASSES) - ABSTRACT)


def classes_of(triples: list[Triple]) -> dict[str, set[str]]:
    """Return the names of our classes that each thing is of."""
    found: dict[str, set[str]] = defaultdict(set)
    for triple in triples:
        if triple.predicate.value == TYPE and isinstance(triple.object, NamedNode):
            assert isinstance(triple.subject, NamedNode)
            found[triple.subject.value].add(triple.object.value.removeprefix(NEAKG))
    return found


@pytest.fixture(scope="module")
def targets() -> set[str]:
    """The classes that a shape of ours starts from."""
    start = expand("sh:targetClass")
    quads = parse(own_shapes(), format=RdfFormat.N_TRIPLES)
    return {quad.object.value for quad in quads if quad.predicate.value == start and isinstance(quad.object, NamedNode)}


@pytest.fixture(scope="module")
def broken() -> set[str]:
    """The classes of the things that the invalid cases of the shapes break a rule with."""
    triples = all_in_one_graph(INVALID)
    kinds = classes_of(triples)
    return {name for item in validate(triples).violations for name in kinds.get(item.focus, ())}


def test_there_are_classes() -> None:
    assert set(CLASSES) >= ABSTRACT
    assert len(CONCRETE) > 25


@pytest.mark.parametrize("name", CONCRETE)
def test_a_class_has_a_shape(targets: set[str], name: str) -> None:
    assert NEAKG + name in targets, f"no shape has sh:targetClass neakg:{name}: write one in shapes/"


@pytest.mark.parametrize("name", CONCRETE)
def test_a_class_has_an_example_that_conforms(name: str) -> None:
    path = EXAMPLES / f"{kebab(name)}.ttl"
    assert path.is_file(), f"neakg:{name} has no example: write ontology/examples/{path.name}"
    triples = [quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE)]
    assert any(name in kinds for kinds in classes_of(triples).values()), f"{path.name} has no neakg:{name}"
    report = validate(triples)
    assert not report.violations, [str(item) for item in report.violations]


@pytest.mark.parametrize("name", CONCRETE)
def test_a_class_has_a_counter_example_that_fails(broken: set[str], name: str) -> None:
    assert name in broken, f"no case of tests/shapes/*/invalid breaks a rule with a neakg:{name}: write one"


def test_a_class_without_a_counter_example_is_noticed(broken: set[str]) -> None:
    assert broken
    assert "Statement" not in broken
