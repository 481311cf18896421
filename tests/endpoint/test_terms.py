from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode

from endpoint.terms import grouped, language_tag, local_address, show
from kg.iris import Base
from kg.namespaces import XSD, expand


@pytest.mark.parametrize(
    ("folded", "usual"),
    [("zh-hans", "zh-Hans"), ("ko-kp", "ko-KP"), ("mn-cyrl", "mn-Cyrl"), ("en", "en"), ("ZH-HANT-TW", "zh-Hant-TW"),
     ("en-x-ab", "en-x-ab"), ("sl-rozaj-biske", "sl-rozaj-biske")],
)  # fmt: skip
def test_language_tags_are_shown_in_their_usual_case(folded: str, usual: str) -> None:
    assert language_tag(folded) == usual


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        ("https://w3id.org/neakg/id/species/amur-tiger", "/doc/species/amur-tiger"),
        ("https://w3id.org/neakg/scheme/manner/about", "/doc/scheme/manner/about"),
        ("https://w3id.org/neakg/ontology#Taxon", "/ontology#Taxon"),
        ("https://w3id.org/neakg/graph/derived/links", "/graph/derived/links"),
        ("https://w3id.org/neakg/shapes#X", "/shapes#X"),
        ("https://example.org/data/id/species/x", "/doc/species/x"),
        ("https://w3id.org/neakgx", None),
        ("http://www.wikidata.org/entity/Q1", None),
    ],
)
def test_links_to_our_names_stay_local(iri: str, address: str | None) -> None:
    assert local_address(iri, Base("https://example.org/data/")) == address


def test_only_web_addresses_become_links() -> None:
    assert show(NamedNode("javascript:alert(1)"), {}, Base()).href == ""
    assert show(NamedNode("https://example.org/"), {}, Base()).external


def test_values_are_readable() -> None:
    assert show(Literal("true", datatype=NamedNode(f"{XSD}boolean")), {}, Base()).text == "yes"
    assert show(Literal("1234567.5", datatype=NamedNode(f"{XSD}decimal")), {}, Base()).text == "1,234,567.5"
    assert show(Literal("2014", datatype=NamedNode(f"{XSD}gYear")), {}, Base()).text == "2014"
    line = "LINESTRING(" + ", ".join(f"{n}.5 {n}.25" for n in range(50)) + ")"
    assert (
        show(Literal(line, datatype=NamedNode(expand("geo:wktLiteral"))), {}, Base()).text == "linestring of 50 points"
    )
    assert grouped("INF") == "INF"
