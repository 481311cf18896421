"""Make ``borders.geojson`` and ``outlines.geojson`` from world-atlas 2.0.2; run by hand, not part of the build.

Input is ``countries-10m.json`` of the npm package world-atlas 2.0.2 (TopoJSON of Natural Earth 1:10m Admin 0
countries, version 4.1.0; the data are in the public domain)::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python kg/sources/natural_earth/make_outlines.py package/countries-10m.json

A border is made of the arcs that both countries use; nothing is left out of it.  An outline is simplified arc by arc,
so that neighbours keep one common line, and an island keeps its shape at its own scale; Russia is cut at 180 degrees,
so that no ring crosses the antimeridian.  The view of Natural Earth is taken as it is; no position is taken.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon, box, mapping
from shapely.ops import linemerge

Point = tuple[float, float]
Feature = dict[str, Any]

#: ISO 3166-1 numeric code, the key in the input -> alpha-2 code in lower case, the key in the output.
COUNTRIES = {"156": "cn", "392": "jp", "408": "kp", "410": "kr", "496": "mn", "643": "ru"}
#: Border, named by its two countries -> its status.
BORDERS = {
    "cn-ru": "boundary",
    "cn-mn": "boundary",
    "mn-ru": "boundary",
    "cn-kp": "boundary",
    "kp-ru": "boundary",
    "kp-kr": "demarcation-line",
}
TOLERANCE = 0.02  # degrees
BORDER_DECIMALS = 4
OUTLINE_DECIMALS = 3
#: The six countries lie between 19 degrees east and 169 degrees west: a longitude west of this one is unwrapped.
UNWRAP_WEST_OF = -30.0
SOURCES = ["wa"]


def decode_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the arcs as degrees: a TopoJSON arc is a chain of whole-number steps on a grid."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            arc.append((x * scale_x + left, y * scale_y + bottom))
        arcs.append(arc)
    return arcs


def unwrapped(arc: list[Point]) -> list[Point]:
    """Return the arc with the western longitudes moved beyond 180, so that it does not jump at the antimeridian."""
    return [(x + 360 if x < UNWRAP_WEST_OF else x, y) for x, y in arc]


def polygons_of(geometry: dict[str, Any]) -> list[list[list[int]]]:
    """Return the polygons of a TopoJSON object: each a list of rings, each a list of arc numbers."""
    return [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]


def arcs_used(geometry: dict[str, Any]) -> set[int]:
    """Return the numbers of the arcs of an object; a complement (``~n``) is arc n read backwards."""
    numbers = chain.from_iterable(chain.from_iterable(polygons_of(geometry)))
    return {number if number >= 0 else ~number for number in numbers}


def simplify(arc: list[Point]) -> list[Point]:
    """Return the arc with fewer points; a closed one is an island, which keeps a shape in proportion to its size."""
    tolerance = TOLERANCE
    if arc[0] == arc[-1]:
        tolerance = min(TOLERANCE, Polygon(arc).area ** 0.5 / 10)
    return list(LineString(arc).simplify(tolerance, preserve_topology=True).coords)


def ring(numbers: Iterable[int], arcs: dict[int, list[Point]]) -> list[Point]:
    """Return the points of a ring; neighbouring arcs share one point."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points.extend(arc[1:] if points else arc)
    return points


def split_at_antimeridian(shape: MultiPolygon) -> Iterator[Polygon]:
    """Yield the polygons, those east of 180 degrees moved back to western longitudes."""
    yield from polygons_in(shape.intersection(box(0, -90, 180, 90)))
    east = shape.intersection(box(180, -90, 360, 90))
    yield from polygons_in(shapely.transform(east, lambda points: points - [360, 0]))


def polygons_in(shape: Any) -> Iterator[Polygon]:
    """Yield the polygons of any geometry."""
    for part in shapely.get_parts(shape, return_index=False):
        if isinstance(part, Polygon):
            yield part
        elif hasattr(part, "geoms"):
            yield from polygons_in(part)


def outline(geometry: dict[str, Any], arcs: dict[int, list[Point]]) -> MultiPolygon:
    """Return a country's outline: valid, rounded, largest polygon first."""
    rings = [[ring(part, arcs) for part in polygon] for polygon in polygons_of(geometry)]
    whole = shapely.union_all([shapely.make_valid(Polygon(first, holes)) for first, *holes in rings])
    shapes = shapely.set_precision(list(split_at_antimeridian(whole)), 10**-OUTLINE_DECIMALS)
    parts = [polygon for shape in shapes for polygon in polygons_in(shape)]
    return MultiPolygon(sorted(parts, key=lambda part: (-part.area, part.bounds)))


def border(first: dict[str, Any], second: dict[str, Any], arcs: list[list[Point]]) -> MultiLineString:
    """Return the line that two countries share, longest part first."""
    merged = linemerge([LineString(arcs[number]) for number in sorted(arcs_used(first) & arcs_used(second))])
    parts = list(shapely.get_parts(merged))
    return MultiLineString(sorted(parts, key=lambda part: (-part.length, part.bounds)))


def rounded(coordinates: Any, decimals: int) -> Any:
    """Return nested coordinates rounded to so many decimals."""
    if isinstance(coordinates, float):
        return round(coordinates, decimals)
    return [rounded(item, decimals) for item in coordinates]


def feature(properties: dict[str, Any], shape: MultiLineString | MultiPolygon, decimals: int) -> Feature:
    """Return a GeoJSON feature."""
    shown = mapping(shape)
    geometry = {"type": shown["type"], "coordinates": rounded(shown["coordinates"], decimals)}
    return {"type": "Feature", "properties": {**properties, "sources": SOURCES}, "geometry": geometry}


def write(path: Path, features: Iterable[Feature]) -> None:
    """Write a feature collection with one feature a line, so that a line number names a feature."""
    lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8", newline="\n")


def main() -> None:
    """Read the TopoJSON named on the command line and write both files."""
    parser = argparse.ArgumentParser(description="Make borders.geojson and outlines.geojson from world-atlas 2.0.2.")
    parser.add_argument("topology", type=Path, help="countries-10m.json of world-atlas 2.0.2")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="default: the folder of this script")
    arguments = parser.parse_args()
    topology = json.loads(arguments.topology.read_text(encoding="utf-8"))
    objects = topology["objects"]["countries"]["geometries"]
    countries = {COUNTRIES[item["id"]]: item for item in objects if item.get("id") in COUNTRIES}
    arcs = decode_arcs(topology)
    borders = []
    for name, status in BORDERS.items():
        first, second = name.split("-")
        line = border(countries[first], countries[second], arcs)
        borders.append(feature({"border": name, "status": status}, line, BORDER_DECIMALS))
    write(arguments.out / "borders.geojson", borders)
    needed = set().union(*(arcs_used(item) for item in countries.values()))
    simple = {number: simplify(unwrapped(arcs[number])) for number in sorted(needed)}
    write(
        arguments.out / "outlines.geojson",
        (feature({"country": code}, outline(countries[code], simple), OUTLINE_DECIMALS) for code in sorted(countries)),
    )


if __name__ == "__main__":
    main()
