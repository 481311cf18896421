"""JSON-LD with our published context: compacted offline, and never at the price of a triple."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NoReturn

from pyld import jsonld
from pyoxigraph import BlankNode, RdfFormat, Triple, parse

from kg.formats import BY_NAME, write_rdf
from kg.namespaces import BASE
from kg.resources import folder

CONTEXT_ADDRESS: Final = f"{BASE}context.jsonld"


@cache
def context_document() -> bytes | None:
    """Return the published context, or None when the package has none."""
    try:
        return (folder("ontology") / "context.jsonld").read_bytes()
    except FileNotFoundError:
        return None


def write_jsonld(triples: Sequence[Triple]) -> bytes:
    """Return the triples compacted with our context, or expanded where compacting would change them."""
    expanded = write_rdf(triples, BY_NAME["jsonld"])
    published = context_document()
    has_blank = any(isinstance(term, BlankNode) for item in triples for term in (item.subject, item.object))
    if published is None or has_blank:
        return expanded
    context = json.loads(published)["@context"]
    compacted = jsonld.compact(json.loads(expanded), context, {"documentLoader": _nothing_is_fetched})
    compacted["@context"] = context
    if not _says(compacted, triples):
        return expanded
    compacted["@context"] = CONTEXT_ADDRESS
    return json.dumps(compacted, ensure_ascii=False, indent=1).encode()


def _says(document: dict[str, Any], triples: Sequence[Triple]) -> bool:
    """Say whether a document holds exactly these triples."""
    try:
        read = {quad.triple for quad in parse(json.dumps(document), format=RdfFormat.JSON_LD)}
    except (SyntaxError, ValueError):
        return False
    return read == set(triples)


def _nothing_is_fetched(address: str, _: object) -> NoReturn:
    raise ValueError(f"no document is fetched: {address}")
