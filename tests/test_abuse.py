"""Two hundred runaway and malformed queries against the running service: each is answered or refused in its time."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from kg.pipeline import Snapshot
from tests.test_service import started

pytestmark = pytest.mark.long
TIMEOUT = 2.0
#: Generous: machines are shared. Waiting for a worker counts into the deadline, starting a new one does not.
SLACK = 8.0
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
TIGER = "<https://w3id.org/neakg/id/species/amur-tiger>"
LOOK_UP = f"SELECT ?label {{ {TIGER} {LABEL} ?label }}"
REFUSALS = {400, 403, 413, 422, 500, 503}


def product(width: int) -> str:
    return " . ".join(f"?a{number} ?b{number} ?c{number}" for number in range(width))


def doublings(times: int, start: str = '"x"') -> str:
    steps = [f"BIND(CONCAT(?v{number}, ?v{number}) AS ?v{number + 1})" for number in range(times)]
    return f"SELECT (STRLEN(?v{times}) AS ?n) {{ BIND({start} AS ?v0) {' '.join(steps)} }}"


def nested(opening: str, closing: str, depth: int, inside: str = "") -> str:
    return f"SELECT * {{ {opening * depth}{inside}{closing * depth} }}"


def runaway() -> Iterator[str]:
    """Well-formed queries that would run, or grow, without end."""
    for width in range(2, 8):
        yield f"SELECT (COUNT(*) AS ?n) {{ {product(width)} }}"
        yield f"SELECT * {{ {product(width)} }} ORDER BY ?c0"
        yield f"SELECT DISTINCT ?a0 ?c1 {{ {product(width)} }}"
        yield f"SELECT ?a0 (SUM(?c1) AS ?n) {{ {product(width)} }} GROUP BY ?a0 ?c1"
        yield f"SELECT (GROUP_CONCAT(?c0) AS ?n) {{ {product(width)} }}"
        yield f"ASK {{ {product(width)} FILTER(?c0 = <urn:none>) }}"
        yield f"CONSTRUCT {{ ?a0 ?b1 ?c1 }} {{ {product(width)} }}"
    for path in (
        "(!<urn:x>)*",
        "(!<urn:x>|^!<urn:x>)+",
        "((!<urn:x>)*)*",
        "(!<urn:x>/^!<urn:x>)*",
        "(((!<urn:x>)+)+)+",
    ):
        yield f"SELECT (COUNT(*) AS ?n) {{ ?a {path} ?b }}"
        yield f"SELECT (COUNT(*) AS ?n) {{ ?a {path} ?b . ?b {path} ?c . ?c {path} ?d }}"
    for pattern in (
        "(a+)+$",
        "(a|aa)+$",
        "(.*)*x",
        "((a{1,100}){1,100}){1,100}",
        "(?:a?){500}a{500}",
        "[^x]{1000}{1000}",
    ):
        yield f'SELECT (COUNT(*) AS ?n) {{ {product(2)} FILTER(REGEX(STR(?c0), "{pattern}")) }}'
        yield f'ASK {{ BIND("{"a" * 5000}!" AS ?t) FILTER(REGEX(?t, "{pattern}")) }}'
        yield f'SELECT (REPLACE("{"a" * 5000}", "{pattern}", "$0$0$0") AS ?x) {{}}'
    for times in (20, 26, 30, 34, 60):
        yield doublings(times)
        yield doublings(times, 'IRI("urn:x")')
    for size in (1_000, 10_000, 50_000):
        values = " ".join(str(number) for number in range(size))
        yield f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {values} }} VALUES ?y {{ {values} }} }}"
        yield f"SELECT * {{ ?s ?p ?o FILTER(?o IN ({values.replace(' ', ', ')})) }}"
    yield f"SELECT * {{ {product(3)} FILTER NOT EXISTS {{ {product(2)} FILTER(?a0 != ?c1) }} }}"
    yield f"SELECT * {{ {product(2)} OPTIONAL {{ ?x ?y ?z OPTIONAL {{ ?u ?v ?w }} }} }} ORDER BY DESC(?w)"
    yield f"SELECT * {{ {{ {product(2)} }} UNION {{ {product(3)} }} MINUS {{ {product(2)} }} }} ORDER BY ?a0"


def monstrous() -> Iterator[str]:
    """Texts that are too large or too deep for any parser's good."""
    for size in (100_000, 1_000_000, 5_000_000):
        yield f"ASK {{ # {'x' * size}\n }}"
        yield f'ASK {{ BIND("{"x" * size}" AS ?x) }}'
    for depth in (50, 99, 500, 5_000, 20_000):
        yield f"ASK {{ FILTER({'(' * depth}1{')' * depth}) }}"
        yield nested("{", "}", depth)
        yield nested("OPTIONAL { ?s ?p ?o ", "}", depth)
        yield nested("FILTER EXISTS { ?s ?p ?o ", "}", depth)
        yield nested("{ SELECT * {", "} }", depth)
        yield nested("GRAPH ?g {", "}", depth, "?s ?p ?o")
        yield f"SELECT * {{ ?s {'(' * depth}<urn:p>{')*' * depth} ?o }}"
        yield f"SELECT * {{ ?s ?p {'[ ?p ' * depth}1{']' * depth} }}"
        yield f"SELECT ({'!' * depth}true AS ?x) {{}}"
        yield f"SELECT ({'IF(true,' * depth}1{',2)' * depth} AS ?x) {{}}"
    for length in (400, 1_900, 3_900, 30_000):
        yield f"SELECT ({' + '.join(['1'] * length)} AS ?x) {{}}"
        yield f"ASK {{ FILTER({' || '.join(['false'] * length)}) }}"
        yield f"SELECT * {{ {' UNION '.join(['{ ?s ?p ?o }'] * length)} }}"
        yield f"SELECT * {{ ?s {'/'.join(['<urn:p>'] * length)} ?o }}"
        yield f"SELECT * {{ {' '.join(f'BIND({n} AS ?v{n})' for n in range(length))} }}"


