"""Slow and half-open clients, broken transfers, and new data by signal: the service as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.pipeline import Snapshot
from tests.test_service import started

pytestmark = pytest.mark.long
LIMITS = {"NEAKG_HEADER_TIMEOUT": "1", "NEAKG_BODY_TIMEOUT": "1", "NEAKG_WRITE_TIMEOUT": "1", "NEAKG_MAX_RESULT": "20"}
#: Generous: machines are shared, and what matters is that it ends.
DEADLINE = 20.0


@pytest.fixture(scope="module")
def address(snapshot: Snapshot, root: Path) -> Iterator[tuple[str, int]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LIMITS.items():
            patch.setenv(name, value)
        for base in started(["--build", str(snapshot.path.parents[1])], root):
            host, _, port = base.removeprefix("http://").partition(":")
            yield host, int(port)


def seconds_until_closed(address: tuple[str, int], sent: bytes) -> float:
    """Send something and return how long the service waits for the rest."""
    with socket.create_connection(address, timeout=DEADLINE) as client:
        client.sendall(sent)
        start = time.monotonic()
        with contextlib.suppress(ConnectionError):
            assert client.recv(1) == b""
        return time.monotonic() - start


def received(address: tuple[str, int], request: bytes, *, stalled: float) -> bytes:
    """Send a request, read nothing for some seconds, and then all that is still to be had."""
    found = bytearray()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.connect(address)
        client.sendall(request)
        time.sleep(stalled)
        with contextlib.suppress(ConnectionError):
            while piece := client.recv(65_536):
                found += piece
    return bytes(found)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Half: ",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 99\r\n\r\nASK",
    ],
    ids=["nothing", "half a header", "half a body"],
)
def test_a_request_that_does_not_come_is_dropped(address: tuple[str, int], sent: bytes) -> None:
    assert 0.5 < seconds_until_closed(address, sent) < DEADLINE


def test_a_reader_that_has_stalled_is_dropped(address: tuple[str, int]) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 40000"
    path = f"/sparql?format=tsv&query={quote(query)}"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    end = b"\r\n0\r\n\r\n"
    whole = received(address, request, stalled=0)
    assert whole.endswith(end), "who reads at once gets all of it"
    assert len(whole) > 5_000_000, "too little for the buffers in between"
    assert not received(address, request, stalled=6).endswith(end)


def test_an_answer_that_fails_midway_is_a_broken_transfer(address: tuple[str, int]) -> None:
    connection = HTTPConnection(*address, timeout=60)
    connection.request("GET", "/sparql?format=tsv&query=SELECT%20*%20%7B%3Fa%20%3Fb%20%3Fc.%20%3Fd%20%3Fe%20%3Ff%7D")
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises((IncompleteRead, ConnectionError)):
        answer.read()
    connection.close()


def test_a_large_answer_arrives_whole(address: tuple[str, int]) -> None:
    base = "http://{}:{}".format(*address)
    query = "SELECT%20*%20%7B%3Fa%20%3Fb%20%3Fc%20.%20%3Fd%20a%20%3Ff%7D%20LIMIT%2020000"
    with urllib.request.urlopen(f"{base}/sparql?format=csv&query={query}", timeout=60) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.read().count(b"\n") == 20_001


def test_a_signal_makes_it_serve_new_data_without_losing_a_request(
    snapshot: Snapshot, root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "build"
    for name in ("one", "two"):
        shutil.copytree(snapshot.path, out / "snapshots" / name)
    manifest = out / "snapshots" / "two" / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(snapshot.manifest["nquads"]["sha256"], "f" * 64), "utf-8")
    current = out / "current"
    current.symlink_to("snapshots/one")
    process_ids: list[int] = []
    for base in started(["--build", str(out)], root, process_ids):
        assert served(base) == snapshot.manifest["nquads"]["sha256"]
        current.unlink()
        current.symlink_to("snapshots/two")
        os.kill(process_ids[0], signal.SIGHUP)
        end = time.monotonic() + DEADLINE
        while served(base) != "f" * 64:
            assert time.monotonic() < end, "the new data are not served"
            with urllib.request.urlopen(
                f"{base}/sparql?query=ASK%20%7B%7D%20%23{time.monotonic()}", timeout=30
            ) as found:
                assert json.load(found)["boolean"] is True


def served(base: str) -> str:
    with urllib.request.urlopen(f"{base}/health", timeout=30) as answer:
        return str(json.load(answer)["snapshot"])
