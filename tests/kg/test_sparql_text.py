"""What is read from a SPARQL text before the engine sees it (SPARQL 1.1 Query, sections 4.1, 13.2 and 19)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import sparql_text
from kg.errors import QueryError
from kg.sparql_text import MAX_DEPTH, MAX_LENGTH, Outline, limited, outline, position, tokens


def outlined(form: str, default: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> Outline:
    return Outline(form, default, named, ())


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("select ?x where {}", "SELECT"),
        ("ASK {}", "ASK"),
        ("ASK{}", "ASK"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("DESCRIBE <x>", "DESCRIBE"),
        ("PREFIX ask: <x> SELECT * {}", "SELECT"),
        ("# ASK\nSELECT * {}", "SELECT"),
        ("BASE <http://example.org/ASK>\nSELECT * {}", "SELECT"),
        ("SELECT*{}", "SELECT"),
        ("INSERT DATA { <s> <p> <o> }", "UPDATE"),
        ("DELETE WHERE { ?s ?p ?o }", "UPDATE"),
        ("PREFIX a: <b> WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "UPDATE"),
        ("LOAD <http://example.org/>", "UPDATE"),
        ("CLEAR ALL", "UPDATE"),
        ("drop graph <g>", "UPDATE"),
        ("CREATE GRAPH <g>", "UPDATE"),
        ("COPY <a> TO <b>", "UPDATE"),
        ("MOVE <a> TO <b>", "UPDATE"),
        ("ADD <a> TO <b>", "UPDATE"),
        ("", ""),
        ("   # nothing", ""),
        ("hello", ""),
        ("<SELECT>", ""),
        ('"SELECT"', ""),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(text: str, form: str) -> None:
    assert outline(text).form == form


PROLOGUE = "BASE <http://e.org/a/> PREFIX x: <http://x.org/#> PREFIX r: <r#> PREFIX : <http://d.org/> "


@pytest.mark.parametrize(
    ("text", "default", "named"),
    [
        ("ASK {}", (), ()),
        ("ASK FROM <http://g/> {}", ("http://g/",), ()),
        ("ASK FROM <http://g/>FROM<http://h/>{}", ("http://g/", "http://h/"), ()),
        ("ASK FROM NAMED <http://g/> FROM <http://h/> {}", ("http://h/",), ("http://g/",)),
        ("ASK from named <http://g/> {}", (), ("http://g/",)),
        ("ASKFROM <http://g/> {}", ("http://g/",), ()),
        ("ASKFROM<http://g/>{}", ("http://g/",), ()),
        ("ASK FROMNAMED <http://g/> {}", (), ("http://g/",)),
        ("ASKFROMNAMED<http://g/>{}", (), ("http://g/",)),
        ("SELECT*FROM<http://g/>{}", ("http://g/",), ()),
        ("SELECT ?x FROM <http://g/> WHERE { ?x ?y ?z }", ("http://g/",), ()),
        ("DESCRIBE <x> FROM <http://g/>", ("http://g/",), ()),
        ("CONSTRUCT { ?s ?p ?o } FROM <http://g/> FROM NAMED <http://h/> { ?s ?p ?o }", ("http://g/",), ("http://h/",)),
        ("CONSTRUCT FROM <http://g/> WHERE { ?s ?p ?o }", ("http://g/",), ()),
        ("SELECT (EXISTS { ?s ?p ?o } AS ?x) FROM <http://g/> {}", ("http://g/",), ()),
        (PROLOGUE + "ASK FROM x:y FROM r:y FROM :y FROM <z> {}", (
            "http://x.org/#y", "http://e.org/a/r#y", "http://d.org/y", "http://e.org/a/z"), ()),
        (PROLOGUE + r"ASK FROM x:a\,b FROM NAMED x: {}", ("http://x.org/#a,b",), ("http://x.org/#",)),
        ("BASE <http://e.org/a/> BASE <b/> ASK FROM <c> {}", ("http://e.org/a/b/c",), ()),
        ("BASE<http://e.org/>PREFIX x:<y#>ASK FROM x:z {}", ("http://e.org/y#z",), ()),
        ("PREFIXx:<http://x.org/>ASK FROM x:y {}", ("http://x.org/y",), ()),
        ("PREFIX prefixx: <http://p.org/> PREFIX x: <http://x.org/> ASK FROM prefixx:y {}", ("http://p.org/y",), ()),
        (r"ASK FROM <http://g/\u0041\U00000042> {}", ("http://g/AB",), ()),
        ("ASK # FROM <http://g/>\n {}", (), ()),
        ("ASK { ?s ?p 'FROM <http://g/>' }", (), ()),
        ("SELECT ?from FROM <http://g/> {}", ("http://g/",), ()),
        ("PREFIX from: <x> ASK { ?s from:y <http://g/> }", (), ()),
        ("ASK { { SELECT * { ?s ?p ?o } } }", (), ()),
    ],
)  # fmt: skip
def test_the_dataset_is_what_from_and_from_named_say(
    text: str, default: tuple[str, ...], named: tuple[str, ...]
) -> None:
    found = outline(text)
    assert (found.default_graphs, found.named_graphs) == (default, named)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <http://e/> {} }",
        "ASK { service <http://e/> {} }",
        "ASK { SERVICE SILENT ?x {} }",
        "ASK{?s ?p trueSERVICE<http://e/>{}}",
        "ASK{?s ?p 1SERVICE<http://e/>{}}",
        'ASK{?s ?p "x"SERVICE<http://e/>{}}',
        "ASK{?s ?p <x>SERVICE<http://e/>{}}",
        "ASK{FILTER(true)SERVICE<http://e/>{}}",
        "ASK { # a comment\nSERVICE <http://e/> {} }",
        "ASK { # a comment\rSERVICE <http://e/> {} }",
        r"ASK { \u0053ERVICE <http://e/> {} }",
        r"ASK { BIND('\'' AS ?x) SERVICE <http://e/> {} }",
        'ASK { BIND("""a"b""" AS ?x) SERVICE <http://e/> {} }',
        "ASK { BIND('''a'b''' AS ?x) SERVICE <http://e/> {} }",
        "ASK { FILTER(?a<?b) SERVICE <http://e/> {} }",
        # The engine reads \u0022 as a character of the string, not as its end.
        r'ASK { BIND("\u0022" AS ?x) SERVICE <http://e/> {} BIND("" AS ?y) }',
        r"ASK { ?s <http://x/\u0041#y> ?o SERVICE <http://e/> {} }",
        r"ASK { ?s <http://x/\U00000041#y> ?o SERVICE <http://e/> {} }",
    ],
)
def test_a_service_is_found_however_it_is_written(text: str) -> None:
    assert outline(text).services


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p 'SERVICE <http://e/> {}' }",
        'ASK { ?s ?p "SERVICE" }',
        'ASK { ?s ?p """\n"SERVICE"\n""" }',
        "ASK { ?s ?p '''\n'SERVICE'\n''' }",
        r"ASK { ?s ?p 'it\'s a SERVICE' }",
        "ASK {} # SERVICE <http://e/> {}",
        "ASK { <http://e/SERVICE> ?p ?o }",
        "PREFIX SERVICE: <http://e/> ASK { ?s SERVICE:SERVICE ?o }",
        "ASK { ?SERVICE ?p $SERVICE }",
        'ASK { ?s ?p "x"@service }',
        "PREFIX a: <http://e/> ASK { ?s a:SERVICE ?o }",
    ],
)
def test_the_word_service_in_strings_names_and_comments_is_none(text: str) -> None:
    assert outline(text).services == ()


