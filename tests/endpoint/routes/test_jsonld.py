"""The context and the frames over HTTP: what a JSON-LD tool needs to take them, and to keep them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyld import jsonld
from starlette.testclient import TestClient

from kg.namespaces import BASE, NEAKG
from kg.resources import folder, walk

CONTEXT = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#context"'
FRAME = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#frame"'
NAMES = [entry.name.removesuffix(".jsonld") for entry in walk(folder("ontology") / "frames", ".jsonld")]
SERVED = [("/context.jsonld", CONTEXT), *((f"/frames/{name}.jsonld", FRAME) for name in ("taxon", "site-count"))]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(("path", "media_type"), SERVED)
def test_a_document_for_tools_names_its_profile_and_may_be_kept(client: TestClient, path: str, media_type: str) -> None:
    """JSON-LD 1.1, appendix C (IANA considerations): the profile says what kind of document it is."""
    found = client.get(path)
    assert (found.status_code, found.headers["content-type"]) == (200, media_type)
    assert found.headers["cache-control"] == "public, max-age=86400"
    assert found.headers["access-control-allow-origin"] == "*"
    assert found.content == (folder("ontology") / path.removeprefix("/")).read_bytes()
    # A processor follows such links instead of reading the document itself (JSON-LD 1.1 API, section 9.4.1).
    assert "alternate" not in found.headers.get("link", "")
    assert "json-ld#context" not in found.headers.get("link", "")


@pytest.mark.parametrize("path", [*(path for path, _ in SERVED), "/frames"])
def test_a_document_for_tools_can_be_asked_for_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    again = client.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == client.get(path).headers["content-length"]
    options = client.options(path)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert client.post(path).status_code == 405


def test_the_list_names_every_frame_and_its_class(client: TestClient) -> None:
    found = client.get("/frames")
    assert found.headers["content-type"] == "application/json"
    listed = found.json()
    assert listed["context"] == f"{BASE}context.jsonld"
    assert [item["frame"] for item in listed["frames"]] == [f"{BASE}frames/{name}.jsonld" for name in NAMES]
    for item in listed["frames"]:
        frame = client.get(item["frame"].removeprefix(BASE.rstrip("/"))).json()
        assert item["class"] == NEAKG + frame["type"]


@pytest.mark.parametrize("path", ["/frames/nothing.jsonld", "/frames/taxon", "/frames/", "/frames/a/b.jsonld",
                                  "/frames/..%2fcontext.jsonld", "/frames/taxon.ttl"])  # fmt: skip
def test_an_unknown_frame_answers_with_the_list(client: TestClient, path: str) -> None:
    found = client.get(path)
    assert (found.status_code, found.headers["content-type"]) == (404, "application/problem+json")
    assert found.json()["frames"] == NAMES
    assert client.get(path, headers=BROWSER).headers["content-type"] == "text/html; charset=utf-8"


def test_a_document_framed_with_what_is_served_keeps_its_triples(client: TestClient) -> None:
    """A processor that loads the context and the frame from the service; nothing else is asked for."""
    asked: list[str] = []

    def load(address: str, _: object) -> dict[str, Any]:
        asked.append(address)
        answer = client.get(address.removeprefix(BASE.rstrip("/")))
        assert answer.status_code == 200
        content = {"contentType": "application/ld+json", "contextUrl": None}
        return {**content, "documentUrl": address, "document": answer.json()}

    options = {"documentLoader": load, "format": "application/n-quads"}
    document = client.get("/doc/species/amur-tiger.jsonld").json()
    frame = {**client.get("/frames/taxon.jsonld").json(), "id": f"{BASE}id/species/amur-tiger"}
    framed = jsonld.frame(document, frame, options)
    assert framed["id"] == f"{BASE}id/species/amur-tiger"
    assert framed["names"][0]["literalForm"] == {"zh-hans": "东北虎"}

    def lines(value: object) -> set[str]:
        return set(jsonld.to_rdf(json.loads(json.dumps(value)), options).splitlines())

    assert lines(framed) == lines(document)
    assert set(asked) == {f"{BASE}context.jsonld"}
