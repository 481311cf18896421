"""The page about a thing: its names, its properties, the statements about it as tables, and what points to it."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from endpoint import alignments, schemes
from endpoint.context import Context
from endpoint.terms import Shown, Term, capital, heading_of, language_tag, name_of, show, show_iri
from kg.iris import Base
from kg.namespaces import SCHEME, expand
from kg.store import GraphStore

#: Most rows of a table and of a list on a page; the page says what it leaves to the data formats.
MOST_ROWS: Final = 500
MOST_LINKS: Final = 60
_MOST_INCOMING: Final = 5000

_TYPE: Final = expand("rdf:type")
_LABELS: Final = tuple(expand(curie) for curie in ("skos:prefLabel", "rdfs:label", "dcterms:title"))
_OTHER_NAMES: Final = expand("skos:altLabel")
_MATCHES: Final = tuple(expand(f"skos:{name}Match") for name in ("exact", "close", "broad", "narrow", "related"))
_EVIDENCE: Final = expand("neakg:hasEvidence")
_BROADER: Final = expand("skos:broader")
#: Says of a concept, from its scheme, what the concept says itself.
_MEMBERSHIP: Final = (expand("skos:hasTopConcept"), expand("skos:narrower"))

#: Lead to nodes that have a table of their own on the page.
_TABLED: Final = (expand("neakg:hasDesignation"), expand("neakg:hasActivity"))

#: Statement classes in the order of a page, each with the heading of its table.
SECTIONS: Final[dict[str, str]] = {
    expand(curie): heading
    for curie, heading in (
        ("neakg:Listing", "Lists"),
        ("neakg:StatusAssessment", "Status"),
        ("neakg:PopulationEstimate", "Population estimates"),
        ("neakg:SiteCount", "Counts at sites"),
        ("neakg:Share", "Shares"),
        ("neakg:AreaCount", "Counts of areas"),
        ("neakg:Measurement", "Measurements"),
        ("neakg:Population", "Populations"),
        ("neakg:Distribution", "Distribution"),
        ("neakg:Migration", "Migration"),
        ("neakg:CrossBorderMovement", "Movements across borders"),
        ("neakg:HabitatUse", "Habitats"),
        ("neakg:Designation", "Designations"),
        ("neakg:Relation", "Relations"),
        ("neakg:Activity", "Activities"),
        ("neakg:Name", "Names and their sources"),
        ("neakg:TaxonName", "Scientific names"),
        ("neakg:Identifier", "Identifiers elsewhere"),
        ("neakg:Location", "Location"),
        ("geo:Geometry", "Geometry"),
        ("neakg:Finding", "Doubts"),
    )
}

#: Columns that gather several properties: heading -> properties.
_AMOUNT: Final = ("neakg:value", "neakg:minimum", "neakg:maximum", "neakg:unit", "neakg:manner")
_TIME: Final = ("neakg:asOf", "neakg:interval", "neakg:since", "neakg:designated", "neakg:undated")
_YEARS: Final = ("neakg:startYear", "neakg:endYear")
_POINT: Final = ("dwc:decimalLatitude", "dwc:decimalLongitude", "geo:asWKT")
_FOREIGN: Final = ("neakg:identifierValue", "neakg:targetIri")
_NOTE: Final = ("rdfs:comment",)
_GATHERED: Final = {expand(curie) for group in (_AMOUNT, _TIME, _YEARS, _POINT, _FOREIGN, _NOTE) for curie in group} | {
    _TYPE,
    _EVIDENCE,
    expand("neakg:confidence"),
}
_DETAILS: Final = tuple(expand(curie) for curie in (*_NOTE, "neakg:confidence"))
#: Single properties that come first in a table, in this order; the others are details.
_FIRST: Final = tuple(
    expand(curie)
    for curie in (
        "rdfs:label", "skosxl:literalForm", "dwc:scientificName", "neakg:identifierScheme", "neakg:designationKind",
        "neakg:category", "neakg:inList", "neakg:quantity", "neakg:relationFrom", "neakg:relationKind",
        "neakg:relationTo", "neakg:ofTaxon", "neakg:ofPopulation", "neakg:usesHabitat", "neakg:atPlace",
        "neakg:seasonality", "neakg:presence", "neakg:activityKind", "neakg:nameKind", "neakg:findingKind",
        "dcterms:description", "neakg:fromPlace", "neakg:viaPlace", "neakg:toPlace",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a statement as its evidence column shows it."""

    source: Shown
    original: str = ""
    passage: str = ""
    where: str = ""
    quote: str = ""
    one_of: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """The values of one column in one row."""

    values: tuple[Shown, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The statements of one class."""

    id: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Group:
    """Values or links under one heading; ``total`` counts those left out as well."""

    heading: Shown
    values: tuple[Shown, ...]
    total: int


@dataclass
class View:
    """The quads of a document by subject and property, with the labels of everything they name."""

    context: Context
    store: GraphStore
    iri: str
    nodes: dict[str, dict[str, list[Term]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    labels: dict[str, str] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> Base:
        """Where the things of the data are named."""
        return self.context.dataset.base

    def load(self, quads: Iterable[Quad]) -> None:
        """Take in the document's quads."""
        named = {self.iri}
        for quad in quads:
            values = self.nodes[_key(quad.subject)][quad.predicate.value]
            if quad.object not in values:
                values.append(quad.object)
            named.add(quad.predicate.value)
            if isinstance(quad.object, NamedNode):
                named.add(quad.object.value)
        self.labels = self.context.labels(named)
        sources = {value.value for node in self.nodes.values() for value in node.get(expand("dcterms:source"), ())
                   if isinstance(value, NamedNode)}  # fmt: skip
        self.originals = _originals(self.store, sources)

    def values(self, node: str, *curies: str) -> list[Term]:
        """Return the values of a node's properties, in their order."""
        return [value for curie in curies for value in self.nodes[node].get(expand(curie), ())]

    def show(self, term: Term) -> Shown:
        """Return a term with its label."""
        return show(term, self.labels, self.base)

    def show_iri(self, iri: str) -> Shown:
        """Return an IRI with its label."""
        return show_iri(iri, self.labels, self.base)

    def shown(self, node: str, *curies: str) -> tuple[Shown, ...]:
        """Return the values of a node's properties as a page shows them, sorted."""
        return tuple(sorted((self.show(value) for value in self.values(node, *curies)), key=lambda item: item.text))


def _key(subject: object) -> str:
    assert isinstance(subject, NamedNode | BlankNode)
    return subject.value if isinstance(subject, NamedNode) else str(subject)


def _originals(store: GraphStore, sources: set[str]) -> dict[str, str]:
    """Return the web address of each source that has one."""
    if not sources:
        return {}
    values = " ".join(f"<{iri}>" for iri in sorted(sources))
    query = f"SELECT ?s ?u {{ VALUES ?s {{ {values} }} ?s <{expand('schema:url')}> ?u }}"
    return {row["s"].value: row["u"].value for row in store.query(query)}  # type: ignore[union-attr]


def page(context: Context, store: GraphStore, iri: str, address: str) -> bytes:
    """Return the HTML page about a thing.

    Args:
        context: the worker's context.
        store: where the thing is described.
        iri: the thing.
        address: path of its document, without suffix.
    """
    if iri.startswith(SCHEME) and schemes.is_scheme(store, iri):
        return schemes.page(context, store, iri, address)
    view = View(context, store, iri)
    view.load(store.document(iri))
    types = [view.show(value) for value in view.nodes[iri].get(_TYPE, ())]
    names = _names(view)
    return context.pages.render(
        "entity.html",
        iri=iri,
        address=address,
        title=view.labels.get(iri) or name_of(iri),
        types=types,
        names=names,
        also=_texts(view, _OTHER_NAMES),
        note=(*view.shown(iri, "skos:definition"), *view.shown(iri, "rdfs:comment")),
        parents=view.shown(iri, "skos:inScheme") or types[:1],
        sources=_sources(view, iri),
        confidence=view.shown(iri, "neakg:confidence"),
        amount=_amount(view, iri),
        properties=_properties(view),
        matches=_matches(view),
        tables=_tables(view),
        incoming=_incoming(view),
    )


# --- the thing itself ------------------------------------------------------------------------------------


def _texts(view: View, predicate: str) -> list[Shown]:
    found = {view.show(value) for value in view.nodes[view.iri].get(predicate, ())}
    return sorted(found, key=lambda item: (item.lang, item.text))


def _names(view: View) -> list[Shown]:
    """Return the labels in the languages other than the title's."""
    title = view.labels.get(view.iri, "")
    found = {item for predicate in _LABELS for item in _texts(view, predicate) if item.lang and item.text != title}
    return sorted(found, key=lambda item: (item.lang, item.text))


def _properties(view: View) -> list[Group]:
    hidden = {
        _TYPE,
        _EVIDENCE,
        _OTHER_NAMES,
        expand("neakg:confidence"),
        *_LABELS,
        *_MATCHES,
        *_TABLED,
        *map(expand, (*_NOTE, *_AMOUNT, *_YEARS, "skos:definition", "skos:topConceptOf")),
    }
    hidden |= {expand("geo:hasGeometry"), expand("geo:hasDefaultGeometry")}
    groups = []
    for predicate, values in view.nodes[view.iri].items():
        if predicate not in hidden:
            shown = sorted((view.show(value) for value in values), key=lambda item: item.text.casefold())
            groups.append(Group(_property(view, predicate), tuple(shown[:MOST_LINKS]), len(shown)))
    return sorted(groups, key=lambda group: group.heading.text.casefold())


def _property(view: View, predicate: str) -> Shown:
    shown = view.show_iri(predicate)
    text = shown.text if predicate in view.labels else heading_of(predicate)
    return Shown(capital(text), shown.href, title=predicate, external=shown.external)


def _matches(view: View) -> list[Group]:
    targets = {value.value for name in _MATCHES for value in view.nodes[view.iri].get(name, ())
               if isinstance(value, NamedNode)}  # fmt: skip
    known = alignments.labels()
    view.labels.update({iri: known[iri] for iri in targets - view.labels.keys() if iri in known})
    groups = []
    for predicate in _MATCHES:
        values = view.nodes[view.iri].get(predicate, ())
        shown = tuple(sorted((view.show(value) for value in values), key=lambda item: item.text))
        if shown:
            groups.append(Group(_property(view, predicate), shown, len(shown)))
    return groups


# --- the statements about it -------------------------------------------------------------------------------


def _tables(view: View) -> list[Table]:
    members: dict[str, list[str]] = defaultdict(list)
    for node, properties in view.nodes.items():
        classes = [value.value for value in properties.get(_TYPE, ()) if isinstance(value, NamedNode)]
        known = [name for name in classes if name in SECTIONS]
        if node != view.iri and known:
            members[known[0]].append(node)
    return [_table(view, name, members[name]) for name in SECTIONS if name in members]


Column = tuple[str, Callable[[str], Cell]]


def _table(view: View, name: str, nodes: list[str]) -> Table:
    columns = _columns(view, nodes)
    ready = [(node, tuple(render(node) for _, render in columns)) for node in nodes]
    rows = [row for _, row in sorted(ready, key=lambda item: _row_order(view, *item))]
    heading = SECTIONS[name]
    anchor = heading.lower().replace(" ", "-")
    shown = tuple(rows[:MOST_ROWS])
    return Table(anchor, heading, tuple(title for title, _ in columns), shown, len(rows))


def _row_order(view: View, node: str, row: tuple[Cell, ...]) -> tuple[int, list[str]]:
    """Order rows by year, newest first and undated last, then by what their cells say."""
    years = [int(value.value) for value in view.values(node, "neakg:startYear") if isinstance(value, Literal)]
    texts = [" ".join(f"{value.lang} {value.text}" for value in cell.values) for cell in row[:-1]]
    return -max(years, default=0), texts


def _columns(view: View, nodes: list[str]) -> list[Column]:
    used = {predicate for node in nodes for predicate in view.nodes[node]}
    # A property by which every row points to this very thing says nothing in a row.
    same = {item for item in used if all(_only_this(view, node, item) for node in nodes)}
    columns: list[Column] = []

    def gathered(heading: str, curies: tuple[str, ...], render: Callable[[View, str], tuple[Shown, ...]]) -> None:
        if used & {expand(curie) for curie in curies}:
            columns.append((heading, lambda node: Cell(render(view, node))))

    gathered("Figure", _AMOUNT, _amount)
    gathered("Coordinates", _POINT, _point)
    gathered("Language", ("skosxl:literalForm",), _languages)
    columns += [(_property(view, item).text, _single(view, item)) for item in _FIRST if item in used - same]
    gathered("Identifier", _FOREIGN, _foreign)
    gathered("When", _TIME, _when)
    if _EVIDENCE in used:
        columns.append(("Who says so", lambda node: Cell(sources=_sources(view, node))))
    rest = sorted(used - _GATHERED - same - set(_FIRST), key=lambda item: _property(view, item).text)
    if rest or used & set(_DETAILS):
        columns.append(("Details", lambda node: Cell(_details(view, node, rest))))
    columns.append(("Address", lambda node: Cell((_permalink(view, node),))))
    return columns


def _details(view: View, node: str, predicates: list[str]) -> tuple[Shown, ...]:
    """Return what only some rows have, each with its heading: note, further properties, confidence."""
    found = list(view.shown(node, *_NOTE))
    for predicate in (*predicates, expand("neakg:confidence")):
        heading = _property(view, predicate).text
        values = view.nodes[node].get(predicate, ())
        found += [dataclasses.replace(view.show(value), heading=heading) for value in values]
    return tuple(found)


def _only_this(view: View, node: str, predicate: str) -> bool:
    values = view.nodes[node].get(predicate, ())
    return all(isinstance(value, NamedNode) and value.value == view.iri for value in values)


def _single(view: View, predicate: str) -> Callable[[str], Cell]:
    def render(node: str) -> Cell:
        shown = sorted((view.show(value) for value in view.nodes[node].get(predicate, ())), key=lambda item: item.text)
        return Cell(tuple(shown))

    return render


def _permalink(view: View, node: str) -> Shown:
    target = view.show_iri(node)
    return Shown("link", target.href, title=node)


def _amount(view: View, node: str) -> tuple[Shown, ...]:
    """Return "about 500–600 individuals": manner, value or range, unit."""
    value, least, most = (view.shown(node, f"neakg:{name}") for name in ("value", "minimum", "maximum"))
    if not (value or least or most):
        return ()
    number = value[0].text if value else "–".join(part[0].text for part in (least, most) if part)
    manner = " ".join(item.text for item in view.shown(node, "neakg:manner") if item.text != "exactly")
    unit = " ".join(item.text for item in view.shown(node, "neakg:unit"))
    if not value and least and not most and not manner:
        manner = "at least"
    return (Shown(" ".join(part for part in (manner, number, unit) if part)),)


def _when(view: View, node: str) -> tuple[Shown, ...]:
    if view.values(node, "neakg:undated"):
        return (Shown("undated"),)
    return tuple(Shown(_interval(item.text)) for item in view.shown(node, *_TIME))


def _interval(text: str) -> str:
    start, slash, end = text.partition("/")
    if not slash:
        return text
    return f"since {start}" if end == ".." else f"{start} to {end}"


def _point(view: View, node: str) -> tuple[Shown, ...]:
    latitude, longitude = view.shown(node, "dwc:decimalLatitude"), view.shown(node, "dwc:decimalLongitude")
    if latitude and longitude:
        return (Shown(f"{latitude[0].text}, {longitude[0].text}", title="latitude, longitude (WGS 84)"),)
    return view.shown(node, "geo:asWKT")


def _foreign(view: View, node: str) -> tuple[Shown, ...]:
    values = view.shown(node, "neakg:identifierValue")
    targets = view.values(node, "neakg:targetIri")
    if len(values) == 1 and len(targets) == 1 and isinstance(targets[0], NamedNode):
        return (Shown(values[0].text.replace(",", ""), targets[0].value, external=True),)
    return values or view.shown(node, "neakg:targetIri")


def _languages(view: View, node: str) -> tuple[Shown, ...]:
    found = {value.language for value in view.values(node, "skosxl:literalForm") if isinstance(value, Literal)}
    return tuple(Shown(language_tag(tag)) for tag in sorted(tag for tag in found if tag))


# --- who said it ---------------------------------------------------------------------------------------------


def _sources(view: View, node: str) -> tuple[Source, ...]:
    found = []
    for evidence in view.nodes[node].get(_EVIDENCE, ()):
        if isinstance(evidence, NamedNode):
            found += _sources_of(view, evidence.value)
    return tuple(sorted(found, key=lambda item: (item.source.text, item.where)))


def _sources_of(view: View, evidence: str) -> list[Source]:
    cited = [value for value in view.values(evidence, "dcterms:source") if isinstance(value, NamedNode)]
    heading = " ".join(item.text for item in view.shown(evidence, "neakg:heading"))
    paragraph = " ".join(item.text for item in view.shown(evidence, "neakg:paragraph"))
    where = ", ".join(part for part in (heading, f"paragraph {paragraph}" if paragraph else "") if part)
    links = [value.value for value in view.values(evidence, "neakg:passageLink") if isinstance(value, NamedNode)]
    link = links[0] if links else ""
    quote = ""
    for selector in view.values(evidence, "oa:hasSelector"):
        if isinstance(selector, NamedNode) and (exact := view.values(selector.value, "oa:exact")):
            quote = exact[0].value if isinstance(exact[0], Literal) else ""
    return [
        Source(view.show(value), _web(view.originals.get(value.value, "")), _web(link), where, quote, len(cited) > 1)
        for value in cited
    ]


def _web(address: str) -> str:
    """Return the address when it is one of the web (never a script)."""
    return address if address.startswith(("http://", "https://")) else ""


# --- what points to it ----------------------------------------------------------------------------------------


def _incoming(view: View) -> list[Group]:
    quads = view.store.incoming(view.iri, _MOST_INCOMING)
    subjects: dict[str, list[str]] = defaultdict(list)
    for quad in quads:
        listed = quad.predicate.value in _MEMBERSHIP
        if isinstance(quad.subject, NamedNode) and quad.subject.value not in view.nodes and not listed:
            subjects[quad.predicate.value].append(quad.subject.value)
    kept = {predicate: list(dict.fromkeys(found)) for predicate, found in subjects.items()}
    view.labels.update(view.context.labels({iri for found in kept.values() for iri in found} | set(kept)))
    groups = []
    for predicate, found in kept.items():
        shown = sorted((view.show_iri(iri) for iri in found), key=lambda item: item.text.casefold())
        heading = _property(view, predicate)
        if predicate == _BROADER:
            heading = dataclasses.replace(heading, text="Narrower concepts")
        groups.append(Group(heading, tuple(shown[:MOST_LINKS]), len(shown)))
    return sorted(groups, key=lambda group: group.heading.text.casefold())
