"""Every term of another vocabulary that is named anywhere stands in that vocabulary (OOPS! P40).

rdflib's namespaces list the names of most; ``terms/<prefix>.txt`` lists those of the others.  Looked at are all RDF
that is published, with the graph and its catalogue, and the names in queries, mappings, frames, pages, notes and code.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import URIRef, namespace

from kg import namespaces
from kg.namespaces import PREFIXES
from kg.store import GraphStore

ROOT = Path(__file__).resolve().parents[2]
TERMS = Path(__file__).parent / "terms"
#: The namespaces of others, with those that only the header and the alignments use.
OTHERS = {prefix: space for prefix, space in PREFIXES.items() if prefix != "neakg"} | {
    "bibo": "http://purl.org/ontology/bibo/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dwciri": "http://rs.tdwg.org/dwc/iri/",
    "time": "http://www.w3.org/2006/time#",
}
LISTED = {
    "rdf": namespace.RDF, "rdfs": namespace.RDFS, "owl": namespace.OWL, "xsd": namespace.XSD, "skos": namespace.SKOS,
    "dcterms": namespace.DCTERMS, "dcat": namespace.DCAT, "void": namespace.VOID, "prov": namespace.PROV,
    "org": namespace.ORG, "geo": namespace.GEO, "sh": namespace.SH, "vann": namespace.VANN, "foaf": namespace.FOAF,
    "time": namespace.TIME, "dc": namespace.DC, "schema": namespace.SDO,
}  # fmt: skip
FOLDERS = ("ontology", "shapes", "queries", "kg", "endpoint", "tests/shapes", "tests/queries")
CURIE = re.compile(rf"(?<![\w:/#@.-])({'|'.join(sorted(OTHERS, key=len, reverse=True))}):([A-Za-z][\w-]*)")
#: In Python a name stands alone in a string, is used like ``{SKOS}prefLabel``, or stands in a query.
IN_PYTHON = re.compile(r"\{([A-Z]+)\}([A-Za-z][\w-]*)")
#: How a name is used: vocabulary -> name -> a place where it stands.
Used = dict[str, dict[str, str]]


def own_list(prefix: str) -> set[str]:
    """Return the names of ``terms/<prefix>.txt``, and those of the alignments' lists that have this prefix."""
    names: set[str] = set()
    for path in TERMS.glob("*.txt"):
        for line in path.read_text("utf-8").splitlines():
            if path.stem == prefix and not line.startswith("#"):
                names.update(line.split())
            elif path.stem.startswith("aligned-") and line.startswith(f"{prefix}:"):
                names.add(line.split("\t")[0].removeprefix(f"{prefix}:"))
    return names


OWN = {prefix: own_list(prefix) for prefix in OTHERS}


def exists(prefix: str, name: str) -> bool:
    """Return whether the vocabulary has the name; the namespace itself is named, too."""
    space = OTHERS[prefix]
    return not name or name in OWN[prefix] or (prefix in LISTED and URIRef(space + name) in LISTED[prefix])


def split(iri: str) -> tuple[str, str] | None:
    """Return prefix and name of an IRI in a namespace of others; of two namespaces the longer one counts."""
    found = [prefix for prefix, space in OTHERS.items() if iri.startswith(space)]
    if not found:
        return None
    prefix = max(found, key=lambda name: len(OTHERS[name]))
    return prefix, iri.removeprefix(OTHERS[prefix])


def is_listed(iri: str) -> bool:
    """Return whether an IRI names a term of others, and they have it."""
    found = split(iri)
    return found is not None and found[1] != "" and exists(*found)


def enter(used: Used, iri: str, place: str) -> None:
    """Note an IRI in a namespace of others."""
    if found := split(iri):
        used[found[0]].setdefault(found[1], place)


def iris(triple: Triple) -> Iterator[str]:
    for node in (triple.subject, triple.predicate, triple.object):
        if isinstance(node, NamedNode):
            yield node.value
        elif isinstance(node, Literal):
            yield node.datatype.value


def strings(value: Any) -> Iterator[str]:
    """Yield every key and text of a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def files(*endings: str) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in endings)


def from_turtle(used: Used) -> None:
    for path in files(".ttl"):
        for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE):
            for iri in iris(quad.triple):
                enter(used, iri, path.name)


def from_texts(used: Used) -> None:
    for path in files(".rq", ".py", ".html", ".md"):
        text = path.read_text("utf-8")
        for prefix, name in CURIE.findall(text):
            used[prefix].setdefault(name, path.name)
        for constant, name in IN_PYTHON.findall(text) if path.suffix == ".py" else ():
            enter(used, f"{getattr(namespaces, constant, '')}{name}", path.name)


def from_json(used: Used) -> None:
    for path in files(".jsonld"):
        for text in strings(json.loads(path.read_bytes())):
            enter(used, text, path.name)
            if found := CURIE.fullmatch(text):
                used[found[1]].setdefault(found[2], path.name)


@pytest.fixture(scope="session")
def used(graph: GraphStore) -> Used:
    names: Used = defaultdict(dict)
    for quad in graph.quads():
        for iri in iris(quad.triple):
            enter(names, iri, "the graph")
    assert names
    for source in (from_turtle, from_texts, from_json):
        source(names)
    return names


def test_the_terms_of_others_exist(used: Used) -> None:
    wrong = [
        f"{prefix}:{name} ({place})"
        for prefix, names in used.items()
        for name, place in names.items()
        if not exists(prefix, name)
    ]
    assert not wrong, f"no such term: {sorted(wrong)}"


def test_every_vocabulary_is_looked_at_in_every_kind_of_file() -> None:
    for source, prefixes in (
        (from_turtle, {"rdf", "rdfs", "owl", "xsd", "skos", "sh", "dcterms", "geo", "dwc", "org", "schema", "vann"}),
        (from_texts, {"rdf", "skos", "dcterms", "void", "dcat", "sd", "geo"}),
        (from_json, {"rdfs", "xsd", "skos", "dcterms"}),
    ):
        names: Used = defaultdict(dict)
        source(names)
        assert prefixes <= set(names), source.__name__


def test_every_list_of_names_is_used(used: Used) -> None:
    for path in TERMS.glob("*.txt"):
        assert path.stem.startswith("aligned-") or set(used.get(path.stem, ())) & OWN[path.stem], path.name
    assert not [prefix for prefix in OTHERS if prefix not in LISTED and not OWN[prefix]]


@pytest.mark.parametrize(
    "curie",
    [
        "rdfs:Property", "rdf:Resource", "owl:Property", "skos:label", "skosxl:label", "dwc:latitude", "oa:offset",
        "schema:homepage", "prov:Source", "dcterms:licence", "sh:minimum", "void:Graph", "geo:wkt", "sd:query",
    ],
)  # fmt: skip
def test_a_term_that_does_not_exist_is_noticed(curie: str) -> None:
    prefix, _, name = curie.partition(":")
    assert not exists(prefix, name)


def test_a_name_is_found_in_each_way_of_writing_it() -> None:
    assert CURIE.findall('"skos:label" a dwc:latitude ; x:skos:no, @owl:no') == [("skos", "label"), ("dwc", "latitude")]
    assert IN_PYTHON.findall('f"{SKOS}label"') == [("SKOS", "label")]
