"""JSON-LD with the keys of our published context: compacted or framed offline, and never at the price of a triple.

A document carries the part of the context that it uses, so that any tool can read it without fetching anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NoReturn

from pyld import jsonld
from pyld.context_resolver import ContextResolver
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from kg.formats import BY_NAME, write_rdf
from kg.namespaces import BASE, NEAKG, XSD, expand
from kg.resources import folder, walk
from kg.vocabulary.frames import ADDRESS, REVERSE, SCOPED, SUBJECT_OF, frame_of_any, kebab, scope_of

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


@cache
def frame_documents() -> dict[str, bytes]:
    """Return the frames by the name of their file (``site-count``); none when the package has none."""
    try:
        files = walk(folder("ontology") / "frames", ".jsonld")
    except FileNotFoundError:
        return {}
    return {entry.name.removesuffix(".jsonld"): entry.read_bytes() for entry in files}


def write_jsonld(triples: Sequence[Triple], first: str = "") -> bytes:
    """Return the triples compacted with our context, or expanded where compacting would change them.

    Args:
        triples: what the document says.
        first: the IRI of the node to put first.
    """
    if context_document() is None or not _plain(triples) or not 0 < len(triples) <= MOST_TRIPLES:
        return write_rdf(triples, BY_NAME["jsonld"])
    context = published_context()
    compacted = jsonld.compact(_expanded(triples, first), ADDRESS, dict(_options()))
    compacted.pop("@context", None)
    if _triples(compacted, context) != set(triples):
        return write_rdf(triples, BY_NAME["jsonld"])
    # The context on one line: people who look at a document come for what follows it.
    head = json.dumps(used_part(context, compacted), ensure_ascii=False)
    return f'{{\n "@context": {head},\n{json.dumps(compacted, ensure_ascii=False, indent=1)[2:]}'.encode()


def _plain(triples: Sequence[Triple]) -> bool:
    return all(isinstance(item.subject, NamedNode) and not isinstance(item.object, BlankNode) for item in triples)


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
            native = item.predicate.value not in _language_maps()
            node.setdefault(item.predicate.value, []).append(_value(item.object, native=native))
    return [node for node in nodes.values() if len(node) > 1]


@cache
def _language_maps() -> frozenset[str]:
    """Return the properties whose key holds a map of languages: a number of JSON has no place in it."""
    body = context_document()
    entries = json.loads(body)["@context"].values() if body else ()
    return frozenset(expand(item["@id"]) for item in entries if "@language" in str(item))


def _value(term: object, *, native: bool) -> dict[str, Any]:
    if isinstance(term, Literal):
        if term.language:
            return {"@value": term.value, "@language": term.language}
        if term.datatype.value == f"{XSD}string":
            return {"@value": term.value}
        if native and term.datatype.value == f"{XSD}boolean" and term.value in ("true", "false"):
            return {"@value": term.value == "true"}
        if native and term.datatype.value == f"{XSD}integer" and str(_integer(term.value)) == term.value:
            return {"@value": _integer(term.value)}
        return {"@value": term.value, "@type": term.datatype.value}
    assert isinstance(term, NamedNode)
    return {"@id": term.value}


def _integer(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 16 else None


def _nothing_is_fetched(address: str, _: object) -> NoReturn:
    raise ValueError(f"no document is fetched: {address}")


# --- framed -----------------------------------------------------------------------------------------------

_LINKS_BACK: Final = frozenset(NEAKG + link for link in (*REVERSE.values(), *(row[0] for row in SCOPED.values())))
#: What comes first in a node that people read.
_FIRST: Final = ("id", "type", "label", "prefLabel", "title", "literalForm", "scientificName")


def framed(triples: Sequence[Triple], iri: str, kind: str = "") -> dict[str, Any]:
    """Return the triples as a tree that starts with a thing, by the frame of its class (JSON-LD 1.1 Framing).

    What points at the thing stands under keys for each class (``populationEstimates``, ``distributions``); evidence
    is written out where it comes first and named by its address after that.  What the tree does not reach stands in
    ``included``, so that the document always holds exactly the triples.

    Args:
        triples: what the document says, without blank nodes; labels of linked things may be among them.
        iri: the thing.
        kind: the IRI or name of its class; "" to take the first of its types that has a frame.

    Raises:
        ValueError: a blank node is among the triples, or the package has no context.
    """
    context = published_context()
    if not _plain(triples):
        raise ValueError("a blank node has no place in a tree that starts with a thing")
    nodes = {node["@id"]: node for node in _expanded([item for item in triples if _fits(item)], iri)}
    tree = _tree(nodes, iri, kind)
    document = _tidied(tree, {iri})
    said = _triples(document, context)
    if said is None or not said <= set(triples):
        document, said = {"id": iri}, set()  # never a triple more, whatever a processor does with odd data
    if rest := [item for item in triples if item not in said]:
        left = jsonld.compact(_expanded(rest, ""), ADDRESS, {**_options(), "graph": True})
        document["included"] = left["@graph"]
        if _triples(document, context) != set(triples):
            document["included"] = _expanded(rest, "")
    return {"@context": used_part(context, document), **document}


def _fits(item: Triple) -> bool:
    """Say whether a processor may meet the triple in a tree: PyLD ends with a KeyError where a link has a text."""
    return not isinstance(item.object, Literal) or item.predicate.value not in _LINKS_BACK


def published_context() -> dict[str, Any]:
    """Return the entries of the published context.

    Raises:
        ValueError: the package has none.
    """
    body = context_document()
    if body is None:
        raise ValueError("this installation has no context")
    found: dict[str, Any] = json.loads(body)["@context"]
    return found


def _tree(nodes: dict[str, dict[str, Any]], iri: str, kind: str) -> dict[str, Any]:
    """Return what a JSON-LD processor makes of the nodes with the frame of the class, starting with one thing."""
    names = [kind] if kind else nodes.get(iri, {}).get("@type", [])
    frames = frame_documents()
    name = next((name for item in names if (name := kebab(item.removeprefix(NEAKG))) in frames), "")
    frame = json.loads(frames[name]) if name else frame_of_any()
    # An address in a frame goes before its class: the thing itself is wanted, and no other of the class.
    found: dict[str, Any] = jsonld.frame(list(nodes.values()), {**frame, "id": iri}, dict(_options()))
    found.pop("@context", None)
    return found or {"id": iri}


def _load(address: str, _: object) -> dict[str, Any]:
    """Hand out the context and the frames by their public addresses, as a JSON-LD document loader does.

    Raises:
        ValueError: anything else; nothing is fetched.
    """
    name = address.removeprefix(f"{BASE}frames/").removesuffix(".jsonld")
    body = context_document() if address == ADDRESS else frame_documents().get(name)
    if body is None:
        _nothing_is_fetched(address, _)
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": json.loads(body),
    }


@cache
def _options() -> dict[str, Any]:
    """Return what the processor is told: to fetch nothing, and to read our context once."""
    return {
        "documentLoader": _load,
        "contextResolver": ContextResolver({}, _load),
        "processingMode": "json-ld-1.1",
    }


def _tidied(node: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    """Return a node of the tree in reading order, each statement and piece of evidence written out once."""
    scope = next(filter(None, map(scope_of, _listed(node.get("type", [])))), ("", {}))
    reverse = {**REVERSE, SUBJECT_OF: scope[0]}
    if scope[0] in node.get("@reverse", {}):
        # Processors leave the keys of a class aside here: the map of reverse properties is no node of the class.
        left = {link: items for link, items in node["@reverse"].items() if link != scope[0]}
        node = {**node, SUBJECT_OF: node["@reverse"][scope[0]], "@reverse": left}
        if not left:
            del node["@reverse"]
    said: dict[str, Any] = {}
    for key in sorted(node, key=lambda key: (key in reverse, _FIRST.index(key) if key in _FIRST else len(_FIRST), key)):
        if key not in reverse and key != "hasEvidence":
            said[key] = node[key]
            continue
        items = [_once(item, seen) for item in _listed(node[key])]
        for item in items if key in reverse else ():
            _without_link(item, reverse[key], node["id"])
        if key == SUBJECT_OF:
            said |= _by_class(items, scope[1])
        else:
            said[key] = items if isinstance(node[key], list) else items[0]
    return said


def _once(item: Any, seen: set[str]) -> Any:
    """Return an item of a list, or only its address when it has been written out before."""
    if not isinstance(item, dict) or "id" not in item:
        return item
    if len(item) == 1 or item["id"] in seen:
        return item["id"]
    seen.add(item["id"])
    return _tidied(item, seen)


def _without_link(item: Any, link: str, iri: str) -> None:
    """Drop the link that leads back: the key under which the item stands says it already."""
    if not isinstance(item, dict) or link not in item:
        return
    kept = [value for value in _listed(item[link]) if value != iri]
    if not kept:
        del item[link]
    else:
        item[link] = kept if len(kept) > 1 else kept[0]


def _by_class(items: list[Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """Return items under the key of their class, and those without one under the common key."""
    said: dict[str, list[Any]] = {key: [] for key in (*keys, SUBJECT_OF)}
    for item in items:
        kinds = _listed(item.get("type", [])) if isinstance(item, dict) else []
        said[next((key for key, kind in keys.items() if kind in kinds), SUBJECT_OF)].append(item)
    return {key: value for key, value in said.items() if value}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _triples(document: dict[str, Any], context: dict[str, Any]) -> set[Triple] | None:
    """Return what a document says, or None when it is no JSON-LD."""
    whole = {"@context": used_part(context, document), **document}
    try:
        return {quad.triple for quad in parse(json.dumps(whole), format=RdfFormat.JSON_LD)}
    except (SyntaxError, ValueError):
        return None
