"""The policy on sensitive places: breeding places are published no finer than its grid."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from kg import records, sensitive
from kg.errors import UsageError
from kg.namespaces import expand
from kg.pipeline import Built
from kg.records import Location, Record
from kg.sensitive import Policy, generalise, load_policy, sensitive_subjects
from kg.sources import discover
from tests.kg.instances import FULL

POLICY = Policy(
    Decimal("0.1"),
    frozenset({"species/black-faced-spoonbill"}),
    frozenset({"island"}),
    frozenset({"area/colony"}),
    "On a grid of {grid} degrees.",
)
ISLET = dataclasses.replace(FULL[records.Place], id="islet", kind="island")  # type: ignore[call-arg]
NESTS = dataclasses.replace(
    FULL[records.Distribution],
    taxon="species/black-faced-spoonbill",  # type: ignore[call-arg]
    place="place/islet",
    seasonality="breeding",
)


def location(**fields: object) -> Location:
    record = dataclasses.replace(
        FULL[records.Location],
        **{"subject": "place/islet", "exception": "", "generalisation": "", **fields},  # type: ignore[arg-type]
    )
    assert isinstance(record, Location)
    return record


def published(record: Location, *others: object) -> Location:
    subjects = sensitive_subjects([record, ISLET, NESTS, *others], POLICY)  # type: ignore[list-item]
    (found,) = generalise([record], POLICY, subjects)
    assert isinstance(found, Location)
    return found


def test_the_policy_is_a_file_that_states_what_it_does() -> None:
    policy = load_policy()
    assert policy.grid == Decimal("0.1")
    assert {"species/amur-tiger", "species/amur-leopard", "species/snow-leopard"} <= policy.taxa
    assert "species/black-faced-spoonbill" in policy.taxa
    assert "0.1" in policy.statement.format(grid=policy.grid)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("grid_degrees", "grid", "the key 'grid_degrees' is missing"),
        ("statement =", "text =", "the key 'statement' is missing"),
        ('"0.1"', '"0"', "grid_degrees must be above zero, not 0"),
        ('"0.1"', '"-1"', "grid_degrees must be above zero, not -1"),
        ('"0.1"', '"coarse"', "grid_degrees must be a number, not 'coarse'"),
        ("taxa = [", "taxa = ", "not well-formed"),
    ],
)
def test_a_policy_that_says_nothing_sound_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path, old: str, new: str, message: str
) -> None:
    text = (root / "kg" / "sensitive-places.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "sensitive-places.toml").write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.setattr(sensitive, "files", lambda _: tmp_path)
    with pytest.raises(UsageError, match=message):
        load_policy()


def test_the_point_of_a_breeding_islet_is_moved_to_the_grid_and_says_so() -> None:
    found = published(location(latitude=Decimal("37.6789"), longitude=Decimal("126.04999")))
    assert (found.latitude, found.longitude) == (Decimal("37.7"), Decimal("126.0"))
    assert found.generalisation == "On a grid of 0.1 degrees."


def test_the_box_of_a_breeding_islet_is_moved_to_the_grid() -> None:
    edges = {"west": Decimal("125.06"), "south": Decimal("37.01"), "east": Decimal("125.14"), "north": Decimal("37.09")}
    found = published(location(latitude=None, longitude=None, **edges))
    assert (found.west, found.south, found.east, found.north) == (
        Decimal("125.1"),
        Decimal("37.0"),
        Decimal("125.1"),
        Decimal("37.1"),
    )
    assert found.latitude is None
    assert found.generalisation


def test_a_protected_area_that_the_policy_names_is_moved() -> None:
    assert published(location(subject="area/colony", latitude=Decimal("37.66"))).latitude == Decimal("37.7")


def test_a_point_on_the_grid_stays_there() -> None:
    once = published(location(latitude=Decimal("37.66")))
    assert published(once) == once


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(NESTS, seasonality="non-breeding"),  # type: ignore[call-arg]
        dataclasses.replace(NESTS, taxon="species/hooded-crane"),  # type: ignore[call-arg]
        dataclasses.replace(NESTS, place="place/elsewhere"),  # type: ignore[call-arg]
    ],
)
def test_other_places_are_left_as_they_are(other: Record) -> None:
    record = location(latitude=Decimal("37.6789"))
    subjects = sensitive_subjects([ISLET, other], POLICY)
    assert list(generalise([record, other, ISLET], POLICY, subjects)) == [record, other, ISLET]


def test_a_breeding_province_is_no_sensitive_place() -> None:
    province = dataclasses.replace(ISLET, kind="province")  # type: ignore[call-arg]
    assert sensitive_subjects([province, NESTS], POLICY) == {"area/colony"}


def test_everything_but_the_coordinates_stays() -> None:
    record = location(latitude=Decimal("37.6789"))
    found = published(record)
    same = dataclasses.replace(
        found, latitude=record.latitude, longitude=record.longitude, generalisation=record.generalisation
    )
    assert same == record


def test_every_place_and_taxon_that_the_policy_names_is_in_the_graph(built: Built) -> None:
    policy = load_policy()
    said = {quad.subject.value for quad in built.quads if quad.predicate.value == expand("rdf:type")}  # type: ignore[union-attr]
    missing = {name for name in policy.subjects | policy.taxa if f"https://w3id.org/neakg/id/{name}" not in said}
    assert missing == set()


def test_no_published_coordinate_of_a_sensitive_place_is_finer_than_the_grid(built: Built) -> None:
    by_subject: dict[str, dict[str, list[str]]] = {}
    for quad in built.quads:
        values = by_subject.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, [])  # type: ignore[union-attr]
        values.append(quad.object.value)  # type: ignore[union-attr]
    places = {node for node, said in by_subject.items() if expand("neakg:isSensitivePlace") in said}
    assert len(places) > 3
    checked = 0
    for said in by_subject.values():
        if not places & set(said.get(expand("neakg:locationOf"), [])):
            continue
        checked += 1
        assert said[expand("dwc:dataGeneralizations")]
        for curie in ("dwc:decimalLatitude", "dwc:decimalLongitude"):
            for value in said.get(expand(curie), []):
                assert Decimal(value) % Decimal("0.1") == 0
    assert checked
    for subject in places:
        for geometry in by_subject[subject].get(expand("geo:hasGeometry"), []):
            (wkt,) = by_subject[geometry][expand("geo:asWKT")]
            numbers = wkt.replace("(", " ").replace(")", " ").replace(",", " ").split()[1:]
            assert numbers
            assert all(Decimal(number) % Decimal("0.1") == 0 for number in numbers)


def test_no_table_holds_a_finer_point_of_a_sensitive_place_than_is_published() -> None:
    """The tables are public too: what the policy hides must not stand in them."""
    policy = load_policy()
    records_ = [record for source in discover() for record in source.load()]
    hidden = sensitive_subjects(records_, policy)
    points = [record for record in records_ if isinstance(record, Location) and record.subject in hidden]
    assert points, "no sensitive place has a point: this test checks nothing"
    for point in points:
        for edge in (point.latitude, point.longitude, point.west, point.south, point.east, point.north):
            assert edge is None or edge % policy.grid == 0, f"{point.origin}: {edge} is finer than {policy.grid}"
