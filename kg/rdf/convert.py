"""From records to quads, by the table of ``kg.rdf.mapping`` and a few rules that no table can say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from kg.iris import Base, concept, evidence_slug, reference_of
from kg.namespaces import XSD, expand
from kg.rdf.mapping import KIND_CLASSES, MAPPINGS, TARGETS, Mapping, Property
from kg.records import (
    Country,
    Designation,
    Evidence,
    Figure,
    Geometry,
    Habitat,
    Identifier,
    Location,
    Measurement,
    Movement,
    Name,
    Record,
    Source,
)

#: The graph of bibliography entries and of plain citations of them.
BIBLIOGRAPHY = "bibliography"

Triple = tuple[str, str, "NamedNode | Literal"]


def number(value: Decimal) -> Literal:
    """Return an xsd:decimal in the one written form that the store gives back (no trailing zeros)."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Literal(text, datatype=NamedNode(f"{XSD}decimal"))


def day(text: str) -> Literal:
    """Return ``2012``, ``2012-05`` or ``2012-05-16`` as xsd:gYear, xsd:gYearMonth or xsd:date; an interval as text."""
    if "/" in text:
        return Literal(text)
    name = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(text)]
    return Literal(text, datatype=NamedNode(XSD + name))


def years(edtf: str) -> tuple[str, str | None]:
    """Return the first and the last year of a date or interval; the last is None when the end is open."""
    start, slash, end = edtf.partition("/")
    return start[:4], (None if end == ".." else end[:4]) if slash else start[:4]


