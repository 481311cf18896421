"""The concept schemes: one file a scheme, complete concepts, exactly the values that records allow."""

from __future__ import annotations

import re
import typing
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest
from rdflib import RDF, SKOS, Graph, URIRef
from rdflib.namespace import DCTERMS

from kg import records
from kg.iris import concept
from kg.namespaces import NEAKG, SCHEME
from kg.rdf.mapping import MAPPINGS, TARGETS
from kg.resources import folder, walk

FILES = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "vocabularies", ".ttl")}
PATTERN = URIRef(f"{NEAKG}valuePattern")
CODE = URIRef(f"{NEAKG}iucnCode")


def literal_values(annotation: Any) -> set[str]:
    """Return the values of every ``Literal`` inside an annotation."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return set().union(*(literal_values(part) for part in get_args(annotation)))


def expected() -> dict[str, set[str]]:
    """Return the values of each scheme, read from the fields of the records that become its concepts."""
    values: dict[str, set[str]] = defaultdict(set)
    for record, mapping in MAPPINGS.items():
        hints = typing.get_type_hints(record, include_extras=True)
        for item in mapping.properties:
            if item.kind == "concept":
                values[item.scheme] |= literal_values(hints[item.field])
    values["confidence"] = literal_values(records.Confidence)
    values["habitat-system"] = literal_values(typing.get_type_hints(records.Habitat)["scheme"])
    values["evidence-scope"] = {"this-source", "one-of-these"}  # written by kg.rdf.convert, no field of a record
    values["habitat"] = set()  # its concepts come from the habitat tables
    return dict(values)


EXPECTED = expected()


def read(name: str) -> Graph:
    return Graph().parse(data=FILES[name].read_bytes(), format="turtle")


def concepts(graph: Graph) -> Iterator[URIRef]:
    return (term for term in graph.subjects(RDF.type, SKOS.Concept) if isinstance(term, URIRef))


def test_there_is_one_file_for_each_scheme() -> None:
    assert FILES, "ontology/vocabularies is empty"
    assert set(FILES) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_concepts_are_the_values_that_records_allow(name: str) -> None:
    graph = read(name)
    assert {str(graph.value(term, SKOS.notation)) for term in concepts(graph)} == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_scheme_is_described(name: str) -> None:
    graph = read(name)
    scheme = URIRef(f"{SCHEME}{name}")
    assert list(graph.subjects(RDF.type, SKOS.ConceptScheme)) == [scheme]
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert [text.language for text in graph.objects(scheme, predicate)] == ["en"]


@pytest.mark.parametrize("name", sorted(set(FILES) - {"habitat"}))
def test_every_concept_is_complete(name: str) -> None:
    graph = read(name)
    scheme = URIRef(f"{SCHEME}{name}")
    found = list(concepts(graph))
    assert found, f"scheme {name} has no concept"
    for term in found:
        assert str(term) == concept(name, str(graph.value(term, SKOS.notation)))
        assert len(list(graph.objects(term, SKOS.notation))) == 1
        for predicate in (SKOS.prefLabel, SKOS.definition):
            texts = list(graph.objects(term, predicate))
            assert [text.language for text in texts] == ["en"], f"{term} {predicate}"
            assert str(texts[0]).strip()
        assert str(graph.value(term, SKOS.definition)).endswith("."), term
        assert list(graph.objects(term, SKOS.inScheme)) == [scheme]
        assert list(graph.objects(term, SKOS.topConceptOf)) == [scheme]


@pytest.mark.parametrize("name", sorted(set(FILES) - {"habitat"}))
def test_no_label_and_no_definition_is_used_twice_in_a_scheme(name: str) -> None:
    graph = read(name)
    for predicate in (SKOS.prefLabel, SKOS.definition):
        texts = [str(graph.value(term, predicate)).lower() for term in concepts(graph)]
        assert len(texts) == len(set(texts))


def patterns() -> dict[str, str]:
    graph = read("identifier-scheme")
    return {str(graph.value(term, SKOS.notation)): str(graph.value(term, PATTERN)) for term in concepts(graph)}


def test_every_identifier_scheme_has_an_anchored_pattern() -> None:
    for name, pattern in patterns().items():
        assert re.fullmatch(r"\^[^|]+\$", pattern), f"{name}: {pattern} is not anchored at both ends"
        re.compile(pattern)


def test_every_scheme_with_a_target_address_is_an_identifier_scheme() -> None:
    assert set(TARGETS) <= set(patterns())


@pytest.mark.parametrize(
    ("scheme", "good", "bad"),
    [
        ("wikidata", "Q69581", "69581"),
        ("ncbi-taxonomy", "74533", "074533"),
        ("iucn-red-list", "22732/50664030", "22732/"),
        ("col-xr", "4CGXS", "4cgxs"),
        ("avibase", "avibase-1125F89D", "1125F89D"),
        ("ebird", "whncra1", "WHNCRA1"),
        ("iso-3166-1-alpha-2", "MN", "mn"),
        ("iso-3166-1-alpha-3", "MNG", "MN"),
        ("iso-3166-2", "CN-JL", "JL"),
        ("un-m49", "496", "49"),
        ("ramsar", "2462", "JP2462"),
        ("mab", "RUS 32", "RUS32"),
        ("eaaf", "EAAF027", "27"),
    ],
)
def test_a_pattern_takes_real_values_and_refuses_wrong_ones(scheme: str, good: str, bad: str) -> None:
    pattern = patterns()[scheme]
    assert re.search(pattern, good)
    assert not re.search(pattern, bad)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (
            "seasonality",
            {"resident": "1", "breeding": "2", "non-breeding": "3", "passage": "4", "uncertain": "5"},
        ),
        (
            "presence",
            {"extant": "1", "possibly-extant": "3", "possibly-extinct": "4", "extinct": "5", "uncertain": "6"},
        ),
    ],
)
def test_iucn_codes_stand_on_the_concepts_they_fit(name: str, codes: dict[str, str]) -> None:
    graph = read(name)
    assert {str(graph.value(s, SKOS.notation)): str(code) for s, code in graph.subject_objects(CODE)} == codes
