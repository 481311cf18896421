"""The query operation of the SPARQL 1.1 Protocol; tests are named after what it says."""

from __future__ import annotations

import io
import json
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
import rdflib
from pyoxigraph import QueryBoolean, QuerySolutions, RdfFormat, parse, parse_query_results
from starlette.testclient import TestClient

from kg.formats import BY_NAME, RDF_FORMATS, RESULT_FORMATS
from tests.endpoint.conftest import TIGER

PLACE = "https://w3id.org/neakg/id/place/a%20b"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SELECT = "SELECT ?s ?o WHERE { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o } ORDER BY ?o"
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }"
FORM = {"content-type": "application/x-www-form-urlencoded"}
DIRECT = {"content-type": "application/sparql-query"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def ask(client: TestClient, query: str, way: str, **headers: str) -> object:
    """Send a query by one of the three ways of the protocol."""
    if way == "get":
        return client.get(f"/sparql?query={quote(query, safe='')}", headers=headers)
    if way == "form":
        body = f"query={quote(query, safe='')}".encode()
        return client.post("/sparql", content=body, headers={**FORM, **headers})
    return client.post("/sparql", content=query.encode(), headers={**DIRECT, **headers})


WAYS = pytest.mark.parametrize("way", ["get", "form", "direct"])


@WAYS
def test_a_query_is_decoded_once(client: TestClient, way: str) -> None:
    query = f"""SELECT ("a%20b+c & d=e" AS ?text) ?label {{ <{PLACE}> <{LABEL}> ?label }}"""
    row = ask(client, query, way).json()["results"]["bindings"][0]  # type: ignore[attr-defined]
    assert row["text"]["value"] == "a%20b+c & d=e"
    assert row["label"]["value"] == "Place with a blank"


@WAYS
def test_unicode_comes_back_whole(client: TestClient, way: str) -> None:
    query = 'SELECT ("东北虎 𠀀 \u0301é" AS ?text) { <https://w3id.org/neakg/id/place/虎林> ?p ?o } LIMIT 1'
    found = ask(client, query, way).json()  # type: ignore[attr-defined]
    assert found["results"]["bindings"][0]["text"]["value"] == "东北虎 𠀀 \u0301é"


def test_a_plus_in_a_form_is_a_blank(client: TestClient) -> None:
    found = client.post("/sparql", content=b"query=ASK+%7B%7D", headers=FORM)
    assert found.json()["boolean"] is True


def test_a_form_of_more_than_a_megabyte_is_read(client: TestClient) -> None:
    query = f"ASK {{}} # {'虎' * 150_000}"
    body = b"query=" + quote(query).encode()
    assert len(body) > 1_300_000
    assert client.post("/sparql", content=body, headers=FORM).json()["boolean"] is True


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize("by", ["format", "accept"])
def test_select_in_every_format(client: TestClient, row: object, by: str) -> None:
    found = _in_format(client, SELECT, row, by)
    assert found.headers["content-type"] == row.content_type  # type: ignore[attr-defined]
    if row.name == "csv":  # type: ignore[attr-defined]
        assert f"{TIGER},东北虎\r\n" in found.text
        return
    solutions = parse_query_results(found.content, format=row.results)  # type: ignore[attr-defined]
    assert isinstance(solutions, QuerySolutions)
    rows = [(item["s"].value, item["o"].value) for item in solutions]  # type: ignore[union-attr]
    assert (TIGER, "东北虎") in rows
    assert len(rows) == 6


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize("truth", [True, False])
def test_ask_in_every_format(client: TestClient, row: object, truth: bool) -> None:
    found = _in_format(client, "ASK {}" if truth else "ASK { ?s <urn:no> ?o }", row, "format")
    if row.name in ("csv", "tsv"):  # type: ignore[attr-defined]
        assert found.text.strip() == str(truth).lower()
        return
    answer = parse_query_results(found.content, format=row.results)  # type: ignore[attr-defined]
    assert isinstance(answer, QueryBoolean)
    assert bool(answer) is truth


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize("by", ["format", "accept"])
def test_construct_in_every_format(client: TestClient, row: object, by: str) -> None:
    found = _in_format(client, CONSTRUCT, row, by)
    assert found.headers["content-type"] == row.content_type  # type: ignore[attr-defined]
    assert len({quad.triple for quad in parse(found.content, format=row.rdf)}) == 6  # type: ignore[attr-defined]


def _in_format(client: TestClient, query: str, row: object, by: str) -> object:
    headers = {"accept": row.media_type} if by == "accept" else {}  # type: ignore[attr-defined]
    parameters = {"query": query, "format": row.name} if by == "format" else {"query": query}  # type: ignore[attr-defined]
    found = client.get("/sparql", params=parameters, headers=headers)
    assert found.status_code == 200, found.text
    return found


def test_the_defaults_are_json_and_turtle(client: TestClient) -> None:
    for accept in ({}, {"accept": "*/*"}):
        assert (
            client.get("/sparql", params={"query": SELECT}, headers=accept).headers["content-type"]
            == BY_NAME["json"].media_type
        )
        found = client.get("/sparql", params={"query": "DESCRIBE <" + TIGER + ">"}, headers=accept)
        assert found.headers["content-type"].startswith("text/turtle")


def test_an_alias_is_answered_by_its_name(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": SELECT}, headers={"accept": "application/json"})
    assert found.headers["content-type"] == "application/json"


def test_xml_keeps_falsy_values(client: TestClient) -> None:
    query = 'SELECT (0 AS ?a) (false AS ?b) ("" AS ?c) (0.0 AS ?d) {}'
    found = client.get("/sparql", params={"query": query, "format": "xml"})
    texts = [
        item.text or "" for item in ET.fromstring(found.content).iter("{http://www.w3.org/2005/sparql-results#}literal")
    ]
    assert texts[:3] == ["0", "false", ""]
    assert float(texts[3]) == 0


def test_head_answers_like_get_without_a_body(client: TestClient) -> None:
    got = client.get("/sparql", params={"query": SELECT})
    head = client.head("/sparql", params={"query": SELECT})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == str(len(got.content))


# --- datasets ---------------------------------------------------------------------------------------------

GRAPHS = "https://w3id.org/neakg/graph/"


def _count(client: TestClient, query: str, **parameters: object) -> int:
    found = client.get("/sparql", params={"query": query, **parameters})
    assert found.status_code == 200, found.text
    return int(found.json()["results"]["bindings"][0]["n"]["value"])


def test_the_default_graph_is_the_union(client: TestClient) -> None:
    total = _count(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    named = _count(client, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    assert 0 < total < named, "a triple of two graphs counts once"


def test_default_graph_uri_overrides_from_and_counts_shared_triples_once(client: TestClient) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{GRAPHS}vocabularies> {{ ?s <{LABEL}> 'DPRK'@en }}"
    one = {"default-graph-uri": f"{GRAPHS}made-up"}
    both = {"default-graph-uri": [f"{GRAPHS}made-up", f"{GRAPHS}derived/labels"]}
    assert _count(client, query) == 0
    assert _count(client, query, **one) == 1
    assert _count(client, query, **both) == 1


def test_named_graph_uri_limits_the_named_graphs(client: TestClient) -> None:
    query = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert _count(client, query) == 5
    assert _count(client, query, **{"named-graph-uri": [f"{GRAPHS}made-up", f"{GRAPHS}catalogue"]}) == 2


def test_graph_of_a_graph_that_is_not_loaded_has_no_solutions(client: TestClient) -> None:
    assert _count(client, "SELECT (COUNT(*) AS ?n) { GRAPH <urn:no> { ?s ?p ?o } }") == 0


@pytest.mark.parametrize("way", ["from", "from-named", "default-graph-uri", "named-graph-uri"])
def test_a_dataset_that_is_not_loaded_is_refused_by_name_and_not_fetched(
    client: TestClient, way: str, canary: str, canary_file: str, canary_hits: list[str]
) -> None:
    for address in (canary, canary_file):
        if way.startswith("from"):
            clause = f"FROM NAMED <{address}>" if way == "from-named" else f"FROM <{address}>"
            found = client.get("/sparql", params={"query": f"SELECT * {clause} {{ ?s ?p ?o }}"})
        else:
            found = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }", way: address})
        assert found.status_code == 400
        assert found.json()["type"].endswith("/unknown-graph")
        assert address in found.json()["detail"]
        assert "canary" not in found.text.replace(address, "")
    assert canary_hits == []


# --- refusals ---------------------------------------------------------------------------------------------


@WAYS
def test_service_is_refused_with_its_place_and_not_followed(
    client: TestClient, way: str, canary: str, canary_hits: list[str]
) -> None:
    for query in (
        f"SELECT * {{\n  SERVICE <{canary}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{\n  SERVICE SILENT <{canary}> {{}} }}",
    ):
        found = ask(client, query, way)
        assert found.status_code == 403  # type: ignore[attr-defined]
        problem = found.json()  # type: ignore[attr-defined]
        assert (problem["type"].rsplit("/", 1)[1], problem["line"], problem["column"]) == ("service-refused", 2, 3)
    assert canary_hits == []


@WAYS
@pytest.mark.parametrize(
    "update", ["INSERT DATA { <urn:a> <urn:b> <urn:c> }", "DELETE WHERE { ?s ?p ?o }", "LOAD <CANARY>", "DROP ALL"]
)
def test_update_text_is_refused_and_nothing_is_loaded(
    client: TestClient, way: str, update: str, canary: str, canary_hits: list[str]
) -> None:
    found = ask(client, update.replace("CANARY", canary), way)
    assert found.status_code == 403  # type: ignore[attr-defined]
    assert found.json()["type"].endswith("/updates-refused")  # type: ignore[attr-defined]
    assert canary_hits == []
    assert client.get("/sparql", params={"query": "ASK { <urn:a> ?p ?o }"}).json()["boolean"] is False


def test_update_requests_are_refused(client: TestClient) -> None:
    assert client.post("/sparql", data={"update": "CLEAR ALL"}).status_code == 403
    assert client.get("/sparql", params={"update": "CLEAR ALL"}).status_code == 403
    found = client.post("/sparql", content=b"CLEAR ALL", headers={"content-type": "application/sparql-update"})
    assert found.status_code == 403
    assert "read-only" in found.json()["detail"]


@pytest.mark.parametrize(
    "target", ["/sparql?query=ASK%7B%7D&query=ASK%7B%7D", "/sparql?format=json&update=&query=ASK%7B%7D"]
)
def test_exactly_one_query_and_nothing_else(client: TestClient, target: str) -> None:
    assert client.get(target).status_code in (400, 403)


def test_a_query_in_body_and_address_is_refused(client: TestClient) -> None:
    found = client.post("/sparql?query=ASK%7B%7D", content=b"ASK {}", headers=DIRECT)
    assert found.status_code == 400
    assert client.post("/sparql", content=b"format=json", headers=FORM).status_code == 400


def test_a_syntax_error_names_line_and_column(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": "SELECT * {\n  ?s ?p }"})
    assert found.status_code == 400
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["line"] == 2
    assert found.json()["column"] > 1
    assert found.json()["status"] == 400
    assert found.json()["title"]


@pytest.mark.parametrize("body", [b"query=%FF", b"query=ASK%7B%7D%ED%A0%80"])
def test_parameters_that_are_not_utf8_are_refused(client: TestClient, body: bytes) -> None:
    assert client.post("/sparql", content=body, headers=FORM).status_code == 400


def test_direct_queries_that_are_not_utf8_are_refused(client: TestClient) -> None:
    assert client.post("/sparql", content=b"ASK {} # \xff", headers=DIRECT).status_code == 400
    wrong = {"content-type": "application/sparql-query; charset=utf-16"}
    assert client.post("/sparql", content="ASK {}".encode("utf-16"), headers=wrong).status_code == 415
    right = {"content-type": 'application/sparql-query; charset="UTF-8"'}
    assert client.post("/sparql", content=b"ASK {}", headers=right).status_code == 200


def test_formats_that_cannot_hold_the_answer(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": SELECT}, headers={"accept": "image/png"}).status_code == 406
    assert client.get("/sparql", params={"query": SELECT}, headers={"accept": "text/turtle"}).status_code == 406
    assert client.get("/sparql", params={"query": CONSTRUCT}, headers={"accept": "text/csv"}).status_code == 406
    found = client.get("/sparql", params={"query": SELECT, "format": "turtle"})
    assert found.status_code == 400
    assert found.json()["formats"] == [row.name for row in RESULT_FORMATS]
    assert client.get("/sparql", params={"query": SELECT, "format": "pdf"}).status_code == 400


def test_other_content_types_and_methods(client: TestClient) -> None:
    assert client.post("/sparql", content=b"{}", headers={"content-type": "application/json"}).status_code == 415
    assert client.post("/sparql", content=b"ASK {}").status_code == 415
    for method in ("PUT", "DELETE", "PATCH"):
        found = client.request(method, "/sparql")
        assert found.status_code == 405
        assert found.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_a_body_over_the_limit_is_413(client: TestClient) -> None:
    assert client.post("/sparql", content=b"x" * 10_000_001, headers=DIRECT).status_code == 413
    chunks = (b"x" * 1_000_000 for _ in range(11))
    assert client.post("/sparql", content=chunks, headers=DIRECT).status_code == 413
    assert client.post("/sparql", content=b"ASK {} #" + b"x" * 1_000_000, headers=DIRECT).status_code == 413


@pytest.mark.parametrize(
    "query", ["ASK " + "{" * 5000, "SELECT (" + "(" * 20_000, "ASK { ?s " + "!" * 9000 + "<urn:p> ?o }"]
)
def test_texts_that_would_overflow_the_parser_are_refused(client: TestClient, query: str) -> None:
    assert client.post("/sparql", content=query.encode(), headers=DIRECT).status_code == 400
    assert client.get("/health").json()["status"] == "ok"


def test_an_answer_over_the_limit_is_refused_not_cut(client: TestClient) -> None:
    product = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    for name in ("csv", "json", "xml", "tsv"):
        found = client.get("/sparql", params={"query": f"SELECT * {product}", "format": name})
        assert found.status_code == 422
        assert found.json()["type"].endswith("/result-too-large")


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan"])
def test_a_wrong_timeout_is_refused(client: TestClient, seconds: str) -> None:
    assert client.get("/sparql", params={"query": "ASK {}", "timeout": seconds}).status_code == 400


# --- as many rows as the client wants ---------------------------------------------------------------------------


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize(("most", "cut"), [(2, "yes"), (6, "no"), (9, "no")])
def test_max_rows_cuts_and_says_so(client: TestClient, row: object, most: int, cut: str) -> None:
    parameters = {"query": SELECT, "format": row.name, "max-rows": str(most)}  # type: ignore[attr-defined]
    found = client.get("/sparql", params=parameters)
    assert found.headers["neakg-rows"] == f"max={most}; cut={cut}"
    whole = client.get("/sparql", params={"query": SELECT, "format": row.name})  # type: ignore[attr-defined]
    assert "neakg-rows" not in whole.headers
    if row.name == "json":  # type: ignore[attr-defined]
        assert found.json()["meta"] == {"maxRows": most, "cut": cut == "yes"}
        assert len(found.json()["results"]["bindings"]) == min(most, 6)
    elif row.name in ("csv", "tsv"):  # type: ignore[attr-defined]
        assert found.text.splitlines() == whole.text.splitlines()[: most + 1]


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "1.5", "9999999999", "٣"])
def test_wrong_max_rows_are_refused(client: TestClient, wrong: str) -> None:
    assert client.get("/sparql", params={"query": SELECT, "max-rows": wrong}).status_code == 400


def test_max_rows_fits_rows_only(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": CONSTRUCT, "max-rows": "1"})
    assert found.status_code == 400
    assert "CONSTRUCT" in found.json()["detail"]


def test_an_address_that_is_too_long_is_414(client: TestClient) -> None:
    found = client.get(f"/sparql?query=ASK%20%7B%7D%23{'x' * 40_000}")
    assert found.status_code == 414
    assert "POST" in found.json()["detail"]


# --- without a query ------------------------------------------------------------------------------------------


def test_a_bare_get_is_the_service_description(client: TestClient) -> None:
    found = client.get("/sparql")
    assert found.headers["content-type"] == "text/turtle; charset=utf-8"
    graph = rdflib.Graph().parse(data=found.text, format="turtle")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = graph.value(predicate=rdflib.RDF.type, object=sd.Service)
    assert {str(item) for item in graph.objects(service, sd.resultFormat)} == {row.iri for row in BY_NAME.values()}
    assert sd.UnionDefaultGraph in set(graph.objects(service, sd.feature))
    names = {str(item) for item in graph.objects(None, sd.name)}
    assert f"{GRAPHS}derived/labels" in names
    for named in graph.subjects(sd.name, None):
        triples = int(graph.value(graph.value(named, sd.graph), rdflib.VOID.triples))
        name = graph.value(named, sd.name)
        assert triples == _count(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
    default = graph.value(graph.value(service, sd.defaultDataset), sd.defaultGraph)
    total = _count(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert int(graph.value(default, rdflib.VOID.triples)) == total


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_the_service_description_in_every_format(client: TestClient, row: object) -> None:
    found = client.get("/sparql", headers={"accept": row.media_type})  # type: ignore[attr-defined]
    assert list(parse(found.content, format=row.rdf))  # type: ignore[attr-defined]


def test_browsers_get_a_form_that_works_without_scripts(client: TestClient) -> None:
    found = client.get("/sparql", headers=BROWSER)
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert '<form action="/sparql" method="get">' in found.text
    assert "<script" not in found.text


def test_browsers_get_answers_as_pages(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": SELECT}, headers=BROWSER)
    assert '<span lang="zh-Hans">东北虎</span>' in found.text
    assert 'href="/doc/species/amur-tiger"' in found.text
    assert "yes" in client.get("/sparql", params={"query": "ASK {}", "format": "html"}).text
    page = client.get("/sparql", params={"query": "SELECT ('<script>x</script>' AS ?x) {}"}, headers=BROWSER)
    assert "<script" not in page.text
    page = client.get("/sparql", params={"query": "SELECT * { ?a ?b ?c . ?d ?e ?f }"}, headers=BROWSER)
    assert "The first 1,000 of" in page.text


def test_browsers_get_problems_as_pages_with_their_query(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": "SELECT <oops"}, headers=BROWSER)
    assert found.status_code == 400
    assert "SELECT &lt;oops" in found.text
    assert "Line 1" in found.text


def test_no_error_shows_the_inside(client: TestClient) -> None:
    for query in ("", "SELECT", "SELECT * { ?s ?p ?o } FROM <urn:x>", "\x00", "ASK { FILTER(<urn:f>(1)) }"):
        text = client.get("/sparql", params={"query": query}).text
        for word in ("Traceback", "pyoxigraph", "endpoint/", "Error("):
            assert word not in text


# --- everything around it ---------------------------------------------------------------------------------------


def test_anybody_may_ask_from_a_page_of_their_own(client: TestClient) -> None:
    preflight = client.options(
        "/sparql", headers={"origin": "https://example.org", "access-control-request-method": "POST"}
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "Content-Type" in preflight.headers["access-control-allow-headers"]
    for found in (preflight, client.get("/sparql"), client.get("/sparql?query=x"), client.get("/nothing")):
        assert found.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in found.headers
        assert "ETag" in found.headers["access-control-expose-headers"]


def test_answers_have_validators(client: TestClient) -> None:
    first = client.get("/sparql", params={"query": SELECT})
    assert first.headers["vary"] == "Accept, Accept-Encoding"
    again = client.get("/sparql", params={"query": SELECT}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_rows_of_json_are_json(client: TestClient) -> None:
    found = json.load(io.BytesIO(client.get("/sparql", params={"query": SELECT}).content))
    assert found["head"]["vars"] == ["s", "o"]


def test_direct_post_takes_its_dataset_from_the_address(client: TestClient) -> None:
    found = client.post(
        f"/sparql?default-graph-uri={quote(GRAPHS + 'catalogue', safe='')}&format=csv",
        content=b"SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        headers=DIRECT,
    )
    assert found.text.split() == ["n", "7"]


def test_trig_of_a_construct_has_triples_only(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": CONSTRUCT, "format": "trig"})
    assert len(list(parse(found.content, format=RdfFormat.TRIG))) == 6
