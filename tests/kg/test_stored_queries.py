"""Stored queries: what a header says, and that a value never becomes query text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.errors import UsageError
from kg.formats import BY_NAME
from kg.iris import Base
from kg.store import GraphStore, write_answer
from kg.stored_queries import Parameter, StoredQuery, parse_query, stored_queries

HEADER = """\
#+ summary: Things and their numbers
#+ description: One row a thing.
#+ tags:
#+   - things
#+   - numbers
#+ params:
#+   - thing: {kind}, the thing
#+ columns: thing, number
"""
BODY = "SELECT ?thing ?number WHERE {{ VALUES ?thing {{ {default} }} VALUES ?number {{ 1 }} }} ORDER BY ?thing\n"
DEFAULTS = {
    "iri": "<https://w3id.org/neakg/id/species/amur-tiger>",
    "integer": "5",
    "decimal": "5.5",
    "date": '"2012"',
    "string": '"tiger"',
}
#: Texts that would change the query if they were pasted into it.
INJECTIONS = [
    '" } ?s ?p ?o . { "',
    "> } ?s ?p ?o . { <https://example.org/a",
    "1 } UNION { ?s ?p ?o } #",
    'tiger\\" } ?s ?p ?o #',
    'tiger"\n} ; DROP ALL ; SELECT ?x { VALUES ?x { "',
    "\\u0022 } ?s ?p ?o . { \\u0022",
    "VALUES ?number { 2 }",
]


def query_of(kind: str) -> StoredQuery:
    return parse_query("things", "any", HEADER.format(kind=kind) + BODY.format(default=DEFAULTS[kind]))


def answer_of(text: str) -> list[str]:
    """Return the first column of the answer over an empty graph, in which only VALUES gives rows."""
    solutions = GraphStore(Store(), union=True, shares_triples=False).query(text)
    return [row["thing"].value for row in solutions]  # type: ignore[union-attr, index]


# --- headers -------------------------------------------------------------------------------------------


def test_a_header_is_read_whole() -> None:
    query = query_of("iri")
    assert (query.name, query.subject) == ("things", "any")
    assert query.summary == "Things and their numbers"
    assert query.description == "One row a thing."
    assert query.tags == ("things", "numbers")
    assert query.parameters == (Parameter("thing", "iri", "the thing"),)
    assert query.columns == ("thing", "number")


def test_a_header_needs_no_more_than_a_summary() -> None:
    query = parse_query("all", "any", "#+ summary: Everything\nSELECT ?s { ?s ?p ?o }\n")
    assert (query.description, query.tags, query.parameters, query.columns) == ("", (), (), ())


def test_the_text_is_the_file_as_it_lies() -> None:
    text = "#+ summary: Everything\nSELECT ?s { ?s ?p ?o }\n"
    assert parse_query("all", "any", text).text == text
    assert parse_query("all", "any", text).bind({}) == text


@pytest.mark.parametrize("text", ["", "SELECT ?s { ?s ?p ?o }", "#+ summary:\n", "# summary: a comment\n"])
def test_a_query_without_summary_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"all\.rq:1: .*summary"):
        parse_query("all", "any", text)


def test_an_unknown_header_field_is_named_with_file_and_line() -> None:
    with pytest.raises(UsageError, match=r"all\.rq:2: unknown header field 'limit'"):
        parse_query("all", "any", "#+ summary: Everything\n#+ limit: 5\n")


@pytest.mark.parametrize("line", ["#+ a line without a colon", "#+ - an item of no list"])
def test_a_header_line_that_is_no_field_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match=r"all\.rq:2: unknown header field"):
        parse_query("all", "any", f"#+ summary: Everything\n{line}\n")


def test_a_parameter_of_unknown_kind_is_refused() -> None:
    text = "#+ summary: Everything\n#+ params:\n#+   - size: number, how many\n"
    with pytest.raises(UsageError, match=r"parameter size: kind 'number' is none of iri integer decimal date string"):
        parse_query("all", "any", text)


@pytest.mark.parametrize(("blocks", "count"), [("", 0), ("VALUES ?thing { 1 } VALUES ?thing { 2 }", 2)])
def test_a_parameter_needs_exactly_one_values_block(blocks: str, count: int) -> None:
    text = HEADER.format(kind="integer") + f"SELECT ?thing ?number {{ {blocks} }}"
    with pytest.raises(UsageError, match=f"parameter thing needs exactly one VALUES block, found {count}"):
        parse_query("things", "any", text)


def test_a_block_of_a_longer_name_is_another_block() -> None:
    text = HEADER.format(kind="integer") + "SELECT ?thing ?number { VALUES ?things { 1 } }"
    with pytest.raises(UsageError, match="found 0"):
        parse_query("things", "any", text)


# --- values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "species/snow-leopard", "<https://w3id.org/neakg/id/species/snow-leopard>"),
        ("iri", "habitat/iucn-5-4", "<https://w3id.org/neakg/scheme/habitat/iucn-5-4>"),
        ("iri", "https://example.org/a?b=c#d", "<https://example.org/a?b=c#d>"),
        ("iri", "<https://example.org/虎>", "<https://example.org/虎>"),
        ("iri", "urn:isbn:0", "<urn:isbn:0>"),
        ("integer", "0", "0"),
        ("integer", "-42", "-42"),
        ("decimal", "43.5", "43.5"),
        ("decimal", "-7", "-7"),
        ("decimal", "0.0000001", "0.0000001"),
        ("date", "2012", '"2012"'),
        ("date", "2012-05-16", '"2012-05-16"'),
        ("date", "2014/..", '"2014/.."'),
        ("string", "", '""'),
        ("string", "虎 tiger", '"虎 tiger"'),
        ("string", 'a "b" \\ c', '"a \\"b\\" \\\\ c"'),
        ("string", "two\r\nlines", '"two\\r\\nlines"'),
    ],
)
def test_a_value_becomes_a_term_of_its_kind(kind: str, value: str, term: str) -> None:
    text = query_of(kind).bind({"thing": value})
    assert f"VALUES ?thing {{ {term} }}" in text
    assert len(answer_of(text)) == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("iri", ""),
        ("iri", "amur-tiger"),
        ("iri", "Species/Amur Tiger"),
        ("iri", "https://example.org/a b"),
        ("iri", "https://example.org/<a>"),
        ("iri", "https://example.org/a\n"),
        ("iri", "https://example.org/\\u003e"),
        ("integer", ""),
        ("integer", "5.0"),
        ("integer", "1e3"),
        ("integer", "9" * 19),
        ("integer", "٣"),
        ("decimal", "1,5"),
        ("decimal", "1e3"),
        ("decimal", "NaN"),
        ("date", "16 May 2012"),
        ("date", "2012-02-30"),
        ("date", '2012"'),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_name(kind: str, value: str) -> None:
    with pytest.raises(UsageError, match=r"parameter thing: .* expected "):
        query_of(kind).bind({"thing": value})


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize("kind", ["iri", "integer", "decimal", "date"])
def test_an_injection_is_refused(kind: str, value: str) -> None:
    with pytest.raises(UsageError, match="parameter thing: "):
        query_of(kind).bind({"thing": value})


@pytest.mark.parametrize("value", INJECTIONS)
def test_an_injection_into_a_text_stays_a_text(value: str) -> None:
    assert answer_of(query_of("string").bind({"thing": value})) == [value]


def test_a_value_that_looks_like_another_block_is_left_alone() -> None:
    header = "#+ summary: Two\n#+ params:\n#+   - thing: string, one\n#+   - other: string, two\n"
    query = parse_query("two", "any", header + 'SELECT ?thing { VALUES ?thing { "a" } VALUES ?other { "b" } }')
    values = {"thing": 'VALUES ?other { "x" }', "other": ' } UNION { BIND("broken out" AS ?thing) } #'}
    assert answer_of(query.bind(values)) == [values["thing"]]


def test_only_the_block_of_the_parameter_changes() -> None:
    query = query_of("string")
    changed = query.bind({"thing": "leopard"})
    assert changed == query.text.replace('"tiger"', '"leopard"')


def test_a_block_may_be_spread_over_lines() -> None:
    text = HEADER.format(kind="integer") + "SELECT ?thing ?number {\n  values ?thing {\n    5\n  }\n}"
    assert "VALUES ?thing { 7 }" in parse_query("things", "any", text).bind({"thing": "7"})


def test_an_unknown_parameter_is_named_beside_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"things: no parameter 'species'; it has: thing"):
        query_of("iri").bind({"species": "species/amur-tiger"})
    bare = parse_query("all", "any", "#+ summary: Everything\nSELECT ?s { ?s ?p ?o }\n")
    with pytest.raises(UsageError, match=r"it has none"):
        bare.bind({"species": "species/amur-tiger"})


# --- another base ---------------------------------------------------------------------------------------

OTHER = Base("http://127.0.0.1:8000/kg/")


def test_things_and_graphs_move_to_another_base_and_the_vocabulary_stays() -> None:
    body = (
        "PREFIX neakg: <https://w3id.org/neakg/ontology#>\n"
        "SELECT ?thing { GRAPH <https://w3id.org/neakg/graph/press> { <https://w3id.org/neakg/id/area/rason> a ?thing ."
        " ?thing neakg:unit <https://w3id.org/neakg/scheme/unit/pairs> } }"
    )
    text = parse_query("things", "any", f"#+ summary: Things\n{body}").bind({}, OTHER)
    assert "<http://127.0.0.1:8000/kg/graph/press>" in text
    assert "<http://127.0.0.1:8000/kg/id/area/rason>" in text
    assert "<https://w3id.org/neakg/ontology#>" in text
    assert "<https://w3id.org/neakg/scheme/unit/pairs>" in text


def test_defaults_and_references_move_to_another_base() -> None:
    query = query_of("iri")
    assert answer_of(query.bind({}, OTHER)) == [f"{OTHER.iri}id/species/amur-tiger"]
    assert answer_of(query.bind({"thing": "area/rason"}, OTHER)) == [f"{OTHER.iri}id/area/rason"]
    assert answer_of(query.bind({"thing": "https://example.org/id/a"}, OTHER)) == ["https://example.org/id/a"]


def test_under_the_public_base_the_text_stays() -> None:
    query = query_of("iri")
    assert query.bind({}, Base()) == query.bind({}) == query.text


# --- the folder ---------------------------------------------------------------------------------------------


def folder_with(top: Path, *names: str) -> Path:
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#+ summary: {path.stem}\nSELECT ?s {{ ?s ?p ?o }} ORDER BY ?s\n", "utf-8")
    return top


def test_queries_are_found_by_name_with_their_subject(tmp_path: Path) -> None:
    found = stored_queries(folder_with(tmp_path, "species/a.rq", "areas/b.rq", "areas/README.md"))
    assert {name: query.subject for name, query in found.items()} == {"a": "species", "b": "areas"}


def test_two_queries_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two stored queries are called a"):
        stored_queries(folder_with(tmp_path, "species/a.rq", "areas/a.rq"))


def test_a_faulty_file_stops_the_reading(tmp_path: Path) -> None:
    folder_with(tmp_path, "species/a.rq")
    (tmp_path / "species" / "b.rq").write_text("#+ summary: B\n#+ author: nobody\n", "utf-8")
    with pytest.raises(UsageError, match=r"b\.rq:2"):
        stored_queries(tmp_path)


def test_an_empty_folder_has_no_queries(tmp_path: Path) -> None:
    assert stored_queries(tmp_path) == {}


def test_the_queries_of_the_repository_are_found_and_can_be_written_as_csv() -> None:
    found = stored_queries()
    assert "flagship-species" in found
    answer = GraphStore(Store(), union=True, shares_triples=False).query(found["flagship-species"].text)
    header = write_answer(answer, BY_NAME["csv"]).decode().splitlines()[0]
    assert header.split(",") == list(found["flagship-species"].columns)
