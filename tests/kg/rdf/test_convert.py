"""From records to quads: every kind of record, every field, and no node without a name."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kg import records
from kg.iris import Base, evidence_slug, reference_of, slug_of
from kg.namespaces import XSD, expand, shrink
from kg.rdf import MAPPINGS, Converter
from kg.rdf.convert import day, number, years
from kg.rdf.mapping import KIND_CLASSES
from kg.records import TABLES, Evidence, Record, Source
from tests.kg.instances import FULL, MINIMAL, PASSAGE

KINDS = list(FULL.values())
NAMES = [kind.__name__ for kind in FULL]

#: Fields that ``kg.rdf.convert`` handles by rules of its own, by record; the others stand in MAPPINGS.
SPECIAL: dict[type, set[str]] = {
    records.Country: {"member"},
    records.Geometry: {"subject", "wkt", "role"},
    records.Habitat: {"scheme", "uri", "wwf_code", "broader"},
    records.Name: {"language", "name"},
    records.Location: {"west", "south", "east", "north"},
    records.Figure: {"kind"},
    records.Movement: {"kind", "count", "count_max"},
}
#: Fields that every record handles by a rule, make the node's IRI, or are not published.
GENERAL = {"id", "evidence", "confidence", "note", "origin", "group"}


def quads_of(record: Record | Source, base: Base | None = None, links: dict[str, str] | None = None) -> list[Quad]:
    return list(Converter(base or Base(), links).quads(record, "test"))


def node_of(record: Record | Source) -> NamedNode:
    return NamedNode(Base().thing(reference_of(record)))


def values(record: Record | Source, curie: str) -> list[NamedNode | Literal]:
    """The values of a property of the record's own node."""
    found = [q.object for q in quads_of(record) if q.subject == node_of(record) and q.predicate.value == expand(curie)]
    return sorted(found, key=str)  # type: ignore[arg-type]


def changed(record: type, /, **fields: object) -> Record | Source:
    return dataclasses.replace(FULL[record], **fields)  # type: ignore[arg-type]


def test_every_record_has_a_mapping_and_an_instance() -> None:
    classes = {*TABLES.values(), records.Geometry}
    assert set(MAPPINGS) == classes
    assert set(FULL) == classes


@pytest.mark.parametrize("kind", FULL, ids=NAMES)
def test_every_field_becomes_a_property_or_has_a_rule_of_its_own(kind: type) -> None:
    mapping = MAPPINGS[kind]
    mapped = [item.field for item in mapping.properties] + ([mapping.time[0]] if mapping.time else [])
    special = SPECIAL.get(kind, set())
    assert set(mapped) | special | GENERAL >= {item.name for item in dataclasses.fields(kind)}
    assert set(mapped) | special <= {item.name for item in dataclasses.fields(kind)}
    assert not special & set(mapped)
    assert len(mapped) == len(set(mapped))


@pytest.mark.parametrize("kind", FULL, ids=NAMES)
def test_every_field_that_is_set_leaves_a_trace_in_the_graph(kind: type) -> None:
    whole = set(quads_of(FULL[kind]))
    for item in dataclasses.fields(kind):
        if item.name in ("id", "evidence", "origin", "group", "language") or item.default is item.default_factory:
            continue
        value = item.default if item.default is not dataclasses.MISSING else item.default_factory()  # type: ignore[misc]
        if kind is records.Location and item.name in ("latitude", "longitude", "west", "south", "east", "north"):
            continue  # either a point or a box, tested below
        assert set(quads_of(changed(kind, **{item.name: value}))) != whole, item.name


@pytest.mark.parametrize("record", [*KINDS, *MINIMAL.values()], ids=[*NAMES, *(f"least-{name}" for name in NAMES)])
def test_every_record_becomes_quads_of_named_nodes_in_named_graphs(record: Record | Source) -> None:
    found = quads_of(record)
    assert found
    for quad in found:
        for term in (quad.subject, quad.object, quad.graph_name):
            assert not isinstance(term, BlankNode)
        assert isinstance(quad.graph_name, NamedNode)
        assert shrink(quad.predicate.value), "every property has a prefix"
    assert NamedNode(expand("rdf:type")) in {quad.predicate for quad in found if quad.subject == node_of(record)}


@pytest.mark.parametrize("record", [r for r in KINDS if isinstance(r, Record)], ids=[n for n in NAMES if n != "Source"])
def test_every_record_has_its_confidence_and_evidence(record: Record) -> None:
    assert values(record, "neakg:confidence") == [NamedNode("https://w3id.org/neakg/scheme/confidence/stated")]
    assert values(record, "neakg:hasEvidence") == [NamedNode("https://w3id.org/neakg/id/evidence/a-book")]
    remarks = ["a remark", *([record.remark] if isinstance(record, records.Distribution) else [])]
    assert values(record, "rdfs:comment") == sorted((Literal(text, language="en") for text in remarks), key=str)


