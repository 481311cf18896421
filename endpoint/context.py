"""What a task works with: the open store, the data folders of the package, and what they know of terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from endpoint.dataset import Dataset
from endpoint.outlet import Outlet
from endpoint.pages import Pages
from endpoint.settings import Settings
from kg.iris import Base
from kg.resources import folder, walk
from kg.store import GraphStore
from kg.vocabulary.files import ONTOLOGY, VOCABULARIES, graph_of


class Representation(NamedTuple):
    """A finished body with its media type, the address suffix that names it (``ttl``), if any, and further headers."""

    body: bytes
    content_type: str
    suffix: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Context:
    """One per worker process; everything is read once, when first needed."""

    dataset: Dataset
    settings: Settings
    kept: dict[str, Representation] = field(default_factory=dict)
    outlet: Callable[[str], Outlet] = lambda _: Outlet()

    @cached_property
    def store(self) -> GraphStore:
        """The served data."""
        return self.dataset.open()

    @cached_property
    def pages(self) -> Pages:
        """The templates."""
        return Pages(self.dataset)

    @cached_property
    def package(self) -> GraphStore:
        """The ontology and the concept schemes of the package, which answer even when other data are served."""
        concepts = vocabulary("ontology", lambda path: graph_of(path) == VOCABULARIES)
        # In graphs of their names: a query of the store sees the union of its named graphs, and nothing else.
        return GraphStore.from_quads(
            Quad(quad.subject, quad.predicate, quad.object, NamedNode(Base().graph(name)))
            for name, quads in ((ONTOLOGY, self.ontology), (VOCABULARIES, concepts))
            for quad in quads
        )

    @cached_property
    def ontology(self) -> list[Quad]:
        """The modules of the ontology and its labels, without examples, alignments and concept schemes."""
        return vocabulary("ontology", lambda path: graph_of(path) == ONTOLOGY)

    @cached_property
    def shapes(self) -> list[Quad]:
        """All shapes."""
        return vocabulary("shapes", lambda _: True)

    def labels(self, iris: set[str]) -> dict[str, str]:
        """Return English labels, from the data first and from the package for our terms."""
        found = self.store.labels(iris)
        missing = iris - found.keys()
        return {**self.package.labels(missing), **found} if missing else found


def vocabulary(name: str, wanted: Callable[[str], bool]) -> list[Quad]:
    """Return the triples of a data folder's Turtle files, sorted; none when the package lacks the folder."""
    try:
        files = walk(folder(name), ".ttl")
    except FileNotFoundError:
        return []
    found: set[Quad] = set()
    for entry in files:
        if wanted(str(entry).replace("\\", "/")):
            found.update(parse(entry.read_bytes(), format=RdfFormat.TURTLE, rename_blank_nodes=True))
    return sorted(found, key=str)
