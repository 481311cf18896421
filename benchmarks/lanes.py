"""How long a look-up and ``/health`` take while every slow worker is busy: ``python -m benchmarks.lanes [BUILD]``."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from http.client import HTTPConnection
from urllib.parse import quote

from benchmarks.service import free_port, running

LOOK_UP = (
    "SELECT ?l { <https://w3id.org/neakg/id/species/amur-tiger> <http://www.w3.org/2000/01/rdf-schema#label> ?l } # "
)
PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } # "
ROUNDS = 2000


def taken(port: int, paths: list[str]) -> list[float]:
    """Return the milliseconds of each request, one after the other."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for path in paths:
        start = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        found.append(1000 * (time.perf_counter() - start))
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status}")
    return found


def report(name: str, values: list[float]) -> None:
    """Print median and 99th percentile."""
    p99 = statistics.quantiles(values, n=100)[98]
    print(f"{name:40} median {statistics.median(values):6.2f} ms   p99 {p99:6.2f} ms   largest {max(values):7.2f} ms")


def measure(port: int, when: str) -> None:
    """Print the rows of a state of the service."""
    report(f"look-up, {when}", taken(port, [f"/sparql?query={quote(LOOK_UP + str(n))}" for n in range(ROUNDS)]))
    report(f"/health, {when}", taken(port, ["/health"] * ROUNDS))


def occupy(port: int, number: int, over: threading.Event) -> None:
    """Keep one slow worker busy."""
    while not over.is_set():
        connection = HTTPConnection("127.0.0.1", port, timeout=120, source_address=(f"127.0.0.{number + 2}", 0))
        connection.request("GET", f"/sparql?query={quote(PRODUCT + str(number))}&timeout=25")
        connection.getresponse().read()
        connection.close()


def main(build: str) -> None:
    """Measure at rest, and with products running."""
    port = free_port()
    command = [sys.executable, "-c", "from endpoint.command import main; main()", "serve", "--build", build]
    with running("NEAKG", [*command, "--port", str(port)], port, "/sparql", NEAKG_ANSWER_CACHE="0"):
        taken(port, [f"/sparql?query={quote(LOOK_UP)}"] * 200)
        measure(port, "nothing else running")
        over = threading.Event()
        threads = [threading.Thread(target=occupy, args=(port, number, over), daemon=True) for number in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        measure(port, "every slow worker busy")
        over.set()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build")
