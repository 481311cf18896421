"""The table of formats: what is derived from it is right only when its rows are unique and can be read back."""

from __future__ import annotations

from itertools import permutations
from pathlib import PurePath

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg.cli import _FORMATS, _GRAPH_FORMATS
from kg.errors import UsageError
from kg.formats import BY_NAME, FORMATS, RDF_FORMATS, RESULT_FORMATS, Format, by_name, of_file, write_rdf
from kg.namespaces import DCTERMS, NEAKG, RDF, RDFS, SCHEMA, SKOS, XSD, expand, shrink

GRAPH = NamedNode("https://w3id.org/neakg/graph/x")
OTHER = NamedNode("https://w3id.org/neakg/graph/y")
TIGER = NamedNode("https://w3id.org/neakg/id/species/amur-tiger")
QUADS = [
    Quad(TIGER, NamedNode(f"{RDF}type"), NamedNode(f"{NEAKG}Taxon"), GRAPH),
    Quad(TIGER, NamedNode(f"{RDFS}label"), Literal("Amur tiger", language="en"), GRAPH),
    Quad(TIGER, NamedNode(f"{SKOS}altLabel"), Literal("东北虎", language="zh-hans"), OTHER),
    Quad(TIGER, NamedNode(f"{DCTERMS}description"), Literal('two\nlines, "quoted" \\ and a tab\t.'), GRAPH),
    Quad(TIGER, NamedNode(f"{NEAKG}value"), Literal("43.5", datatype=NamedNode(f"{XSD}decimal")), OTHER),
    Quad(TIGER, NamedNode(f"{NEAKG}startYear"), Literal("2012", datatype=NamedNode(f"{XSD}gYear")), GRAPH),
    Quad(TIGER, NamedNode(f"{SCHEMA}url"), NamedNode("https://example.org/a?b=c#d"), GRAPH),
]


def test_the_names_are_the_ten_of_the_command_line() -> None:
    assert sorted(BY_NAME) == sorted(
        ["turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld", "json", "xml", "csv", "tsv"]
    )
    assert set(_FORMATS) == set(BY_NAME)
    assert set(_GRAPH_FORMATS) == {row.name for row in RDF_FORMATS}


@pytest.mark.parametrize("column", ["name", "extension", "label", "media_type"])
def test_no_two_formats_share_a_name_an_extension_or_a_media_type(column: str) -> None:
    values = [getattr(row, column) for row in FORMATS]
    assert len(set(values)) == len(values)


def test_no_media_type_stands_for_two_formats() -> None:
    values = [media_type for row in FORMATS for media_type in row.media_types]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_a_format_holds_a_graph_or_results_as_the_engine_knows_it(row: Format) -> None:
    engine_format = row.rdf or row.results
    assert engine_format is not None
    assert (row.rdf is None) != (row.results is None)
    assert row.media_type == engine_format.media_type.partition(";")[0]
    assert row.extension == engine_format.file_extension
    assert row.iri.rpartition("/")[2] == engine_format.iri.rpartition("/")[2]
    assert row.iri.startswith("http://www.w3.org/ns/formats/")
    if row.rdf:
        assert row.dataset == row.rdf.supports_datasets


def test_text_formats_name_their_charset() -> None:
    assert BY_NAME["turtle"].content_type == "text/turtle; charset=utf-8"
    assert BY_NAME["csv"].content_type == "text/csv; charset=utf-8"
    assert BY_NAME["json"].content_type == "application/sparql-results+json"


def test_a_format_is_found_by_name_and_an_unknown_one_lists_the_names() -> None:
    assert by_name("trig") is BY_NAME["trig"]
    with pytest.raises(
        UsageError, match="unknown format 'Turtle': use one of turtle ntriples rdfxml jsonld trig nquads"
    ):
        by_name("Turtle")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.ttl", RdfFormat.TURTLE),
        ("a.TTL", RdfFormat.TURTLE),
        ("a.b.nt", RdfFormat.N_TRIPLES),
        ("a.nq", RdfFormat.N_QUADS),
        ("a.trig", RdfFormat.TRIG),
        ("a.rdf", RdfFormat.RDF_XML),
        ("a.owl", RdfFormat.RDF_XML),
        ("a.xml", RdfFormat.RDF_XML),
        ("a.jsonld", RdfFormat.JSON_LD),
        ("a.json", RdfFormat.JSON_LD),
    ],
)
def test_the_format_of_a_file_is_told_by_its_suffix(name: str, found: RdfFormat) -> None:
    assert of_file(PurePath(name)) == found


