"""IRIs of things, statements, graphs and documents."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import records
from kg.errors import UsageError
from kg.iris import Base, concept, digest, evidence_slug, reference_of, slug_of
from kg.records import Evidence, Name, Origin
from kg.tables import parse_slug
from tests.kg.instances import FULL, PASSAGE

NAME = FULL[records.Name]
assert isinstance(NAME, Name)


@pytest.mark.parametrize(
    "iri",
    ["https://w3id.org/neakg/", "http://localhost:8000/", "http://127.0.0.1/", "https://example.org/a/b-c/~d/"],
)
def test_a_base_is_an_address_that_ends_in_a_slash(iri: str) -> None:
    assert Base(iri).graph("x") == f"{iri}graph/x"


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "https://w3id.org/neakg",
        "ftp://example.org/",
        "example.org/",
        "https://example.org/#",
        "https://example.org/?a/",
        "https://exa mple.org/",
        "https://example.org/a b/",
        "https://example.org/>/",
        "https://example.org//",
        "https:///",
        "https://example.org/\n",
        "https://example.org:port/",
    ],
)
def test_anything_else_is_refused_as_a_base(iri: str) -> None:
    with pytest.raises(UsageError, match="must be an http"):
        Base(iri)


def test_a_thing_lies_under_id_and_a_habitat_in_its_scheme() -> None:
    base = Base("http://localhost:8000/")
    assert base.thing("species/amur-tiger") == "http://localhost:8000/id/species/amur-tiger"
    assert base.thing("habitat/iucn-5-4") == "https://w3id.org/neakg/scheme/habitat/iucn-5-4"


def test_a_concept_is_in_lower_case_under_the_public_address() -> None:
    assert concept("red-list-category", "EN") == "https://w3id.org/neakg/scheme/red-list-category/en"


def test_things_and_concepts_have_documents_and_nothing_else_has() -> None:
    base = Base("http://localhost:8000/")
    assert (
        base.document("http://localhost:8000/id/species/amur-tiger") == "http://localhost:8000/doc/species/amur-tiger"
    )
    assert base.document(concept("unit", "pairs")) == "http://localhost:8000/doc/scheme/unit/pairs"
    assert base.document("https://w3id.org/neakg/id/species/amur-tiger") is None
    assert base.document("http://localhost:8000/graph/x") is None
    assert base.document("https://example.org/") is None


def test_a_record_with_an_id_is_named_by_it() -> None:
    assert reference_of(FULL[records.Taxon]) == "species/amur-tiger"
    assert reference_of(FULL[records.Source]) == "source/a-book"


def test_a_record_without_an_id_is_named_by_what_it_is_about_and_says() -> None:
    assert slug_of(NAME).startswith("species-amur-tiger-")
    assert slug_of(FULL[records.TaxonName]).startswith("species-amur-tiger-")


def test_the_slug_of_a_record_never_changes() -> None:
    # A published IRI: this literal changes only when the rule does, and then every such IRI changes.
    assert slug_of(NAME) == "species-amur-tiger-bfc4abe58f"


def test_the_same_content_has_the_same_slug_wherever_it_is_read() -> None:
    elsewhere = dataclasses.replace(NAME, origin=Origin("x", 99), note="other", confidence="verified")
    assert slug_of(elsewhere) == slug_of(NAME)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "虎"),
        ("language", "ja"),
        ("kind", "preferred"),
        ("subject", "species/tiger"),
        ("evidence", (Evidence(("b-book",)),)),
        ("evidence", (Evidence(("a-book", "b-book")),)),
        ("evidence", (Evidence(("a-book",), PASSAGE),)),
    ],
)
def test_other_content_or_other_evidence_has_another_slug(field: str, value: object) -> None:
    assert slug_of(dataclasses.replace(NAME, **{field: value})) != slug_of(NAME)  # type: ignore[arg-type]


def test_evidence_is_named_by_its_source_or_by_its_passage() -> None:
    assert evidence_slug(Evidence(("a-book",))) == "a-book"
    passage = evidence_slug(Evidence(("a-book",), PASSAGE))
    assert passage.startswith("a-book-")
    assert passage != evidence_slug(Evidence(("a-book",), dataclasses.replace(PASSAGE, end=21)))
    assert passage == evidence_slug(Evidence(("a-book",), dataclasses.replace(PASSAGE, quote="words")))
    assert evidence_slug(Evidence(("a-book", "b-book"))).startswith("one-of-")


@pytest.mark.parametrize("record", FULL.values(), ids=[kind.__name__ for kind in FULL])
def test_every_slug_is_a_slug(record: records.Record | records.Source) -> None:
    assert parse_slug(slug_of(record))


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_parts_have_different_digests(first: list[str], second: list[str]) -> None:
    clean = [[part.replace("\0", "") for part in parts] for parts in (first, second)]
    assert (digest(*clean[0]) == digest(*clean[1])) == (clean[0] == clean[1])
