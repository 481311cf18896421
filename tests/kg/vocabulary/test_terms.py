"""The terms of the ontology as records."""

from __future__ import annotations

from kg.namespaces import NEAKG
from kg.vocabulary.terms import MODULES, of_module, terms


def test_every_module_has_terms_in_the_order_of_its_file() -> None:
    for module in MODULES.keys() - {"deprecated"}:
        assert of_module(module), module
    assert [term.name for term in of_module("borders")][:2] == ["Border", "betweenCountry"]


def test_a_term_says_what_its_file_says() -> None:
    term = terms()[f"{NEAKG}betweenCountry"]
    assert (term.kind, term.module, term.label) == ("object property", "borders", "between country")
    assert term.domains == (f"{NEAKG}Border",)
    assert term.ranges == (f"{NEAKG}Country",)
    assert term.definition.endswith(".")
    assert term.examples


def test_disjointness_is_known_on_both_ends() -> None:
    assert f"{NEAKG}Border" in terms()[f"{NEAKG}Country"].disjoint
    assert f"{NEAKG}Country" in terms()[f"{NEAKG}Border"].disjoint


def test_characteristics_are_words() -> None:
    assert terms()[f"{NEAKG}adjoins"].characteristics == ("symmetric",)
