"""The pages in a real browser, and the service as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
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
    "/ontology/0.1.0": "This is an earlier version",
    "/ontology/changelog": "0.2.0",
    "/ontology/notes": "Notes on the design",
    "/ontology/alignments/dwc": "Darwin Core",
    "/doc/scheme/unit": "mature individuals",
    "/shapes": "A taxon has exactly one scientific name",
    "/graphs": "Natural Earth",
    "/graph/neaspec-page": "Nature Conservation in Transboundary Areas",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(arguments: list[str], root: Path, process_ids: list[int] | None = None) -> Iterator[str]:
    """Start ``neakg serve`` and yield its address once it says that it listens; its id goes to ``process_ids``."""
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
    if process_ids is not None:
        process_ids.append(process.pid)
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


WIDTH = 360
#: A window is never as narrow as a telephone, a frame is; it tells its measures to the document around it.
AROUND = f"""<!DOCTYPE html><title>none</title><iframe src="page.html" width="{WIDTH}" height="700"></iframe>
<script>onmessage = (event) => {{ document.title = event.data; }};</script>"""
MEASURE = """
<script>
const all = [...document.querySelectorAll("main *")].filter((item) => !item.closest(".scroll, pre, svg"));
const right = Math.max(...all.map((item) => item.getBoundingClientRect().right));
parent.postMessage(`page ${document.documentElement.scrollWidth} right ${Math.ceil(right)} of ${all.length}`, "*");
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith(("/ontology", "/doc/scheme", "/shapes"))])
def test_a_page_of_the_vocabulary_fits_a_telephone(path: str, address: str, tmp_path: Path) -> None:
    """A copy with a script that measures it: the page itself may run none (WCAG 2.1, 1.4.10: no scrolling sideways)."""
    assert CHROMIUM is not None
    request = urllib.request.Request(address + path, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode()
    text = text.replace("</body>", MEASURE + "</body>").replace('href="/static/', f'href="{address}/static/')
    (tmp_path / "page.html").write_text(text, "utf-8")
    (tmp_path / "around.html").write_text(AROUND, "utf-8")
    seen = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}", "--dump-dom", (tmp_path / "around.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    measured = re.search(r"<title>page (\d+) right (\d+) of (\d+)</title>", seen.stdout)
    assert measured, seen.stdout[:300]
    page, right, elements = map(int, measured.groups())
    assert elements > 20
    assert page <= WIDTH
    assert right <= WIDTH


def test_files_given_are_served_and_nothing_of_ours(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "some.ttl"
    data.write_text('@prefix : <http://example.org/> . :a :b "c" , 0 .', "utf-8")
    for base in started(["--data", str(data)], root):
        query = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
        with urllib.request.urlopen(f"{base}/sparql?query={query}&format=csv", timeout=30) as answer:
            assert answer.read() == b"n\r\n2\r\n"


# --- abuse and soak --------------------------------------------------------------------------------------------------

PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ABUSE = {
    "a product of everything": (PRODUCT, {503}),
    # Past the deadline, or past the memory of a worker, whichever comes first.
    "a sorted product": ("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f", {503, 500}),
    "20,000 parentheses": ("ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }", {400, 413}),
    "5,000 nested groups": ("SELECT * " + "{" * 5_000 + "}" * 5_000, {400, 413}),
    "a query of 2 MB": ("ASK { # " + "x" * 2_000_000 + "\n }", {400, 413}),
    "another service": ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", {400, 403}),
    "an update": ("DELETE WHERE { ?s ?p ?o }", {400, 403}),
    "a graph from elsewhere": ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", {400}),
    "no query at all": ("this is no query", {400}),
}
LOOK_UP = """
SELECT ?label { <https://w3id.org/neakg/id/species/amur-tiger> <http://www.w3.org/2000/01/rdf-schema#label> ?label }
"""
SOAK_SECONDS = 60


def asked(address: str, query: str) -> tuple[int, bytes]:
    """POST a query with a limit of two seconds; return the status and the body."""
    request = urllib.request.Request(
        f"{address}/sparql?timeout=2",
        data=query.encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": "text/csv"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("case", ABUSE)
def test_abuse_is_refused_with_a_problem_body_and_the_service_lives(case: str, address: str) -> None:
    query, expected = ABUSE[case]
    status, body = asked(address, query)
    assert status in expected, body[:300]
    assert json.loads(body)["status"] == status
    assert b"Traceback" not in body
    with urllib.request.urlopen(f"{address}/health", timeout=30) as answer:
        # "degraded" for the moment in which a killed worker is replaced.
        assert json.loads(answer.read())["status"] in ("ok", "degraded")
    assert asked(address, LOOK_UP) == (200, b"label\r\nAmur tiger\r\n")


def test_a_minute_of_mixed_load_gives_no_wrong_answer(address: str) -> None:
    wrong: list[object] = []
    counts = {"look-up": 0, "abuse": 0}
    end = time.monotonic() + SOAK_SECONDS

    def look_up() -> None:
        while time.monotonic() < end:
            status, body = asked(address, LOOK_UP)
            # A full queue may refuse (503); an answer that is given is the whole one.
            if (status, body) != (200, b"label\r\nAmur tiger\r\n") and status != 503:
                wrong.append((status, body))
            counts["look-up"] += status == 200

    def abuse() -> None:
        while time.monotonic() < end:
            for query, expected in ABUSE.values():
                status, body = asked(address, query)
                if status not in expected | {422, 503}:  # refused for a while, or for want of room
                    wrong.append((status, body[:200]))
                counts["abuse"] += 1

    threads = [threading.Thread(target=target) for target in (look_up, look_up, abuse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert counts["look-up"] > 20
    assert counts["abuse"] > len(ABUSE)
