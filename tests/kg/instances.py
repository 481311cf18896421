"""One record of every kind with all its fields filled, for the tests of what is done with records."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from kg import records
from kg.records import Evidence, Locator, Record, Source

BOOK = (Evidence(("a-book",)),)
PASSAGE = Locator("Tigers", 2, 10, 20, "ab" * 32, ":~:text=about%20twenty")

_COMMON = {"evidence": BOOK, "confidence": "stated", "note": "a remark"}

_FIELDS: dict[type, dict[str, object]] = {
    records.Country: {"id": "mn", "name": "Mongolia", "official_name": "Mongolia", "member": True},
    records.Taxon: {
        "id": "amur-tiger",
        "scientific_name": "Panthera tigris altaica",
        "authorship": "Temminck, 1844",
        "rank": "subspecies",
        "according_to": "a-book",
        "parent": "species/tiger",
        "label": "Amur tiger",
    },
    records.TaxonName: {
        "taxon": "species/amur-tiger",
        "scientific_name": "Felis tigris altaica",
        "authorship": "Somebody",
        "status": "synonym",
        "according_to": "a-book",
    },
    records.Population: {
        "id": "east",
        "label": "Eastern population",
        "taxon": "species/amur-tiger",
        "part_of": "population/all",
        "range": "place/jilin",
    },
    records.Place: {
        "id": "jilin",
        "label": "Jilin",
        "kind": "province",
        "countries": ("country/cn",),
        "part_of": ("country/cn",),
    },
    records.ProtectedArea: {
        "id": "hunchun",
        "label": "Hunchun",
        "countries": ("country/cn",),
        "status": "former",
        "ended": "2019",
    },
    records.Border: {
        "id": "cn-mn",
        "label": "China-Mongolia",
        "countries": ("country/cn", "country/mn"),
        "status": "boundary",
        "parts": 2,
    },
    records.Geometry: {"subject": "border/cn-mn", "wkt": "LINESTRING(1 2, 3 4)", "role": "line"},
    records.Habitat: {
        "id": "iucn-5-4",
        "label": "Bogs",
        "definition": "Waterlogged ground.",
        "definition_after": "a made-up text",
        "scheme": "iucn-habitats",
        "code": "5.4",
        "uri": "https://example.org/habitat/5.4",
        "biome": "Wetland",
        "wwf_code": "PA0101",
        "broader": ("habitat/iucn-5",),
    },
    records.Organisation: {
        "id": "neaspec",
        "label": "NEASPEC",
        "part_of": "organisation/escap",
        "homepage": "https://example.org/",
    },
    records.FlagshipList: {
        "id": "flagships",
        "label": "Flagship species",
        "issued_by": "organisation/neaspec",
        "adopted": "2007-03",
        "adopted_at": "a meeting",
    },
    records.Agreement: {
        "id": "dauria",
        "label": "Dauria",
        "status": "in-force",
        "countries": ("country/cn", "country/mn"),
        "areas": ("area/hunchun",),
        "signed": ("1994", "2006-01-02"),
    },
    records.Project: {
        "id": "tigers",
        "label": "Tigers across the border",
        "kind": "project",
        "interval": "2010/2012",
        "leads": ("organisation/neaspec",),
        "partners": ("organisation/escap",),
        "donors": ("organisation/escap",),
        "taxa": ("species/amur-tiger",),
        "sites": ("place/jilin",),
        "habitats": ("habitat/iucn-5-4",),
        "outputs": "A report",
        "goal": "More tigers",
        "site_text": "somewhere else",
    },
    records.Activity: {
        "id": "counting",
        "label": "Counting",
        "project": "project/tigers",
        "kind": "census",
        "methods": ("census", "survey"),
        "sites": ("place/jilin",),
        "taxa": ("species/amur-tiger",),
        "interval": "2011/..",
    },
    records.Name: {"subject": "species/amur-tiger", "language": "zh-Hans", "name": "东北虎", "kind": "alternative"},
    records.Identifier: {
        "subject": "species/amur-tiger",
        "scheme": "gbif-backbone",
        "value": "123",
        "match": "close",
        "scheme_version": "2023",
    },
    records.Assessment: {
        "id": "tiger-en",
        "taxon": "species/amur-tiger",
        "category": "EN",
        "system": "iucn-red-list",
        "assessed": "2022",
        "criteria": "A1",
        "identifier": "15955",
    },
    records.Listing: {"taxon": "species/amur-tiger", "list": "list/flagships", "since": "2007"},
    records.Location: {
        "subject": "place/jilin",
        "latitude": Decimal("43.50"),
        "longitude": Decimal("126.0"),
        "kind": "stated",
        "exception": "a reason",
        "generalisation": "coarser",
    },
    records.Designation: {
        "id": "hunchun-park",
        "area": "area/hunchun",
        "kind": "national-park",
        "title": "Hunchun Park",
        "year": "2001/..",
        "ended": "2019-04",
        "area_km2": Decimal("1087.00"),
        "iucn_category": "Ia",
        "identifier_scheme": "wdpa",
        "identifier": "555",
    },
    records.Measurement: {
        "id": "border-length",
        "subject": "border/cn-mn",
        "quantity": "length",
        "extent": "land",
        "value": Decimal("4630.10"),
        "minimum": Decimal(4600),
        "maximum": Decimal(4700),
        "unit": "kilometre",
        "manner": "about",
        "as_of": "2020-05-06",
        "method": "geodesic-computation",
    },
    records.Relation: {
        "subject": "area/hunchun",
        "relation": "on-border",
        "object": "border/cn-mn",
        "since": "1990",
    },
    records.Figure: {
        "id": "tigers-2015",
        "kind": "population-estimate",
        "taxon": "species/amur-tiger",
        "population": "population/east",
        "places": ("place/jilin",),
        "value": Decimal("540.0"),
        "minimum": Decimal(500),
        "maximum": Decimal(600),
        "unit": "individuals",
        "manner": "about",
        "life_stage": "all",
        "as_of": "2014/2015",
        "season": "winter",
        "role": "year-round",
        "method": "snow-track-census",
        "method_text": "tracks in snow",
        "share_of": "figure/tigers-2005",
    },
    records.Distribution: {
        "id": "tiger-jilin",
        "taxon": "species/amur-tiger",
        "population": "population/east",
        "place": "place/jilin",
        "seasonality": "resident",
        "presence": "extant",
        "manner": "stated",
        "remark": "near the border",
        "as_of": "2015",
    },
    records.Movement: {
        "id": "tiger-walk",
        "kind": "cross-border-movement",
        "taxon": "species/amur-tiger",
        "population": "population/east",
        "origins": ("country/ru",),
        "via": ("border/cn-ru",),
        "destinations": ("place/jilin",),
        "season": "winter",
        "as_of": "2015",
        "count": Decimal(3),
        "count_max": Decimal(5),
        "count_manner": "about",
        "distance_km": Decimal("12.5"),
        "method": "camera-trapping",
    },
    records.HabitatUse: {"taxon": "species/amur-tiger", "habitat": "habitat/iucn-5-4", "role": "feeding"},
    records.Finding: {
        "id": "doubt",
        "about": ("figure/tigers-2015", "species/amur-tiger"),
        "kind": "outdated",
        "text": "There is a newer count.",
    },
}

BIBLIOGRAPHY = Source(
    id="a-book",
    title="A book",
    publisher="A press",
    url="https://example.org/book",
    read_at="https://example.org/copy",
    date="2010-05",
    version="2",
    kind="report",
    rights="all reserved",
    group="register",
    note="a remark",
)

#: Every field of every record is set, but the edges of a location: it has either a point or a box.
FULL: dict[type, Record | Source] = {
    Source: BIBLIOGRAPHY,
    **{kind: kind(**_COMMON, **fields) for kind, fields in _FIELDS.items()},
}


def required_only(record: Record | Source) -> Record | Source:
    """The same record with its required fields and its evidence only."""
    kept = {
        item.name: getattr(record, item.name)
        for item in dataclasses.fields(record)
        if item.name in ("evidence", "latitude", "longitude")
        or (item.default is item.default_factory is dataclasses.MISSING)
    }
    return type(record)(**kept)


MINIMAL: dict[type, Record | Source] = {kind: required_only(record) for kind, record in FULL.items()}
