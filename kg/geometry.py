"""How far a point is from a member state.

The outlines are those of ``kg/sources/natural_earth/outlines.geojson``.  They are simplified, so a point within about
two kilometres of a coast or a border may fall on either side: give a tolerance where that matters.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from shapely import Geometry

_OUTLINES = files("kg") / "sources" / "natural_earth" / "outlines.geojson"
#: Longest edge in degrees before projection: a straight edge of the map is not the shortest way on the ellipsoid.
_LONGEST_EDGE = 0.1


class Outline(NamedTuple):
    """A country's area, prepared for many questions, and its edge in short steps."""

    area: Geometry
    edge: Geometry


@cache
def outlines() -> dict[str, Outline]:
    """Return the outlines by ISO 3166-1 alpha-2 code in lower case."""
    import shapely  # heavy, and only the checks of points need it

    found = {}
    for feature in json.loads(_OUTLINES.read_text(encoding="utf-8"))["features"]:
        area = shapely.from_geojson(json.dumps(feature["geometry"]))
        shapely.prepare(area)
        edge = shapely.segmentize(shapely.boundary(area), _LONGEST_EDGE)
        found[feature["properties"]["country"]] = Outline(area, edge)
    return found


def distance_km(longitude: float, latitude: float, country: str) -> float:
    """Return the distance on the WGS 84 ellipsoid from a point to a member state: 0 inside.

    Raises:
        KeyError: no outline has this code.
    """
    import shapely
    from pyproj import Transformer

    outline = outlines()[country]
    if shapely.intersects_xy(outline.area, longitude, latitude):
        return 0.0
    # Distances from the centre of an azimuthal equidistant projection are true.
    plane = f"+proj=aeqd +lat_0={latitude} +lon_0={longitude} +ellps=WGS84"
    to_plane = Transformer.from_crs("OGC:CRS84", plane, always_xy=True)
    edge = shapely.transform(outline.edge, to_plane.transform, interleaved=False)
    return float(shapely.distance(shapely.Point(0, 0), edge)) / 1000
