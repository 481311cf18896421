"""The rules that compute new statements, each over a small graph made from records."""

from __future__ import annotations

import dataclasses

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg import records
from kg.derive import RULES, derive
from kg.derive.inverses import inverses
from kg.iris import Base, reference_of
from kg.namespaces import SCHEME, expand, shrink
from kg.rdf import Converter
from kg.records import Finding, Record, Source
from tests.kg.instances import FULL

BASE = Base()
TIGER = "species/amur-tiger"


def derived(rule: str, *said: Record | Source, base: Base = BASE) -> set[tuple[str, str, str]]:
    """What a rule makes of the records: subject (``type/slug``), property, and object."""
    converter = Converter(base)
    quads = [quad for record in said for quad in converter.quads(record, "test")]
    found = next(found for item, found in derive(quads, base) if item.id == rule)
    assert found == sorted(found, key=str)
    assert {quad.graph_name for quad in found} <= {NamedNode(base.graph(f"derived/{rule}"))}
    return {
        (_short(quad.subject, base), shrink(quad.predicate.value) or "", _short(quad.object, base)) for quad in found
    }


def _short(term: object, base: Base) -> str:
    if isinstance(term, Literal):
        return f"{term.value}@{term.language}" if term.language else term.value
    assert isinstance(term, NamedNode)
    return term.value.removeprefix(f"{base.iri}id/")


def changed(record: type, /, **fields: object) -> Record:
    return dataclasses.replace(FULL[record], **fields)  # type: ignore[return-value, arg-type]


def doubt(record: Record) -> Finding:
    return Finding(id="doubt", about=(reference_of(record),), kind="outdated", text="x", confidence="stated")


def test_every_rule_says_what_it_does() -> None:
    assert [rule.id for rule in RULES] == ["labels", "links", "shortcuts", "inverses"]
    for rule in RULES:
        assert rule.title
        assert rule.description.endswith(".")


# --- labels ------------------------------------------------------------------------------------------------


def name(text: str, language: str = "en", kind: str = "preferred", confidence: str = "stated") -> Record:
    return changed(records.Name, name=text, language=language, kind=kind, confidence=confidence)


def labels(*said: Record | Source) -> set[tuple[str, str]]:
    return {(prop, value) for subject, prop, value in derived("labels", *said) if subject == TIGER}


def test_the_things_own_label_wins() -> None:
    found = labels(FULL[records.Taxon], name("Aardvark", confidence="verified"))
    assert found == {("skos:prefLabel", "Amur tiger@en"), ("skos:altLabel", "Aardvark@en")}


def test_each_language_has_one_preferred_label() -> None:
    found = labels(name("虎", "ja"), name("トラ", "ja"), name("Тигр", "ru"), name("Tiger"))
    assert sorted(value for prop, value in found if prop == "skos:prefLabel") == ["Tiger@en", "Тигр@ru", "トラ@ja"]
    assert [value for prop, value in found if prop == "skos:altLabel"] == ["虎@ja"]


def test_a_verified_name_stands_before_others_and_an_alternative_one_last() -> None:
    found = labels(name("A", kind="alternative"), name("B"), name("C", confidence="verified"))
    assert found == {("skos:prefLabel", "C@en"), ("skos:altLabel", "A@en"), ("skos:altLabel", "B@en")}


def test_names_that_differ_in_capitals_only_are_one() -> None:
    assert labels(FULL[records.Taxon], name("AMUR TIGER"), name("Amur Tiger", kind="alternative")) == {
        ("skos:prefLabel", "Amur tiger@en")
    }


def test_a_worse_spelling_does_not_take_the_place_of_the_label() -> None:
    found = labels(FULL[records.Taxon], name("Siberian tiger"), name("Amur Tiger", kind="alternative"))
    assert found == {("skos:prefLabel", "Amur tiger@en"), ("skos:altLabel", "Siberian tiger@en")}


def test_the_same_name_by_two_sources_is_one_label() -> None:
    twice = [name("Tiger"), dataclasses.replace(name("Tiger"), evidence=(records.Evidence(("b-book",)),))]
    assert labels(*twice) == {("skos:prefLabel", "Tiger@en")}


def test_no_label_is_both_preferred_and_alternative() -> None:
    found = labels(name("Tiger"), name("Tiger", kind="alternative"))
    assert found == {("skos:prefLabel", "Tiger@en")}


# --- links -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("match", ["exact", "close", "broad", "narrow", "related"])
def test_an_identifier_becomes_a_mapping_of_its_kind(match: str) -> None:
    found = derived("links", changed(records.Identifier, match=match))
    assert found == {(TIGER, f"skos:{match}Match", "https://www.gbif.org/species/123")}


def test_an_identifier_of_something_else_makes_no_mapping() -> None:
    assert derived("links", changed(records.Identifier, match="not-same")) == set()


def test_an_identifier_without_an_address_makes_no_mapping() -> None:
    assert derived("links", changed(records.Identifier, scheme="avibase")) == set()


