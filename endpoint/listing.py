"""Pages that list: the start page, the named graphs, one named graph, the ontology and the shapes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from endpoint.context import Context
from endpoint.terms import Shown, capital, heading_of, local_address, show, show_iri
from kg.namespaces import NEAKG, ONTOLOGY, SHAPES, expand, shrink

#: Lists of the start page: heading -> query whose one column are things; BASE stands for the address of things.
_ENTRANCES: Final[dict[str, str]] = {
    "Flagship species": """
        SELECT DISTINCT ?thing { ?l neakg:inList <BASEid/list/neaspec-flagship-species> ; neakg:ofTaxon ?thing }""",
    "Land borders": """
        SELECT ?thing { ?thing a neakg:Border FILTER NOT EXISTS {
          ?thing neakg:betweenCountry ?country FILTER NOT EXISTS { ?country neakg:memberState true } } }""",
    "Countries": "SELECT ?thing { ?thing a neakg:Country ; neakg:memberState true }",
    "Projects": "SELECT ?thing { ?thing a neakg:Project }",
}
_COUNTS: Final = "SELECT ?class (COUNT(DISTINCT ?thing) AS ?n) { ?thing a ?class } GROUP BY ?class ORDER BY DESC(?n)"
_MOST_CLASSES: Final = 24
_VOID_TRIPLES: Final = expand("void:triples")


@dataclass(frozen=True, slots=True)
class TermEntry:
    """One term of a vocabulary page."""

    anchor: str
    name: str
    label: str
    iri: str
    rows: tuple[tuple[str, tuple[Shown, ...]], ...]


@dataclass(frozen=True, slots=True)
class GraphEntry:
    """One named graph of the list."""

    shown: Shown
    title: str
    triples: int


def _column(context: Context, query: str) -> list[str]:
    text = f"PREFIX neakg: <{NEAKG}>\n" + query.replace("<BASE", f"<{context.dataset.base.iri}")
    return [row[0].value for row in context.store.query(text)]  # type: ignore[union-attr]


def home(context: Context) -> bytes:
    """Return the start page."""
    entrances = []
    for heading, query in _ENTRANCES.items():
        iris = set(_column(context, query)) if context.dataset.is_ours else set()
        labels = context.labels(iris)
        shown = sorted((show_iri(iri, labels, context.dataset.base) for iri in iris), key=lambda item: item.text)
        if shown:
            entrances.append((heading, shown))
    rows = list(context.store.query(_COUNTS))  # type: ignore[arg-type]
    counts = {row["class"].value: int(row["n"].value) for row in rows[:_MOST_CLASSES]}
    labels = context.labels(set(counts))
    classes = [(show_iri(iri, labels, context.dataset.base), number, iri) for iri, number in counts.items()]
    return context.pages.render(
        "home.html",
        entrances=entrances,
        classes=classes,
        triples=len(context.store),
        graphs=len(context.store.graphs),
    )


def graph_entries(context: Context) -> list[GraphEntry]:
    """Return the named graphs with title and number of triples."""
    sizes = context.store.graph_sizes()
    titles = context.store.labels(sizes)
    return [
        GraphEntry(show_iri(iri, {iri: _graph_name(context, iri)}, context.dataset.base), titles.get(iri, ""), number)
        for iri, number in sizes.items()
    ]


def _graph_name(context: Context, iri: str) -> str:
    return iri.removeprefix(context.dataset.base.graph(""))


def graphs_page(context: Context) -> bytes:
    """Return the list of the named graphs."""
    return context.pages.render("graphs.html", graphs=graph_entries(context), union=context.store.union)


def graphs_json(context: Context) -> list[dict[str, object]]:
    """Return the list of the named graphs as plain values."""
    sizes = context.store.graph_sizes()
    titles = context.store.labels(sizes)
    return [{"iri": iri, "title": titles.get(iri), "triples": number} for iri, number in sizes.items()]


def graph_page(context: Context, iri: str, address: str) -> bytes:
    """Return the page that describes one named graph by what the catalogue says of it."""
    quads = [quad for quad in context.store.document(iri) if quad.subject == NamedNode(iri)]
    named = {term.value for quad in quads for term in (quad.predicate, quad.object) if isinstance(term, NamedNode)}
    labels = context.labels(named | {iri})
    groups: dict[str, list[Shown]] = defaultdict(list)
    for quad in quads:
        if quad.predicate.value != _VOID_TRIPLES:
            heading = capital(labels.get(quad.predicate.value) or heading_of(quad.predicate.value))
            shown = show(quad.object, labels, context.dataset.base)
            if shown not in groups[heading]:
                groups[heading].append(shown)
    return context.pages.render(
        "graph.html",
        iri=iri,
        address=address,
        name=_graph_name(context, iri),
        title=labels.get(iri) or _graph_name(context, iri),
        groups=sorted(groups.items()),
        triples=context.store.graph_sizes()[iri],
    )


# --- vocabulary pages -----------------------------------------------------------------------------------------

_DEFINITIONS: Final = tuple(expand(curie) for curie in ("skos:definition", "rdfs:comment", "sh:description"))
#: What a vocabulary page says of a term, in this order.
_ROWS: Final[dict[str, tuple[str, ...]]] = {
    "Definition": ("skos:definition", "rdfs:comment", "sh:description"),
    "Note": ("skos:scopeNote",),
    "Example": ("skos:example", "vann:example"),
    "Sub-class of": ("rdfs:subClassOf",),
    "Sub-property of": ("rdfs:subPropertyOf",),
    "Domain": ("rdfs:domain",),
    "Range": ("rdfs:range",),
    "Inverse of": ("owl:inverseOf",),
    "Applies to": ("sh:targetClass", "sh:targetSubjectsOf", "sh:targetObjectsOf"),
    "Severity": ("sh:severity",),
    "Message": ("sh:message",),
    "Status": ("vs:term_status", "owl:deprecated"),
}
_KINDS: Final[dict[str, str]] = {
    expand("owl:Class"): "Classes",
    expand("rdfs:Class"): "Classes",
    expand("owl:ObjectProperty"): "Properties to things",
    expand("owl:DatatypeProperty"): "Properties to values",
    expand("owl:AnnotationProperty"): "Annotation properties",
    expand("rdf:Property"): "Properties",
    expand("sh:NodeShape"): "Shapes",
    expand("sh:PropertyShape"): "Property shapes",
}


def vocabulary_page(context: Context, quads: list[Quad], iri: str) -> bytes:
    """Return the page that lists the terms of the ontology or the shapes."""
    nodes: dict[str, dict[str, list[Quad]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            nodes[quad.subject.value][quad.predicate.value].append(quad)
    labels = context.labels({term.value for quad in quads for term in (quad.subject, quad.predicate, quad.object)
                             if isinstance(term, NamedNode)})  # fmt: skip
    kinds: dict[str, list[TermEntry]] = defaultdict(list)
    for name, properties in nodes.items():
        heading = next((_KINDS[item.object.value] for item in properties.get(expand("rdf:type"), ())
                        if isinstance(item.object, NamedNode) and item.object.value in _KINDS), "")  # fmt: skip
        if heading and name.startswith((ONTOLOGY, SHAPES)) and "#" in name:
            kinds[heading].append(_entry(context, name, properties, labels))
    sections = [(heading, sorted(kinds[heading], key=lambda item: item.anchor))
                for heading in dict.fromkeys(_KINDS.values()) if heading in kinds]  # fmt: skip
    about = _literals(nodes.get(iri, {}), (*map(expand, ("dcterms:description", "dcterms:abstract")), *_DEFINITIONS))
    return context.pages.render(
        "vocabulary.html",
        iri=iri,
        title=labels.get(iri) or ("Ontology" if iri == ONTOLOGY else "Shapes"),
        about=about,
        address=local_address(iri, context.dataset.base),
        sections=sections,
    )


def _literals(properties: dict[str, list[Quad]], predicates: tuple[str, ...]) -> str:
    for predicate in predicates:
        for quad in properties.get(predicate, ()):
            if isinstance(quad.object, Literal):
                return quad.object.value
    return ""


def _entry(context: Context, iri: str, properties: dict[str, list[Quad]], labels: dict[str, str]) -> TermEntry:
    rows = []
    for heading, curies in _ROWS.items():
        values = [quad.object for curie in curies for quad in properties.get(expand(curie), ())]
        shown = tuple(show(value, labels, context.dataset.base) for value in values
                      if isinstance(value, NamedNode | Literal))  # fmt: skip
        if shown:
            rows.append((heading, shown))
    anchor = iri.rsplit("#", 1)[-1]
    return TermEntry(anchor, shrink(iri) or anchor, labels.get(iri, ""), iri, tuple(rows))