def test_the_place_of_a_service_is_told() -> None:
    text = "ASK {\n  SERVICE <http://e/> {}\n}"
    (offset,) = outline(text).services
    assert position(text, offset) == (2, 3)


@pytest.mark.parametrize(("offset", "place"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (6, (3, 3))])
def test_a_position_is_a_line_and_a_column_from_one(offset: int, place: tuple[int, int]) -> None:
    assert position("ab\n\ncd", offset) == place


def nested(left: str, right: str, count: int) -> str:
    return "ASK { " + left * count + right * count + " }"


@pytest.mark.parametrize(("left", "right"), [("{", "}"), ("(", ")"), ("[", "]"), ("( ?x ", ")")])
def test_deep_nesting_is_refused(left: str, right: str) -> None:
    assert outline(nested(left, right, MAX_DEPTH - 1))
    with pytest.raises(QueryError, match="nests deeper than") as caught:
        outline(nested(left, right, MAX_DEPTH))
    assert caught.value.kind == "too-large"
    assert caught.value.line == 1


@pytest.mark.parametrize("operator", ["!", "-", "+", "^", "! ", "- -"])
def test_a_long_run_of_operators_is_refused(operator: str) -> None:
    with pytest.raises(QueryError, match="nests deeper than"):
        outline("ASK { FILTER(" + operator * (MAX_DEPTH + 1) + "?x) }")


