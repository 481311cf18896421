"""What SHACL asks, in words."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from endpoint.rules import Rules, count_in_words

SHAPES = """
@prefix : <urn:x#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

:A a sh:NodeShape ; rdfs:label "A thing" ; sh:targetClass :Thing ;
  sh:property :one , :two , :way , :back , :soft , :walk ;
  sh:sparql [ sh:message "The value {?value} is wrong: {$this}." ] .
:one sh:path :p ; sh:minCount 1 ; sh:pattern "^https://w3id.org/neakg/scheme/unit/" ; sh:message "has p" .
:two sh:path :p ; sh:maxCount 1 ; sh:class :Other .
:way sh:path [ sh:alternativePath ( :q :r ) ] ; sh:minCount 1 .
:back sh:path [ sh:inversePath :s ] ; sh:in ( "x" "y" ) .
:soft sh:path :t ; sh:minCount 1 ; sh:maxCount 0 ; sh:severity sh:Warning ; sh:nodeKind sh:IRI .
:walk sh:path [ sh:inversePath :u ] ; sh:property :deep .
:deep sh:path :v ; sh:maxCount 2 .
:U a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property :user , :other ; sh:sparql [ sh:message "checked" ] .
:user sh:path :p ; sh:minCount 1 ; sh:datatype :text .
:other sh:path :q ; sh:minCount 1 .
"""


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.of(parse(SHAPES.encode(), format=RdfFormat.TURTLE))


def iri(name: str) -> str:
    return f"urn:x#{name}"


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [
        (0, None, "any number"),
        (0, 0, "none"),
        (1, 1, "exactly one"),
        (2, 2, "exactly 2"),
        (1, None, "at least one"),
        (0, 1, "at most one"),
        (2, 5, "at least 2, at most 5"),
    ],
)
def test_counts_in_words(least: int, most: int | None, text: str) -> None:
    assert count_in_words(least, most) == text


def test_what_is_asked_of_a_class_is_put_together_by_property(rules: Rules) -> None:
    found = {(ask.properties, ask.inverse): ask for ask in rules.asked([iri("Below"), iri("Thing")])}
    assert {key: ask.count for key, ask in found.items()} == {
        ((iri("p"),), False): "exactly one",
        ((iri("q"), iri("r")), False): "at least one",
        ((iri("s"),), True): "any number",
        ((iri("t"),), False): "any number",  # a warning stops nothing
        ((iri("u"),), True): "any number",  # what lies behind it is asked of other things
    }
    asked = found[(iri("p"),), False]
    assert {rule.scheme for rule in asked.rules} == {"unit", ""}
    assert {value for rule in asked.rules for value in rule.values} == {iri("Other"), iri("text")}
    assert found[(iri("s"),), True].rules[0].choices == ("x", "y")
    assert found[(iri("t"),), False].rules[0].kind == "an IRI"
    assert found[(iri("t"),), False].rules[0].severity == "warning"
    assert rules.asked([iri("Unknown")]) == []


def test_a_rule_for_whoever_has_a_property_makes_nobody_have_it(rules: Rules) -> None:
    (rule,) = rules.general(iri("p"))
    assert (rule.least, rule.values) == (0, (iri("text"),))


def test_rules_and_checks_are_found_by_property(rules: Rules) -> None:
    assert [(shape.label, rule.iri) for shape, rule in rules.of_property(iri("v"))] == [("A thing", iri("deep"))]
    assert {rule.iri for _, rule in rules.of_property(iri("q"))} == {iri("way"), iri("other")}
    assert [text for _, text in rules.checks(iri("p"))] == ["checked"]
    assert rules.of_class([iri("Thing")])[0].checks == ("The value … is wrong: ….",)
