"""What the tests of the ontology share: the graphs of its files, read once."""

from __future__ import annotations

import pytest
from rdflib import Graph

from kg.resources import folder, walk


def read(*names: str) -> Graph:
    """Return one graph of the Turtle files that lie directly in ``ontology/<name>``; ``""`` is ontology/ itself."""
    graph = Graph()
    for name in names:
        top = folder("ontology") / name if name else folder("ontology")
        files = [entry for entry in walk(top, ".ttl") if (top / entry.name).is_file()]
        assert files, f"no Turtle file in ontology/{name}"
        for entry in files:
            graph.parse(data=entry.read_bytes(), format="turtle")
    return graph


@pytest.fixture(scope="session")
def modules() -> Graph:
    return read("")


@pytest.fixture(scope="session")
def vocabularies() -> Graph:
    return read("vocabularies")


@pytest.fixture(scope="session")
def examples() -> Graph:
    return read("examples")
