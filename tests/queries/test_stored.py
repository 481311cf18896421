"""Each stored query is complete, runs in any SPARQL tool and gives the answer that stands in its file.

After a wanted change: ``python tests/queries/update.py``, then read the difference before committing it.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions
from rdflib.plugins.sparql import prepareQuery

from kg.formats import BY_NAME
from kg.namespaces import PREFIXES
from kg.store import GraphStore, write_answer
from kg.stored_queries import StoredQuery, stored_queries

HERE = Path(__file__).parent
QUERIES = stored_queries()
SUBJECTS = ["areas", "borders", "evidence", "movements", "projects", "species"]

#: One other value of each parameter, and how many rows it gives at least.
OTHER_VALUES = {
    ("breeding-and-wintering-places", "species"): ("species/black-faced-spoonbill", 10),
    ("designations-of-an-area", "area"): ("area/hunchun", 2),
    ("evidence-of-a-statement", "statement"): ("figure/pop-010", 2),
    ("figures-of-a-species", "species"): ("species/snow-leopard", 10),
    ("flagship-species", "list"): ("list/cites-appendix-i", 4),
    ("names-in-six-languages", "thing"): ("country/mn", 6),
    ("protected-areas-on-a-border", "border"): ("border/mn-ru", 5),
    ("status-and-doubts", "list"): ("list/cites-appendix-i", 4),
    ("things-in-another-database", "scheme"): ("https://w3id.org/neakg/scheme/identifier-scheme/wikidata", 50),
}

each_query = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)


def csv_of(graph: GraphStore, text: str) -> str:
    return write_answer(graph.query(text), BY_NAME["csv"]).decode().replace("\r\n", "\n")


def rows_of(graph: GraphStore, text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_of(graph, text))))


def answer_of(graph: GraphStore, name: str) -> list[dict[str, str]]:
    return rows_of(graph, QUERIES[name].text)


def body_of(query: StoredQuery) -> str:
    return "\n".join(line for line in query.text.splitlines() if not line.startswith("#"))


# --- each query --------------------------------------------------------------------------------------


def test_every_subject_has_queries() -> None:
    assert sorted({query.subject for query in QUERIES.values()}) == SUBJECTS
    assert len(QUERIES) >= 12


@each_query
def test_the_header_is_complete(query: StoredQuery) -> None:
    assert query.text.startswith("#+ summary: ")
    assert query.summary[0].isupper()
    assert not query.summary.endswith(".")
    assert query.description.endswith(".")
    assert query.subject in query.tags
    assert all(parameter.meaning for parameter in query.parameters)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", query.name)


@each_query
def test_the_columns_are_the_variables_of_the_answer(query: StoredQuery, graph: GraphStore) -> None:
    answer = graph.query(query.text)
    assert isinstance(answer, QuerySolutions)
    assert [variable.value for variable in answer.variables] == list(query.columns)


@each_query
def test_a_query_is_plain_sparql(query: StoredQuery) -> None:
    prepareQuery(query.text)
    body = body_of(query)
    assert "ORDER BY" in body, "an answer must not change its order"
    assert not re.search(r"\b(LIMIT|OFFSET|SERVICE|FROM)\b", body)
    declared = dict(re.findall(r"^PREFIX (\w*): <([^>]*)>", body, re.MULTILINE))
    assert declared, "prefixes are spelled out"
    for prefix, namespace in declared.items():
        assert PREFIXES[prefix] == namespace
        assert re.search(rf"[\s(/|^]{prefix}:\w", body), f"prefix {prefix} is not used"


@each_query
def test_an_answer_is_the_expected_one(query: StoredQuery, graph: GraphStore) -> None:
    path = HERE / query.subject / f"{query.name}.csv"
    assert path.is_file(), f"no expected answer: write it with python tests/queries/update.py {query.name}"
    found = csv_of(graph, query.text)
    assert found.splitlines() == path.read_text("utf-8").splitlines()
    assert rows_of(graph, query.text), "an empty answer says nothing"


@each_query
def test_no_row_stands_twice_and_none_is_torn(query: StoredQuery, graph: GraphStore) -> None:
    rows = [tuple(row) for row in csv.reader(io.StringIO(csv_of(graph, query.text)))]
    assert len(set(rows)) == len(rows)
    assert {len(row) for row in rows} == {len(query.columns)}


def test_every_expected_answer_has_its_query() -> None:
    expected = {(path.parent.name, path.stem) for path in HERE.glob("*/*.csv")}
    assert expected == {(query.subject, query.name) for query in QUERIES.values()}


def test_every_parameter_has_another_value_to_try() -> None:
    assert set(OTHER_VALUES) == {(query.name, item.name) for query in QUERIES.values() for item in query.parameters}


@pytest.mark.parametrize(("name", "parameter"), OTHER_VALUES, ids="/".join)
def test_a_parameter_changes_the_answer(name: str, parameter: str, graph: GraphStore) -> None:
    value, least = OTHER_VALUES[name, parameter]
    found = rows_of(graph, QUERIES[name].bind({parameter: value}))
    assert len(found) >= least
    assert found != answer_of(graph, name)


@pytest.mark.parametrize(("name", "parameter"), OTHER_VALUES, ids="/".join)
def test_a_thing_that_is_not_there_gives_no_rows(name: str, parameter: str, graph: GraphStore) -> None:
    assert rows_of(graph, QUERIES[name].bind({parameter: "species/no-such-thing"})) == []


# --- what the answers must say -----------------------------------------------------------------------


def test_the_strategy_has_exactly_six_flagships(graph: GraphStore) -> None:
    assert [row["label"] for row in answer_of(graph, "flagship-species")] == [
        "Amur leopard",
        "Amur tiger",
        "Black-faced spoonbill",
        "Hooded crane",
        "Snow leopard",
        "White-naped crane",
    ]


def test_each_flagship_has_figures_with_manner_date_and_source(graph: GraphStore) -> None:
    for flagship in answer_of(graph, "flagship-species"):
        rows = rows_of(graph, QUERIES["figures-of-a-species"].bind({"species": flagship["species"]}))
        assert rows, flagship["label"]
        for row in rows:
            assert all(row[column] for column in ("manner", "asOf", "unit", "sources")), row["figure"]
            assert row["value"] or row["minimum"] or row["maximum"], row["figure"]
            assert row["population"] or row["places"], row["figure"]


def test_no_statement_lacks_evidence(graph: GraphStore) -> None:
    (row,) = answer_of(graph, "statements-without-evidence")
    assert int(row["statements"]) > 3000
    assert row["withoutEvidence"] == "0"


def test_no_triple_lies_outside_a_graph_with_a_source(graph: GraphStore) -> None:
    (row,) = answer_of(graph, "triples-outside-a-sourced-graph")
    assert int(row["triples"]) == len(graph)
    assert int(row["graphs"]) == len(graph.graphs)
    assert (row["graphsWithoutSource"], row["triplesOutside"]) == ("0", "0")


def test_each_of_the_six_borders_has_both_lengths(graph: GraphStore) -> None:
    rows = answer_of(graph, "border-lengths")
    borders = {row["border"].rsplit("/", 1)[1] for row in rows}
    assert borders == {"cn-kp", "cn-mn", "cn-ru", "kp-kr", "kp-ru", "mn-ru"}
    for column in ("computedKm", "statedKm"):
        assert {row["border"].rsplit("/", 1)[1] for row in rows if row[column]} == borders
    assert all(bool(row["computedKm"]) != bool(row["statedKm"]) for row in rows)


def test_both_projects_of_the_page_have_activities_methods_sites_and_years(graph: GraphStore) -> None:
    for slug in ("migratory-birds", "tiger-leopard"):
        rows = [row for row in answer_of(graph, "projects-with-activities") if row["project"].endswith(f"/{slug}")]
        for column in ("activity", "methods", "sites", "years", "targets"):
            assert any(row[column] for row in rows), f"{slug}: {column}"


def test_the_counts_by_country_are_those_of_the_list(graph: GraphStore) -> None:
    areas = answer_of(graph, "current-protected-areas")
    for row in answer_of(graph, "current-protected-areas-by-country"):
        listed = [area for area in areas if row["label"] in area["countries"].split(" | ")]
        assert len(listed) == int(row["areas"])


def test_a_partner_lies_in_another_country(graph: GraphStore) -> None:
    for row in answer_of(graph, "partners-across-borders"):
        assert not set(row["areaCountries"].split(" | ")) & set(row["partnerCountries"].split(" | ")), row


def test_disagreeing_figures_come_at_least_in_twos(graph: GraphStore) -> None:
    places: dict[tuple[str, str], int] = {}
    for row in answer_of(graph, "disagreeing-figures"):
        key = (row["taxon"], row["where"])
        places[key] = places.get(key, 0) + 1
    assert min(places.values()) > 1
