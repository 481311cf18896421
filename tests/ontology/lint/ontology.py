"""What a lint rule looks at, and the list of rules: one function each, named after the rule it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from kg.namespaces import NEAKG, SCHEME

PROPERTIES: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
NAMES: Final = (RDFS.label, SKOS.prefLabel)
BUILT_IN: Final = tuple(str(space) for space in (RDF, RDFS, OWL, XSD))
#: Predicates that make up an axiom between named terms.
AXIOMS: Final = (
    RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.equivalentClass, OWL.equivalentProperty,
    OWL.disjointWith, OWL.inverseOf, OWL.propertyDisjointWith,
)  # fmt: skip


@dataclass(frozen=True)
class Ontology:
    """One graph of modules, labels, concept schemes and alignments, or the few triples of a broken case."""

    graph: Graph

    @cached_property
    def header(self) -> URIRef | None:
        """The ontology itself: alignments and schemes have no header of their own kind in our namespace."""
        found = [node for node in self.graph.subjects(RDF.type, OWL.Ontology) if f"{node}#" == NEAKG]
        return URIRef(found[0]) if found else None

    @cached_property
    def classes(self) -> list[URIRef]:
        return self._own((OWL.Class,))

    @cached_property
    def properties(self) -> list[URIRef]:
        return self._own(PROPERTIES)

    @property
    def terms(self) -> list[URIRef]:
        return [*self.classes, *self.properties]

    @cached_property
    def concepts(self) -> list[URIRef]:
        found = {node for node in self.graph.subjects(RDF.type, SKOS.Concept) if str(node).startswith(SCHEME)}
        return sorted(URIRef(node) for node in found)

    def _own(self, kinds: tuple[URIRef, ...]) -> list[URIRef]:
        found = {node for kind in kinds for node in self.graph.subjects(RDF.type, kind) if is_own(node)}
        return sorted(URIRef(node) for node in found)

    def has(self, term: Node, kind: URIRef) -> bool:
        return (term, RDF.type, kind) in self.graph

    def deprecated(self, term: Node) -> bool:
        return any(str(value) == "true" for value in self.graph.objects(term, OWL.deprecated))

    def one(self, term: Node, predicate: URIRef) -> Node | None:
        return self.graph.value(term, predicate, any=True)

    def of_header(self, predicate: URIRef) -> Node | None:
        """Return what the ontology says of itself; None when it has no header."""
        return self.one(self.header, predicate) if self.header else None

    def lacking(self, *predicates: URIRef, kind: type = Node) -> Iterator[str]:
        """Yield a finding for each predicate without a value of this kind on the header."""
        for predicate in predicates:
            value = self.of_header(predicate)
            if not isinstance(value, kind) or not str(value).strip():
                yield f"ontology: no {predicate}"

    def without_text(self, predicate: URIRef) -> Iterator[str]:
        """Yield a finding for each term without such a text, or with one that has no language."""
        for term in self.terms:
            texts = list(self.texts(term, predicate))
            if not texts or not all(text.language for text in texts):
                yield f"{local(term)}: {predicate} {texts}"

    def texts(self, term: Node, *predicates: URIRef) -> Iterator[Literal]:
        for predicate in predicates:
            yield from (value for value in self.graph.objects(term, predicate) if isinstance(value, Literal))

    def above(self, term: Node, predicate: URIRef) -> set[Node]:
        """Return all that lies above a term, without the term unless it lies under itself."""
        wider = self.graph.objects(term, predicate)
        return {node for direct in wider for node in self.graph.transitive_objects(direct, predicate)}

    def literals(self) -> Iterator[tuple[Node, Literal]]:
        """Yield every text about an own term, concept or the ontology."""
        for subject in (*self.terms, *self.concepts, *filter(None, [self.header])):
            for value in self.graph.objects(subject):
                if isinstance(value, Literal):
                    yield subject, value


#: A rule yields one line a finding: the name of what is wrong, a colon, and why.
Rule = Callable[[Ontology], Iterator[str]]
#: Rules by the name of their function; the value is what they answer, such as "OOPS! P06".
ORIGINS: dict[str, str] = {}
RULES: dict[str, Rule] = {}


def rule(origin: str) -> Callable[[Rule], Rule]:
    """Enter a function in the list of rules."""

    def enter(function: Rule) -> Rule:
        name = function.__name__
        assert name not in RULES, f"two rules are called {name}"
        RULES[name], ORIGINS[name] = function, origin
        return function

    return enter


def is_own(term: Node) -> bool:
    return isinstance(term, URIRef) and str(term).startswith(NEAKG)


def local(term: Node) -> str:
    return str(term).removeprefix(NEAKG).removeprefix(SCHEME)


def twice(pairs: Iterator[tuple[object, str]]) -> Iterator[str]:
    """Yield the names that share a key with an earlier one."""
    first: dict[object, str] = {}
    for key, name in pairs:
        if first.setdefault(key, name) != name:
            yield f"{name}: the same as {first[key]}, {key}"
