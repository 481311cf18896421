"""What of the ontology and the graph an OWL 2 DL reasoner is given: ``python -m kg.vocabulary.projection``.

RDF says more than OWL 2 DL can take (OWL 2 Structural Specification, sections 3 and 4; OWL 2 Mapping to RDF Graphs,
section 3).  The projection keeps the meaning that a reasoner works with and leaves the rest, by these rules:

1. One ontology header, that of NEAKG; headers of alignments, ``owl:imports`` and versions are left out.
2. Annotations are left out: properties declared as such, those that RDFS and OWL define as such, and whatever is said
   about a term beyond its axioms.
3. Terms of other vocabularies are declared as what they are used as.  A property without a declaration is an object
   property when it leads to nodes only, a datatype property when it leads to literals only; one that leads to both
   is left out as an annotation (``Projection.left_out`` counts).
4. Every other node is declared as an individual.  A class that stands as a value is that and an individual (punning,
   Structural Specification, section 5.9).
5. Datatypes outside the OWL 2 datatype map become ones inside it, in values and in ranges alike: dates, years and
   months the ``xsd:dateTime`` of their first moment (so that a year never passes for a text), texts with a language
   ``rdf:PlainLiteral``, all others (``geo:wktLiteral``) ``xsd:string``.  xsd:time and durations are texts as well.
6. Statistics about the terms of RDF, RDFS, OWL and XSD (``void:property rdf:type``) are left out: no individual may
   have such a name (Structural Specification, section 5.6).
7. Names of graphs are left out: what stands in any graph is asserted.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from kg.namespaces import ONTOLOGY, OWL, RDF, RDFS, XSD, expand
from kg.vocabulary import files

_TYPE: Final = expand("rdf:type")
_A: Final = NamedNode(_TYPE)
CLASS: Final = expand("owl:Class")
OBJECT: Final = expand("owl:ObjectProperty")
DATA: Final = expand("owl:DatatypeProperty")
ANNOTATION: Final = expand("owl:AnnotationProperty")
INDIVIDUAL: Final = expand("owl:NamedIndividual")
_PROPERTIES: Final = (OBJECT, DATA, ANNOTATION)
_CHARACTERISTICS: Final = frozenset(
    expand(f"owl:{name}Property")
    for name in ("Functional", "InverseFunctional", "Transitive", "Symmetric", "Asymmetric", "Reflexive", "Irreflexive")
)
#: Types that say what a term is, none of which makes its subject an individual.
_META: Final = frozenset({CLASS, *_PROPERTIES, *_CHARACTERISTICS, INDIVIDUAL, expand("owl:Ontology"),
                          expand("rdfs:Class"), expand("rdf:Property"), expand("rdfs:Datatype")})  # fmt: skip
#: Axioms between two classes, and between two properties of one kind.
_BETWEEN_CLASSES: Final = frozenset(map(expand, ("rdfs:subClassOf", "owl:equivalentClass", "owl:disjointWith")))
_BETWEEN_PROPERTIES: Final = frozenset(
    map(expand, ("rdfs:subPropertyOf", "owl:equivalentProperty", "owl:inverseOf", "owl:propertyDisjointWith"))
)
_DOMAIN: Final = expand("rdfs:domain")
_RANGE: Final = expand("rdfs:range")
#: Axioms between individuals (OWL 2 Mapping to RDF Graphs, table 16).
_IDENTITY: Final = frozenset(map(expand, ("owl:sameAs", "owl:differentFrom")))
#: The OWL 2 datatype map (Structural Specification, section 4) as far as reasoners agree on it.
_DATATYPE_MAP: Final = frozenset(
    {f"{OWL}real", f"{OWL}rational", f"{RDF}PlainLiteral", f"{RDF}XMLLiteral", f"{RDFS}Literal"}
    | {XSD + name for name in (
        "anyURI", "base64Binary", "boolean", "byte", "dateTime", "dateTimeStamp", "decimal", "double", "float",
        "hexBinary", "int", "integer", "language", "long", "Name", "NCName", "negativeInteger", "NMTOKEN",
        "nonNegativeInteger", "nonPositiveInteger", "normalizedString", "positiveInteger", "short", "string", "token",
        "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort",
    )}
)  # fmt: skip
_MOMENTS: Final = frozenset(XSD + name for name in ("date", "gYear", "gYearMonth"))
_MOMENT: Final = re.compile(r"(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?(Z|[+-]\d\d:\d\d)?")

_RESERVED: Final = (RDF, RDFS, OWL, XSD)

Node = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Projection:
    """An OWL 2 DL document and what was done to get it.

    Args:
        triples: the document, declarations first.
        undeclared: terms used without a declaration -> the kind they were given.
        left_out: predicates of triples that are not in the document -> how many.
    """

    triples: tuple[Triple, ...]
    undeclared: dict[str, str]
    left_out: Counter[str]

    def to_rdf_xml(self) -> bytes:
        """Return the document as RDF/XML, the one syntax that every OWL tool must read (OWL 2 Conformance, 2.1)."""
        return serialize(self.triples, format=RdfFormat.RDF_XML) or b""


def project(triples: Iterable[Triple]) -> Projection:
    """Return the OWL 2 DL document of these triples, by the rules of this module.

    Raises:
        ValueError: a blank node; nothing that this project publishes has one.
    """
    given = list(dict.fromkeys(triples))
    if any(isinstance(term, BlankNode) for triple in given for term in triple):
        raise ValueError("blank nodes are not projected")
    kinds = _Kinds(given)
    kept: list[Triple] = []
    left_out: Counter[str] = Counter()
    for triple in given:
        if axiom := kinds.axiom(triple):
            kept.append(axiom)
        else:
            left_out[triple.predicate.value] += 1
    head = Triple(NamedNode(ONTOLOGY), _A, NamedNode(expand("owl:Ontology")))
    return Projection((head, *kinds.declarations(kept), *kept), kinds.undeclared, left_out)


class _Kinds:
    """What each IRI is: declared, or concluded from its use."""

    def __init__(self, triples: list[Triple]) -> None:
        self.of: dict[str, set[str]] = defaultdict(set)
        self.undeclared: dict[str, str] = {}
        for triple in triples:
            if triple.predicate == _A and isinstance(triple.object, NamedNode) and triple.object.value in _META:
                self.of[_iri(triple.subject)].add(triple.object.value)
        self._conclude_from_axioms(triples)
        self._conclude_from_values(triples)

    def _conclude(self, iri: str, kind: str) -> None:
        if not self.of.get(iri, set()) & {CLASS, *_PROPERTIES} and not iri.startswith(_RESERVED):
            self.of[iri].add(kind)
            self.undeclared[iri] = kind

    def _conclude_from_axioms(self, triples: list[Triple]) -> None:
        """Both sides of an axiom are of one kind; what is a type, a domain or the range of a relation is a class."""
        known = -1
        while known != len(self.undeclared):  # one conclusion may lead to the next
            known = len(self.undeclared)
            for triple in triples:
                for iri, kind in self._told(_iri(triple.subject), triple.predicate.value, _iri(triple.object)):
                    self._conclude(iri, kind)

    def _told(self, subject: str, predicate: str, value: str) -> Iterator[tuple[str, str]]:
        if predicate in _BETWEEN_CLASSES:
            yield from ((subject, CLASS), (value, CLASS))
        elif predicate == _TYPE:
            yield from () if value in _META else ((value, CLASS),)
        elif predicate == _DOMAIN or (predicate == _RANGE and OBJECT in self.of[subject]):
            yield value, CLASS
        elif predicate in _BETWEEN_PROPERTIES:
            for one, other in ((subject, value), (value, subject)):
                yield from ((one, kind) for kind in sorted(self.of.get(other, set()) & set(_PROPERTIES)))

    def _conclude_from_values(self, triples: list[Triple]) -> None:
        values: dict[str, set[str]] = defaultdict(set)
        for triple in triples:
            values[triple.predicate.value].add(DATA if isinstance(triple.object, Literal) else OBJECT)
        for iri, found in values.items():
            self._conclude(iri, next(iter(found)) if len(found) == 1 else ANNOTATION)

    def axiom(self, triple: Triple) -> Triple | None:
        """Return the triple as it stands in the document, or None for an annotation, a header or a declaration."""
        subject, predicate = _iri(triple.subject), triple.predicate.value
        kinds = self.of.get(subject, set())
        if predicate == _TYPE:
            kind = _iri(triple.object)
            return triple if kind in _CHARACTERISTICS or kind not in _META else None
        if predicate in _BETWEEN_CLASSES or predicate in _IDENTITY:
            return triple
        if predicate in _BETWEEN_PROPERTIES or predicate in (_DOMAIN, _RANGE):
            return None if ANNOTATION in kinds else Triple(triple.subject, triple.predicate, self._range(triple))
        if self.of.get(predicate, set()) & {OBJECT, DATA} and not _iri(triple.object).startswith(_RESERVED):
            value = _literal(triple.object) if isinstance(triple.object, Literal) else triple.object
            return Triple(triple.subject, triple.predicate, value)
        return None

    def _range(self, triple: Triple) -> Node:
        if triple.predicate.value == _RANGE and DATA in self.of[_iri(triple.subject)]:
            return NamedNode(_datatype(_iri(triple.object)))
        return triple.object

    def declarations(self, kept: list[Triple]) -> Iterator[Triple]:
        """Yield the kind of each term, and each other node as an individual."""
        named = {_iri(node) for triple in kept for node in (triple.subject, triple.object)}
        used = {*named, *(triple.predicate.value for triple in kept)}
        for iri in sorted(self.of):
            for kind in sorted(self.of[iri] & {CLASS, OBJECT, DATA}):
                if iri in used or iri not in self.undeclared:
                    yield Triple(NamedNode(iri), _A, NamedNode(kind))
        for iri in sorted(self._individuals(kept)):
            yield Triple(NamedNode(iri), _A, NamedNode(INDIVIDUAL))

    def _individuals(self, kept: list[Triple]) -> Iterator[str]:
        nodes: set[str] = set()
        for triple in kept:
            predicate, value = triple.predicate.value, triple.object
            if predicate == _TYPE and _iri(value) not in _META:
                nodes.add(_iri(triple.subject))
            elif predicate in _IDENTITY or OBJECT in self.of.get(predicate, set()):
                nodes |= {_iri(triple.subject), _iri(value)}
            elif DATA in self.of.get(predicate, set()):
                nodes.add(_iri(triple.subject))
        yield from nodes - {""}


def _iri(node: Node) -> str:
    return node.value if isinstance(node, NamedNode) else ""


def _datatype(iri: str) -> str:
    if iri in _DATATYPE_MAP:
        return iri
    if iri in _MOMENTS:
        return f"{XSD}dateTime"
    return f"{RDF}PlainLiteral" if iri == f"{RDF}langString" else f"{XSD}string"


def _literal(value: Literal) -> Literal:
    if value.language or value.datatype.value in _DATATYPE_MAP:
        return value
    if value.datatype.value in _MOMENTS and (found := _MOMENT.fullmatch(value.value)):
        year, month, day, zone = found.groups()
        text = f"{year}-{month or '01'}-{day or '01'}T00:00:00{zone or ''}"
        return Literal(text, datatype=NamedNode(f"{XSD}dateTime"))
    return Literal(value.value)


def published(*, alignments: bool = True, schemes: bool = True) -> Iterator[Triple]:
    """Yield the triples of the ontology's modules and, if asked for, of the concept schemes and the alignments."""

    def wanted(graph: str) -> bool:
        return graph == files.ONTOLOGY or (schemes if graph == files.VOCABULARIES else alignments)

    yield from (triple for _, triple in files.published(wanted))


def main() -> None:
    """Write the projection of the ontology, the schemes, the alignments and the N-Quads files named, as RDF/XML."""
    dumps = (quad.triple for name in sys.argv[1:] for quad in parse(path=Path(name), format=RdfFormat.N_QUADS))
    sys.stdout.buffer.write(project([*published(), *dumps]).to_rdf_xml())


if __name__ == "__main__":
    main()
