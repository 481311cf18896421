"""The graph of this repository, made once for all tests that need it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from kg import catalogue
from kg.iris import Base
from kg.pipeline import Built, Snapshot, assemble, build, current, rules, vocabulary_quads
from kg.store import GraphStore

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def built() -> Built:
    """The graph in memory, not validated."""
    return assemble()


@pytest.fixture(scope="session")
def graph(built: Built) -> GraphStore:
    """The whole graph with vocabulary and catalogue, as the service holds it."""
    vocabulary = vocabulary_quads(Base())
    release = {"version": "0", "date": "2026-01-01"}
    listing = catalogue.catalogue([*built.quads, *vocabulary], built.descriptions, rules(), Base(), release)
    store = Store()
    store.extend([*built.quads, *vocabulary, *listing])
    return GraphStore(store, union=True, shares_triples=False)


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A published build of the real sources."""
    out = tmp_path_factory.mktemp("build")
    build(out)
    return current(out)