@pytest.mark.parametrize("kind", KIND_CLASSES)
def test_the_kind_of_a_figure_or_movement_is_its_class(kind: str) -> None:
    record = records.Movement if kind in ("migration", "cross-border-movement") else records.Figure
    assert values(changed(record, kind=kind), "rdf:type") == [NamedNode(expand(KIND_CLASSES[kind]))]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("0.0", "0"),
        ("100", "100"),
        ("100.0", "100"),
        ("43.50", "43.5"),
        ("-0.10", "-0.1"),
        ("1E+3", "1000"),
        ("0.000001", "0.000001"),
    ],
)
def test_a_number_is_a_decimal_without_trailing_zeros(value: str, text: str) -> None:
    assert number(Decimal(value)) == Literal(text, datatype=NamedNode(f"{XSD}decimal"))


@pytest.mark.parametrize(("text", "kind"), [("2012", "gYear"), ("2012-05", "gYearMonth"), ("2012-05-16", "date")])
def test_a_date_has_the_type_of_its_precision(text: str, kind: str) -> None:
    assert day(text) == Literal(text, datatype=NamedNode(XSD + kind))


def test_an_interval_is_text_and_has_a_first_and_a_last_year() -> None:
    assert day("2014/2015") == Literal("2014/2015")
    assert years("2014-05/2015-06-01") == ("2014", "2015")
    assert years("2014/..") == ("2014", None)
    assert years("2014-05-06") == ("2014", "2014")


def test_a_statement_with_an_interval_has_both_years() -> None:
    year = NamedNode(f"{XSD}gYear")
    assert values(FULL[records.Figure], "neakg:asOf") == [Literal("2014/2015")]
    assert values(FULL[records.Figure], "neakg:startYear") == [Literal("2014", datatype=year)]
    assert values(FULL[records.Figure], "neakg:endYear") == [Literal("2015", datatype=year)]


def test_an_open_interval_has_no_last_year() -> None:
    assert values(FULL[records.Activity], "neakg:startYear")
    assert not values(FULL[records.Activity], "neakg:endYear")


@pytest.mark.parametrize("kind", [records.Figure, records.Measurement])
def test_a_figure_without_a_date_says_that_it_is_undated(kind: type) -> None:
    true = Literal("true", datatype=NamedNode(f"{XSD}boolean"))
    assert values(changed(kind, as_of=None), "neakg:undated") == [true]
    assert not values(FULL[kind], "neakg:undated")


def test_an_empty_date_of_another_record_says_nothing() -> None:
    assert not values(changed(records.Distribution, as_of=None), "neakg:undated")


def test_zero_is_a_value() -> None:
    assert values(changed(records.Figure, value=Decimal(0)), "neakg:value") == [number(Decimal(0))]


def test_a_point_is_written_longitude_first() -> None:
    wkt = NamedNode(expand("geo:wktLiteral"))
    assert values(FULL[records.Location], "geo:asWKT") == [Literal("POINT(126 43.5)", datatype=wkt)]


def test_a_box_is_written_as_a_closed_ring() -> None:
    edges = {"west": Decimal("125.0"), "south": Decimal(43), "east": Decimal(127), "north": Decimal(44)}
    (found,) = values(changed(records.Location, latitude=None, longitude=None, **edges), "geo:asWKT")
    assert found.value == "POLYGON((125 43, 127 43, 127 44, 125 44, 125 43))"


def test_a_place_has_its_geometry() -> None:
    place = NamedNode("https://w3id.org/neakg/id/place/jilin")
    record = FULL[records.Location]
    assert Quad(
        place, NamedNode(expand("geo:hasGeometry")), node_of(record), NamedNode(Base().graph("test"))
    ) in quads_of(record)


def test_a_count_is_a_value_and_two_counts_are_a_range() -> None:
    assert [v.value for v in values(FULL[records.Movement], "neakg:minimum")] == ["3"]
    assert [v.value for v in values(FULL[records.Movement], "neakg:maximum")] == ["5"]
    single = changed(records.Movement, count_max=None)
    assert [v.value for v in values(single, "neakg:value")] == ["3"]
    assert not values(single, "neakg:minimum")
    assert not values(changed(records.Movement, count=None, count_max=None, count_manner=None), "neakg:unit")


def test_an_identifier_points_to_its_target_where_the_scheme_has_pages() -> None:
    assert values(FULL[records.Identifier], "neakg:targetIri") == [NamedNode("https://www.gbif.org/species/123")]
    assert values(FULL[records.Designation], "neakg:targetIri") == [NamedNode("https://www.protectedplanet.net/555")]
    assert not values(changed(records.Identifier, scheme="avibase"), "neakg:targetIri")


def test_an_identifier_that_fits_no_address_is_left_to_the_shapes() -> None:
    assert values(changed(records.Identifier, value="1 2>3"), "neakg:identifierValue") == [Literal("1 2>3")]


