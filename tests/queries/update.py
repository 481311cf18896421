"""Write the expected answer of every stored query anew; read the difference before committing it.

``python tests/queries/update.py`` builds the graph in memory, asks every query with the parameters that stand in its
file, and writes ``tests/queries/<subject>/<name>.csv``; names after the command limit it to these queries.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pyoxigraph import Store

from kg.catalogue import catalogue
from kg.formats import BY_NAME
from kg.iris import Base
from kg.pipeline import assemble, rules, vocabulary_quads
from kg.store import GraphStore, write_answer
from kg.stored_queries import stored_queries

HERE = Path(__file__).parent


def whole_graph() -> GraphStore:
    built, vocabulary = assemble(), vocabulary_quads(Base())
    release = {"version": "0", "date": "2026-01-01"}
    listing = catalogue([*built.quads, *vocabulary], built.descriptions, rules(), Base(), release)
    store = Store()
    store.extend([*built.quads, *vocabulary, *listing])
    return GraphStore(store, union=True, shares_triples=False)


def main(names: list[str]) -> None:
    graph, queries = whole_graph(), stored_queries()
    for name in names or queries:
        query = queries[name]
        answer = write_answer(graph.query(query.text), BY_NAME["csv"]).decode().replace("\r\n", "\n")
        path = HERE / query.subject / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(answer, "utf-8")
        print(f"{query.subject}/{name}: {answer.count(chr(10)) - 1} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
