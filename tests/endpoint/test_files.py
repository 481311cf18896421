"""A service over somebody's own files holds exactly these files."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from endpoint.app import create_app
from endpoint.dataset import Dataset
from kg.errors import UsageError
from tests.endpoint.conftest import SETTINGS

TRIG = """
@base <https://w3id.org/neakg/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<id/thing/one> rdfs:label "one"@en ; rdfs:seeAlso [ rdfs:label "blank" ] .
<urn:g> { <id/thing/two> rdfs:label "two"@en }
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    path = tmp_path_factory.mktemp("files") / "mine.trig"
    path.write_text(TRIG)
    dataset = Dataset.of_files([path])
    with TestClient(create_app(dataset, SETTINGS), raise_server_exceptions=False, follow_redirects=False) as found:
        del found.headers["accept"]
        yield found
    dataset.close()
    assert not dataset.store.exists()


def _count(client: TestClient, pattern: str) -> int:
    found = client.get("/sparql", params={"query": f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}", "format": "csv"})
    return int(found.text.split()[1])


def test_the_default_graph_is_exactly_the_files(files: TestClient) -> None:
    assert _count(files, "?s ?p ?o") == 3
    assert _count(files, "GRAPH ?g { ?s ?p ?o }") == 1
    assert _count(files, "GRAPH <urn:g> { ?s ?p ?o }") == 1


def test_things_under_the_base_answer_by_path(files: TestClient) -> None:
    assert files.get("/id/thing/one").headers["location"] == "/doc/thing/one"
    assert '"one"@en' in files.get("/doc/thing/one").text
    assert "<h1>one</h1>" in files.get("/doc/thing/one.html").text
    assert files.get("/doc/thing/one.jsonld").status_code == 200


def test_our_vocabulary_answers_but_is_not_in_the_data(files: TestClient) -> None:
    assert files.get("/ontology").status_code == 200
    assert files.get("/doc/scheme/manner/about").status_code == 200
    assert _count(files, "?s a ?class") == 0


def test_pages_say_whose_data_these_are(files: TestClient) -> None:
    text = files.get("/").text
    assert "mine.trig" in text
    assert "CC BY" not in text
    assert 'rel="license"' not in files.get("/doc/thing/one").headers["link"]
    assert files.get("/dumps").json() == []
    assert files.get("/sparql", headers={"accept": "text/html"}).status_code == 200
    assert files.get("/graphs", headers={"accept": "text/html"}).status_code == 200


def test_the_descriptions_are_of_these_files(files: TestClient) -> None:
    assert "UnionDefaultGraph" not in files.get("/sparql").text
    assert "void:triples 3" in files.get("/.well-known/void").text
    assert files.get("/health").json()["triples"] == 4
    assert files.get("/health").json()["snapshot"] is None


def test_files_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.ttl"
    empty.write_text("")
    with pytest.raises(UsageError, match="no triples"):
        Dataset.of_files([empty])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    path, temporary = tmp_path / "mine.ttl", tmp_path / "temporary"
    path.write_text("<urn:a> <urn:b> <urn:c> .")
    temporary.mkdir()
    code = "import sys; from endpoint.command import main; main()"
    command = [sys.executable, "-c", code, "serve", "--port", str(_free_port()), "--data", str(path)]
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("NEAKG serves mine.ttl: http://127.0.0.1:")
        assert list(temporary.glob("neakg-*"))
        process.send_signal(number)
        assert process.wait(20) in (0, -number)
    assert list(temporary.glob("neakg-*")) == []


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