def test_brackets_in_strings_and_iris_do_not_count() -> None:
    assert outline('ASK { ?s <http://e/((((> "' + "(" * 1000 + '" }').form == "ASK"


def test_wide_and_flat_is_not_deep() -> None:
    assert outline("ASK { " + "{ ?s ?p ?o } " * 1000 + "}").form == "ASK"


def test_a_long_text_is_refused_unread() -> None:
    assert outline("#" * MAX_LENGTH).form == ""
    with pytest.raises(QueryError, match="at most 1000000 are read") as caught:
        outline("#" * (MAX_LENGTH + 1))
    assert caught.value.kind == "too-large"


PIECES = st.sampled_from(
    [
        *(
            "SELECT",
            "ASK",
            "FROM",
            "NAMED",
            "SERVICE",
            "BASE",
            "PREFIX",
            "x:",
            "x:y",
            ":",
            "<",
            ">",
            "<http://[>",
            "<y>",
        ),
        *(
            "{",
            "}",
            "(",
            ")",
            '"',
            "'",
            '"""',
            "'''",
            "\\",
            "\\u0041",
            "\\u0022",
            "\\UFFFFFFFF",
            "\\uD800",
            "#",
            "\n",
            " ",
        ),
        *("?x", "@en", "1e5", "!", "\u00aa", "\U0010ffff", "_:b"),
    ]
)


@given(st.text() | st.lists(PIECES, max_size=30).map("".join) | st.lists(PIECES, max_size=30).map(" ".join))
def test_any_text_has_an_outline_or_is_refused(text: str) -> None:
    try:
        found = outline(text)
    except QueryError as error:
        assert error.detail  # noqa: PT017
        return
    for iri in (*found.default_graphs, *found.named_graphs):
        assert iri.encode()
    assert all(0 <= offset < len(text) for offset in found.services)


