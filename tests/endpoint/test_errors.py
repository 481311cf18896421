from __future__ import annotations

import pickle

import pytest

from endpoint.errors import KINDS, NAME_OF_STATUS, Problem, of_graph_error, of_status
from kg.errors import QueryError


def test_every_refusal_of_a_query_has_its_kind() -> None:
    kinds = ("syntax", "update", "service", "unknown-graph", "too-large", "result-too-large")
    names = [of_graph_error(QueryError(kind, "detail", 2, 5)).name for kind in kinds]
    assert len(set(names)) == len(kinds)
    assert of_graph_error(QueryError("syntax", "detail", 2, 5)).body()["line"] == 2


def test_the_table_is_closed() -> None:
    assert set(NAME_OF_STATUS.values()) <= set(KINDS)
    assert all(400 <= kind.status < 600 and kind.title and kind.advice for kind in KINDS.values())


def test_a_problem_survives_the_pipe() -> None:
    sent = Problem("busy", "detail", {"line": 1}, {"Retry-After": "5"})
    received = pickle.loads(pickle.dumps(sent))
    assert (received.body(), received.headers) == (sent.body(), sent.headers)


@pytest.mark.parametrize("status", [400, 404, 405, 418, 500])
def test_a_status_of_the_framework_becomes_a_problem(status: int) -> None:
    assert of_status(status).status in (status, 400)
