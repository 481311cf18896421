"""The stored queries mean the same to another SPARQL engine (rdflib) that loads our dump."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rdflib import Dataset

from kg.formats import BY_NAME
from kg.pipeline import Snapshot
from kg.store import GraphStore, write_answer
from kg.stored_queries import StoredQuery, stored_queries

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib warns of itself

HERE = Path(__file__).parent
#: rdflib evaluates these for minutes over the whole graph (no index for open property paths).
TOO_SLOW = frozenset({"statements-without-evidence", "triples-outside-a-sourced-graph"})
QUERIES = [query for name, query in stored_queries().items() if name not in TOO_SLOW]


@pytest.fixture(scope="module")
def other(snapshot: Snapshot) -> Dataset:
    """The snapshot's quads in rdflib, the default graph being the union."""
    store = snapshot.open()
    dataset = Dataset(default_union=True)
    dataset.parse(data="".join(f"{quad} .\n" for quad in store.quads()), format="nquads")
    return dataset


@pytest.mark.long
def test_the_dump_has_the_same_number_of_quads(other: Dataset, snapshot: Snapshot) -> None:
    assert sum(1 for _ in other.quads((None, None, None, None))) == len(snapshot.open())


@pytest.mark.long
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_rdflib_gives_the_expected_rows(query: StoredQuery, other: Dataset, snapshot: Snapshot) -> None:
    store: GraphStore = snapshot.open()
    data = write_answer(store.query(query.text), BY_NAME["csv"])
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
    ours = sorted([_fold(cell) for cell in row] for row in rows[1:])
    answer = other.query(query.text)
    theirs = sorted([_fold("" if value is None else str(value)) for value in row] for row in answer)
    assert theirs == ours


def _fold(text: str) -> str:
    """Decimals and language tags are written alike by both engines once folded."""
    return text.rstrip("0").rstrip(".").lower() if "." in text and text.replace(".", "").isdigit() else text.lower()
