"""Ratios against a peer measured in the same run, interleaved: ``python -m benchmarks``.

The gate (``shacl``) against the reference validator (pySHACL) over the ontology's examples, and the stored queries on
our store against rdflib over the same quads.  The answers are compared before anything is counted.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from pyoxigraph import RdfFormat, Store, parse
from rdflib import Dataset

from kg.iris import Base
from kg.pipeline import assemble, vocabulary_quads
from kg.resources import folder, walk
from kg.store import GraphStore
from kg.stored_queries import stored_queries
from kg.validate import validate

ROUNDS = 5
#: rdflib needs minutes for these two, which walk all triples.
LEFT_OUT = ("statements-without-evidence", "triples-outside-a-sourced-graph")


def seconds(run: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def side_by_side(name: str, ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> float:
    """Print medians of interleaved runs and return how many times faster ours is."""
    pairs = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{name:42} {mine * 1000:10.2f} ms {theirs * 1000:12.2f} ms {theirs / mine:9.1f}x")
    return theirs / mine


def gate() -> None:
    """Compare the two validators."""
    quads = [
        quad
        for entry in walk(folder("ontology") / "examples", ".ttl")
        for quad in parse(entry.read_bytes(), format=RdfFormat.TURTLE)
    ]
    first, second = validate(quads), validate(quads, engine="pyshacl")
    if [str(item) for item in first.violations] != [str(item) for item in second.violations]:
        sys.exit("the validators disagree: nothing was measured")
    print(f"{'gate: ' + str(len(quads)) + ' triples of examples':42} {'shacl':>13} {'pySHACL':>15}")
    side_by_side("validate", lambda: validate(quads), lambda: validate(quads, engine="pyshacl"), 3)


def queries() -> None:
    """Compare the stored queries."""
    quads = [*assemble().quads, *vocabulary_quads(Base())]
    store = Store()
    store.extend(quads)
    graph = GraphStore(store, union=True, shares_triples=False)
    peer = Dataset(default_union=True)
    peer.parse(data="".join(f"{quad} .\n" for quad in quads), format="nquads")
    print(f"\n{'stored queries: ' + str(len(quads)) + ' quads':42} {'NEAKG store':>13} {'rdflib':>15}")
    ratios = []
    for name, query in stored_queries().items():
        if name in LEFT_OUT:
            continue

        def mine(text: str = query.text) -> int:
            return len(list(graph.query(text)))  # type: ignore[arg-type]

        def theirs(text: str = query.text) -> int:
            return len(list(peer.query(text)))

        if mine() != theirs():
            sys.exit(f"{name}: the engines disagree: nothing was measured")
        ratios.append(side_by_side(name, mine, theirs, ROUNDS))
    print(f"{'median ratio':42} {statistics.median(ratios):40.1f}x")


if __name__ == "__main__":
    gate()
    queries()
