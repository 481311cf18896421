"""The page of a concept scheme: its concepts as a tree, each with labels, definition, mappings and uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from endpoint.alignments import Related, related
from endpoint.context import Context
from endpoint.rules import Rules
from endpoint.terms import Shown, capital, heading_of, language_tag, name_of, show, show_iri
from endpoint.translated import said_by
from kg.namespaces import NEAKG, SCHEME, expand
from kg.resources import folder
from kg.store import GraphStore
from kg.vocabulary.terms import terms

_MOST: Final = 10_000
_IN_SCHEME, _BROADER = expand("skos:inScheme"), expand("skos:broader")
_LABEL, _ALSO, _TITLE = expand("skos:prefLabel"), expand("skos:altLabel"), expand("dcterms:title")
_DEFINITION, _NOTE, _NOTATION = expand("skos:definition"), expand("skos:scopeNote"), expand("skos:notation")
_EXAMPLE, _DESCRIPTION = expand("skos:example"), expand("dcterms:description")
#: Said on the page in its own place, or of no use to a reader.
_SHOWN: Final = {_TITLE, _DESCRIPTION, _LABEL, expand("rdf:type"), expand("skos:hasTopConcept")}


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept in the tree.

    Args:
        iri: its IRI.
        anchor: its name in the scheme.
        href: the address of its own page.
        label: in English.
        notation: its code, where that is not its name.
        names: its labels in other languages.
        also: alternative labels, in any language.
        definition: what it means.
        notes: how it is not to be used.
        examples: in words.
        mappings: to other vocabularies.
        uses: triples of the graph that have it as a value.
        query: the SPARQL query that lists them.
        narrower: the concepts below it.
    """

    iri: str
    anchor: str
    href: str
    label: str
    notation: str
    names: tuple[Shown, ...]
    also: tuple[Shown, ...]
    definition: str
    notes: tuple[str, ...]
    examples: tuple[str, ...]
    mappings: tuple[Related, ...]
    uses: int
    query: str
    narrower: tuple[Concept, ...]


Values = dict[str, list[NamedNode | Literal]]


class _Scheme:
    def __init__(self, context: Context, store: GraphStore, iri: str) -> None:
        self.context = context
        self.iri = iri
        members = [quad.subject.value for quad in store.incoming(iri, _MOST)
                   if quad.predicate.value == _IN_SCHEME and isinstance(quad.subject, NamedNode)]  # fmt: skip
        self.said = values_of(store, dict.fromkeys(members))
        self.uses = self._uses()
        self.below: dict[str, list[str]] = defaultdict(list)
        for member, values in self.said.items():
            for parent in values.get(_BROADER, ()):
                self.below[parent.value].append(member)

    def _uses(self) -> dict[str, int]:
        if not self.said:
            return {}
        members = " ".join(f"<{iri}>" for iri in self.said)
        query = (f"SELECT ?c (COUNT(*) AS ?n) {{ VALUES ?c {{ {members} }} ?s ?p ?c "
                 f'FILTER(STRSTARTS(STR(?p), "{NEAKG}")) }} GROUP BY ?c')  # fmt: skip
        return {row["c"].value: int(row["n"].value) for row in self.context.store.query(query)}  # type: ignore[union-attr]

    def tree(self) -> tuple[Concept, ...]:
        tops = [iri for iri, values in self.said.items()
                if not any(parent.value in self.said for parent in values.get(_BROADER, ()))]  # fmt: skip
        return self._concepts(tops, frozenset())

    def _concepts(self, iris: Iterable[str], above: frozenset[str]) -> tuple[Concept, ...]:
        found = (self._concept(iri, above) for iri in iris if iri not in above)
        places = _places(self.iri.removeprefix(SCHEME))
        return tuple(sorted(found, key=lambda item: (places.get(item.iri, len(places)), item.label.casefold())))

    def _concept(self, iri: str, above: frozenset[str]) -> Concept:
        values = self.said[iri]
        labels = _texts(values, _LABEL, iri)
        name = iri.rpartition("/")[2]
        notation = next((value.value for value in values.get(_NOTATION, ())), "")
        english = next((item.text for item in labels if item.lang == "en"), name_of(iri))
        return Concept(
            iri,
            name,
            show_iri(iri, {}, self.context.dataset.base).href,
            english,
            notation if notation != name else "",
            tuple(item for item in labels if item.lang != "en"),
            _texts(values, _ALSO, iri),
            next((item.text for item in _texts(values, _DEFINITION)), ""),
            tuple(item.text for item in _texts(values, _NOTE)),
            tuple(item.text for item in _texts(values, _EXAMPLE)),
            related().get(iri, ()),
            self.uses.get(iri, 0),
            f"SELECT ?subject ?property WHERE {{ ?subject ?property <{iri}> }} ORDER BY ?subject LIMIT 1000",
            self._concepts(self.below[iri], above | {iri}),
        )


