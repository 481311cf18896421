"""Which named graph each file of ``ontology/`` belongs to, and what is published so: one rule for all who read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pyoxigraph import RdfFormat, Triple, parse

from kg.resources import folder, walk

ONTOLOGY: Final = "ontology"
VOCABULARIES: Final = "vocabularies"
#: Read by people and tests; no part of the graph.
_APART: Final = ("examples/", "guide/", "versions/", "frames/", "diagrams/")


def graph_of(path: str) -> str:
    """Return the name of the graph that a Turtle file of ``ontology/`` belongs to; "" for a file of no graph.

    The terms and their labels are the graph ``ontology``, the concept schemes and their labels ``vocabularies``, and
    each alignment is a graph of its own: who wants our terms only gets nothing of other vocabularies.
    """
    inside = path.replace("\\", "/").rpartition("/ontology/")[2]  # the checkout may lie in a folder of any name
    if inside.startswith(_APART):
        return ""
    if inside.startswith("alignments/"):
        return inside.removesuffix(".ttl")
    if inside.startswith("vocabularies/") or inside == "translations/concepts.ttl":
        return VOCABULARIES
    return ONTOLOGY


def published(wanted: Callable[[str], bool] = bool) -> Iterator[tuple[str, Triple]]:
    """Yield what the files of ``ontology/`` say: the name of the graph, and a triple of it.

    Args:
        wanted: whether a graph is read, by its name; without it, all are.
    """
    for entry in walk(folder("ontology"), ".ttl"):
        graph = graph_of(str(entry))
        if graph and wanted(graph):
            yield from ((graph, quad.triple) for quad in parse(entry.read_bytes(), format=RdfFormat.TURTLE))
