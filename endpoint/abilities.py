"""What the query engine can do beyond the SPARQL 1.1 language: each ability with the query that proves it.

The service description names an ability only if its proof, evaluated by this very service, is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import QueryBoolean

from kg.errors import NeakgError
from kg.namespaces import GEO
from kg.store import GraphStore

GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
_METRE: Final = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"
_PREFIXES: Final = f"PREFIX geo: <{GEO}> PREFIX geof: <{GEOF}> "
#: A point in a square, a square that overlaps it, one that touches it, one apart.
_SHAPES: Final = {
    "point": "POINT(1 1)",
    "square": "POLYGON((0 0,2 0,2 2,0 2,0 0))",
    "corner": "POLYGON((1 1,3 1,3 3,1 3,1 1))",
    "beside": "POLYGON((2 0,4 0,4 2,2 2,2 0))",
    "inner": "POLYGON((0.5 0.5,1.5 0.5,1.5 1.5,0.5 1.5,0.5 0.5))",
    "edged": "POLYGON((0 0,1 0,1 1,0 1,0 0))",
    "far": "POLYGON((7 7,8 7,8 8,7 8,7 7))",
    "line": "LINESTRING(-1 1,3 1)",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """Something the engine can do: its IRI, and an ASK query that is true where it can."""

    iri: str
    proof: str


def _call(name: str, template: str) -> Ability:
    """Return a GeoSPARQL function; ``template`` is what must hold, with ``F`` for the function's name."""
    text = template.replace("F(", f"geof:{name}(")
    for shape, wkt in _SHAPES.items():
        text = text.replace(f"${shape}", f'"{wkt}"^^geo:wktLiteral')
    return Ability(GEOF + name, f"{_PREFIXES}ASK {{ FILTER({text}) }}")


def _relation(name: str, first: str, second: str) -> Ability:
    """Return a spatial relation that holds between two shapes and not between two that lie apart."""
    other = "$square, $square" if name.lower().endswith(("disjoint", "dc")) else "$square, $far"
    return _call(name, f"F(${first}, ${second}) && !F({other})")


#: GeoSPARQL 1.1 (OGC 22-047r1), functions of clause 9 that the engine carries.
FUNCTIONS: Final[tuple[Ability, ...]] = (
    _call("asGeoJSON", 'CONTAINS(STR(F($point)), "Point")'),
    _call("centroid", 'CONTAINS(STR(F($square)), "POINT(1 1)")'),
    _call("convexHull", 'CONTAINS(STR(F($square)), "POLYGON")'),
    _call("coordinateDimension", "F($point) = 2"),
    _call("difference", "geof:sfDisjoint(F($square, $corner), $far)"),
    _call("dimension", "F($point) = 0 && F($line) = 1 && F($square) = 2"),
    _call("distance", f"F($point, $point, {_METRE}) = 0"),
    _call("envelope", "geof:sfEquals(F($corner), $corner)"),
    _call("getSRID", 'CONTAINS(STR(F($point)), "CRS84")'),
    _call("intersection", "geof:sfEquals(F($square, $inner), $inner)"),
    _call("isEmpty", "!F($point)"),
    _call("isSimple", "F($line)"),
    _call("relate", 'F($square, $square, "T*F**FFF*")'),
    _call("spatialDimension", "F($point) >= 0"),
    _call("symDifference", "geof:isEmpty(F($square, $square))"),
    _call("union", "geof:sfContains(F($square, $far), $inner)"),
    _relation("sfContains", "square", "point"),
    _relation("sfCrosses", "line", "square"),
    _relation("sfDisjoint", "square", "far"),
    _relation("sfEquals", "square", "square"),
    _relation("sfIntersects", "square", "corner"),
    _relation("sfOverlaps", "square", "corner"),
    _relation("sfTouches", "square", "beside"),
    _relation("sfWithin", "point", "square"),
    _relation("ehContains", "square", "inner"),
    _relation("ehCoveredBy", "edged", "square"),
    _relation("ehCovers", "square", "edged"),
    _relation("ehDisjoint", "square", "far"),
    _relation("ehEquals", "square", "square"),
    _relation("ehInside", "inner", "square"),
    _relation("ehMeet", "square", "beside"),
    _relation("ehOverlap", "square", "corner"),
    _relation("rcc8dc", "square", "far"),
    _relation("rcc8ec", "square", "beside"),
    _relation("rcc8eq", "square", "square"),
    _relation("rcc8ntpp", "inner", "square"),
    _relation("rcc8ntppi", "square", "inner"),
    _relation("rcc8po", "square", "corner"),
    _relation("rcc8tpp", "edged", "square"),
    _relation("rcc8tppi", "square", "edged"),
)

_DRAFT: Final = "https://www.w3.org/TR/sparql12-query/#"
#: What goes beyond SPARQL 1.1, named by the text that defines it: the draft of SPARQL 1.2, and LATERAL.
EXTENSIONS: Final[tuple[Ability, ...]] = (
    Ability(f"{_DRAFT}func-triple", "ASK { FILTER(isTRIPLE(TRIPLE(<urn:s>, <urn:p>, 1))) }"),
    Ability(f"{_DRAFT}func-subject", "ASK { FILTER(SUBJECT(<<( <urn:s> <urn:p> 1 )>>) = <urn:s>) }"),
    Ability(f"{_DRAFT}func-langdir", 'ASK { FILTER(LANGDIR(STRLANGDIR("a", "ar", "rtl")) = "rtl") }'),
    Ability(f"{_DRAFT}func-haslang", 'ASK { FILTER(hasLANG("a"@en) && !hasLANG("a")) }'),
    Ability(
        "https://github.com/w3c/sparql-dev/blob/main/SEP/SEP-0006/sep-0006.md",
        "ASK { VALUES ?x { 1 } LATERAL { BIND(?x + 1 AS ?y) } FILTER(?y = 2) }",
    ),
)


def proven(store: GraphStore, abilities: tuple[Ability, ...]) -> list[str]:
    """Return the IRIs of the abilities whose proof is true on this engine."""
    return [ability.iri for ability in abilities if _holds(store, ability.proof)]


def _holds(store: GraphStore, proof: str) -> bool:
    try:
        found = store.query(proof)
        return isinstance(found, QueryBoolean) and bool(found)
    except (NeakgError, RuntimeError):
        return False
