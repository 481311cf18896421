"""JSON-LD with the keys of our published context: compacted offline, and never at the price of a triple.

A document carries the part of the context that it uses, so that any tool can read it without fetching anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NoReturn

from pyld import jsonld
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.formats import BY_NAME, write_rdf
from kg.namespaces import XSD, expand
from kg.resources import folder

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
    if published is None or not plain or not 0 < len(triples) <= MOST_TRIPLES:
        return write_rdf(triples, BY_NAME["jsonld"])
    context = json.loads(published)["@context"]
    compacted = jsonld.compact(_expanded(triples, first), context, {"documentLoader": _nothing_is_fetched})
    compacted.pop("@context", None)
    document = {"@context": used_part(context, compacted), **compacted}
    if not _says(document, triples):
        return write_rdf(triples, BY_NAME["jsonld"])
    # The context on one line: people who look at a document come for what follows it.
    head = json.dumps(document.pop("@context"), ensure_ascii=False)
    return f'{{\n "@context": {head},\n{json.dumps(document, ensure_ascii=False, indent=1)[2:]}'.encode()


def used_part(context: dict[str, Any], document: object) -> dict[str, Any]:
    """Return the entries of a context that a compacted document needs, in the context's order."""
    words = _words(document)
    needed: set[str] = set()
    while new := {key for key in context if key in words and key not in needed}:
        needed |= new
        words |= {word for key in new for word in _words(context[key])}
    return {key: value for key, value in context.items() if key in needed or key.startswith("@")}


def _words(value: object) -> set[str]:
    """Return all keys and texts of a JSON value, and the prefix of each text that may be a compact IRI."""
    if isinstance(value, dict):
        return {word for pair in value.items() for part in pair for word in _words(part)}
    if isinstance(value, list):
        return {word for item in value for word in _words(item)}
    return {value, value.partition(":")[0]} if isinstance(value, str) else set()


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
