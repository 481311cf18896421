"""The terms of the ontology as typed records, module by module: what pages, drawings and checks of it read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg.namespaces import NEAKG, expand
from kg.resources import folder, walk

#: The modules in reading order, and what each is about.
MODULES: Final[dict[str, str]] = {
    "core": "Statements, figures, names, identifiers, relations and findings",
    "evidence": "Sources and evidence",
    "species": "Taxa, populations, figures of animals, distribution and movement",
    "habitats": "Habitats and their use",
    "places": "Places, protected areas and designations",
    "borders": "Borders and what lies on them",
    "projects": "Organisations, projects, activities and agreements",
    "deprecated": "Terms kept for those who used them",
}
_KINDS: Final = {
    expand("owl:Class"): "class",
    expand("owl:ObjectProperty"): "object property",
    expand("owl:DatatypeProperty"): "datatype property",
    expand("owl:AnnotationProperty"): "annotation property",
}
_CHARACTERISTICS: Final = {
    expand("owl:SymmetricProperty"): "symmetric",
    expand("owl:TransitiveProperty"): "transitive",
    expand("owl:FunctionalProperty"): "functional",
    expand("owl:AsymmetricProperty"): "asymmetric",
    expand("owl:IrreflexiveProperty"): "irreflexive",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property of ours; IRIs are whole, language tags as the parser gives them.

    Args:
        iri: its IRI.
        name: its name in the namespace.
        kind: class, object property, datatype property or annotation property.
        module: the stem of the file that defines it.
        labels: language -> label.
        definition: what it means, in English.
        scope_notes: how it is not to be used.
        examples: in words.
        status: stable, testing or deprecated.
        since: the first version of the ontology that has it.
        parents: superclasses or superproperties, of any vocabulary.
        domains: its ``rdfs:domain``.
        ranges: its ``rdfs:range``.
        inverses: its ``owl:inverseOf``, said on either of the two.
        disjoint: classes with no common instance, said on either of the two.
        characteristics: symmetric, transitive ...
        replaced_by: what to use in place of a deprecated term.
        reason: why it is deprecated.
    """

    iri: str
    name: str
    kind: str
    module: str
    labels: Mapping[str, str]
    definition: str = ""
    scope_notes: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    status: str = ""
    since: str = ""
    parents: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    inverses: tuple[str, ...] = ()
    disjoint: tuple[str, ...] = ()
    characteristics: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    reason: str = ""

    @property
    def label(self) -> str:
        """The English label."""
        return self.labels.get("en", self.name)


Values = dict[str, list[NamedNode | Literal]]


@cache
def terms() -> dict[str, Term]:
    """Return every term of ours by its IRI: modules in reading order, the terms of a module as its file has them."""
    said: dict[str, Values] = defaultdict(lambda: defaultdict(list))
    homes: dict[str, str] = {}
    top = folder("ontology")
    for entry in [*(top / f"{name}.ttl" for name in MODULES), *walk(top / "translations", ".ttl")]:
        if not entry.is_file():
            continue
        for quad in parse(entry.read_bytes(), format=RdfFormat.TURTLE):
            if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, NamedNode | Literal):
                continue
            iri, predicate = quad.subject.value, quad.predicate.value
            said[iri][predicate].append(quad.object)
            if iri.startswith(NEAKG) and predicate == expand("rdf:type"):
                homes.setdefault(iri, entry.name.removesuffix(".ttl"))
    _both_ways(said)
    return {iri: _term(iri, module, said[iri]) for iri, module in homes.items()}


def of_module(name: str) -> list[Term]:
    """Return the terms of a module, as its file has them."""
    return [term for term in terms().values() if term.module == name]


def _both_ways(said: dict[str, Values]) -> None:
    """Let inverses and disjoint pairs, said once, be known on both ends."""
    for predicate in (expand("owl:inverseOf"), expand("owl:disjointWith")):
        for iri in list(said):
            for other in said[iri].get(predicate, ()):
                back = said[other.value][predicate]
                if all(known.value != iri for known in back):
                    back.append(NamedNode(iri))


def _term(iri: str, module: str, values: Values) -> Term:
    def all_of(curie: str) -> tuple[str, ...]:
        return tuple(value.value for value in values.get(expand(curie), ()))

    def first(curie: str) -> str:
        return next(iter(all_of(curie)), "")

    types = all_of("rdf:type")
    labels = {value.language or "": value.value for value in values.get(expand("rdfs:label"), ())
              if isinstance(value, Literal)}  # fmt: skip
    return Term(
        iri,
        iri.removeprefix(NEAKG),
        next((_KINDS[kind] for kind in types if kind in _KINDS), ""),
        module,
        labels,
        first("skos:definition"),
        all_of("skos:scopeNote"),
        all_of("skos:example"),
        first("vs:term_status"),
        first("neakg:sinceVersion"),
        (*all_of("rdfs:subClassOf"), *all_of("rdfs:subPropertyOf")),
        all_of("rdfs:domain"),
        all_of("rdfs:range"),
        all_of("owl:inverseOf"),
        all_of("owl:disjointWith"),
        tuple(_CHARACTERISTICS[kind] for kind in types if kind in _CHARACTERISTICS),
        all_of("dcterms:isReplacedBy"),
        first("skos:changeNote"),
    )