def test_a_doubted_identifier_makes_no_mapping() -> None:
    identifier = changed(records.Identifier)
    assert derived("links", identifier, doubt(identifier)) == set()


# --- shortcuts ---------------------------------------------------------------------------------------------

JILIN = "place/jilin"


def distribution(**fields: object) -> Record:
    return changed(records.Distribution, **fields)


@pytest.mark.parametrize(
    ("seasonality", "properties"),
    [
        ("resident", {"neakg:occursIn", "neakg:residesIn"}),
        ("breeding", {"neakg:occursIn", "neakg:breedsIn"}),
        ("non-breeding", {"neakg:occursIn", "neakg:wintersIn"}),
        ("passage", {"neakg:occursIn", "neakg:passesThrough"}),
        ("uncertain", {"neakg:occursIn"}),
    ],
)
@pytest.mark.parametrize("manner", ["stated", "inferred"])
def test_where_a_taxon_is_today_is_said_directly(seasonality: str, manner: str, properties: set[str]) -> None:
    found = derived("shortcuts", distribution(seasonality=seasonality, manner=manner))
    assert found == {(TIGER, prop, JILIN) for prop in properties}


@pytest.mark.parametrize("seasonality", ["resident", "breeding", "uncertain"])
def test_a_reported_occurrence_has_a_property_of_its_own(seasonality: str) -> None:
    found = derived("shortcuts", distribution(seasonality=seasonality, manner="reported"))
    assert found == {(TIGER, "neakg:reportedIn", JILIN)}


@pytest.mark.parametrize("presence", ["former", "extinct"])
def test_a_former_occurrence_has_a_property_of_its_own(presence: str) -> None:
    assert derived("shortcuts", distribution(presence=presence)) == {(TIGER, "neakg:formerlyOccurredIn", JILIN)}


@pytest.mark.parametrize("presence", ["possibly-extant", "possibly-extinct", "uncertain"])
def test_an_uncertain_presence_says_nothing_directly(presence: str) -> None:
    assert derived("shortcuts", distribution(presence=presence)) == set()


@pytest.mark.parametrize(
    "record",
    [distribution(), distribution(presence="former"), changed(records.Listing), changed(records.Relation)],
    ids=["distribution", "former", "listing", "relation"],
)
def test_a_doubted_statement_says_nothing_directly(record: Record) -> None:
    assert derived("shortcuts", record)
    assert derived("shortcuts", record, doubt(record)) == set()


def test_a_doubt_about_the_thing_itself_blocks_nothing() -> None:
    finding = Finding(id="doubt", about=(TIGER,), kind="outdated", text="x", confidence="stated")
    assert derived("shortcuts", changed(records.Listing), finding)


def test_a_listing_is_said_directly() -> None:
    assert derived("shortcuts", changed(records.Listing)) == {(TIGER, "neakg:onList", "list/flagships")}


@pytest.mark.parametrize(
    ("relation", "prop"),
    [
        ("on-border", "neakg:onBorder"),
        ("adjoins", "neakg:adjoins"),
        ("partner-across-border", "neakg:partnerAcrossBorder"),
        ("part-of", "neakg:withinPlace"),
        ("replaced-by", "neakg:replacedBy"),
        ("managed-by", "neakg:managedBy"),
        ("preys-on", "neakg:preysOn"),
    ],
)
def test_a_relation_is_said_directly(relation: str, prop: str) -> None:
    found = derived("shortcuts", changed(records.Relation, relation=relation))
    expected = {("area/hunchun", prop, "border/cn-mn")}
    if relation in ("adjoins", "partner-across-border"):  # these hold both ways round
        expected.add(("border/cn-mn", prop, "area/hunchun"))
    assert found == expected


@pytest.mark.parametrize("relation", ["near-border", "overlaps", "partner", "associated-with"])
def test_a_vague_relation_stays_a_statement(relation: str) -> None:
    assert derived("shortcuts", changed(records.Relation, relation=relation)) == set()


def test_the_next_wider_place_is_a_place_within_even_where_a_finding_doubts_the_place() -> None:
    place = changed(records.Place, part_of=("place/china",))
    expected = {(reference_of(place), "neakg:withinPlace", "place/china")}
    assert derived("shortcuts", place) == expected
    assert derived("shortcuts", place, doubt(place)) == expected


def test_the_rules_work_under_another_base() -> None:
    base = Base("http://localhost:8000/")
    assert derived("shortcuts", distribution(), base=base)
    assert derived("links", changed(records.Identifier), base=base)


def test_derived_triples_name_no_new_things(built: object) -> None:
    quads: list[Quad] = built.quads  # type: ignore[attr-defined]
    stated = {quad.subject for quad in quads if "/graph/derived/" not in quad.graph_name.value}  # type: ignore[union-attr]
    for quad in quads:
        if "/graph/derived/" in quad.graph_name.value:  # type: ignore[union-attr]
            assert quad.subject in stated, quad
            if isinstance(quad.object, NamedNode) and quad.object.value.startswith(f"{BASE.iri}id/"):
                assert quad.object in stated, quad


