"""Refused queries: the place of the first mistake, and words that help."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from kg.diagnosis import MOST_CHARACTERS, diagnose
from kg.resources import folder, walk
from kg.sparql_text import tokens

#: A query, the line and column of its first mistake, and what the message must say.
CASES = [
    ("SELECT * {\n ?s ?p \n}", 3, 1, "unexpected `}`; expected a variable, an IRI, a string"),
    ("SELECT ?x WHERE { ?s ?p ?o ", 1, 27, "the query ends here; expected `}`"),
    ("", 1, 1, "the query ends here; expected ASK, BASE, CONSTRUCT"),
    ("SELEC * {}", 1, 1, "unexpected SELEC; did you mean SELECT?"),
    ("SELECT * {\n  ?s ?p ?o .\n  FILTR(?o > 1)\n}", 3, 3, "did you mean FILTER?"),
    ("hello world", 1, 1, "unexpected hello; expected ASK"),
    ("PREFIX ex: <http://e x> ASK {}", 1, 12, "this IRI is not closed"),
    ("SELECT * { ?s a <http://e x> }", 1, 17, "this IRI is not closed"),
    ("PREFIX ex <http://e/> ASK {}", 1, 8, "a prefix with its colon"),
    ("SELECT * { ?s foaf:name ?o }", 1, 15, "PREFIX foaf: <http://xmlns.com/foaf/0.1/>"),
    ("SELECT * { ?s what:not ?o }", 1, 15, "the prefix what: is not declared; put PREFIX what: <...>"),
    ('SELECT * {\n ?s ?p "abc }', 2, 8, "this string is not closed"),
    ("SELECT * { ?s ?p ?o . FILTER(?o > ) }", 1, 35, "unexpected `)`; expected a variable"),
    ("SELECT * { ?s ?p ?o FILTER ?o > 3 }", 1, 28, "unexpected ?o; expected an IRI, `(`, an aggregate, a function"),
    ("SELECT * { ?s ?p ?o } LIMIT x", 1, 29, "unexpected x; expected a number"),
    ("SELECT * { ?s ?p ?o } ORDER ?s", 1, 29, "unexpected ?s; expected BY"),
    ("SELECT COUNT(*) { ?s ?p ?o }", 1, 8, "unexpected COUNT; expected a variable, `(`"),
    ("SELECT ?s, ?p { ?s ?p ?o }", 1, 10, "unexpected `,`; expected a variable"),
    ("SELECT * { OPTIONAL ?s ?p ?o }", 1, 21, "unexpected ?s; expected `{`"),
    ("ASK { GRAPH { ?s ?p ?o } }", 1, 13, "unexpected `{`; expected a variable or an IRI"),
    ("SELECT * { ?s ?p ?o }}", 1, 22, "unexpected `}`; expected the end of the query"),
    ("SELECT * { ?s ?p ?o\n?s2 ?p2 ?o2 }", 2, 1, "unexpected ?s2"),
    ("ASK { BIND(1 AS ?x) BIND(2 AS ?x) }", 1, 31, "?x has a value here already"),
    ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", 1, 8, "?s is neither in GROUP BY nor inside an aggregate"),
    ("SELECT ?a ?b { ?a ?p ?b } GROUP BY ?a", 1, 11, "?b is neither in GROUP BY"),
    ("ASK { FILTER(STRLEN(1, 2) = 1) }", 0, 0, "number of arguments"),
]
STORED = [entry.read_text("utf-8") for entry in walk(folder("queries"), ".rq")]


@pytest.mark.parametrize(("text", "line", "column", "words"), CASES)
def test_a_mistake_is_pointed_at(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(SyntaxError) as refused:
        Store().query(text)
    found = diagnose(text, str(refused.value))
    assert (found.kind, found.line, found.column) == ("syntax", line, column), found
    assert words in found.detail


def test_a_long_text_is_not_read_again() -> None:
    text = f"ASK {{ {'#' * MOST_CHARACTERS}\n ?s ?p }}"
    with pytest.raises(SyntaxError) as refused:
        Store().query(text)
    found = diagnose(text, str(refused.value))
    assert found.line == 2
    assert "at this place or before" in found.detail


def test_the_grammar_accepts_every_stored_query() -> None:
    assert STORED
    for text in STORED:
        assert "follows the grammar" in diagnose(text).detail


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.sampled_from(STORED), data=st.data())
def test_a_query_that_lost_a_terminal_is_diagnosed_within_its_text(text: str, data: st.DataObject) -> None:
    found = list(tokens(text))
    gone = found[data.draw(st.integers(0, len(found) - 1))]
    broken = text[: gone.start] + text[gone.start + len(gone.text) :]
    try:
        Store().query(broken)
    except SyntaxError as error:
        mistake = diagnose(broken, str(error))
        assert mistake.line <= broken.count("\n") + 1
        assert mistake.detail
        assert "\\u{" not in mistake.detail, "the engine's own grammar is no help to people"
