"""What no single table can check: keys, references, homes, and rules between the cells of a row."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from kg import records
from kg.checks import check
from kg.errors import TableErrors
from kg.records import Evidence, Origin, Record, Source
from tests.kg.instances import BIBLIOGRAPHY, FULL

#: Records that the references of the instances point to, beside the instances themselves.
OTHERS = [
    dataclasses.replace(FULL[records.Taxon], id="tiger", parent=None),
    dataclasses.replace(FULL[records.Population], id="all", part_of=None),
    dataclasses.replace(FULL[records.Country], id="cn"),
    dataclasses.replace(FULL[records.Country], id="ru"),
    dataclasses.replace(FULL[records.Border], id="cn-ru"),
    dataclasses.replace(FULL[records.Habitat], id="iucn-5", broader=()),
    dataclasses.replace(FULL[records.Organisation], id="escap", part_of=None),
    dataclasses.replace(FULL[records.Figure], id="tigers-2005", share_of=None),
]
EVERYTHING = [*FULL.values(), *OTHERS]


def whole(*more: Record | Source, without: type | None = None) -> list[tuple[str, Record | Source]]:
    """All instances (of other kinds than ``without``) and ``more``, as the register loads them."""
    return [("register", record) for record in [*EVERYTHING, *more] if type(record) is not without]


def mistakes(loaded: list[tuple[str, Record | Source]]) -> list[str]:
    try:
        check(loaded)
    except TableErrors as error:
        return [str(issue) for issue in error.issues]
    return []


def changed(kind: type, /, **fields: object) -> Record | Source:
    origin = Origin("kg/sources/x/table.csv", 7)
    key = {"id": "changed"} if any(item.name == "id" for item in dataclasses.fields(kind)) else {}
    return dataclasses.replace(FULL[kind], **{"origin": origin, **key, **fields})  # type: ignore[arg-type]


def mistake(kind: type, /, **fields: object) -> str:
    """The one mistake of a changed instance."""
    (found,) = mistakes(whole(changed(kind, **fields)))
    return found


def test_sound_records_pass() -> None:
    assert mistakes(whole()) == []


def test_a_reference_to_nothing_is_refused() -> None:
    found = mistake(records.Figure, taxon="species/sea-monster")
    assert found == (
        "kg/sources/x/table.csv:7:taxon: 'species/sea-monster': "
        "expected a reference to something that some table defines"
    )


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (records.Taxon, "parent", "species/none"),
        (records.Place, "countries", ("country/cn", "country/none")),
        (records.Project, "habitats", ("habitat/none",)),
        (records.Finding, "about", ("figure/none",)),
        (records.Listing, "list", "list/none"),
        (records.Relation, "object", "border/none"),
        (records.Movement, "via", ("border/none",)),
        (records.Figure, "share_of", "figure/none"),
    ],
)
def test_references_of_every_kind_are_followed(kind: type, field: str, value: object) -> None:
    assert f":{field}: " in mistake(kind, **{field: value})


def test_a_source_that_no_bibliography_has_is_refused() -> None:
    found = mistake(records.Organisation, evidence=(Evidence(("a-book", "lost-book")),))
    assert found.endswith(":sources: 'lost-book': expected the id of a bibliography entry")


def test_an_authority_that_no_bibliography_has_is_refused() -> None:
    assert "'lost-book'" in mistake(records.Taxon, according_to="lost-book")


def test_a_record_without_evidence_is_refused() -> None:
    assert mistake(records.Organisation, evidence=()).endswith("expected at least one bibliography entry")


def test_a_key_that_stands_in_two_files_is_refused() -> None:
    twin = dataclasses.replace(FULL[records.Place], origin=Origin("kg/sources/b/places.csv", 3))
    first = dataclasses.replace(FULL[records.Place], origin=Origin("kg/sources/a/places.csv", 2))
    loaded = [pair for pair in whole() if not isinstance(pair[1], records.Place)]
    (found,) = mistakes([*loaded, ("register", first), ("register", twin)])
    assert found == (
        "kg/sources/b/places.csv:3:id: 'place/jilin': expected a key used once; "
        "it also stands at kg/sources/a/places.csv:2"
    )


def test_the_same_row_in_two_sources_is_refused() -> None:
    assert "a key used once" in mistake(records.Name)


def test_one_key_for_things_of_two_kinds_is_fine() -> None:
    assert mistakes(whole(changed(records.Organisation, id="jilin"))) == []


def test_a_row_outside_the_home_of_its_first_source_is_refused() -> None:
    home = dataclasses.replace(BIBLIOGRAPHY, id="page", group="iucn-birdlife")
    record = changed(records.Organisation, evidence=(Evidence(("page",)),))
    assert mistakes([*whole(home), ("iucn-birdlife", record)]) == []
    assert mistakes([*whole(home), ("register", record)]) == []
    (found,) = mistakes([*whole(home), ("press", record)])
    assert found.endswith("'page': expected a row in kg/sources/iucn_birdlife, the home of its source")


NUMBERS = {"value": None, "minimum": None, "maximum": None}


@pytest.mark.parametrize("kind", [records.Figure, records.Measurement])
def test_an_amount_without_any_number_is_refused(kind: type) -> None:
    assert mistake(kind, **NUMBERS).endswith(":value: '': expected a value, a minimum or a maximum")


@pytest.mark.parametrize("kind", [records.Figure, records.Measurement])
def test_a_minimum_above_the_maximum_is_refused(kind: type) -> None:
    assert "expected a minimum that is not above the maximum 5" in mistake(kind, minimum=Decimal(6), maximum=Decimal(5))


@pytest.mark.parametrize("field", ["value", "minimum"])
def test_a_negative_amount_is_refused(field: str) -> None:
    assert "no negative amount" in mistake(records.Figure, **{**NUMBERS, field: Decimal("-0.1")})


@pytest.mark.parametrize("field", ["value", "minimum", "maximum"])
def test_a_bound_alone_and_a_zero_are_amounts(field: str) -> None:
    assert mistakes(whole(changed(records.Figure, **{**NUMBERS, field: Decimal(0)}))) == []


def test_more_than_100_percent_is_refused() -> None:
    share = {"kind": "share", "unit": "percent", **NUMBERS}
    assert "at most 100 percent" in mistake(records.Figure, **{**share, "value": Decimal("100.1")})
    assert "at most 100 percent" in mistake(records.Figure, **{**share, "maximum": Decimal(101)})
    assert mistakes(whole(changed(records.Figure, **{**share, "value": Decimal(100)}))) == []


def test_a_share_is_in_percent_and_nothing_else_is() -> None:
    numbers = {**NUMBERS, "value": Decimal(5)}
    assert "percent for a share" in mistake(records.Figure, kind="share", **numbers)
    assert "percent for a share" in mistake(records.Figure, unit="percent", **numbers)


def test_a_figure_without_a_population_or_a_place_is_refused() -> None:
    assert mistake(records.Figure, population=None, places=()).endswith("expected a population or a place")
    assert mistakes(whole(changed(records.Figure, population=None))) == []
    assert mistakes(whole(changed(records.Figure, id="other", places=()))) == []


def test_a_figure_without_a_taxon_counts_areas() -> None:
    assert ":taxon: " in mistake(records.Figure, taxon=None)
    assert mistakes(whole(changed(records.Figure, taxon=None, kind="area-count", unit="sites"))) == []


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ("area", "square-kilometre"),
        ("length", "kilometre"),
        ("protected-land-area", "square-kilometre"),
        ("protected-land-share", "percent"),
        ("protected-marine-share", "percent"),
    ],
)
def test_a_quantity_has_its_unit(quantity: str, unit: str) -> None:
    numbers = {**NUMBERS, "value": Decimal(5)}
    assert mistakes(whole(changed(records.Measurement, quantity=quantity, unit=unit, **numbers))) == []
    assert f"expected {unit}, because" in mistake(records.Measurement, quantity=quantity, unit="pairs", **numbers)


POINT = {"latitude": None, "longitude": None}
BOX = {"west": Decimal(125), "south": Decimal(43), "east": Decimal(127), "north": Decimal(44)}


@pytest.mark.parametrize(
    "fields",
    [
        POINT,
        BOX,
        {"longitude": None},
        {"latitude": None},
        {"west": Decimal(125)},
        {**POINT, **BOX, "east": None},
        {"longitude": None, **BOX},
    ],
)
def test_a_location_is_a_whole_point_or_a_whole_box(fields: dict[str, object]) -> None:
    assert "either latitude and longitude, or west, south, east and north" in mistake(records.Location, **fields)


def test_a_box_whose_south_lies_north_is_refused() -> None:
    assert ":south: " in mistake(records.Location, **POINT, **{**BOX, "north": Decimal(42)})


def test_a_point_on_the_equator_is_a_point() -> None:
    place = changed(records.Place, id="nowhere", countries=())
    location = changed(records.Location, subject="place/nowhere", latitude=Decimal(0), longitude=Decimal(0))
    assert mistakes(whole(place, location)) == []


@pytest.mark.parametrize("fields", [{"identifier": ""}, {"identifier_scheme": None}])
def test_an_identifier_of_a_designation_needs_its_scheme(fields: dict[str, object]) -> None:
    assert "identifier and identifier_scheme together, or neither" in mistake(records.Designation, **fields)


def test_a_designation_without_any_identifier_is_fine() -> None:
    assert mistakes(whole(changed(records.Designation, identifier="", identifier_scheme=None))) == []


@pytest.mark.parametrize("area", ["0", "-1"])
def test_a_designation_has_an_area_above_zero(area: str) -> None:
    assert "an area above zero" in mistake(records.Designation, area_km2=Decimal(area))


def test_a_point_far_outside_the_stated_countries_is_refused_unless_it_is_explained() -> None:
    there = {"latitude": Decimal(35), "longitude": Decimal(139)}
    found = mistake(records.Location, **there, exception="")
    assert "expected a point in cn (it is " in found
    assert "or a text in column exception" in found
    assert mistakes(whole(changed(records.Location, **there))) == []


def test_the_middle_of_a_box_is_held_against_the_stated_countries() -> None:
    away = {"west": Decimal(138), "south": Decimal(35), "east": Decimal(140), "north": Decimal(36)}
    assert "expected a point in cn" in mistake(records.Location, **POINT, **away, exception="")
    assert mistakes(whole(changed(records.Location, **POINT, **BOX, exception=""))) == []


def test_all_mistakes_are_reported_together() -> None:
    found = mistakes(
        whole(
            changed(records.Figure, taxon="species/none", **NUMBERS),
            changed(records.Designation, area_km2=Decimal(0)),
        )
    )
    assert len(found) == 3