def test_no_thing_of_the_graph_has_two_preferred_labels_in_a_language(built: object) -> None:
    seen: set[tuple[str, str]] = set()
    for quad in built.quads:  # type: ignore[attr-defined]
        if quad.predicate.value == expand("skos:prefLabel") and not quad.subject.value.startswith(SCHEME):
            key = (quad.subject.value, quad.object.language or "")
            assert key not in seen, quad
            seen.add(key)
    assert seen


# --- inverses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (changed(records.Distribution), (JILIN, "neakg:hasTaxon", TIGER)),
        (changed(records.Listing), ("list/flagships", "neakg:listsTaxon", TIGER)),
        (changed(records.Relation, relation="part-of"), ("border/cn-mn", "neakg:containsPlace", "area/hunchun")),
        (changed(records.Relation, relation="replaced-by"), ("border/cn-mn", "neakg:replaces", "area/hunchun")),
    ],
    ids=["distribution", "listing", "part-of", "replaced-by"],
)
def test_a_direct_property_is_turned_round(said: Record, expected: tuple[str, str, str]) -> None:
    assert derived("inverses", said) == {expected}
    assert derived("inverses", said, doubt(said)) == set()


def test_a_stated_property_is_turned_round_whatever_is_doubted() -> None:
    said = changed(records.Designation)
    expected = {(said.area, "neakg:hasDesignation", reference_of(said))}  # type: ignore[attr-defined]
    assert derived("inverses", said) == derived("inverses", said, doubt(said)) == expected


def test_all_that_a_project_targets_knows_of_it() -> None:
    fields = {"taxa": (TIGER,), "sites": (JILIN,), "habitats": ("habitat/steppe",)}
    said = changed(records.Project, **fields)
    project = reference_of(said)
    expected = {(target, "neakg:targetedBy", project) for target in (TIGER, JILIN, f"{SCHEME}habitat/steppe")}
    assert derived("inverses", said) == expected


def test_nothing_else_is_turned_round() -> None:
    assert (
        derived("inverses", changed(records.Name), changed(records.Measurement), changed(records.HabitatUse)) == set()
    )


def test_the_inverse_of_a_property_is_that_of_its_subproperties() -> None:
    names = {shrink(property_): shrink(inverse) for property_, inverse in inverses().items()}
    assert names["neakg:targets"] == names["neakg:targetsHabitat"] == "neakg:targetedBy"
    assert names["neakg:occursIn"] == names["neakg:breedsIn"] == "neakg:hasTaxon"
    assert "neakg:hasTaxon" not in names


def test_the_inverse_of_what_needs_a_restricted_source_is_restricted_too() -> None:
    converter = Converter(BASE)
    free = changed(records.Distribution, place="place/jilin")
    closed = changed(records.Distribution, id="closed", place="place/china")
    quads = [*converter.quads(free, "free"), *converter.quads(closed, "closed")]
    restricted = frozenset({BASE.graph("closed")})
    found = next(found for rule, found in derive(quads, BASE, restricted) if rule.id == "inverses")
    where = {_short(quad.subject, BASE): quad.graph_name.value for quad in found}  # type: ignore[union-attr]
    assert where == {
        "place/jilin": BASE.derived("inverses"),
        "place/china": BASE.derived("inverses", restricted=True),
    }
    alone = next(found for rule, found in derive(converter.quads(free, "free"), BASE) if rule.id == "inverses")
    assert alone == [quad for quad in found if quad.graph_name.value == BASE.derived("inverses")]  # type: ignore[union-attr]


# --- rights --------------------------------------------------------------------------------------------------


def test_what_needs_a_source_that_forbids_reuse_goes_to_a_graph_of_its_own() -> None:
    converter = Converter(BASE)
    free = changed(records.Identifier, scheme="wikidata", value="Q1", match="exact")
    closed = changed(records.Identifier, scheme="wdpa", value="2", match="exact")
    quads = [*converter.quads(free, "free"), *converter.quads(closed, "closed")]
    found = next(found for rule, found in derive(quads, BASE, frozenset({BASE.graph("closed")})) if rule.id == "links")
    where = {quad.object.value: quad.graph_name.value for quad in found}  # type: ignore[union-attr]
    assert where == {
        "http://www.wikidata.org/entity/Q1": BASE.derived("links"),
        "https://www.protectedplanet.net/2": BASE.derived("links", restricted=True),
    }


def test_what_follows_from_free_graphs_alone_stays_free() -> None:
    converter = Converter(BASE)
    said = changed(records.Identifier, scheme="wikidata", value="Q1", match="exact")
    again = dataclasses.replace(said, evidence=(records.Evidence(("another",)),))
    quads = [*converter.quads(said, "free"), *converter.quads(again, "closed")]
    found = next(found for rule, found in derive(quads, BASE, frozenset({BASE.graph("closed")})) if rule.id == "links")
    assert {quad.graph_name.value for quad in found} == {BASE.derived("links")}  # type: ignore[union-attr]
