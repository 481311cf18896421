"""The task behind /graph-store: one graph of the dataset, found by its IRI."""

from __future__ import annotations

from urllib.parse import urljoin

from endpoint.context import Context, Representation
from endpoint.documents import chosen_format, data
from endpoint.errors import Problem
from endpoint.negotiate import Range

#: Stands for the default graph.
DEFAULT = ""


def graph(context: Context, reference: str, here: str, accept: tuple[Range, ...]) -> Representation:
    """Return a graph of the dataset.

    Args:
        context: the worker's context.
        reference: the graph's IRI, absolute or relative to ``here``; ``DEFAULT`` for the default graph.
        here: the address of the service.
        accept: the ranges of the Accept header.

    Raises:
        Problem: no such graph, or no acceptable format.
    """
    name, media_type = chosen_format("", accept)
    if name == "html":
        name, media_type = "turtle", ""
    if reference == DEFAULT:
        quads = context.store.default_quads()
    else:
        iri = _resolved(reference, here)
        if iri not in context.store.graphs:
            raise Problem("not-found", f"no graph <{iri}> is loaded; /graphs lists them")
        quads = list(context.store.quads(iri))
    return data(sorted(quads, key=str), name, media_type, ours=False)


def _resolved(reference: str, here: str) -> str:
    try:
        return urljoin(here, reference)
    except ValueError:
        raise Problem("bad-request", f"graph={reference}: this is no IRI") from None