def malformed() -> Iterator[str]:
    """Texts that are no query at all."""
    noise = random.Random(20)
    words = [
        *"{}()[]<>.,;?$@^|/*+!=&\\\"'",
        "SELECT",
        "WHERE",
        "FILTER",
        "?x",
        "<urn:x>",
        "1",
        "a",
        "UNION",
        "VALUES",
        "虎",
        "\u0000",
    ]
    for _ in range(50):
        yield " ".join(noise.choices(words, k=noise.randint(1, 400)))
    yield from ("SELECT", "", "\ufeff", "SELECT * {", "ASK { ?s ?p ?o " + "." * 10_000, "PREFIX " * 5_000)
    yield "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    yield "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"
    yield "LOAD <http://127.0.0.1:9/>"


ABUSE = [*runaway(), *monstrous(), *malformed()]


@pytest.fixture(scope="module")
def service(snapshot: Snapshot, root: Path) -> Iterator[tuple[str, int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEAKG_QUERY_TIMEOUT", str(TIMEOUT))
        process_ids: list[int] = []
        for base in started(["--build", str(snapshot.path.parents[1])], root, process_ids):
            yield base, process_ids[0]


def asked(base: str, query: str) -> tuple[int, bytes, float]:
    """POST a query; return status, body and seconds. A transfer that breaks off is status 0."""
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv, text/turtle;q=0.5"}
    request = urllib.request.Request(f"{base}/sparql", query.encode("utf-8", "replace"), headers)
    start = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    except (OSError, ValueError, HTTPException) as error:
        status, body = 0, str(error).encode()
    return status, body, time.monotonic() - start


def megabytes(process_id: int) -> float:
    """The resident memory of a process."""
    for line in Path(f"/proc/{process_id}/status").read_text("ascii", "replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no memory of process {process_id}")


def test_there_are_two_hundred() -> None:
    assert len(ABUSE) >= 200
    assert len(set(ABUSE)) == len(ABUSE)


def test_every_one_is_answered_or_refused_in_its_time_and_look_ups_go_on(service: tuple[str, int]) -> None:
    base, process_id = service
    expected = asked(base, LOOK_UP)[:2]
    assert expected[0] == 200
    before = megabytes(process_id)
    over = threading.Event()
    wrong: list[object] = []
    taken: list[float] = []

    def look_up() -> None:
        while not over.is_set():
            status, body, seconds = asked(base, f"{LOOK_UP} # {len(taken)}")
            taken.append(seconds)
            if (status, body) != expected and status not in (429, 503):
                wrong.append((status, body[:200]))
            with urllib.request.urlopen(f"{base}/health/live", timeout=60) as answer:
                assert answer.status == 200

    watch = threading.Thread(target=look_up)
    watch.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(lambda query: asked(base, query), ABUSE))
    finally:
        over.set()
        watch.join()
    for query, (status, body, seconds) in zip(ABUSE, outcomes, strict=True):
        shown = query[:150]
        assert seconds < TIMEOUT + SLACK, f"{seconds:.1f} s: {shown}"
        assert status in {0, 200, 429} | REFUSALS, f"{status}: {shown}"
        if status in REFUSALS | {429}:
            assert json.loads(body)["status"] == status, shown
            assert b"Traceback" not in body
    assert wrong == []
    assert len(taken) > 20
    with urllib.request.urlopen(f"{base}/health/ready", timeout=60) as answer:
        assert answer.status == 200
    assert asked(base, LOOK_UP)[:2] == expected
    assert megabytes(process_id) < before + 150, "the server kept what it should have let go"
