"""What a worker can be asked to do, by name; arguments and results travel through a pipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from endpoint import answers, description, documents, graph_store, listing, publication
from endpoint.context import Context, Representation
from endpoint.negotiate import Range

_HTML: Final = "text/html; charset=utf-8"


def _service(context: Context, endpoint: str, accept: tuple[Range, ...]) -> Representation:
    name, media_type = documents.chosen_format("", accept)
    found = description.service(context, endpoint)
    return documents.data(found, "turtle" if name == "html" else name, media_type, ours=False)


def _home(context: Context) -> Representation:
    if "home" not in context.kept:
        context.kept["home"] = Representation(listing.home(context), _HTML)
    return context.kept["home"]


def _graphs(context: Context) -> Representation:
    return Representation(listing.graphs_page(context), _HTML)


TASKS: Final[dict[str, Callable[..., Any]]] = {
    "query": answers.answer,
    "service": _service,
    "exists": documents.exists,
    "document": documents.document,
    "graph": documents.graph,
    "graph-store": graph_store.graph,
    "catalogue": documents.catalogue,
    "shapes": documents.shapes,
    "ontology": publication.present,
    "ontology-part": publication.part,
    "home": _home,
    "graphs": _graphs,
    "graphs-json": listing.graphs_json,
}
