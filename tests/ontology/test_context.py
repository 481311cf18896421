"""The JSON-LD context: every own term under its own name, and examples that come back unchanged."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pyld import jsonld
from rdflib import OWL, RDF, Graph, URIRef

from kg.namespaces import BASE, NEAKG
from kg.resources import folder, walk

ADDRESS = f"{BASE}context.jsonld"
DOCUMENT: dict[str, Any] = json.loads((folder("ontology") / "context.jsonld").read_bytes())
CONTEXT: dict[str, Any] = DOCUMENT["@context"]
FILES = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "examples", ".ttl")}


def load(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Answer for the context's address, and fetch nothing."""
    assert url == ADDRESS, f"nothing else may be fetched: {url}"
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": DOCUMENT}


OPTIONS = {"documentLoader": load, "processingMode": "json-ld-1.1"}


def full(value: Any) -> str:
    """Return the IRI that an entry of the context stands for."""
    iri = value["@id"] if isinstance(value, dict) else value
    prefix, _, name = iri.partition(":")
    return str(CONTEXT.get(prefix, f"{prefix}:")) + name


def entries() -> dict[str, Any]:
    """Return the terms of the context, without keywords, aliases of keywords and prefixes."""
    return {
        key: value
        for key, value in CONTEXT.items()
        if not key.startswith("@") and not str(value).startswith("@") and not str(value).endswith(("#", "/"))
    }


def own(modules: Graph) -> set[URIRef]:
    return {s for s in modules.subjects(RDF.type, None) if isinstance(s, URIRef) and str(s).startswith(NEAKG)}


def test_every_own_term_is_in_the_context_under_its_name(modules: Graph) -> None:
    missing = [name for term in own(modules) if (name := term.removeprefix(NEAKG)) not in CONTEXT]
    assert not missing, f"context.jsonld lacks {sorted(missing)}"
    for term in own(modules):
        assert full(CONTEXT[term.removeprefix(NEAKG)]) == str(term)


def test_the_context_names_defined_terms_only(modules: Graph) -> None:
    declared = set(modules.subjects(RDF.type, None))
    builtin = "http://www.w3.org/2000/01/rdf-schema#"
    for key, value in entries().items():
        iri = full(value)
        assert URIRef(iri) in declared or iri.startswith(builtin), f"{key}: {iri}"


def test_no_two_keys_stand_for_one_term() -> None:
    iris = [full(value) for value in entries().values()]
    assert len(iris) == len(set(iris))


def test_keys_are_camel_case() -> None:
    wrong = [key for key in entries() if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", key)]
    assert not wrong


def test_a_key_is_typed_as_its_property_is(modules: Graph) -> None:
    for key, value in entries().items():
        term = URIRef(full(value))
        kind = value.get("@type") if isinstance(value, dict) else None
        if (term, RDF.type, OWL.ObjectProperty) in modules:
            assert kind == "@id", key
        else:
            assert kind != "@id", key


def test_there_are_examples() -> None:
    assert FILES, "ontology/examples is empty"


def to_json(name: str) -> tuple[list[str], dict[str, Any]]:
    """Return an example as sorted N-Quads and as compact JSON-LD."""
    graph = Graph().parse(data=FILES[name].read_bytes(), format="turtle")
    lines = sorted(line for line in graph.serialize(format="nt").splitlines() if line)
    expanded = jsonld.from_rdf("\n".join(lines) + "\n", {"format": "application/n-quads", "useNativeTypes": True})
    return lines, jsonld.compact(expanded, ADDRESS, OPTIONS)


def keys(value: Any) -> set[str]:
    """Return every key of a JSON value; keys of language maps are language tags and are left out."""
    if isinstance(value, list):
        return set().union(*(keys(item) for item in value))
    if not isinstance(value, dict):
        return set()
    found = set(value)
    for key, inner in value.items():
        entry = CONTEXT.get(key)
        if not (isinstance(entry, dict) and entry.get("@container") == "@language"):
            found |= keys(inner)
    return found


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_example_compacts_to_short_keys(name: str) -> None:
    _, document = to_json(name)
    plain = keys(document) - {"@context", "@graph", "@value", "@type", "@language"}
    assert plain
    assert not [key for key in plain if key not in CONTEXT], "a key is no term of the context"


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_example_comes_back_unchanged(name: str) -> None:
    lines, document = to_json(name)
    text = jsonld.to_rdf(document, {**OPTIONS, "format": "application/n-quads"})
    graph = Graph().parse(data=text, format="nt")
    assert sorted(line for line in graph.serialize(format="nt").splitlines() if line) == lines


def test_numbers_and_flags_written_as_json_get_their_datatypes() -> None:
    document = {
        "@context": ADDRESS,
        "id": "https://w3id.org/neakg/id/figure/x",
        "type": "SiteCount",
        "value": 300,
        "undated": True,
        "label": {"en": "x"},
    }
    text = jsonld.to_rdf(document, {**OPTIONS, "format": "application/n-quads"})
    assert '"300"^^<http://www.w3.org/2001/XMLSchema#decimal>' in text
    assert '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>' in text
    assert '"x"@en' in text