@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_the_terminals_and_what_lies_between_make_up_the_text(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert text[token.start :].startswith(token.text)
        assert token.start >= end
        end = token.start + len(token.text)


@given(
    st.lists(st.sampled_from(['"\\u0022"', "'\\u0027'", '"x"', "<http://x/\\u003e>", "# c\n", "?x", "1"]), max_size=8)
)
def test_nothing_hides_a_service(before: list[str]) -> None:
    assert outline("ASK { " + " ".join(before) + " SERVICE <http://e/> {} }").services


FLAT = {
    "BIND": "SELECT * { " + " ".join(f"BIND(1 AS ?v{number})" for number in range(3000)) + " }",
    "MINUS": "SELECT * { ?s ?p ?o " + "MINUS { ?s ?p 1 } " * 3000 + "}",
    "OPTIONAL": "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p 1 } " * 3000 + "}",
    "AS": "SELECT " + " ".join(f"(1 AS ?v{number})" for number in range(3000)) + " { }",
    "UNION": "SELECT * { { ?s ?p ?o } " + "UNION { ?s ?p 1 } " * 10_000 + "}",
    "FILTER": "SELECT * { ?s ?p ?o " + "FILTER(?o > 1) " * 10_000 + "}",
    "+": "SELECT (1" + " + 1" * 10_000 + " AS ?n) { }",
    "|": "ASK { FILTER(1" + " || 1" * 10_000 + ") }",
}


@pytest.mark.parametrize("word", FLAT)
def test_a_flat_query_that_would_end_the_process_is_refused_with_its_place(word: str) -> None:
    with pytest.raises(QueryError, match=r"more than \d+ times") as refused:
        outline(FLAT[word])
    assert refused.value.kind == "too-large"
    assert refused.value.column > 1


def test_a_long_query_of_an_ordinary_kind_is_read() -> None:
    values = " ".join(f"<http://example.org/{number}>" for number in range(5000))
    assert outline(f"SELECT * {{ VALUES ?s {{ {values} }} ?s ?p ?o }}").form == "SELECT"
    assert outline("SELECT * { " + "OPTIONAL { ?s ?p ?o } " * 400 + "}").form == "SELECT"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT * { ?s ?p ?o }\nLIMIT 5"),
        ("SELECT * { ?s ?p ?o } # LIMIT 1", "SELECT * { ?s ?p ?o } # LIMIT 1\nLIMIT 5"),
        ("SELECT * { ?s ?p ?o } LIMIT 3", "SELECT * { ?s ?p ?o } LIMIT 3"),
        ("SELECT * { ?s ?p ?o } limit 30 OFFSET 2", "SELECT * { ?s ?p ?o } limit 5 OFFSET 2"),
        ("SELECT * { { SELECT * {} LIMIT 1 } } OFFSET 1", "SELECT * { { SELECT * {} LIMIT 1 } } OFFSET 1\nLIMIT 5"),
        ("SELECT * { VALUES ?x { 1 } } VALUES ?x { 1 }", "SELECT * { VALUES ?x { 1 } } LIMIT 5 VALUES ?x { 1 }"),
    ],
)
def test_a_query_is_limited_where_its_own_limit_stands(text: str, expected: str) -> None:
    assert limited(text, 5) == expected


FRAGMENTS = st.sampled_from(
    [
        *("SELECT", "ASK", "select", "CONSTRUCT", "DESCRIBE ", "INSERT", "* ", "{", "}", "(", ")", "[", "?s ?p ?o "),
        *("FROM <urn:g>", "FROMNAMED <urn:n>", "SERVICE ", "PREFIX a: <urn:a#>\n", "BASE <http://e/>", "# c\n", " . "),
        *('"x"', "!", "-", "^", "|", "/", "\\u0053", "a:b ", "<urn:x>", " ", "\n", "AS ?x", "OPTIONAL ", "'", "#"),
    ]
)


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_an_ordinary_text_is_read_as_any_other(text: str) -> None:
    """The short way gives what the long way gives, whenever it is taken."""
    form = sparql_text._ordinary(text)
    if form:
        found = list(tokens(text))
        sparql_text._check_depth(found, text)
        sparql_text._check_length(found, text)
        prologue = sparql_text._prologue(found)
        assert form == sparql_text._form(found)
        assert sparql_text._dataset(found, prologue) == ([], [])
        assert sparql_text._services(found) == ()


@pytest.mark.parametrize(
    "text",
    [
        "ASK {" + "!" * 101 + "true }",
        "ASK { FILTER(" + "! # c\n" * 101 + "true) }",
        "ASK " + "{" * 101 + "}" * 101,
        "ASK { SERVICE <urn:x> {} }",
        "ASK FROM <urn:x> {}",
        "ASK { \\u0053ERVICE <urn:x> {} }",
        "VERSION '1.2' ASK {}",
        "ASK {} #" + "x" * 2000,
        "INSERT DATA {}",
    ],
)
def test_an_unusual_text_is_looked_at_closely(text: str) -> None:
    assert sparql_text._ordinary(text) == ""
