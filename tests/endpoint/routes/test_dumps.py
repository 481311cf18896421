from __future__ import annotations

import hashlib

from starlette.testclient import TestClient

from endpoint.dataset import Dataset


def test_the_files_are_listed_with_size_and_hash(client: TestClient) -> None:
    listed = client.get("/dumps").json()
    assert [item["name"] for item in listed] == ["neakg.nq", "neakg.trig"]
    for item in listed:
        found = client.get(item["address"])
        assert found.headers["content-type"].startswith(item["mediaType"])
        assert len(found.content) == item["bytes"] == int(found.headers["content-length"])
        assert hashlib.sha256(found.content).hexdigest() == item["sha256"]
    assert "neakg.nq" in client.get("/dumps", headers={"accept": "text/html"}).text


def test_parts_can_be_fetched(client: TestClient) -> None:
    whole = client.get("/dumps/neakg.nq")
    part = client.get("/dumps/neakg.nq", headers={"range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == whole.content[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert whole.headers["accept-ranges"] == "bytes"


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/dumps/neakg.nq").headers["etag"]
    assert client.get("/dumps/neakg.nq", headers={"if-none-match": tag}).status_code == 304
    resumed = client.get("/dumps/neakg.nq", headers={"range": "bytes=0-3", "if-range": tag})
    assert resumed.status_code == 206


def test_only_files_of_the_manifest_are_sent(client: TestClient, snapshot: Dataset) -> None:
    assert snapshot.dumps
    (snapshot.dumps / "secret.nq").write_text("")
    for name in ("secret.nq", "..%2fmanifest.json", "../manifest.json", "%2e%2e/manifest.json"):
        assert client.get(f"/dumps/{name}").status_code == 404
