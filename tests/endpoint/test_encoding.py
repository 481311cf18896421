"""Compression: what a client accepts, and that nothing but the bytes on the wire changes."""

from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard
from starlette.testclient import TestClient

from endpoint.encoding import CODINGS, IDENTITY, choose, weights

READERS = {"zstd": zstandard.ZstdDecompressor().decompress, "br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("lines", "chosen"),
    [
        ([], IDENTITY),
        ([""], IDENTITY),
        (["gzip"], "gzip"),
        (["GZIP"], "gzip"),
        (["x-gzip"], "gzip"),
        (["gzip, br, zstd"], "zstd"),
        (["gzip", "br"], "br"),
        (["gzip;q=1, br;q=0.5"], "gzip"),
        (["gzip ; Q=0.2 , br;q=0.1"], "gzip"),
        (["*"], "zstd"),
        (["*, zstd;q=0"], "br"),
        (["identity, gzip;q=0.5"], IDENTITY),
        (["gzip;q=0"], IDENTITY),
        (["gzip;q=2"], IDENTITY),
        (["gzip;q=x, br"], "br"),
        (["deflate"], IDENTITY),
        (["gzip;;br"], IDENTITY),
    ],
)
def test_the_best_coding_that_a_client_accepts(lines: list[str], chosen: str) -> None:
    assert choose(lines, "text/csv", 10_000) == chosen


def test_small_bodies_and_images_are_sent_as_they_are() -> None:
    assert choose(["gzip"], "text/csv", 10) == IDENTITY
    assert choose(["gzip"], "image/png", 10_000) == IDENTITY
    assert choose(["gzip"], "image/svg+xml", 10_000) == "gzip"


def test_wrong_elements_are_passed_over() -> None:
    assert weights(["a b, gzip;q=0.5", "br;q=1.0001"]) == {"gzip": 0.5}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_answer_is_the_plain_one(client: TestClient, coding: str) -> None:
    parameters = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o", "format": "csv"}
    plain = client.get("/sparql", params=parameters, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", "/sparql", params=parameters, headers={"accept-encoding": coding}) as coded:
        body = b"".join(coded.iter_raw())
    assert coded.headers["content-encoding"] == coding
    assert coded.headers["vary"] == plain.headers["vary"] == "Accept, Accept-Encoding"
    assert READERS[coding](body) == plain.content
    assert len(body) < len(plain.content)
    assert coded.headers["etag"] != plain.headers["etag"]
    headers = {"accept-encoding": coding, "if-none-match": coded.headers["etag"]}
    assert client.get("/sparql", params=parameters, headers=headers).status_code == 304
