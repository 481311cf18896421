"""The borders, outlines and lengths of Natural Earth are whole, valid and as long as the reference says."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from subprocess import run

import pytest
import shapely

from kg.geometry import distance_km, outlines
from kg.records import Geometry, Measurement
from kg.sources.natural_earth import load
from kg.sources.natural_earth.geometry import length_km, load_geometries, load_lengths

#: Kilometres along the arcs two countries share in world-atlas 2.0.2, as collected before this loader was written.
REFERENCE_LENGTHS = {
    "cn-ru": 3549.7,
    "cn-mn": 4379.4,
    "mn-ru": 2913.9,
    "cn-kp": 1004.1,
    "kp-ru": 31.7,
    "kp-kr": 204.1,
}
MEMBERS = {"cn", "jp", "kp", "kr", "mn", "ru"}
FOLDER = files("kg.sources.natural_earth")


def geometries(role: str) -> dict[str, shapely.Geometry]:
    return {item.subject: shapely.from_wkt(item.wkt) for item in load_geometries() if item.role == role}


def test_the_loader_yields_lines_outlines_and_lengths_with_evidence() -> None:
    records = [record for record in load() if record.origin and record.origin.file.endswith(".geojson")]
    assert sum(isinstance(record, Geometry) for record in records) == 12
    assert sum(isinstance(record, Measurement) for record in records) == 6
    for record in records:
        assert isinstance(record, Geometry | Measurement)
        assert record.evidence[0].sources == ("wa",)
        assert record.confidence == "computed"


def test_every_border_between_member_states_has_a_line() -> None:
    assert set(geometries("line")) == {f"border/{name}" for name in REFERENCE_LENGTHS}


def test_only_the_border_of_china_and_russia_is_in_two_parts() -> None:
    parts = {subject: len(line.geoms) for subject, line in geometries("line").items()}
    assert parts == {f"border/{name}": 2 if name == "cn-ru" else 1 for name in REFERENCE_LENGTHS}


@pytest.mark.parametrize("border", REFERENCE_LENGTHS)
def test_a_computed_length_agrees_with_the_reference(border: str) -> None:
    lengths = {item.subject: item for item in load_lengths()}
    found = lengths[f"border/{border}"]
    assert float(found.value or 0) == pytest.approx(REFERENCE_LENGTHS[border], rel=0.01)
    assert (found.unit, found.manner, found.method) == ("kilometre", "about", "geodesic-computation")


def test_a_degree_of_the_equator_is_111_kilometres_long() -> None:
    assert length_km([[[0.0, 0.0], [1.0, 0.0]]]) == pytest.approx(111.319, abs=0.001)


def test_every_member_state_has_a_valid_outline() -> None:
    outlines = geometries("outline")
    assert set(outlines) == {f"country/{code}" for code in MEMBERS}
    for subject, outline in outlines.items():
        assert shapely.is_valid(outline), subject
        assert outline.geom_type == "MultiPolygon", subject


def test_no_part_of_russia_crosses_the_antimeridian() -> None:
    parts = geometries("outline")["country/ru"].geoms
    assert all(part.bounds[0] >= -180 and part.bounds[2] <= 180 for part in parts)
    assert max(part.bounds[2] for part in parts) == 180
    western = [part for part in parts if part.bounds[0] < 0]
    assert western
    assert all(part.bounds[2] < -165 for part in western)


def test_outlines_of_neighbours_touch_and_do_not_overlap() -> None:
    outlines = geometries("outline")
    for name in REFERENCE_LENGTHS:
        first, second = (outlines[f"country/{code}"] for code in name.split("-"))
        assert shapely.intersection(first, second).area < 0.01, name
        assert shapely.distance(first, second) == 0, name


def test_the_origin_of_a_record_is_the_line_of_its_feature() -> None:
    for record in load_geometries():
        assert record.origin is not None
        line = (FOLDER / Path(record.origin.file).name).read_text(encoding="utf-8").splitlines()[record.origin.line - 1]
        properties = json.loads(line.removesuffix(","))["properties"]
        assert record.subject.partition("/")[2] in properties.values()


def test_the_data_files_stay_small() -> None:
    assert sum(len((FOLDER / name).read_bytes()) for name in ("borders.geojson", "outlines.geojson")) < 360_000


def test_loading_the_package_imports_nothing_heavy() -> None:
    heavy = "{'shapely', 'pyproj', 'numpy'}"
    code = f"import sys, kg.sources.natural_earth, kg.geometry; print(sorted({heavy} & set(sys.modules)))"
    result = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [
        pytest.param(127.0, 37.5, {"kr"}, id="inland"),
        pytest.param(-175.0, 66.5, {"ru"}, id="beyond the antimeridian"),
        pytest.param(150.0, 40.0, set(), id="the open sea"),
        pytest.param(103.0, 15.0, set(), id="no member state"),
    ],
)
def test_a_point_lies_in_its_country(longitude: float, latitude: float, expected: set[str]) -> None:
    assert {code for code in outlines() if distance_km(longitude, latitude, code) == 0} == expected


def test_a_point_on_a_border_is_near_both_sides() -> None:
    on_the_line = (127.4855, 38.2966)
    assert {code for code in outlines() if distance_km(*on_the_line, code) <= 5} == {"kp", "kr"}


def test_a_distance_is_measured_on_the_ellipsoid_across_the_antimeridian() -> None:
    assert distance_km(-179.9, 75.0, "ru") < 600
    assert distance_km(150.0, 40.0, "jp") == pytest.approx(distance_km(150.0 - 360, 40.0, "jp"), abs=0.001)
    assert distance_km(127.0, 37.5, "kr") == 0.0
