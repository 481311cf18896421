"""What the service says of itself: the SPARQL Service Description, and a VoID description of served files."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from endpoint.abilities import EXTENSIONS, FUNCTIONS, proven
from endpoint.context import Context
from kg.formats import FORMATS
from kg.iris import digest
from kg.namespaces import XSD, expand

_TYPE: Final = "rdf:type"


def service(context: Context, endpoint: str) -> list[Quad]:
    """Return the Service Description (SPARQL 1.1 Service Description, section 3), computed from the store.

    Args:
        context: the worker's context.
        endpoint: the address at which the service was asked.
    """
    node = f"{endpoint}#service"
    dataset, default = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    found = [
        _quad(node, _TYPE, expand("sd:Service")),
        _quad(node, "sd:endpoint", endpoint),
        _quad(node, "sd:supportedLanguage", expand("sd:SPARQL10Query")),
        _quad(node, "sd:supportedLanguage", expand("sd:SPARQL11Query")),
        _quad(node, "sd:defaultDataset", dataset),
        _quad(dataset, _TYPE, expand("sd:Dataset")),
        _quad(dataset, "sd:defaultGraph", default),
        _quad(default, _TYPE, expand("sd:Graph")),
        _quad(default, "void:triples", _default_size(context)),
        *(_quad(node, "sd:resultFormat", row.iri) for row in FORMATS),
    ]
    for iri in proven(context.store, FUNCTIONS):
        found += [_quad(node, "sd:extensionFunction", iri), _quad(iri, _TYPE, expand("sd:Function"))]
    for iri in proven(context.store, EXTENSIONS):
        found += [_quad(node, "sd:languageExtension", iri), _quad(iri, _TYPE, expand("sd:Feature"))]
    if context.store.union:
        found.append(_quad(node, "sd:feature", expand("sd:UnionDefaultGraph")))
    for iri, number in context.store.graph_sizes().items():
        named, graph = f"{endpoint}#named-{digest(iri)}", f"{endpoint}#graph-{digest(iri)}"
        found += [
            _quad(dataset, "sd:namedGraph", named),
            _quad(named, _TYPE, expand("sd:NamedGraph")),
            _quad(named, "sd:name", iri),
            _quad(named, "sd:graph", graph),
            _quad(graph, _TYPE, expand("sd:Graph")),
            _quad(graph, "void:triples", number),
        ]
    return found


def void(context: Context) -> list[Quad]:
    """Return what can be said of files that are not ours: how many triples they hold, and where to query them."""
    dataset = f"{context.dataset.base.iri}dataset"
    return [
        _quad(dataset, _TYPE, expand("void:Dataset")),
        _quad(dataset, "void:triples", _default_size(context)),
        _quad(dataset, "void:sparqlEndpoint", f"{context.dataset.base.iri}sparql"),
    ]


def _default_size(context: Context) -> int:
    query = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }"
    return int(next(iter(context.store.query(query)))["n"].value)  # type: ignore[arg-type]


def _quad(subject: str, curie: str, value: str | int) -> Quad:
    if isinstance(value, int):
        term: NamedNode | Literal = Literal(str(value), datatype=NamedNode(f"{XSD}integer"))
    else:
        term = NamedNode(value)
    return Quad(NamedNode(subject), NamedNode(expand(curie)), term)