class Converter:
    """Turns records into quads under one base IRI.

    Args:
        base: where things and graphs are named.
        links: address of each source by id, for links into a page.
    """

    def __init__(self, base: Base, links: dict[str, str] | None = None) -> None:
        self._base = base
        self._links = links or {}

    def quads(self, record: Record | Source, graph: str) -> Iterator[Quad]:
        """Yield the quads of one record; ``graph`` is the name of its graph (``government``)."""
        where = NamedNode(self._base.graph(BIBLIOGRAPHY if isinstance(record, Source) else graph))
        subject = self._base.thing(reference_of(record))
        for triple in self._triples(subject, record):
            yield _quad(triple, where)
        if isinstance(record, Record):
            for evidence in record.evidence:
                yield from self._evidence_quads(subject, evidence, where)

    def _triples(self, subject: str, record: Record | Source) -> Iterator[Triple]:
        mapping = MAPPINGS[type(record)]
        for name in mapping.classes or (KIND_CLASSES[record.kind],):  # type: ignore[union-attr]
            yield subject, "rdf:type", NamedNode(expand(name))
        for item in mapping.properties:
            for value in _values(getattr(record, item.field)):
                yield subject, item.predicate, self._term(item, value)
        yield from self._time(subject, record, mapping)
        if record.note:
            yield subject, "rdfs:comment", Literal(record.note, language="en")
        if isinstance(record, Record):
            yield subject, "neakg:confidence", NamedNode(concept("confidence", record.confidence))
        yield from self._special(record, subject)

    def _term(self, item: Property, value: Any) -> NamedNode | Literal:
        if item.kind == "reference":
            return NamedNode(self._base.thing(value))
        if item.kind == "source":
            return NamedNode(self._base.thing(f"source/{value}"))
        if item.kind == "concept":
            return NamedNode(concept(item.scheme, value))
        if item.kind == "address":
            return NamedNode(value)
        if item.kind == "number":
            return number(value)
        if item.kind == "integer":
            return Literal(str(value), datatype=NamedNode(f"{XSD}integer"))
        if item.kind == "date":
            return day(value)
        return Literal(value, language="en") if item.kind == "english" else Literal(value)

    def _time(self, subject: str, record: Record | Source, mapping: Mapping) -> Iterator[Triple]:
        if mapping.time is None:
            return
        field, predicate = mapping.time
        when: str | None = getattr(record, field)
        if when is None:
            if isinstance(record, Figure | Measurement):
                yield subject, "neakg:undated", Literal("true", datatype=NamedNode(f"{XSD}boolean"))
            return
        yield subject, predicate, Literal(when)
        start, end = years(when)
        yield subject, "neakg:startYear", day(start)
        if end is not None:
            yield subject, "neakg:endYear", day(end)

    def _evidence_quads(self, subject: str, evidence: Evidence, where: NamedNode) -> Iterator[Quad]:
        node = self._base.thing(f"evidence/{evidence_slug(evidence)}")
        yield _quad((subject, "neakg:hasEvidence", NamedNode(node)), where)
        home = where if evidence.locator else NamedNode(self._base.graph(BIBLIOGRAPHY))
        for triple in self._evidence(node, evidence):
            yield _quad(triple, home)

    def _evidence(self, node: str, evidence: Evidence) -> Iterator[Triple]:
        scope = "this-source" if len(evidence.sources) == 1 else "one-of-these"
        yield node, "rdf:type", NamedNode(expand("neakg:Evidence"))
        yield node, "neakg:evidenceScope", NamedNode(concept("evidence-scope", scope))
        for source in evidence.sources:
            yield node, "dcterms:source", NamedNode(self._base.thing(f"source/{source}"))
        locator = evidence.locator
        if locator is None:
            return
        integer = NamedNode(f"{XSD}integer")
        selector = f"{self._base.iri}id/selector/{evidence_slug(evidence)}"
        yield node, "oa:hasSelector", NamedNode(selector)
        yield selector, "rdf:type", NamedNode(expand("oa:TextPositionSelector"))
        yield selector, "oa:start", Literal(str(locator.start), datatype=integer)
        yield selector, "oa:end", Literal(str(locator.end), datatype=integer)
        yield node, "neakg:heading", Literal(locator.heading)
        yield node, "neakg:paragraph", Literal(str(locator.paragraph), datatype=integer)
        yield node, "neakg:passageSha256", Literal(locator.sha256)
        if link := self._links.get(evidence.sources[0]):
            yield node, "neakg:passageLink", NamedNode(f"{link}#{locator.fragment.lstrip('#')}")
        if locator.quote is not None:
            quote = f"{self._base.iri}id/selector/{evidence_slug(evidence)}-quote"
            yield node, "oa:hasSelector", NamedNode(quote)
            yield quote, "rdf:type", NamedNode(expand("oa:TextQuoteSelector"))
            yield quote, "oa:exact", Literal(locator.quote)

    # --- what no table says ---------------------------------------------------------------------------

    @singledispatchmethod
    def _special(self, _record: object, _subject: str) -> Iterator[Triple]:
        yield from ()

    @_special.register
    def _(self, record: Country, subject: str) -> Iterator[Triple]:
        flag = "true" if record.member else "false"
        yield subject, "neakg:memberState", Literal(flag, datatype=NamedNode(f"{XSD}boolean"))

    @_special.register
    def _(self, record: Name, subject: str) -> Iterator[Triple]:
        yield subject, "skosxl:literalForm", Literal(record.name, language=record.language)

    @_special.register
    def _(self, record: Identifier, subject: str) -> Iterator[Triple]:
        if template := TARGETS.get(record.scheme):
            yield subject, "neakg:targetIri", _target(template, record.value)

    @_special.register
    def _(self, record: Designation, subject: str) -> Iterator[Triple]:
        if record.identifier_scheme and (template := TARGETS.get(record.identifier_scheme)):
            yield subject, "neakg:targetIri", _target(template, record.identifier)

    @_special.register
    def _(self, record: Habitat, subject: str) -> Iterator[Triple]:
        scheme = concept("habitat", "").rstrip("/")
        yield subject, "skos:inScheme", NamedNode(scheme)
        for wider in record.broader:
            yield subject, "skos:broader", NamedNode(self._base.thing(wider))
        if not record.broader:  # SKOS Reference, S8: the two are inverse; whoever reads one of them finds it
            yield subject, "skos:topConceptOf", NamedNode(scheme)
            yield scheme, "skos:hasTopConcept", NamedNode(subject)
        if record.uri:
            yield subject, "skos:closeMatch", NamedNode(record.uri)
        yield subject, "neakg:habitatSystem", NamedNode(concept("habitat-system", record.scheme))
        if record.wwf_code:
            yield subject, "neakg:wwfCode", Literal(record.wwf_code)

    @_special.register
    def _(self, record: Movement, subject: str) -> Iterator[Triple]:
        if record.count is None:
            return
        first, last = record.count, record.count_max
        if last is None:
            yield subject, "neakg:value", number(first)
        else:
            yield subject, "neakg:minimum", number(first)
            yield subject, "neakg:maximum", number(last)
        yield subject, "neakg:unit", NamedNode(concept("unit", "individuals"))

    @_special.register
    def _(self, record: Location, subject: str) -> Iterator[Triple]:
        yield subject, "geo:asWKT", _wkt(_location_wkt(record))
        yield self._base.thing(record.subject), "geo:hasGeometry", NamedNode(subject)

    @_special.register
    def _(self, record: Geometry, subject: str) -> Iterator[Triple]:
        yield subject, "geo:asWKT", _wkt(record.wkt)
        yield self._base.thing(record.subject), "geo:hasGeometry", NamedNode(subject)
        yield self._base.thing(record.subject), "geo:hasDefaultGeometry", NamedNode(subject)


def _quad(triple: Triple, graph: NamedNode) -> Quad:
    subject, predicate, value = triple
    return Quad(NamedNode(subject), NamedNode(expand(predicate)), value, graph)


def _values(value: Any) -> tuple[Any, ...]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, tuple) else (value,)


def _target(template: str, value: str) -> NamedNode:
    """Return the address of a value; one that breaks its scheme's pattern is for the shapes to refuse."""
    return NamedNode(template.format(quote(value)))


def _wkt(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(expand("geo:wktLiteral")))


def _location_wkt(record: Location) -> str:
    """Return the point or the box as WKT in CRS84 (longitude first)."""
    if record.latitude is not None:
        return f"POINT({_plain(record.longitude)} {_plain(record.latitude)})"
    west, south, east, north = (_plain(edge) for edge in (record.west, record.south, record.east, record.north))
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return f"POLYGON(({ring}))"


def _plain(value: Decimal | None) -> str:
    assert value is not None, "checked when the table was read"
    return re.sub(r"\.?0+$", "", f"{value:f}") if "." in f"{value:f}" else f"{value:f}"
