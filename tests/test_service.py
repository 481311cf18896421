"""The pages in a real browser, and the service as a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.pipeline import Snapshot

pytestmark = pytest.mark.long
COMMAND = [sys.executable, "-c", "from endpoint.command import main; main()"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# fmt: off
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]
# fmt: on
PAGES = {
    "/": "Nature conservation across",
    "/doc/species/amur-tiger": "Amur tiger",
    "/doc/border/kp-kr": "Military Demarcation Line in Korea",
    "/sparql": "Query the graph",
    "/ontology": "Population estimate",
    "/graphs": "Natural Earth",
    "/graph/neaspec-page": "Nature Conservation in Transboundary Areas",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(arguments: list[str], root: Path) -> Iterator[str]:
    """Start ``neakg serve`` and yield its address once it says that it listens."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port), *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert f"http://127.0.0.1:{port}/" in line, line
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    # The server ends its workers, then lets the signal end itself.
    assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    process.stdout.close()


@pytest.fixture(scope="module")
def address(snapshot: Snapshot, root: Path) -> Iterator[str]:
    yield from started(["--build", str(snapshot.path.parents[1])], root)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_renders_in_a_browser(path: str, address: str, tmp_path: Path) -> None:
    assert CHROMIUM is not None
    seen = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}", "--enable-logging=stderr", "--dump-dom", address + path],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert PAGES[path].lower() in seen.stdout.lower()
    assert "<h1" in seen.stdout
    refused = [line for line in seen.stderr.splitlines() if "Content Security Policy" in line or ":CONSOLE" in line]
    assert refused == []


def test_files_given_are_served_and_nothing_of_ours(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "some.ttl"
    data.write_text('@prefix : <http://example.org/> . :a :b "c" , 0 .', "utf-8")
    for base in started(["--data", str(data)], root):
        query = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
        with urllib.request.urlopen(f"{base}/sparql?query={query}&format=csv", timeout=30) as answer:
            assert answer.read() == b"n\r\n2\r\n"
