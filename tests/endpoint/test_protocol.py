"""SPARQL 1.1 Protocol, clause by clause: each test is named after the section that it holds the service to.

The cases of the working group's protocol tests (query part) are among them; those of updates are answered by 403.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from starlette.testclient import TestClient

from kg.formats import RDF_FORMATS, RESULT_FORMATS

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
MADE_UP = "https://w3id.org/neakg/graph/made-up"
BIBLIOGRAPHY = "https://w3id.org/neakg/graph/bibliography"
LABELS = "https://w3id.org/neakg/graph/derived/labels"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMED = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


def address(*pairs: tuple[str, str]) -> str:
    return f"/sparql?{urlencode(pairs)}" if pairs else "/sparql"


def number(client: TestClient, target: str, **arguments: object) -> int:
    """Send a request and return the one number of its answer."""
    found = client.post(target, **arguments) if arguments else client.get(target)  # type: ignore[arg-type]
    assert found.status_code == 200, found.text
    return int(found.json()["results"]["bindings"][0]["n"]["value"])


def post(client: TestClient, target: str, body: str, content_type: str | None) -> object:
    headers = {"content-type": content_type} if content_type else {}
    return client.post(target, content=body.encode(), headers=headers)


# --- 2.1 the query operation ---------------------------------------------------------------------------------


def test_2_1_1_query_via_get(client: TestClient) -> None:
    assert client.get(address(("query", "ASK {}"))).json()["boolean"] is True


@pytest.mark.parametrize("content_type", [FORM, FORM.upper(), f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"'])
def test_2_1_2_query_via_post_with_url_encoded_parameters(client: TestClient, content_type: str) -> None:
    assert post(client, "/sparql", "query=ASK%20%7B%7D", content_type).json()["boolean"] is True  # type: ignore[attr-defined]


@pytest.mark.parametrize("content_type", [QUERY, f"{QUERY}; charset=utf-8", f"{QUERY};charset=us-ascii"])
def test_2_1_3_query_via_post_directly(client: TestClient, content_type: str) -> None:
    assert post(client, "/sparql", "ASK {}", content_type).json()["boolean"] is True  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_2_1_4_a_dataset_of_one_default_graph(client: TestClient, way: str) -> None:
    alone = number(client, address(("query", f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{BIBLIOGRAPHY}> {{ ?s ?p ?o }} }}")))
    chosen = ("default-graph-uri", BIBLIOGRAPHY)
    if way == "get":
        assert number(client, address(("query", COUNT), chosen)) == alone > 0
    elif way == "form":
        body = urlencode([("query", COUNT), chosen]).encode()
        assert number(client, "/sparql", content=body, headers={"content-type": FORM}) == alone
    else:
        found = number(client, address(chosen), content=COUNT.encode(), headers={"content-type": QUERY})
        assert found == alone


def test_2_1_4_several_default_graphs_are_merged_and_each_triple_counts_once(client: TestClient) -> None:
    both = number(client, address(("query", COUNT), ("default-graph-uri", MADE_UP), ("default-graph-uri", LABELS)))
    graphs = f"VALUES ?g {{ <{MADE_UP}> <{LABELS}> }} GRAPH ?g {{ ?s ?p ?o }}"
    text = f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT ?s ?p ?o {{ {graphs} }} }}"
    assert both == number(client, address(("query", text))) > 0


def test_2_1_4_named_graphs_are_those_named(client: TestClient) -> None:
    named = [("named-graph-uri", MADE_UP), ("named-graph-uri", BIBLIOGRAPHY)]
    assert number(client, address(("query", NAMED), *named)) == 2
    assert number(client, address(("query", COUNT), *named)) == 0, "no default graph is named, so it is empty"


def test_2_1_4_default_and_named_graphs_together(client: TestClient) -> None:
    chosen = [("default-graph-uri", BIBLIOGRAPHY), ("named-graph-uri", MADE_UP)]
    assert number(client, address(("query", NAMED), *chosen)) == 1
    assert number(client, address(("query", COUNT), *chosen)) > 0


def test_2_1_4_the_protocol_overrides_from_and_from_named(client: TestClient) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{MADE_UP}> FROM NAMED <{MADE_UP}> {{ ?s ?p ?o }}"
    chosen = ("default-graph-uri", BIBLIOGRAPHY)
    assert number(client, address(("query", text), chosen)) == number(client, address(("query", COUNT), chosen))


@pytest.mark.parametrize("row", [*RESULT_FORMATS, *RDF_FORMATS], ids=lambda row: row.name)
def test_2_1_5_accepted_response_formats(client: TestClient, row: object) -> None:
    query = "CONSTRUCT WHERE { ?s ?p ?o }" if row in RDF_FORMATS else "SELECT ?s { ?s ?p ?o } LIMIT 1"
    for media_type in row.media_types:  # type: ignore[attr-defined]
        found = client.get(address(("query", query)), headers={"accept": f"{media_type};q=0.9, image/png"})
        assert found.status_code == 200
        assert found.headers["content-type"].partition(";")[0] == media_type


def test_2_1_5_several_accept_lines_are_one_list(client: TestClient) -> None:
    found = client.get(address(("query", "ASK {}")), headers=[("accept", "image/png"), ("accept", "text/csv;q=0.1")])
    assert found.headers["content-type"].startswith("text/csv")


def test_2_1_5_nothing_acceptable_is_406(client: TestClient) -> None:
    found = client.get(address(("query", "ASK {}")), headers={"accept": "image/png"})
    assert found.status_code == 406
    assert "text/csv" in found.json()["mediaTypes"]


def test_2_1_6_success_is_200(client: TestClient) -> None:
    for query in ("ASK {}", "SELECT * {}", "CONSTRUCT {} {}", "DESCRIBE <urn:none>"):
        assert client.get(address(("query", query))).status_code == 200


@pytest.mark.parametrize(
    ("target", "body", "content_type", "status"),
    [
        ("/sparql", "query=ASK%20%7B", FORM, 400),  # a syntax error
        ("/sparql", "ASK {", QUERY, 400),
        ("/sparql", "query=ASK%20%7B%7D&query=ASK%20%7B%7D", FORM, 400),  # more than one query
        ("/sparql?query=ASK%20%7B%7D", "ASK {}", QUERY, 400),
        ("/sparql", "other=1", FORM, 400),  # no query
        ("/sparql", "ASK {}", "text/plain", 415),
        ("/sparql", "ASK {}", None, 415),
        ("/sparql", "query=ASK%20%7B%7D", None, 415),
        ("/sparql", "ASK {}", f"{QUERY}; charset=utf-16", 415),
        ("/sparql", "query=%FF", FORM, 400),  # not UTF-8
        ("/sparql", "CLEAR ALL", "application/sparql-update", 403),
        ("/sparql", "update=CLEAR%20ALL", FORM, 403),
        ("/sparql", "query=CLEAR%20ALL", FORM, 403),
        ("/sparql", "query=ASK%20FROM%20%3Curn%3Anone%3E%20%7B%7D", FORM, 400),
    ],
)
def test_2_1_7_failures(client: TestClient, target: str, body: str, content_type: str | None, status: int) -> None:
    found = post(client, target, body, content_type)
    assert found.status_code == status  # type: ignore[attr-defined]
    problem = found.json()  # type: ignore[attr-defined]
    assert problem["status"] == status
    assert problem["detail"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_2_1_7_other_methods_are_405_with_what_is_allowed(client: TestClient, method: str) -> None:
    found = client.request(method, address(("query", "ASK {}")))
    assert found.status_code == 405
    assert found.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_head_is_get_without_a_body(client: TestClient) -> None:
    target = address(("query", "SELECT * { ?s ?p ?o }"))
    get, head = client.get(target), client.head(target)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize(
    "text", ["东北虎", "Амурский тигр", "저어새", "𠮷野家", "a\tb", 'quo"te', "cömma, x", "\u200frtl"]
)
def test_unicode_in_every_format(client: TestClient, row: object, text: str) -> None:
    literal = text.replace('"', '\\"').replace("\t", "\\t")
    found = client.get(address(("query", f'SELECT ("{literal}" AS ?x) {{}}'), ("format", row.name)))  # type: ignore[attr-defined]
    shown = {
        "csv": f'"{text.replace(chr(34), chr(34) * 2)}"' if set('",') & set(text) else text,
        "tsv": f'"{literal}"',
        "json": text.replace('"', '\\"').replace("\t", "\\t"),
        "xml": text.replace('"', "&quot;").replace("\t", "&#9;"),
    }
    body = found.content.decode("utf-8")
    assert shown[row.name] in body or text in body  # type: ignore[attr-defined]


# --- 2.2 the update operation: there is none ------------------------------------------------------------------


@pytest.mark.parametrize("text", ["INSERT DATA {}", "DELETE WHERE { ?s ?p ?o }", "LOAD <urn:x>", "DROP ALL"])
def test_2_2_updates_are_refused_with_an_explanation(client: TestClient, text: str) -> None:
    for found in (
        client.post("/sparql", content=text, headers={"content-type": "application/sparql-update"}),
        client.post("/sparql", data={"update": text}),
        client.get(f"/sparql?query={quote(text)}"),
    ):
        assert found.status_code == 403
        assert "read-only" in found.json()["detail"]
