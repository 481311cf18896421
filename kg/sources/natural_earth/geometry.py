"""Border lines, country outlines and computed lengths out of the two GeoJSON files of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import Any

from kg.records import Evidence, Geometry, Measurement, Origin

FOLDER = "kg/sources/natural_earth"
BORDERS = "borders.geojson"
OUTLINES = "outlines.geojson"
_WKT_NAMES = {"MultiLineString": "MULTILINESTRING", "MultiPolygon": "MULTIPOLYGON"}
_VIEW = "as Natural Earth 1:10m draws it; no position on any boundary is taken"
_LENGTH = "along the 1:10m line, on the WGS 84 ellipsoid; a generalised line is not the official length"


def load_geometries() -> Iterator[Geometry]:
    """Yield the lines of the land borders and the outlines of the member states."""
    for feature, origin, evidence in _features(BORDERS):
        yield Geometry(
            subject=f"border/{feature['properties']['border']}",
            role="line",
            wkt=to_wkt(feature["geometry"]),
            evidence=evidence,
            confidence="computed",
            note=f"the line shared by two country outlines, {_VIEW}",
            origin=origin,
        )
    for feature, origin, evidence in _features(OUTLINES):
        yield Geometry(
            subject=f"country/{feature['properties']['country']}",
            role="outline",
            wkt=to_wkt(feature["geometry"]),
            evidence=evidence,
            confidence="computed",
            note=f"simplified by 0.02 degrees, {_VIEW}",
            origin=origin,
        )


def load_lengths() -> Iterator[Measurement]:
    """Yield the length of each border line in whole kilometres."""
    for feature, origin, evidence in _features(BORDERS):
        border = feature["properties"]["border"]
        yield Measurement(
            id=f"{border}-length-ne10",
            subject=f"border/{border}",
            quantity="length",
            value=Decimal(round(length_km(feature["geometry"]["coordinates"]))),
            unit="kilometre",
            manner="about",
            method="geodesic-computation",
            evidence=evidence,
            confidence="computed",
            note=_LENGTH,
            origin=origin,
        )


def length_km(lines: list[list[list[float]]]) -> float:
    """Return the length of lines of longitudes and latitudes on the WGS 84 ellipsoid."""
    from pyproj import Geod  # heavy, and only this function needs it

    ellipsoid = Geod(ellps="WGS84")
    metres = 0.0
    for line in lines:
        longitudes, latitudes = zip(*line, strict=True)
        metres += float(ellipsoid.line_length(longitudes, latitudes))
    return metres / 1000


def to_wkt(geometry: dict[str, Any]) -> str:
    """Return a GeoJSON line or polygon collection as well-known text, longitude first."""
    return f"{_WKT_NAMES[geometry['type']]} {_wkt_list(geometry['coordinates'])}"


def _wkt_list(coordinates: list[Any]) -> str:
    if isinstance(coordinates[0][0], list):
        return f"({', '.join(map(_wkt_list, coordinates))})"
    return f"({', '.join(f'{longitude} {latitude}' for longitude, latitude in coordinates)})"


def _features(name: str) -> Iterator[tuple[dict[str, Any], Origin, tuple[Evidence, ...]]]:
    """Yield each feature of a file with its line (one feature a line, after the first) and its evidence."""
    text = (files(__package__) / name).read_text(encoding="utf-8")
    for line, feature in enumerate(json.loads(text)["features"], start=2):
        yield feature, Origin(f"{FOLDER}/{name}", line), (Evidence(tuple(feature["properties"]["sources"])),)
