"""Pages that list: the start page, the named graphs, one named graph, and the shapes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from endpoint.context import Context
from endpoint.terms import Shown, capital, heading_of, show, show_iri
from kg.namespaces import NEAKG, SHAPES, expand

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
    """One shape."""

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


# --- the shapes -----------------------------------------------------------------------------------------------

#: What the page says of a shape, in this order.
_ROWS: Final[dict[str, tuple[str, ...]]] = {
    "About": ("rdfs:comment", "sh:description"),
    "Rule": ("sh:message",),
    "Applies to": ("sh:targetClass", "sh:targetNode"),
    "Applies to what has": ("sh:targetSubjectsOf",),
    "Applies to values of": ("sh:targetObjectsOf",),
    "Property": ("sh:path",),
    "At least": ("sh:minCount",),
    "At most": ("sh:maxCount",),
    "Values": ("sh:class", "sh:datatype", "sh:node", "sh:nodeKind"),
    "Pattern": ("sh:pattern",),
    "Severity": ("sh:severity",),
    "Rules": ("sh:property",),
}
_KINDS: Final[dict[str, str]] = {
    expand("sh:NodeShape"): "Shapes",
    expand("sh:PropertyShape"): "Property shapes",
}


def shapes_page(context: Context, quads: list[Quad]) -> bytes:
    """Return the page that lists the shapes."""
    nodes: dict[str, dict[str, list[Quad]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            nodes[quad.subject.value][quad.predicate.value].append(quad)
    labels = context.labels({term.value for quad in quads for term in (quad.subject, quad.predicate, quad.object)
                             if isinstance(term, NamedNode)})  # fmt: skip
    labels |= {name: name.removeprefix(f"{SHAPES}#") for name in nodes if name.startswith(f"{SHAPES}#")}
    kinds: dict[str, list[TermEntry]] = defaultdict(list)
    for name, properties in nodes.items():
        heading = next((_KINDS[item.object.value] for item in properties.get(expand("rdf:type"), ())
                        if isinstance(item.object, NamedNode) and item.object.value in _KINDS), "")  # fmt: skip
        if heading and name.startswith(f"{SHAPES}#"):
            kinds[heading].append(_entry(context, name, properties, labels))
    own = nodes.get(SHAPES, {})
    return context.pages.render(
        "shapes.html",
        iri=SHAPES,
        title=_literal(own, "rdfs:label") or "Shapes",
        about=_literal(own, "rdfs:comment"),
        sections=[(heading, sorted(kinds[heading], key=lambda item: item.anchor)) for heading in _KINDS.values()],
    )


def _literal(properties: dict[str, list[Quad]], curie: str) -> str:
    found = (quad.object.value for quad in properties.get(expand(curie), ()) if isinstance(quad.object, Literal))
    return next(found, "")


def _entry(context: Context, iri: str, properties: dict[str, list[Quad]], labels: dict[str, str]) -> TermEntry:
    rows = []
    for heading, curies in _ROWS.items():
        values = [quad.object for curie in curies for quad in properties.get(expand(curie), ())]
        shown = tuple(show(value, labels, context.dataset.base) for value in values
                      if isinstance(value, NamedNode | Literal))  # fmt: skip
        if shown:
            rows.append((heading, shown))
    anchor = iri.rsplit("#", 1)[-1]
    return TermEntry(anchor, anchor, _literal(properties, "rdfs:label"), iri, tuple(rows))
