"""What the page of a thing shows, and what it does not show twice."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from endpoint.app import create_app
from tests.endpoint.conftest import GRAPH, SETTINGS, write_snapshot

DESIGNATION = """
graph:more {
  <id/area/x> a neakg:ProtectedArea ; rdfs:label "An area"@en ; neakg:hasDesignation <id/designation/y> ;
    neakg:inCountry <id/country/kp> .
  <id/designation/y> a neakg:Designation ; neakg:designationOf <id/area/x> ; neakg:designationTitle "Reserve"@en .
}
"""


def test_what_has_a_table_is_not_listed_above_it_too(tmp_path: Path) -> None:
    with TestClient(create_app(write_snapshot(tmp_path, GRAPH + DESIGNATION), SETTINGS)) as client:
        page = client.get("/doc/area/x.html").text
    assert "#inCountry" in page
    assert "#hasDesignation" not in page
    assert "Designations" in page
    assert "Reserve" in page