@pytest.mark.parametrize("name", ["a.csv", "a.srj", "a", "a.", "ttl", "a.ttl.gz"])
def test_other_suffixes_are_refused_and_the_known_ones_listed(name: str) -> None:
    with pytest.raises(
        UsageError, match=r"use one of \.json \.jsonld \.nq \.nt \.owl \.rdf \.trig \.ttl \.turtle \.xml"
    ):
        of_file(PurePath(name))


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_what_is_written_is_read_back_the_same(row: Format) -> None:
    assert row.rdf is not None
    found = set(parse(write_rdf(QUADS, row), format=row.rdf))
    expected = set(QUADS) if row.dataset else {Quad(q.subject, q.predicate, q.object) for q in QUADS}
    assert found == expected


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_the_same_input_gives_the_same_bytes(row: Format) -> None:
    assert len({write_rdf(QUADS, row) for _ in range(20)}) == 1


@pytest.mark.parametrize("row", [row for row in RDF_FORMATS if not row.dataset], ids=lambda row: row.name)
def test_a_triple_of_two_graphs_is_written_once_where_there_are_no_graphs(row: Format) -> None:
    twice = [QUADS[0], Quad(*QUADS[0].triple, OTHER)]
    assert write_rdf(twice, row) == write_rdf([QUADS[0].triple], row)


@pytest.mark.parametrize("name", ["turtle", "trig", "rdfxml", "jsonld"])
def test_only_prefixes_that_are_used_are_declared(name: str) -> None:
    text = write_rdf(QUADS[:2], BY_NAME[name]).decode()
    assert RDFS in text
    assert NEAKG in text
    for unused in (SKOS, DCTERMS, SCHEMA, XSD):
        assert unused not in text


def test_prefixes_stand_in_order() -> None:
    lines = write_rdf(QUADS, BY_NAME["turtle"]).decode().splitlines()
    prefixes = [line for line in lines if line.startswith("@prefix")]
    assert prefixes == sorted(prefixes)
    assert len(prefixes) >= 5
    assert lines[: len(prefixes)] == prefixes


def test_a_literal_that_looks_like_a_prefix_line_stays_as_it_is() -> None:
    literal = Literal("\n@prefix z: <http://z/> .\n@prefix a: <http://a/> .\n")
    triple = Triple(TIGER, NamedNode(f"{RDFS}comment"), literal)
    for name in ("turtle", "trig", "rdfxml"):
        row = BY_NAME[name]
        assert row.rdf is not None
        assert [quad.object for quad in parse(write_rdf([triple], row), format=row.rdf)] == [literal]


def test_blank_nodes_of_a_strangers_file_are_written() -> None:
    triple = Triple(BlankNode("a"), NamedNode(f"{RDFS}label"), Literal("x"))
    assert write_rdf([triple], BY_NAME["ntriples"]) == b'_:a <http://www.w3.org/2000/01/rdf-schema#label> "x" .\n'


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
def test_a_format_of_results_cannot_hold_a_graph(row: Format) -> None:
    with pytest.raises(UsageError, match="holds query results, not a graph; use one of turtle ntriples"):
        write_rdf(QUADS, row)


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_no_triples_are_a_graph_too(row: Format) -> None:
    assert row.rdf is not None
    assert list(parse(write_rdf([], row), format=row.rdf)) == []


def test_a_name_is_expanded_and_shrunk_by_the_table_of_prefixes() -> None:
    assert shrink(expand("neakg:Taxon")) == "neakg:Taxon"
    assert shrink("https://schema.org/url") == "schema:url"
    assert shrink("https://w3id.org/neakg/ontology") is None
    assert shrink(NEAKG) is None
    assert shrink("http://example.org/x") is None
    with pytest.raises(KeyError):
        expand("none:x")


def test_prefix_order_does_not_hang_on_the_order_of_the_input() -> None:
    heads = set()
    for order in list(permutations(QUADS[:4]))[:6]:
        text = write_rdf(order, BY_NAME["turtle"]).decode()
        heads.add("".join(line for line in text.splitlines() if line.startswith("@prefix")))
    assert len(heads) == 1
