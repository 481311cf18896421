"""Mixed load while snapshots are switched and workers are killed: not one wrong or half answer, and nothing kept."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path

import pytest

from tests.endpoint.conftest import GRAPH, write_snapshot
from tests.test_service import started

pytestmark = pytest.mark.long
#: The full soak is ten minutes: NEAKG_SOAK=600.
SECONDS = float(os.environ.get("NEAKG_SOAK", "120"))
COUNTRIES = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/neakg/ontology#Country> }"
#: A few megabytes, so that it streams; the column says which snapshot it comes from.
LARGE = """
SELECT ?n ?b ?d ?f { { SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/neakg/ontology#Country> } }
  ?a ?b ?c . ?d ?e ?f . ?g a ?h }
"""
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }"
DEADLINE = 30.0


class Service:
    """The service under load, and what went wrong with it."""

    def __init__(self, base: str, process_id: int, out: Path) -> None:
        self.base = base
        self.process_id = process_id
        self.out = out
        self.over = threading.Event()
        self.wrong: list[object] = []
        self.counts: Counter[str] = Counter()
        self.lines: set[int] = set()

    def ask(self, query: str) -> tuple[int, str]:
        """Return status and body; a broken transfer is status 0."""
        address = f"{self.base}/sparql?{urllib.parse.urlencode({'query': query, 'format': 'csv', 'timeout': '5'})}"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (IncompleteRead, ConnectionError):
            return 0, ""

    def descendants(self) -> list[int]:
        """The processes below the service's own."""
        found, new = [], [self.process_id]
        while new:
            listed = subprocess.run(["pgrep", "-P", str(new.pop())], capture_output=True, text=True, check=False)
            children = [int(word) for word in listed.stdout.split()]
            found += children
            new += children
        return found

    def used(self) -> tuple[int, int, float]:
        """Return open files, processes and megabytes of the service."""
        status = Path(f"/proc/{self.process_id}/status").read_text("ascii", "replace")
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        files = len(list(Path(f"/proc/{self.process_id}/fd").iterdir()))
        return files, len(self.descendants()), resident / 1024


@pytest.fixture
def service(root: Path, tmp_path: Path) -> Iterator[Service]:
    out = tmp_path / "build"
    for name, text in (("one", GRAPH), ("two", f"{GRAPH}\ngraph:more {{ <id/country/mn> a neakg:Country }}")):
        folder = out / "snapshots" / name
        folder.mkdir(parents=True)
        write_snapshot(folder, text)
    (out / "current").symlink_to("snapshots/one")
    process_ids: list[int] = []
    for base in started(["--build", str(out)], root, process_ids):
        yield Service(base, process_ids[0], out)


def look_up(service: Service) -> None:
    """Small answers: two or three countries, or an honest refusal."""
    number = 0
    while not service.over.is_set():
        number += 1
        status, body = service.ask(f"{COUNTRIES} # {number % 7}")
        service.counts[f"small {status}"] += 1
        if (status == 200 and body not in ("n\r\n2\r\n", "n\r\n3\r\n")) or status not in (200, 422, 429, 500, 503):
            service.wrong.append((status, body[:200]))


def stream(service: Service) -> None:
    """Large answers: all rows of one snapshot, or a transfer that is seen to break."""
    while not service.over.is_set():
        status, body = service.ask(f"{LARGE} # {service.counts['large 200'] % 3}")
        service.counts[f"large {status}"] += 1
        if status == 200:
            rows = body.split("\r\n")[1:-1]
            service.lines.add(len(rows))
            if len({row.partition(",")[0] for row in rows}) != 1:
                service.wrong.append("rows of two snapshots in one answer")
        elif status not in (0, 422, 429, 500, 503):
            service.wrong.append((status, body[:200]))


def burden(service: Service) -> None:
    """Queries that never end."""
    while not service.over.is_set():
        status, body = service.ask(f"{HEAVY} # {service.counts['heavy 503']}")
        service.counts[f"heavy {status}"] += 1
        if status not in (422, 429, 500, 503):
            service.wrong.append((status, body[:200]))


def trouble(service: Service) -> None:
    """Kill a worker now and then, and switch between the snapshots."""
    noise = random.Random(7)
    current = service.out / "current"
    names = ("one", "two")
    turn = 0
    while not service.over.wait(1.5):
        turn += 1
        # The first child is the process that others are forked from; the service would have to be restarted without it.
        workers = [child for child in service.descendants() if b"forkserver" in command_of(child)]
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(noise.choice(workers), signal.SIGKILL)
                service.counts["kills"] += 1
        if turn % 4 == 0:
            fresh = service.out / "fresh"
            fresh.symlink_to(f"snapshots/{names[turn // 4 % 2]}")
            fresh.replace(current)
            os.kill(service.process_id, signal.SIGHUP)
            service.counts["switches"] += 1


def command_of(process_id: int) -> bytes:
    """The command line of a process that has children's work to do, empty for others."""
    children = subprocess.run(["pgrep", "-P", str(process_id)], capture_output=True, text=True, check=False).stdout
    try:
        line = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return b""
    return b"" if children.strip() else line


def test_no_wrong_answer_and_nothing_kept(service: Service) -> None:
    before = service.used()
    assert service.ask(COUNTRIES) == (200, "n\r\n2\r\n")
    threads = [threading.Thread(target=work, args=(service,)) for work in (look_up, look_up, stream, burden, trouble)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    service.over.set()
    for thread in threads:
        thread.join()
    assert service.wrong == []
    assert len(service.lines) <= 2, "an answer was whole only by its own word"
    for kind, least in (("small 200", 50), ("large 200", 3), ("kills", 10), ("switches", 3)):
        assert service.counts[kind] >= least, service.counts
    end = time.monotonic() + DEADLINE
    while service.used()[1] > before[1]:
        assert time.monotonic() < end, f"processes are left over: {before} {service.used()}"
        time.sleep(0.5)
    files, _, megabytes = service.used()
    assert files < before[0] + 20, "files are left open"
    assert megabytes < before[2] + 150, "memory is kept"
    with urllib.request.urlopen(f"{service.base}/health", timeout=30) as answer:
        assert json.load(answer)["status"] == "ok"
