"""Labels in other languages: each has a source, and the Turtle says what the tables say."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import Graph
from rdflib.namespace import SKOS

from kg.errors import TableErrors
from kg.namespaces import ONTOLOGY, SCHEME, expand
from kg.resources import folder, walk
from kg.vocabulary.terms import terms
from kg.vocabulary.translations import CONCEPTS, LANGUAGES, SOURCES, TERMS, Label, files, labels, read, sources

#: How many labels there are in a language, at the least: terms, concepts.
FLOOR = {"ru": (24, 48), "zh-Hans": (27, 46), "zh-Hant": (11, 28), "ja": (16, 46), "ko": (13, 39), "mn": (1, 11)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_loses_labels(language: str) -> None:
    count = Counter(label.of_term for label in labels() if label.language == language)
    of_terms, of_concepts = FLOOR[language]
    assert count[True] >= of_terms
    assert count[False] >= of_concepts


def test_the_red_list_and_the_kinds_of_places_are_named_in_the_languages_of_the_region() -> None:
    found = {(label.term, label.language) for label in labels()}
    for concept in ("red-list-category/cr", "place-kind/river", "designation/national-park", "season/winter"):
        assert {(concept, language) for language in ("ru", "zh-Hans", "ja", "ko")} <= found


def test_every_label_is_of_a_term_or_a_concept_that_has_an_english_label() -> None:
    english = _english()
    assert {label.iri for label in labels()} <= english.keys()
    assert not [label for label in labels() if label.language == "en"]


def test_a_deprecated_term_gets_no_new_labels() -> None:
    deprecated = {iri for iri, term in terms().items() if term.status == "deprecated"}
    assert not [label for label in labels() if label.iri in deprecated]


def test_first_letters_follow_the_case_of_the_english_label() -> None:
    english = _english()
    assert not [
        label
        for label in labels()
        if label.language in ("ru", "mn") and label.text[0].isupper() and english[label.iri][0].islower()
    ]


def test_every_source_is_open_to_a_look() -> None:
    assert sources()
    for source in sources():
        assert source.url.startswith("http"), source
        assert source.licence, source
        assert source.read, source


def test_every_label_is_published_with_its_language_and_property() -> None:
    expected = Counter((label.iri, _property(label), label.language.lower(), label.text) for label in labels())
    found = Counter(
        (triple.subject.value, triple.predicate.value, (triple.object.language or "").lower(), triple.object.value)
        for body in files().values()
        for triple in parse(body, format=RdfFormat.TURTLE)
        if isinstance(triple.object, Literal) and isinstance(triple.subject, NamedNode)
    )
    assert found == expected
    assert set(expected.values()) == {1}


def test_language_tags_are_written_as_bcp_47_recommends() -> None:
    text = (files()[TERMS] + files()[CONCEPTS]).decode()
    for language in LANGUAGES:
        assert f'"@{language} ' in text, language


def test_the_ontology_and_each_scheme_name_the_sources_of_their_labels() -> None:
    urls = {source.id: source.url for source in sources()}
    expected = {
        (ONTOLOGY if label.of_term else f"{SCHEME}{label.term.partition('/')[0]}", urls[label.source])
        for label in labels()
    }
    found = {
        (triple.subject.value, triple.object.value)
        for body in files().values()
        for triple in parse(body, format=RdfFormat.TURTLE)
        if triple.predicate.value == expand("dcterms:source")
    }
    assert found == expected


def test_a_concept_has_one_preferred_label_a_language_beside_its_scheme() -> None:
    """SKOS Reference, S14."""
    graph = _schemes()
    graph.parse(data=files()[CONCEPTS], format="turtle")
    count = Counter((subject, label.language) for subject, label in graph.subject_objects(SKOS.prefLabel))
    assert count
    assert not [key for key, times in count.items() if times > 1]
    assert not [(s, o) for s, o in graph.subject_objects(SKOS.altLabel) if (s, SKOS.prefLabel, o) in graph]


def test_terms_are_read_with_their_labels() -> None:
    term = terms()[expand("neakg:Country")]
    assert term.label == "country"
    assert term.labels["ru"] == "страна"
    assert {tag.lower() for tag in term.labels} >= {"en", "ru", "zh-hans", "zh-hant", "ja", "ko"}


SOURCE_HEAD = "id,title,publisher,url,licence,version,read\n"
SOURCE = "book,A book,A house,https://example.org/book,CC-BY-4.0,1,2026-11-25\n"
LABEL_HEAD = "term,language,label,kind,source,locator\n"
LABEL = "neakg:Taxon,ru,таксон,preferred,book,page 1\n"


def test_rows_become_records() -> None:
    (source,), (label,) = read((SOURCE_HEAD + SOURCE).encode(), (LABEL_HEAD + LABEL).encode())
    assert (source.id, source.licence, source.line) == ("book", "CC-BY-4.0", 2)
    assert dataclasses.asdict(label) == {
        "term": "neakg:Taxon",
        "language": "ru",
        "text": "таксон",
        "kind": "preferred",
        "source": "book",
        "locator": "page 1",
        "line": 2,
    }
    assert label.iri == expand("neakg:Taxon")


MORE = "unit/kilometre,ja,キロメートル,preferred,book,page 2\n"
BAD_LABELS = {
    "header": ("term,label\n" + LABEL, "labels.csv:1: 'term,label': expected the columns term,language"),
    "empty": (LABEL_HEAD, "labels.csv:1: 'no rows': expected at least one row"),
    "cells": (LABEL_HEAD + "neakg:Taxon,ru\n", "labels.csv:2: '2 cells': expected 6 cells"),
    "quotes": (LABEL_HEAD + '"neakg:Taxon"x,ru\n', "labels.csv:2: "),
    "line": (LABEL_HEAD + LABEL.replace("page 1", '"page\n1"') + MORE.replace("ja,", "jp,"), "labels.csv:4:language"),
    "term-form": (LABEL_HEAD + LABEL.replace("neakg:Taxon", "Taxon"), "labels.csv:2:term: 'Taxon': expected a term as"),
    "term": (LABEL_HEAD + LABEL.replace("Taxon", "Taxa"), "labels.csv:2:term: 'neakg:Taxa': expected a term of the"),
    "concept": (LABEL_HEAD + MORE.replace("kilo", "mega"), "labels.csv:2:term: 'unit/megametre': expected a term of"),
    "scheme": (LABEL_HEAD + MORE.replace("unit/kilometre", "unit"), "labels.csv:2:term: 'unit': expected a term as"),
    "language": (LABEL_HEAD + LABEL.replace("ru,", "zh,"), "labels.csv:2:language: 'zh': expected one of ru, zh-Hans"),
    "english": (LABEL_HEAD + LABEL.replace("ru,", "en,"), "labels.csv:2:language: 'en': expected one of ru"),
    "no-label": (LABEL_HEAD + LABEL.replace("таксон", ""), "labels.csv:2:label: '': expected text on one line"),
    "blanks": (LABEL_HEAD + LABEL.replace("таксон", " таксон"), "labels.csv:2:label: ' таксон': expected text on one"),
    "latin": (LABEL_HEAD + LABEL.replace("таксон", "taxon"), "labels.csv:2:label: 'taxon': expected letters of the"),
    "korean": (LABEL_HEAD + MORE.replace("ja,", "ko,"), "'キロメートル': expected letters of the script of ko"),
    "chinese": (LABEL_HEAD + MORE.replace("ja,", "zh-Hans,"), "expected letters of the script of zh-Hans"),
    "kind": (LABEL_HEAD + LABEL.replace("preferred", "best"), "labels.csv:2:kind: 'best': expected one of preferred"),
    "second": (
        LABEL_HEAD + LABEL + LABEL.replace("таксон", "вид"),
        "labels.csv:3:kind: 'preferred': expected alternat",
    ),
    "synonym": (LABEL_HEAD + LABEL.replace("preferred", "alternative"), "expected preferred: a term has one label"),
    "alone": (LABEL_HEAD + MORE.replace("preferred", "alternative"), "expected a preferred label in ja beside it"),
    "homonym": (LABEL_HEAD + LABEL + LABEL.replace("Taxon", "Place"), "already stand on line 2, for the classes"),
    "same-concept": (LABEL_HEAD + MORE + MORE.replace("kilometre", "percent"), "on line 2, for the scheme unit"),
    "source": (LABEL_HEAD + LABEL.replace("book", "page"), "labels.csv:2:source: 'page': expected a source that is in"),
    "no-source": (LABEL_HEAD + LABEL.replace("book", ""), "labels.csv:2:source: '': expected a slug"),
    "no-place": (LABEL_HEAD + LABEL.replace("page 1", ""), "labels.csv:2:locator: '': expected text on one line"),
}


BAD_SOURCES = {
    "header": (SOURCE, "sources.csv:1: "),
    "id": (SOURCE_HEAD + SOURCE.replace("book,", "Book,", 1), "sources.csv:2:id: 'Book': expected a slug"),
    "twice": (SOURCE_HEAD + SOURCE + SOURCE, "sources.csv:3:id: 'book': expected a key that is not already on line 2"),
    "unused": (
        SOURCE_HEAD + SOURCE + SOURCE.replace("book,", "other,", 1),
        "sources.csv:3:id: 'other': expected a sou",
    ),
    "title": (SOURCE_HEAD + SOURCE.replace("A book", ""), "sources.csv:2:title: '': expected text on one line"),
    "url": (SOURCE_HEAD + SOURCE.replace("https://", ""), "sources.csv:2:url: 'example.org/book': expected an http"),
    "no-url": (SOURCE_HEAD + SOURCE.replace("https://example.org/book", ""), "sources.csv:2:url: '': expected an http"),
    "licence": (SOURCE_HEAD + SOURCE.replace("CC-BY-4.0", "free to use"), "sources.csv:2:licence: 'free to use': exp"),
    "no-licence": (SOURCE_HEAD + SOURCE.replace("CC-BY-4.0", ""), "sources.csv:2:licence: '': expected an SPDX"),
    "read": (SOURCE_HEAD + SOURCE.replace("2026-11-25", "2026-11-31"), "sources.csv:2:read: '2026-11-31': expected"),
}


#: The two tables, one of which holds a mistake, and what is said of it.
MISTAKES = [
    *(
        pytest.param(SOURCE_HEAD + SOURCE, table, words, id=f"label-{case}")
        for case, (table, words) in BAD_LABELS.items()
    ),
    *(
        pytest.param(table, LABEL_HEAD + LABEL, words, id=f"source-{case}")
        for case, (table, words) in BAD_SOURCES.items()
    ),
]


@pytest.mark.parametrize(("source_table", "label_table", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_place(source_table: str, label_table: str, message: str) -> None:
    with pytest.raises(TableErrors) as caught:
        read(source_table.encode(), label_table.encode())
    assert message in str(caught.value)


def test_text_that_is_no_utf_8_is_named_with_its_line() -> None:
    with pytest.raises(TableErrors, match=f"{SOURCES}:3: .*expected UTF-8 text"):
        read((SOURCE_HEAD + SOURCE).encode("utf-8") + b"\xff", (LABEL_HEAD + LABEL).encode())


def test_all_mistakes_are_told_at_once() -> None:
    table = LABEL_HEAD + LABEL.replace("ru,", "zh,").replace("book", "page") + MORE.replace("kilo", "mega")
    with pytest.raises(TableErrors) as caught:
        read((SOURCE_HEAD + SOURCE).encode(), table.encode())
    assert [(issue.line, issue.column) for issue in caught.value.issues] == [(2, "language"), (3, "term")]


def _property(label: Label) -> str:
    if label.of_term:
        return expand("rdfs:label")
    return expand("skos:prefLabel" if label.kind == "preferred" else "skos:altLabel")


def _schemes() -> Graph:
    graph = Graph()
    for entry in walk(folder("ontology") / "vocabularies", ".ttl"):
        graph.parse(data=entry.read_bytes(), format="turtle")
    return graph


def _english() -> dict[str, str]:
    """Return the English label of each term and concept."""
    found = {iri: term.label for iri, term in terms().items()}
    found |= {str(s): str(o) for s, o in _schemes().subject_objects(SKOS.prefLabel) if o.language == "en"}
    return found
