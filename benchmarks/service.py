"""The service against Oxigraph's own server over the same data on disk: ``python -m benchmarks.service [TRIPLES]``.

Both answer the same queries over HTTP, one after the other in turn, with fresh constants each time; their answers are
compared before anything is counted.  ``oxigraph`` (PyPI) must be on the path.  Our cache of answers is off, but for the
rows that say so.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote

from benchmarks import data

PREFIXES = """
PREFIX neakg: <https://w3id.org/neakg/ontology#>
PREFIX id: <https://w3id.org/neakg/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX seasonality: <https://w3id.org/neakg/scheme/seasonality/>
PREFIX dcterms: <http://purl.org/dc/terms/>
"""
ROUNDS = 15
#: What is asked, by name: look-ups first, then joins, then scans.  Words in capitals are filled in, each time anew.
KINDS: dict[str, str] = {
    "label of a taxon": "SELECT ?l { TAXON rdfs:label ?l }",
    "all about a place": "SELECT * { PLACE ?p ?o }",
    "a taxon with labels": "SELECT * { TAXON ?p ?o . OPTIONAL { ?o rdfs:label ?l } }",
    "is it there": "ASK { ?d neakg:ofTaxon TAXON ; neakg:atPlace PLACE }",
    "what points at a place": "SELECT ?s ?p { ?s ?p PLACE }",
    "counts at a place": "SELECT ?v ?y { ?c neakg:atPlace PLACE ; neakg:value ?v ; neakg:startYear ?y }",
    "evidence of counts": (
        "SELECT ?v ?s { ?c neakg:atPlace PLACE ; neakg:value ?v ; neakg:hasEvidence/dcterms:source ?s }"
    ),
    "taxa of a place": "SELECT DISTINCT ?l { ?d neakg:atPlace PLACE ; neakg:ofTaxon/rdfs:label ?l }",
    "wider places": "SELECT ?w { PLACE neakg:withinPlace+ ?w }",
    "inner places": "SELECT (COUNT(*) AS ?n) { ?i neakg:withinPlace PLACE }",
    "two at one place": (
        "SELECT ?p { ?a neakg:ofTaxon TAXON ; neakg:atPlace ?p . ?b neakg:ofTaxon TAXON ; neakg:atPlace ?p }"
    ),
    "a list of taxa": f"SELECT ?t ?l {{ VALUES ?t {{ {'TAXON ' * 20}}} ?t rdfs:label ?l }}",
    "breeding places": (
        "SELECT ?l { ?d neakg:ofTaxon TAXON ; neakg:seasonality seasonality:breeding ; neakg:atPlace/rdfs:label ?l }"
    ),
    "largest counts": (
        "SELECT ?p ?v { ?c a neakg:SiteCount ; neakg:ofTaxon TAXON ; neakg:atPlace ?p ; neakg:value ?v } "
        "ORDER BY DESC(?v) ?p"
    ),
    "counts by year": "SELECT ?y (COUNT(*) AS ?n) { ?c neakg:ofTaxon TAXON ; neakg:startYear ?y } GROUP BY ?y",
    "sum by country": (
        "SELECT ?k (SUM(?v) AS ?n) "
        "{ ?c neakg:ofTaxon TAXON ; neakg:value ?v ; neakg:atPlace/neakg:inCountry ?k } GROUP BY ?k"
    ),
    "without evidence": "SELECT ?c { ?c neakg:ofTaxon TAXON FILTER NOT EXISTS { ?c neakg:hasEvidence ?e } }",
    "either kind": (
        "SELECT ?s { { ?s a neakg:SiteCount ; neakg:atPlace PLACE } UNION "
        "{ ?s a neakg:Distribution ; neakg:atPlace PLACE } }"
    ),
    "labels that contain": 'SELECT ?s { ?s a neakg:Taxon ; rdfs:label ?l FILTER(CONTAINS(?l, "NUMBER")) }',
    "instances by class": "SELECT ?k (COUNT(*) AS ?n) { ?s a ?k FILTER(?k != <urn:NUMBER>) } GROUP BY ?k",
    "all places of counts": "SELECT * { ?s neakg:atPlace ?o FILTER(?o != <urn:NUMBER>) }",
}
HEAVY = {"instances by class": 3, "all places of counts": 3}


def filled(kind: str, noise: random.Random, triples: int) -> str:
    """Return a query with fresh constants."""
    taxa, places, steps = data.counts(triples)

    def constant(match: re.Match[str]) -> str:
        if match[0] == "NUMBER":
            return str(noise.randrange(steps))
        kind, most = ("species/t", taxa) if match[0] == "TAXON" else ("place/p", places)
        return f"<{data.ID}{kind}{noise.randrange(most)}>"

    return re.sub(r"TAXON|PLACE|NUMBER", constant, kind)


class Server:
    """A server under measurement and a connection to it that is kept open."""

    def __init__(self, name: str, port: int, path: str) -> None:
        self.name = name
        self._port = port
        self._path = path
        self._connection = HTTPConnection("127.0.0.1", port, timeout=300)

    def ask(self, query: str, media_type: str = "application/sparql-results+json") -> bytes:
        """Return the answer to a query."""
        address = f"{self._path}?query={quote(PREFIXES + query)}"
        answer = self._answer(address, media_type)
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{self.name}: {answer.status} {body[:500]!r}\n{query}")
        return body

    def _answer(self, address: str, media_type: str) -> HTTPResponse:
        try:
            self._connection.request("GET", address, headers={"Accept": media_type})
            return self._connection.getresponse()
        except ConnectionError:  # closed while the other was asked
            self._connection.close()
            self._connection.request("GET", address, headers={"Accept": media_type})
            return self._connection.getresponse()

    def another(self) -> Server:
        """Return a connection of its own to the same server."""
        return Server(self.name, self._port, self._path)


def rows(body: bytes) -> object:
    """Return an answer in a form that can be compared."""
    found = json.loads(body)
    if "boolean" in found:
        return found["boolean"]
    return sorted(json.dumps(row, sort_keys=True) for row in found["results"]["bindings"])


@contextmanager
def running(name: str, command: list[str], port: int, path: str, **environment: str) -> Iterator[Server]:
    """Start a server, wait until it answers, and end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield Server(name, port, path)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def compare(name: str, ours: Server, peer: Server, make: Callable[[], str], rounds: int) -> None:
    """Ask both in turn and print the medians."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        query = make()
        bodies = []
        for server, times in zip((ours, peer), taken, strict=True):
            start = time.perf_counter()
            bodies.append(server.ask(query))
            if number:  # the first is for warming up
                times.append(time.perf_counter() - start)
        if rows(bodies[0]) != rows(bodies[1]):
            sys.exit(f"{name}: the answers differ: nothing was measured\n{query}")
    report(name, statistics.median(taken[0]), statistics.median(taken[1]))


def report(name: str, mine: float, theirs: float) -> None:
    """Print one row."""
    print(f"{name:36} {mine * 1000:11.2f} ms {theirs * 1000:11.2f} ms {theirs / mine:8.2f}x", flush=True)


def together(name: str, ours: Server, peer: Server, make: Callable[[], str], clients: int = 8, each: int = 150) -> None:
    """Let several clients ask at once, and print the time a query takes by throughput."""
    times = []
    for server in (ours, peer):
        queries = [[make() for _ in range(each)] for _ in range(clients)]
        connections = [server.another() for _ in range(clients)]

        def work(pair: tuple[Server, list[str]]) -> None:
            for query in pair[1]:
                pair[0].ask(query)

        start = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(work, zip(connections, queries, strict=True)))
        times.append((time.perf_counter() - start) / (clients * each))
    report(name, times[0], times[1])


def measure(ours: Server, peer: Server, triples: int) -> None:
    """Print all rows."""
    noise = random.Random(time.time_ns())
    print(f"{'query':36} {'NEAKG':>14} {'oxigraph':>14} {'ratio':>9}")
    for name, kind in KINDS.items():
        compare(name, ours, peer, partial(filled, kind, noise, triples), HEAVY.get(name, ROUNDS))
    look_up = "label of a taxon"
    together(
        f"8 clients: {look_up}", ours, peer, lambda: f"{filled(KINDS[look_up], noise, triples)} # {noise.random()}"
    )
    for media_type in ("text/csv", "text/tab-separated-values"):
        everything = f"SELECT * {{ ?s ?p ?o }} LIMIT 1000000 # {noise.random()}"
        times = []
        for server in (ours, peer):
            start = time.perf_counter()
            server.ask(everything, media_type)
            times.append(time.perf_counter() - start)
        report(f"a million rows as {media_type.partition('/')[2][:3]}", times[0], times[1])


def main(triples: int) -> None:
    """Make the data, start both servers, measure."""
    oxigraph = shutil.which("oxigraph")
    if oxigraph is None:
        sys.exit("oxigraph is not on the path: pip install oxigraph")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "data.nt"
        print(f"{data.write(file, triples):,} triples on disk")
        subprocess.run(
            [oxigraph, "load", "--location", folder / "peer", "--file", file], check=True, capture_output=True
        )
        ports = free_port(), free_port()
        ours = [sys.executable, "-c", "from endpoint.command import main; main()", "serve", "--data", str(file)]
        mine = stack.enter_context(
            running("NEAKG", [*ours, "--port", str(ports[0])], ports[0], "/sparql", NEAKG_ANSWER_CACHE="0")
        )
        theirs = stack.enter_context(
            running(
                "oxigraph",
                [oxigraph, "serve-read-only", "--location", str(folder / "peer"), "--bind", f"127.0.0.1:{ports[1]}"],
                ports[1],
                "/query",
            )
        )
        measure(mine, theirs, triples)
        cached = stack.enter_context(running("cached", [*ours, "--port", str(free := free_port())], free, "/sparql"))
        fixed = filled(KINDS["sum by country"], random.Random(1), triples)
        compare("cached: sum by country", cached, theirs, lambda: fixed, ROUNDS)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
