"""The log is one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from starlette.testclient import TestClient

from endpoint.logs import QUERIES, JsonFormatter, log_query


def test_a_record_is_one_line_of_json_with_its_fields_and_its_exception() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        record = logging.LogRecord("neakg.x", logging.ERROR, "", 0, "said %s", ("东北虎",), sys.exc_info())
    record.fields = {"queryId": "1f"}
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert (found["level"], found["logger"], found["message"], found["queryId"]) == (
        "error",
        "neakg.x",
        "said 东北虎",
        "1f",
    )
    assert "ValueError" in found["exception"]
    assert found["time"].endswith("+00:00")


def test_a_query_is_logged_with_what_the_client_got(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, QUERIES.name):
        log_query(logging.INFO, "1f", "192.0.2.1", "fast", "ok", 0.12345, "x" * 5000)
    (record,) = caplog.records
    fields = record.fields  # type: ignore[attr-defined]
    assert fields["queryId"] == "1f"
    assert fields["seconds"] == 0.1235
    assert len(fields["query"]) == 2000


def test_answers_and_problems_carry_the_id_of_their_query(client: TestClient) -> None:
    good = client.get("/sparql", params={"query": "ASK {}"})
    assert len(good.headers["neakg-query-id"]) == 16
    assert good.headers["server-timing"].startswith("query;desc=")
    bad = client.get("/sparql", params={"query": "SELECT"})
    assert bad.json()["queryId"] == bad.headers["neakg-query-id"] != good.headers["neakg-query-id"]
