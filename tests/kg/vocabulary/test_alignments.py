"""The reader of SSSOM tables is strict, and the files made of them are what the tables say."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal

import pytest
from rdflib import OWL, RDF, BNode, Graph, URIRef

from kg.errors import TableErrors
from kg.namespaces import NEAKG, ONTOLOGY, expand
from kg.vocabulary.alignments import COLUMNS, alignments, made, read, without_counterpart

HEADER = [
    "#mapping_set_id: https://w3id.org/neakg/ontology/alignments/test",
    '#mapping_set_version: "0.2.0"',
    '#mapping_set_title: "Test"',
    '#mapping_set_description: "A table: with a colon."',
    "#license: https://creativecommons.org/licenses/by/4.0/",
    '#mapping_date: "2026-11-25"',
    "#subject_source: neakgv:ontology",
    '#subject_source_version: "0.2.0"',
    "#object_source: ex:vocabulary",
    '#object_source_version: "1"',
    "#creator_label:",
    '#  - "NEAKG"',
    "#see_also:",
    '#  - "https://example.org/read"',
    "#curie_map:",
    '#  neakg: "https://w3id.org/neakg/ontology#"',
    '#  ex: "https://example.org/"',
]
ROW = ["neakg:Place", "place", "rdfs:subClassOf", "", "ex:Place", "Place", "owl class",
       "semapv:ManualMappingCuration", "0.9", "Why."]  # fmt: skip

MADE = made()


def table(header: list[str] = HEADER, *rows: list[str]) -> str:
    return "\n".join([*header, "\t".join(COLUMNS), *("\t".join(row) for row in rows or (ROW,))]) + "\n"


def with_cell(column: str, value: str) -> list[str]:
    return [value if name == column else cell for name, cell in zip(COLUMNS, ROW, strict=True)]


def test_a_table_becomes_records() -> None:
    found = read("test", table(HEADER, ROW, [*with_cell("predicate_modifier", "Not")[:4], "ex:Region", *ROW[5:]]))
    assert found.iri == f"{ONTOLOGY}/alignments/test"
    assert found.header["mapping_set_description"] == "A table: with a colon."
    assert (found.creators, found.see_also) == (("NEAKG",), ("https://example.org/read",))
    match, denied = found.matches
    assert (match.subject, match.object, match.confidence) == (
        f"{NEAKG}Place",
        "https://example.org/Place",
        Decimal("0.9"),
    )
    assert (match.negated, denied.negated, denied.object_id) == (False, True, "ex:Region")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject_id", ""),
        ("subject_id", "other:Place"),
        ("subject_id", "neakg:"),
        ("subject_label", " place"),
        ("predicate_id", "owl:sameAs"),
        ("predicate_modifier", "not"),
        ("object_id", "https://example.org/Place"),
        ("object_label", ""),
        ("object_type", "class"),
        ("mapping_justification", "semapv:Guess"),
        ("confidence", "1.1"),
        ("confidence", "-0.1"),
        ("confidence", "NaN"),
        ("confidence", "high"),
    ],
)
def test_a_wrong_cell_is_named_by_file_line_and_column(column: str, value: str) -> None:
    with pytest.raises(TableErrors) as caught:
        read("test", table(HEADER, with_cell(column, value)))
    issue = next(issue for issue in caught.value.issues if issue.column == column)
    assert (issue.file, issue.line, issue.value) == ("ontology/alignments/test.sssom.tsv", len(HEADER) + 2, value)


@pytest.mark.parametrize(
    "header",
    [
        [line for line in HEADER if not line.startswith("#license")],
        [*HEADER, "#licence: https://example.org/"],
        [HEADER[1], HEADER[0], *HEADER[2:]],
        [line.replace("/test", "/other") for line in HEADER],
        [line.replace('"0.2.0"', "") for line in HEADER],
        [line for line in HEADER if "example.org/read" not in line],
        [*HEADER, '#  ex: "https://example.com/"'],
        [*HEADER, "#  - item"],
        [*HEADER, "# a remark"],
        [],
    ],
    ids=["key missing", "unknown key", "order", "other name", "empty", "empty list", "prefix twice", "item below a map",
         "remark", "none"],
)  # fmt: skip
def test_a_wrong_header_is_refused(header: list[str]) -> None:
    with pytest.raises(TableErrors, match=r"ontology/alignments/test\.sssom\.tsv:\d+"):
        read("test", table(header))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n".join(HEADER),
        "\n".join([*HEADER, "\t".join(COLUMNS)]),
        "\n".join([*HEADER, "\t".join(reversed(COLUMNS)), "\t".join(ROW)]),
        table(HEADER, ROW[:-1]),
        table(HEADER, [*ROW, "more"]),
        table(HEADER, ROW, ROW),
        table(HEADER, ROW, with_cell("predicate_modifier", "Not")),
    ],
    ids=["empty", "header only", "no row", "column order", "cell missing", "cell too many", "twice", "said and denied"],
)
def test_wrong_rows_are_refused(text: str) -> None:
    with pytest.raises(TableErrors):
        read("test", text)


def test_every_mistake_of_a_table_is_named_at_once() -> None:
    with pytest.raises(TableErrors) as caught:
        read("test", table(HEADER, with_cell("confidence", "2"), with_cell("object_type", "x")))
    assert {issue.column for issue in caught.value.issues} == {"confidence", "object_type"}


@pytest.mark.parametrize("name", [found.name for found in alignments()])
def test_the_file_says_what_the_table_says(name: str) -> None:
    found = next(entry for entry in alignments() if entry.name == name)
    graph = Graph().parse(data=MADE[f"alignments/{name}.ttl"], format="turtle")
    header = URIRef(found.iri)
    assert set(graph.subjects(RDF.type, OWL.Ontology)) == {header}
    assert set(graph.objects(header, OWL.imports)) == {URIRef(ONTOLOGY)}
    pairs = {(URIRef(match.subject), URIRef(match.object)) for match in found.matches if not match.negated}
    said = {(s, o) for s, p, o in graph if s != header and p != RDF.type}
    assert said
    assert said <= pairs
    assert not any(isinstance(term, BNode) for triple in graph for term in triple)


def test_what_is_denied_is_no_triple() -> None:
    denied = [(entry.name, match) for entry in alignments() for match in entry.matches if match.negated]
    assert denied
    for name, match in denied:
        graph = Graph().parse(data=MADE[f"alignments/{name}.ttl"], format="turtle")
        triple = (URIRef(match.subject), URIRef(expand(match.predicate_id)), URIRef(match.object))
        assert triple not in graph


def test_the_files_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import hashlib; from kg.vocabulary.alignments import made; "
        "print(hashlib.sha256(repr(sorted(made().items())).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_the_reasons_for_no_counterpart_are_sentences() -> None:
    assert without_counterpart()
    assert all(reason.endswith(".") for reason in without_counterpart().values())
