"""Which named graph each file of ``ontology/`` belongs to: one rule for the build and for the service."""

from __future__ import annotations

from typing import Final

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
