"""JSON-LD with our published context: compacted offline, and never at the price of a triple."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NoReturn

from pyld import jsonld
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.formats import BY_NAME, write_rdf
from kg.namespaces import BASE, XSD, expand
from kg.resources import folder

CONTEXT_ADDRESS: Final = f"{BASE}context.jsonld"
#: Larger graphs are written expanded: compacting takes about a second for ten thousand triples.
MOST_TRIPLES: Final = 20_000
_TYPE: Final = NamedNode(expand("rdf:type"))


@cache
def context_document() -> bytes | None:
    """Return the published context, or None when the package has none."""
    try:
        return (folder("ontology") / "context.jsonld").read_bytes()
    except FileNotFoundError:
        return None


def write_jsonld(triples: Sequence[Triple], first: str = "") -> bytes:
    """Return the triples compacted with our context, or expanded where compacting would change them.

    Args:
        triples: what the document says.
        first: the IRI of the node to put first.
    """
    published = context_document()
    plain = all(isinstance(item.subject, NamedNode) and not isinstance(item.object, BlankNode) for item in triples)
    if published is None or not plain or len(triples) > MOST_TRIPLES:
        return write_rdf(triples, BY_NAME["jsonld"])
    context = json.loads(published)["@context"]
    compacted = jsonld.compact(_expanded(triples, first), context, {"documentLoader": _nothing_is_fetched})
    compacted["@context"] = context
    if not _says(compacted, triples):
        return write_rdf(triples, BY_NAME["jsonld"])
    compacted["@context"] = CONTEXT_ADDRESS
    return json.dumps(compacted, ensure_ascii=False, indent=1).encode()


def _expanded(triples: Sequence[Triple], first: str) -> list[dict[str, Any]]:
    """Return expanded JSON-LD with one object a node (JSON-LD 1.1 API, section 8.5), ``first`` at the top."""
    nodes: dict[str, dict[str, Any]] = {first: {"@id": first}} if first else {}
    for item in triples:
        assert isinstance(item.subject, NamedNode)
        node = nodes.setdefault(item.subject.value, {"@id": item.subject.value})
        if item.predicate == _TYPE and isinstance(item.object, NamedNode):
            node.setdefault("@type", []).append(item.object.value)
        else:
            node.setdefault(item.predicate.value, []).append(_value(item.object))
    return [node for node in nodes.values() if len(node) > 1]


def _value(term: object) -> dict[str, Any]:
    if isinstance(term, Literal):
        if term.language:
            return {"@value": term.value, "@language": term.language}
        if term.datatype.value == f"{XSD}string":
            return {"@value": term.value}
        if term.datatype.value == f"{XSD}boolean" and term.value in ("true", "false"):
            return {"@value": term.value == "true"}
        if term.datatype.value == f"{XSD}integer" and str(_integer(term.value)) == term.value:
            return {"@value": _integer(term.value)}
        return {"@value": term.value, "@type": term.datatype.value}
    assert isinstance(term, NamedNode)
    return {"@id": term.value}


def _integer(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 16 else None


def _says(document: dict[str, Any], triples: Sequence[Triple]) -> bool:
    """Say whether a document holds exactly these triples."""
    try:
        read = {quad.triple for quad in parse(json.dumps(document), format=RdfFormat.JSON_LD)}
    except (SyntaxError, ValueError):
        return False
    return read == set(triples)


def _nothing_is_fetched(address: str, _: object) -> NoReturn:
    raise ValueError(f"no document is fetched: {address}")
