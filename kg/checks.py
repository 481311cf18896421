"""What no single table can check: keys and references across all tables, and rules between the cells of a row.

Every mistake names file, line, column, value and what was expected, and all are reported together.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator
from functools import cache, singledispatch
from typing import Any, get_args, get_type_hints

from kg.errors import TableErrors, TableIssue
from kg.geometry import distance_km, outlines
from kg.iris import reference_of
from kg.records import (
    Designation,
    Figure,
    Location,
    Measurement,
    Place,
    ProtectedArea,
    Record,
    RefTo,
    Source,
)

#: A folder of this name may cite any bibliography entry; the other folders cite their own first.
REGISTER = "register"

#: The outlines are simplified; a point this near to its country counts as inside.
POINT_TOLERANCE_KM = 3.0

Loaded = list[tuple[str, Record | Source]]


def check(loaded: Loaded) -> None:
    """Check all records of all sources together.

    Args:
        loaded: pairs of source id and record.

    Raises:
        TableErrors: with every mistake.
    """
    issues: list[TableIssue] = []
    known = _known(loaded, issues)
    homes = {record.id: record.group for _, record in loaded if isinstance(record, Source)}
    for folder, record in loaded:
        if isinstance(record, Record):
            issues.extend(_references(record, known))
            issues.extend(_citations(folder, record, homes))
            issues.extend(_row(record))
    if not issues:  # a location may lack coordinates as long as rows are wrong
        issues.extend(_points(record for _, record in loaded))
    if issues:
        raise TableErrors(issues)


def _known(loaded: Loaded, issues: list[TableIssue]) -> set[str]:
    places: dict[str, Record | Source] = {}
    for _, record in loaded:
        reference = reference_of(record)
        if reference in places:
            first = _at(places[reference], "", reference)
            expected = f"a key used once; it also stands at {first.file}:{first.line}"
            issues.append(_at(record, "id", reference, expected))
        places[reference] = record
    return set(places)


def _at(record: Record | Source, column: str, value: str, expected: str = "") -> TableIssue:
    origin = record.origin
    return TableIssue(origin.file if origin else "?", origin.line if origin else 0, column, value, expected)


@cache
def _reference_fields(record: type) -> tuple[str, ...]:
    hints = get_type_hints(record, include_extras=True)
    return tuple(item.name for item in dataclasses.fields(record) if _holds_reference(hints[item.name]))


def _holds_reference(hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Annotated:
        return isinstance(get_args(hint)[1], RefTo)
    return any(_holds_reference(arg) for arg in get_args(hint))


def _references(record: Record, known: set[str]) -> Iterator[TableIssue]:
    kind: type = type(record)
    for name in _reference_fields(kind):
        value = getattr(record, name)
        for reference in value if isinstance(value, tuple) else (value,):
            if reference is not None and reference not in known:
                yield _at(record, name, reference, "a reference to something that some table defines")


def _citations(folder: str, record: Record, homes: dict[str, str]) -> Iterator[TableIssue]:
    cited: Iterable[str] = [source for evidence in record.evidence for source in evidence.sources]
    names = [*cited, *filter(None, [getattr(record, "according_to", None)])]
    for source in names:
        if source not in homes:
            yield _at(record, "sources", source, "the id of a bibliography entry")
    if not record.evidence:
        yield _at(record, "sources", "", "at least one bibliography entry")
    elif folder != REGISTER and (home := homes.get(record.evidence[0].sources[0], folder)) != folder:
        first = record.evidence[0].sources[0]
        yield _at(record, "sources", first, f"a row in kg/sources/{home.replace('-', '_')}, the home of its source")


def _points(records: Iterable[Record | Source]) -> Iterator[TableIssue]:
    """Yield the points and middles of boxes that lie outside the stated countries and do not say why."""
    stated: dict[str, tuple[str, ...]] = {}
    locations: list[Location] = []
    for record in records:
        if isinstance(record, Place | ProtectedArea):
            stated[reference_of(record)] = tuple(reference.partition("/")[2] for reference in record.countries)
        elif isinstance(record, Location):
            locations.append(record)
    for location in locations:
        countries = stated.get(location.subject, ())
        known = outlines()
        if location.exception or not countries or not all(code in known for code in countries):
            continue
        longitude, latitude = _middle(location)
        away = min(distance_km(longitude, latitude, code) for code in countries)
        if away > POINT_TOLERANCE_KM:
            expected = f"a point in {', '.join(countries)} (it is {away:.0f} km outside), or a text in column exception"
            yield _at(location, "latitude", f"{latitude}, {longitude}", expected)


def _middle(location: Location) -> tuple[float, float]:
    """Return longitude and latitude of the point, or of the middle of the box."""
    if location.latitude is not None and location.longitude is not None:
        return float(location.longitude), float(location.latitude)
    assert location.west is not None
    assert location.east is not None
    assert location.south is not None
    assert location.north is not None
    return float((location.west + location.east) / 2), float((location.south + location.north) / 2)


@singledispatch
def _row(_: Record) -> Iterator[TableIssue]:
    yield from ()


def _amount(record: Figure | Measurement) -> Iterator[TableIssue]:
    low, high = record.minimum, record.maximum
    if record.value is None and low is None and high is None:
        yield _at(record, "value", "", "a value, a minimum or a maximum")
    if low is not None and high is not None and low > high:
        yield _at(record, "minimum", str(low), f"a minimum that is not above the maximum {high}")
    if record.unit == "percent" and max(filter(None, (record.value, low, high)), default=0) > 100:
        yield _at(record, "value", str(record.value), "at most 100 percent")
    if min((number for number in (record.value, low, high) if number is not None), default=0) < 0:
        yield _at(record, "value", str(record.value), "no negative amount")


@_row.register
def _(record: Figure) -> Iterator[TableIssue]:
    yield from _amount(record)
    if record.kind != "area-count" and record.taxon is None:
        yield _at(record, "taxon", "", f"a taxon, because the kind is {record.kind}")
    if record.population is None and not record.places:
        yield _at(record, "population", "", "a population or a place")
    if (record.kind == "share") != (record.unit == "percent"):
        yield _at(record, "unit", record.unit, "percent for a share, and for a share only")


@_row.register
def _(record: Measurement) -> Iterator[TableIssue]:
    yield from _amount(record)
    units = {"area": "square-kilometre", "length": "kilometre", "protected-land-area": "square-kilometre"}
    expected = units.get(record.quantity, "percent")
    if record.unit != expected:
        yield _at(record, "unit", record.unit, f"{expected}, because the quantity is {record.quantity}")


@_row.register
def _(record: Location) -> Iterator[TableIssue]:
    point = [record.latitude, record.longitude]
    box = [record.west, record.south, record.east, record.north]
    given = ([None not in point, None not in box], [point != [None] * 2, box != [None] * 4])
    if given not in (([True, False], [True, False]), ([False, True], [False, True])):
        yield _at(record, "latitude", "", "either latitude and longitude, or west, south, east and north")
    elif record.south is not None and record.north is not None and record.south > record.north:
        yield _at(record, "south", str(record.south), "a southern edge that is not north of the northern one")


@_row.register
def _(record: Designation) -> Iterator[TableIssue]:
    if (record.identifier_scheme is None) != (record.identifier == ""):
        yield _at(record, "identifier", record.identifier, "identifier and identifier_scheme together, or neither")
    if record.area_km2 is not None and record.area_km2 <= 0:
        yield _at(record, "area_km2", str(record.area_km2), "an area above zero")
