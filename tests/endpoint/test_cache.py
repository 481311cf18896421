"""What is kept, what goes, and that a kept answer is the one that a worker gave."""

from __future__ import annotations

from starlette.testclient import TestClient

from endpoint.cache import ByteCache


def test_the_least_recently_used_goes_first() -> None:
    cache: ByteCache[str] = ByteCache(80)
    for key in range(8):
        cache.put(key, str(key), 10)
    assert cache.get(0) == "0"
    cache.put(8, "8", 10)
    assert cache.get(1) is None
    assert cache.get(0) == "0"
    assert (len(cache), cache.size, cache.hits, cache.misses) == (8, 80, 2, 1)


def test_a_value_that_would_fill_much_of_it_is_not_kept() -> None:
    cache: ByteCache[str] = ByteCache(80)
    cache.put("large", "x", 11)
    assert len(cache) == 0


def test_a_key_put_again_counts_once() -> None:
    cache: ByteCache[str] = ByteCache(80)
    cache.put("a", "x", 10)
    cache.put("a", "y", 5)
    assert (cache.size, cache.get("a")) == (5, "y")
    cache.clear()
    assert (cache.size, cache.get("a")) == (0, None)


def test_a_repeated_query_is_answered_from_memory(client: TestClient) -> None:
    answers = client.app.state.service.answers  # type: ignore[attr-defined]
    parameters = {"query": "SELECT ?s { ?s a <https://w3id.org/neakg/ontology#Taxon> } # kept"}
    first = client.get("/sparql", params=parameters)
    before = answers.hits
    again = client.get("/sparql", params=parameters)
    assert answers.hits == before + 1
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    other = client.get("/sparql", params=parameters, headers={"accept": "text/csv"})
    assert other.headers["content-type"].startswith("text/csv")


def test_what_changes_each_time_is_not_kept(client: TestClient) -> None:
    parameters = {"query": "SELECT (uuid() AS ?x) {}", "format": "csv"}
    assert client.get("/sparql", params=parameters).text != client.get("/sparql", params=parameters).text


def test_problems_are_not_kept(client: TestClient) -> None:
    answers = client.app.state.service.answers  # type: ignore[attr-defined]
    before = len(answers)
    assert client.get("/sparql", params={"query": "SELECT"}).status_code == 400
    assert len(answers) == before