def test_a_habitat_is_a_concept_of_its_scheme() -> None:
    habitat = FULL[records.Habitat]
    assert node_of(habitat).value == "https://w3id.org/neakg/scheme/habitat/iucn-5-4"
    assert values(habitat, "skos:inScheme") == [NamedNode("https://w3id.org/neakg/scheme/habitat")]
    assert values(habitat, "skos:closeMatch") == [NamedNode("https://example.org/habitat/5.4")]
    assert values(habitat, "skos:broader") == [NamedNode("https://w3id.org/neakg/scheme/habitat/iucn-5")]
    assert values(habitat, "skos:topConceptOf") == []


def test_a_habitat_without_a_broader_one_is_a_top_concept() -> None:
    habitat = changed(records.Habitat, broader=())
    scheme = NamedNode("https://w3id.org/neakg/scheme/habitat")
    assert values(habitat, "skos:topConceptOf") == [scheme]
    said = {(quad.subject, shrink(quad.predicate.value), quad.object) for quad in quads_of(habitat)}
    assert (scheme, "skos:hasTopConcept", node_of(habitat)) in said


# --- evidence ----------------------------------------------------------------------------------------------


def evidence_quads(record: Record, **arguments: dict[str, str]) -> list[Quad]:
    return [quad for quad in quads_of(record, **arguments) if quad.subject != node_of(record)]  # type: ignore[arg-type]


def graphs(quads: list[Quad]) -> set[str]:
    return {quad.graph_name.value.removeprefix("https://w3id.org/neakg/graph/") for quad in quads}  # type: ignore[union-attr]


NAME = FULL[records.Name]
assert isinstance(NAME, Record)


def test_a_plain_citation_stands_in_the_bibliography() -> None:
    assert graphs(evidence_quads(NAME)) == {"bibliography"}
    assert graphs(quads_of(FULL[Source])) == {"bibliography"}


def test_a_passage_stands_in_the_graph_of_its_record() -> None:
    record = dataclasses.replace(NAME, evidence=(Evidence(("a-book",), PASSAGE),))
    assert graphs(quads_of(record)) == {"test"}


def test_a_passage_tells_where_it_stands() -> None:
    evidence = Evidence(("a-book",), PASSAGE)
    found = evidence_quads(
        dataclasses.replace(NAME, evidence=(evidence,)), links={"a-book": "https://example.org/page"}
    )
    said = {(shrink(quad.predicate.value), getattr(quad.object, "value", "")) for quad in found}
    integer = {(shrink(q.predicate.value), q.object.value) for q in found if isinstance(q.object, Literal)}
    assert ("neakg:passageLink", "https://example.org/page#:~:text=about%20twenty") in said
    assert ("dcterms:source", "https://w3id.org/neakg/id/source/a-book") in said
    assert {
        ("oa:start", "10"),
        ("oa:end", "20"),
        ("neakg:paragraph", "2"),
        ("neakg:heading", "Tigers"),
        ("neakg:passageSha256", "ab" * 32),
    } <= integer
    assert not any(name == "oa:exact" for name, _ in said)


def test_a_passage_is_quoted_only_when_the_text_is_at_hand() -> None:
    evidence = Evidence(("a-book",), dataclasses.replace(PASSAGE, quote="about twenty"))
    found = evidence_quads(dataclasses.replace(NAME, evidence=(evidence,)))
    assert [quad.object.value for quad in found if quad.predicate.value == expand("oa:exact")] == ["about twenty"]


def test_a_quote_does_not_rename_the_statement() -> None:
    plain = dataclasses.replace(NAME, evidence=(Evidence(("a-book",), PASSAGE),))
    quoted = dataclasses.replace(NAME, evidence=(Evidence(("a-book",), dataclasses.replace(PASSAGE, quote="x")),))
    assert slug_of(plain) == slug_of(quoted)


def test_several_sources_mean_one_of_these() -> None:
    evidence = Evidence(("a-book", "b-book"))
    found = evidence_quads(dataclasses.replace(NAME, evidence=(evidence,)))
    node = NamedNode(f"https://w3id.org/neakg/id/evidence/{evidence_slug(evidence)}")
    assert {quad.subject for quad in found} == {node}
    said = {(shrink(quad.predicate.value), quad.object.value) for quad in found}  # type: ignore[union-attr]
    assert ("neakg:evidenceScope", "https://w3id.org/neakg/scheme/evidence-scope/one-of-these") in said
    assert len([name for name, _ in said if name == "dcterms:source"]) == 2


@pytest.mark.parametrize("record", KINDS, ids=NAMES)
def test_another_base_renames_things_and_graphs_but_no_term(record: Record | Source) -> None:
    other = Base("http://localhost:8000/kg/")
    found = quads_of(record, other)
    keep = ("https://w3id.org/neakg/ontology#", "https://w3id.org/neakg/scheme/")
    for quad in found:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and term.value.startswith("https://w3id.org/neakg/"):
                assert term.value.startswith(keep)
    renamed = {str(quad).replace("http://localhost:8000/kg/", "https://w3id.org/neakg/") for quad in found}
    assert renamed == {str(quad) for quad in quads_of(record)}
