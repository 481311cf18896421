"""The policy on sensitive places: which coordinates are made coarser before anything is published.

The policy itself is ``kg/sensitive-places.toml``; it is applied to the locations of every source.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from importlib.resources import files

from kg.errors import UsageError
from kg.records import Distribution, Location, Place, Record, Source


@dataclass(frozen=True, slots=True)
class Policy:
    """Cells of ``grid`` degrees for ``subjects`` and for breeding places of ``taxa`` of these kinds of place."""

    grid: Decimal
    taxa: frozenset[str]
    place_kinds: frozenset[str]
    subjects: frozenset[str]
    statement: str


def load_policy() -> Policy:
    """Read the policy file.

    Raises:
        UsageError: it is no TOML, a key is missing or the grid is not a positive number.
    """
    try:
        data = tomllib.loads((files("kg") / "sensitive-places.toml").read_text("utf-8"))
        grid = Decimal(data["grid_degrees"])
        policy = Policy(
            grid,
            frozenset(data["taxa"]),
            frozenset(data["breeding_place_kinds"]),
            frozenset(data["subjects"]),
            data["statement"],
        )
    except KeyError as error:
        raise UsageError(f"kg/sensitive-places.toml: the key {error} is missing") from None
    except InvalidOperation:
        raise UsageError(
            f"kg/sensitive-places.toml: grid_degrees must be a number, not {data['grid_degrees']!r}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"kg/sensitive-places.toml: not well-formed: {error}") from None
    if not grid > 0:
        raise UsageError(f"kg/sensitive-places.toml: grid_degrees must be above zero, not {grid}")
    return policy


def sensitive_subjects(records: Iterable[Record | Source], policy: Policy) -> frozenset[str]:
    """Return the references of all places whose coordinates the policy makes coarser."""
    kinds: dict[str, str] = {}
    breeding: set[str] = set()
    for record in records:
        if isinstance(record, Place):
            kinds[f"place/{record.id}"] = record.kind
        elif isinstance(record, Distribution) and record.seasonality == "breeding" and record.taxon in policy.taxa:
            breeding.add(record.place)
    return policy.subjects | {place for place in breeding if kinds.get(place) in policy.place_kinds}


def generalise(
    records: Iterable[Record | Source], policy: Policy, subjects: frozenset[str]
) -> Iterator[Record | Source]:
    """Yield the records, with the coordinates of sensitive places moved to the policy's grid."""
    for record in records:
        if isinstance(record, Location) and record.subject in subjects:
            yield _coarse(record, policy)
        else:
            yield record


def _coarse(record: Location, policy: Policy) -> Location:
    def snap(value: Decimal | None) -> Decimal | None:
        if value is None:
            return None
        return (value / policy.grid).quantize(Decimal(1), ROUND_HALF_EVEN) * policy.grid

    return dataclasses.replace(
        record,
        latitude=snap(record.latitude),
        longitude=snap(record.longitude),
        west=snap(record.west),
        south=snap(record.south),
        east=snap(record.east),
        north=snap(record.north),
        generalisation=policy.statement.format(grid=policy.grid),
    )
