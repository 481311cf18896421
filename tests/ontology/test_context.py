"""The JSON-LD context: every own term under its own name, keys that stay, and examples that come back unchanged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyld.context_resolver import ContextResolver
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.namespace import DCTERMS, GEO, ORG

from kg.namespaces import NEAKG
from kg.resources import folder, walk
from kg.vocabulary.frames import ADDRESS, REVERSE, SCOPED, SUBJECT_OF, scope_of

DOCUMENT: dict[str, Any] = json.loads((folder("ontology") / "context.jsonld").read_bytes())
CONTEXT: dict[str, Any] = DOCUMENT["@context"]
FILES = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "examples", ".ttl")}


def load(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """Answer for the context's address, and fetch nothing."""
    assert url == ADDRESS, f"nothing else may be fetched: {url}"
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": DOCUMENT}


OPTIONS = {"documentLoader": load, "contextResolver": ContextResolver({}, load), "processingMode": "json-ld-1.1"}


def full(value: Any) -> str:
    """Return the IRI that an entry of the context stands for."""
    iri = value.get("@id") or value["@reverse"] if isinstance(value, dict) else value
    prefix, _, name = iri.partition(":")
    return str(CONTEXT.get(prefix, f"{prefix}:")) + name


def entries() -> dict[str, Any]:
    """Return the terms of the context, without keywords, aliases of keywords, prefixes and reverse keys."""
    return {
        key: value
        for key, value in CONTEXT.items()
        if not key.startswith("@")
        and not str(value).startswith("@")
        and not str(value).endswith(("#", "/"))
        and "@reverse" not in value
    }


def scopes() -> dict[str, dict[str, Any]]:
    """Return the keys that mean something in nodes of one class only: class -> entries."""
    return {key: value["@context"] for key, value in CONTEXT.items() if "@context" in str(value)}


def own(modules: Graph) -> set[URIRef]:
    return {s for s in modules.subjects(RDF.type, None) if isinstance(s, URIRef) and str(s).startswith(NEAKG)}


def test_every_own_term_is_in_the_context_under_its_name(modules: Graph) -> None:
    missing = [name for term in own(modules) if (name := term.removeprefix(NEAKG)) not in CONTEXT]
    assert not missing, f"context.jsonld lacks {sorted(missing)}"
    for term in own(modules):
        assert full(CONTEXT[term.removeprefix(NEAKG)]) == str(term)


def test_the_context_names_defined_terms_only(modules: Graph) -> None:
    declared = set(modules.subjects(RDF.type, None))
    for key, value in entries().items():
        iri = URIRef(full(value))
        listed = any(iri in vocabulary for vocabulary in (RDFS, SKOS, DCTERMS, GEO, ORG))
        assert iri in declared or listed, f"{key}: {iri}"


def test_no_two_keys_stand_for_one_term() -> None:
    iris = [full(value) for value in entries().values()]
    assert len(iris) == len(set(iris))


def test_keys_are_camel_case() -> None:
    scoped = {key for scope in scopes().values() for key in scope}
    wrong = [key for key in {*entries(), *REVERSE, *scoped} if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", key)]
    assert not wrong


def test_a_key_is_typed_as_its_property_is(modules: Graph) -> None:
    for key, value in entries().items():
        term = URIRef(full(value))
        kind = value.get("@type") if isinstance(value, dict) else None
        if (term, RDF.type, OWL.ObjectProperty) in modules:
            assert kind == "@id", key
        if (term, RDF.type, OWL.DatatypeProperty) in modules:
            assert kind != "@id", key


# --- keys for what points at a thing ----------------------------------------------------------------------


def test_a_reverse_key_leads_against_a_property_of_ours(modules: Graph) -> None:
    assert REVERSE.items() <= {key: full(CONTEXT[key]).removeprefix(NEAKG) for key in REVERSE}.items()
    assert scopes().keys() >= SCOPED.keys()
    for name, scope in scopes().items():
        found = scope_of(name)
        assert found
        assert {full(value) for value in scope.values()} == {NEAKG + found[0]}
        assert list(scope) == [SUBJECT_OF, *found[1]]
        assert all((URIRef(NEAKG + kind), RDF.type, OWL.Class) in modules for kind in found[1].values())
    links = {*REVERSE.values(), *(link for link, _ in SCOPED.values())}
    assert all((URIRef(NEAKG + link), RDF.type, OWL.ObjectProperty) in modules for link in links)


def test_a_reverse_key_is_no_name_of_a_term(modules: Graph) -> None:
    names = {term.removeprefix(NEAKG) for term in own(modules)}
    keys = {*REVERSE, *(key for scope in scopes().values() for key in scope)}
    assert not keys & names
    assert not {key for scope in scopes().values() for key in scope} & CONTEXT.keys()


def test_a_key_of_a_class_means_its_own_in_each_class() -> None:
    document = {
        "@context": ADDRESS,
        "@graph": [
            {"id": "urn:taxon", "type": "Taxon", "distributions": [{"id": "urn:a"}], "names": ["urn:n"]},
            {"id": "urn:place", "type": "ProtectedArea", "distributions": [{"id": "urn:b"}]},
        ],
    }
    text = jsonld.to_rdf(document, {**OPTIONS, "format": "application/n-quads"})
    assert f"<urn:a> <{NEAKG}ofTaxon> <urn:taxon> ." in text
    assert f"<urn:b> <{NEAKG}atPlace> <urn:place> ." in text
    assert f"<urn:n> <{NEAKG}nameOf> <urn:taxon> ." in text


# --- what stays -------------------------------------------------------------------------------------------

FROZEN = sorted(Path(__file__).with_name("jsonld").glob("keys-*.json"))


def test_there_are_frozen_keys() -> None:
    assert FROZEN, "tests/ontology/jsonld has no keys-<version>.json"


@pytest.mark.parametrize("file", FROZEN, ids=lambda file: file.stem)
def test_a_key_of_an_earlier_version_means_what_it_meant(file: Path) -> None:
    for key, meant in json.loads(file.read_text("utf-8")).items():
        entry = CONTEXT.get(key)
        assert entry, f"{key} has vanished"
        value = entry if isinstance(entry, dict) else {"@id": entry}
        said = [value["@id"], *(f"{name}={value[name]}" for name in ("@type", "@container") if name in value)]
        assert " ".join(said) == meant, key


def test_a_context_that_follows_cannot_give_a_key_another_meaning() -> None:
    for key in ("ofTaxon", "Taxon", "label", "names", "id", "neakg"):
        with pytest.raises(jsonld.JsonLdError) as caught:
            jsonld.expand({"@context": [ADDRESS, {key: "http://example.org/x"}], "@id": "urn:x"}, OPTIONS)
        error: BaseException | None = caught.value
        while error is not None and getattr(error, "code", None) != "protected term redefinition":
            error = error.__cause__
        assert error is not None, key


def test_a_context_that_follows_may_add_keys_and_say_the_same_again() -> None:
    more = {"mass": "http://example.org/mass", "label": CONTEXT["label"], "Taxon": CONTEXT["Taxon"]}
    document = {"@context": [ADDRESS, more], "@id": "urn:x", "mass": 3, "label": {"en": "x"}, "@type": "Taxon"}
    assert set(jsonld.expand(document, OPTIONS)[0]) == {
        "@id", "@type", "http://example.org/mass", "http://www.w3.org/2000/01/rdf-schema#label",
    }  # fmt: skip


# --- examples ---------------------------------------------------------------------------------------------


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