def values_of(store: GraphStore, iris: Iterable[str]) -> dict[str, Values]:
    """Return what a store says of things: IRI -> property -> values, each once."""
    found: dict[str, Values] = {}
    for iri in iris:
        values: Values = defaultdict(list)
        for quad in store.document(iri):
            told = values[quad.predicate.value] if quad.subject == NamedNode(iri) else []
            if isinstance(quad.object, NamedNode | Literal) and quad.object not in told:
                told.append(quad.object)
        found[iri] = values
    return found


def is_scheme(store: GraphStore, iri: str) -> bool:
    """Say whether a thing is a concept scheme."""
    kinds = values_of(store, [iri])[iri].get(expand("rdf:type"), ())
    return NamedNode(expand("skos:ConceptScheme")) in kinds


def _texts(values: Values, predicate: str, iri: str = "") -> tuple[Shown, ...]:
    """Return texts with their language; the title says who gives the label of a thing."""
    found = [Shown(value.value, lang=language_tag(value.language or "en"),
                   title=said_by(iri, value.language or "", value.value))
             for value in values.get(predicate, ()) if isinstance(value, Literal)]  # fmt: skip
    return tuple(sorted(found, key=lambda item: (item.lang, item.text)))


@cache
def _places(name: str) -> Mapping[str, int]:
    """Return where each concept stands in the file of its scheme: whoever wrote it put them in a sensible order."""
    file = folder("ontology") / "vocabularies" / f"{name}.ttl"
    quads = parse(file.read_bytes(), format=RdfFormat.TURTLE) if file.is_file() else ()
    return {iri: place for place, iri in enumerate(dict.fromkeys(str(quad.subject)[1:-1] for quad in quads))}


def page(context: Context, store: GraphStore, iri: str, address: str) -> bytes:
    """Return the HTML page about a concept scheme.

    Args:
        context: the worker's context.
        store: where the scheme is described.
        iri: the scheme.
        address: path of its document, without suffix.
    """
    scheme = _Scheme(context, store, iri)
    own = values_of(store, [iri])[iri]
    named = {value.value for values in own.values() for value in values if isinstance(value, NamedNode)}
    labels = context.labels(named | set(own))
    titles = _texts(own, _TITLE) or _texts(own, _LABEL)
    facts = [
        (capital(labels.get(predicate) or heading_of(predicate)),
         tuple(sorted((show(value, labels, context.dataset.base) for value in values), key=lambda item: item.text)))
        for predicate, values in own.items() if predicate not in _SHOWN
    ]  # fmt: skip
    return context.pages.render(
        "scheme.html",
        iri=iri,
        address=address,
        title=next((item.text for item in titles if item.lang == "en"), name_of(iri)),
        names=[item for item in (*titles, *_texts(own, _LABEL)) if item.lang != "en"],
        about=next((item.text for item in _texts(own, _DESCRIPTION)), ""),
        users=_users(context, iri),
        facts=sorted(facts),
        concepts=scheme.tree(),
        total=len(scheme.said),
    )


def _users(context: Context, iri: str) -> list[Shown]:
    """Return the properties whose values the shapes take from the scheme."""
    name = iri.rpartition("/")[2]
    schemes_of = Rules.of(context.shapes).schemes_of()
    return [Shown(term.name, f"/ontology#{term.name}", title=term.definition)
            for item, term in terms().items() if name in schemes_of.get(item, ())]  # fmt: skip
