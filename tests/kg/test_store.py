"""The store: what it opens, what it refuses to run, and what it answers."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, RdfFormat, parse

from kg.errors import QueryError, StoreError, UsageError
from kg.formats import FORMATS, RDF_FORMATS, RESULT_FORMATS, Format, by_name, write_rdf
from kg.namespaces import expand
from kg.store import DatasetChoice, GraphStore, read_file, write_answer, write_store

G1, G2, G3 = (f"http://example.org/{name}" for name in ("g1", "g2", "g3"))
DATA = """
@prefix : <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:d :p "default" .
:g1 { :a :p 1 . :shared :p 0 . :a rdfs:label "label"@en }
:g2 { :b :p 2 . :shared :p 0 . :a skos:prefLabel "虎"@zh-Hans, "Tiger"@de }
:g3 { :c :p false }
"""


@pytest.fixture
def store(tmp_path: Path) -> GraphStore:
    (tmp_path / "data.trig").write_text(DATA)
    return GraphStore.from_files([tmp_path / "data.trig"])


@pytest.fixture
def published(tmp_path: Path) -> GraphStore:
    """A store on disk whose default graph is the union, as a build has it."""
    write_store(tmp_path / "store", [quad for quad in parse(DATA, format=RdfFormat.TRIG) if quad.graph_name != DEFAULT])
    return GraphStore.open(tmp_path / "store", union=True, shares_triples=True)


DEFAULT = next(iter(parse("<http://a> <http://b> <http://c> .", format=RdfFormat.N_QUADS))).graph_name


def rows(store: GraphStore, text: str, dataset: DatasetChoice | None = None) -> list[tuple[str, ...]]:
    answer = store.query(text, dataset)
    assert isinstance(answer, QuerySolutions)
    return sorted(tuple(value.value for value in row) for row in answer)  # type: ignore[union-attr]


def subjects(store: GraphStore, text: str, dataset: DatasetChoice | None = None) -> list[str]:
    return [row[0].rpartition("/")[2] for row in rows(store, text, dataset)]


# --- opening ---------------------------------------------------------------------------------------------


def test_a_folder_without_a_store_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no usable store .* build one with: neakg build") as caught:
        GraphStore.open(tmp_path / "none", union=True)
    assert caught.value.exit_code == 6


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="no usable store"):
        GraphStore.open(tmp_path / "file", union=True)


def test_a_damaged_store_is_no_store(tmp_path: Path) -> None:
    write_store(tmp_path / "store", [])
    (tmp_path / "store" / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(StoreError, match="no usable store"):
        GraphStore.open(tmp_path / "store", union=True)


def test_a_store_cannot_be_written_where_there_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write the store"):
        write_store(tmp_path / "file" / "store", [])


def _count(path: str, queue: multiprocessing.Queue[int]) -> None:
    queue.put(len(GraphStore.open(Path(path), union=True)))


def test_several_processes_may_open_one_store(tmp_path: Path, published: GraphStore) -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[int] = context.Queue()
    worker = context.Process(target=_count, args=(str(tmp_path / "store"), queue))
    worker.start()
    assert queue.get(timeout=60) == len(published)
    worker.join(timeout=60)


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_a_file_of_any_rdf_format_is_loaded(tmp_path: Path, row: Format) -> None:
    quads = list(parse(DATA, format=RdfFormat.TRIG))
    path = tmp_path / f"data.{row.extension}"
    path.write_bytes(write_rdf(quads, row))
    store = GraphStore.from_files([path])
    assert store.graphs == ({G1, G2, G3} if row.dataset else frozenset())
    assert len(store) == (len(quads) if row.dataset else len({quad.triple for quad in quads}))


def test_the_default_graph_holds_exactly_the_default_graph_of_the_files(store: GraphStore) -> None:
    assert subjects(store, "SELECT ?s { ?s ?p ?o }") == ["d"]
    assert len(rows(store, "SELECT ?s { GRAPH ?g { ?s ?p ?o } }")) == 8
    assert not store.union


def test_several_files_are_loaded_together_and_their_blank_nodes_kept_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.nt").write_text('_:x <http://example.org/p> "1" .\n')
    assert len(GraphStore.from_files([tmp_path / "a.nt", tmp_path / "b.nt"])) == 2


def test_relative_addresses_are_resolved_against_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a b.ttl"
    path.write_text("<x> <http://example.org/p> <#y> .")
    (quad,) = read_file(path)
    assert quad.object == NamedNode(path.as_uri() + "#y")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UsageError, match=r"none\.ttl: no such file"):
        read_file(Path("none.ttl"))


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.ttl", "<a> <b> <c> .\n<a> <b> ??? .\n", ":2:"),
        ("a.nt", "<http://a> <http://b> .\n", ":1:"),
        ("a.trig", "@prefix : <http://a/> .\n\n:a :b .", ":3:"),
        ("a.rdf", "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n<a></b>", ""),
        ("a.jsonld", '{"@id": }', ":1:"),
        ("a.ttl", "<http://a> <http://b> '\udcff' .", ""),
    ],
)
def test_a_file_that_is_not_well_formed_is_refused_with_the_place(
    tmp_path: Path, name: str, text: str, place: str
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match="not well-formed") as caught:
        read_file(path)
    assert f"{path}{place}" in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").mkdir()
    with pytest.raises(UsageError, match=r"x\.ttl: "):
        read_file(tmp_path / "x.ttl")


def test_files_without_any_triple_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("# nothing\n")
    with pytest.raises(UsageError, match="no triples in"):
        GraphStore.from_files([tmp_path / "a.ttl"])


# --- refusing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("INSERT DATA { <http://a> <http://b> <http://c> }", "update"),
        ("CLEAR ALL", "update"),
        ("LOAD <http://example.org/>", "update"),
        ("ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "service"),
        ("ASK FROM <http://example.org/none> {}", "unknown-graph"),
        ("ASK FROM NAMED <http://example.org/none> {}", "unknown-graph"),
        (f"CONSTRUCT {{ ?s ?p ?o }} FROM <{G1}> FROM <file:///etc/passwd> {{ ?s ?p ?o }}", "unknown-graph"),
        ("ASK " + "{" * 500 + "}" * 500, "too-large"),
        ("SELECT * { ?s ?p }", "syntax"),
        ("", "syntax"),
        ("hello", "syntax"),
    ],
)
def test_what_may_not_run_is_refused_with_its_kind(store: GraphStore, text: str, kind: str) -> None:
    with pytest.raises(QueryError) as caught:
        store.query(text)
    assert caught.value.kind == kind
    assert caught.value.exit_code == 2
    assert caught.value.detail


def test_an_unknown_graph_is_named(store: GraphStore) -> None:
    with pytest.raises(QueryError, match=r"no graph <http://example\.org/none> is loaded, and none is fetched"):
        store.checked("PREFIX : <http://example.org/> ASK FROM :none {}")


def test_graph_of_an_unknown_graph_has_no_solutions(store: GraphStore) -> None:
    assert rows(store, "SELECT * { GRAPH <http://example.org/none> { ?s ?p ?o } }") == []


def test_a_service_is_refused_with_its_place(store: GraphStore) -> None:
    with pytest.raises(QueryError, match=r"^line 2, column 3: SERVICE is not allowed"):
        store.checked("ASK {\n  SERVICE <http://example.org/> {} }")


def test_wrong_syntax_is_told_with_line_and_column(store: GraphStore) -> None:
    with pytest.raises(QueryError) as caught:
        store.query("SELECT *\n{ ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 9)
    assert str(caught.value).startswith("line 2, column 9: unexpected `}`; expected a variable")


def test_an_undeclared_prefix_is_wrong_syntax(store: GraphStore) -> None:
    with pytest.raises(QueryError) as caught:
        store.query("SELECT * FROM none:x { ?s ?p ?o }")
    assert caught.value.kind == "syntax"


# --- the dataset -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("", ["d"]),
        (f"FROM <{G1}>", ["a", "a", "shared"]),
        (f"FROM <{G1}> FROM <{G3}>", ["a", "a", "c", "shared"]),
        (f"FROM NAMED <{G1}>", []),
    ],
)
def test_from_replaces_the_default_graph(store: GraphStore, clauses: str, expected: list[str]) -> None:
    assert subjects(store, f"SELECT ?s {clauses} {{ ?s ?p ?o }}") == expected


def test_from_named_says_which_graphs_there_are(store: GraphStore) -> None:
    text = "SELECT DISTINCT ?g {clauses} {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert subjects(store, text.format(clauses="")) == ["g1", "g2", "g3"]
    assert subjects(store, text.format(clauses=f"FROM NAMED <{G1}>")) == ["g1"]
    assert subjects(store, text.format(clauses=f"FROM <{G2}> FROM NAMED <{G1}>")) == ["g1"]
    assert subjects(store, text.format(clauses=f"FROM <{G1}>")) == []


def test_a_choice_beside_the_text_overrides_from_and_from_named(store: GraphStore) -> None:
    text = f"SELECT ?s FROM <{G1}> FROM NAMED <{G2}> {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
    assert subjects(store, text, DatasetChoice((G3,))) == ["c"]
    assert subjects(store, text, DatasetChoice((), (G3,))) == ["c"]
    assert subjects(store, text, DatasetChoice((G2,), (G3,))) == ["a", "a", "b", "c", "shared"]


def test_a_choice_overrides_even_an_unknown_graph_in_the_text(store: GraphStore) -> None:
    assert subjects(store, "SELECT ?s FROM <http://none> { ?s ?p ?o }", DatasetChoice((G3,))) == ["c"]


@pytest.mark.parametrize("choice", [DatasetChoice((G1, "http://none")), DatasetChoice((), ("http://none",))])
def test_a_chosen_graph_that_is_not_loaded_is_refused(store: GraphStore, choice: DatasetChoice) -> None:
    with pytest.raises(QueryError) as caught:
        store.query("ASK {}", choice)
    assert caught.value.kind == "unknown-graph"


COUNT = "SELECT (COUNT(*) AS ?n) {clauses} {{ <http://example.org/shared> ?p ?o }}"


@pytest.mark.parametrize("clauses", [f"FROM <{G1}> FROM <{G2}>", f"FROM <{G1}> FROM <{G1}>", f"FROM <{G2}>"])
def test_a_triple_of_several_graphs_counts_once(store: GraphStore, published: GraphStore, clauses: str) -> None:
    for each in (store, published):
        assert rows(each, COUNT.format(clauses=clauses)) == [("1",)]


def test_a_triple_of_several_chosen_graphs_counts_once(published: GraphStore) -> None:
    assert rows(published, COUNT.format(clauses=""), DatasetChoice((G1, G2), (G1,))) == [("1",)]


def test_merged_graphs_keep_the_named_graphs_of_the_choice(published: GraphStore) -> None:
    text = f"SELECT DISTINCT ?g FROM <{G1}> FROM <{G2}> FROM NAMED <{G3}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert subjects(published, text) == ["g3"]


def test_the_default_graph_of_a_build_is_the_union(published: GraphStore) -> None:
    assert set(subjects(published, "SELECT ?s { ?s ?p ?o }")) == {"a", "b", "c", "shared"}


def test_the_graphs_and_their_sizes_are_known(published: GraphStore) -> None:
    assert published.graphs == {G1, G2, G3}
    assert published.graph_sizes() == {G1: 3, G2: 4, G3: 1}
    assert len(published) == 8


def test_the_quads_of_one_graph_or_of_all_are_given(store: GraphStore) -> None:
    assert len(list(store.quads())) == 9
    assert [quad.object.value for quad in store.quads(G3)] == ["false"]  # type: ignore[union-attr]
    with pytest.raises(UsageError, match=r"no graph 'http://none'; the graphs are:\n  http://example.org/g1\n"):
        store.quads("http://none")


# --- writing answers ---------------------------------------------------------------------------------------

FALSY = 'SELECT ?x { VALUES ?x { false 0 0.0 "" UNDEF } }'


def test_false_and_zero_and_nothing_are_written_in_xml(store: GraphStore) -> None:
    text = write_answer(store.query(FALSY), by_name("xml")).decode()
    assert text.count("<result>") + text.count("<result/>") == 5
    assert ">false</literal>" in text
    assert text.count(">0</literal>") == 2
    assert text.count("<binding") == 4


def test_false_and_zero_and_nothing_are_written_in_json(store: GraphStore) -> None:
    found = json.loads(write_answer(store.query(FALSY), by_name("json")))["results"]["bindings"]
    assert [row.get("x", {}).get("value") for row in found] == ["false", "0", "0", "", None]


def test_false_and_zero_and_nothing_are_written_in_csv_and_tsv(store: GraphStore) -> None:
    assert write_answer(store.query(FALSY), by_name("csv")).splitlines()[:4] == [b"x", b"false", b"0", b"0"]
    assert write_answer(store.query(FALSY), by_name("tsv")).splitlines()[:3] == [b"?x", b"false", b"0"]


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
@pytest.mark.parametrize(("text", "word"), [("ASK {}", b"true"), ("ASK { <http://none> ?p ?o }", b"false")])
def test_a_boolean_is_written_in_every_result_format(store: GraphStore, row: Format, text: str, word: bytes) -> None:
    answer = store.query(text)
    assert isinstance(answer, QueryBoolean)
    assert word in write_answer(answer, row)


@pytest.mark.parametrize("row", RESULT_FORMATS, ids=lambda row: row.name)
def test_rows_are_written_in_every_result_format(store: GraphStore, row: Format) -> None:
    assert b"default" in write_answer(store.query("SELECT * { ?s ?p ?o }"), row)


@pytest.mark.parametrize("row", RDF_FORMATS, ids=lambda row: row.name)
def test_a_graph_is_written_in_every_graph_format(store: GraphStore, row: Format) -> None:
    for text in ("CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <http://example.org/d>"):
        data = write_answer(store.query(text), row)
        assert [quad.object for quad in parse(data, format=row.rdf)] == [Literal("default")]


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_an_answer_of_another_kind_is_refused(store: GraphStore, row: Format) -> None:
    text, expected = ("SELECT * {}", "use one of json xml csv tsv") if row.rdf else (
        "CONSTRUCT WHERE { ?s ?p ?o }", "use one of turtle ntriples rdfxml jsonld trig nquads")  # fmt: skip
    with pytest.raises(UsageError, match=expected):
        write_answer(store.query(text), row)


# --- things ------------------------------------------------------------------------------------------------

TIGER = "https://w3id.org/neakg/id/species/amur-tiger"


def test_the_document_of_a_thing_holds_its_statements_and_their_evidence(graph: GraphStore) -> None:
    found = graph.document(TIGER)
    said = {quad.subject.value for quad in found}  # type: ignore[union-attr]
    assert TIGER in said
    kinds = {quad.object.value for quad in found if quad.predicate.value == expand("rdf:type")}  # type: ignore[union-attr]
    for curie in (
        "neakg:Taxon",
        "neakg:Name",
        "neakg:Identifier",
        "neakg:Distribution",
        "neakg:Listing",
        "neakg:Evidence",
    ):
        assert expand(curie) in kinds, curie
    assert expand("neakg:PopulationEstimate") in kinds
    assert expand("oa:TextPositionSelector") in kinds
    statements = {quad.subject for quad in found if quad.predicate.value == expand("neakg:hasEvidence")}
    evidence = {quad.object for quad in found if quad.predicate.value == expand("neakg:hasEvidence")}
    assert len(statements) > 20
    assert evidence <= {quad.subject for quad in found}
    assert found == graph.document(TIGER)
    assert len(set(found)) == len(found)


def test_the_document_of_a_taxon_tells_what_is_doubted_of_its_statements(graph: GraphStore) -> None:
    found = graph.document("https://w3id.org/neakg/id/species/hooded-crane")
    about = {quad.object.value for quad in found if quad.predicate.value == expand("neakg:about")}  # type: ignore[union-attr]
    assert "https://w3id.org/neakg/id/assessment/neaspec-hooded-crane-critically-endangered" in about


def test_the_document_of_an_unknown_thing_is_empty(graph: GraphStore) -> None:
    assert graph.document("https://w3id.org/neakg/id/species/none") == []


def test_a_thing_exists_when_something_is_said_of_it(graph: GraphStore) -> None:
    assert graph.exists(TIGER)
    assert not graph.exists("https://w3id.org/neakg/id/species/none")


@pytest.mark.parametrize("text", ["", "a b", "http://example.org/<x>", "species/amur-tiger"])
def test_what_is_no_iri_does_not_exist(graph: GraphStore, text: str) -> None:
    assert not graph.exists(text)


def test_incoming_links_are_limited(graph: GraphStore) -> None:
    found = graph.incoming(TIGER, 5)
    assert len(found) == 5
    assert {quad.object for quad in found} == {NamedNode(TIGER)}


def test_a_label_is_in_the_first_language_wanted_that_there_is(store: GraphStore) -> None:
    thing = "http://example.org/a"
    assert store.labels([thing]) == {thing: "label"}
    assert store.labels([thing], ("de", "en")) == {thing: "Tiger"}
    assert store.labels([thing], ("zh",)) == {thing: "虎"}
    assert store.labels([thing], ("ZH-hans",)) == {thing: "虎"}
    assert store.labels([thing], ("ko", "de")) == {thing: "Tiger"}
    assert store.labels([thing], ("ko",))[thing] in ("label", "Tiger", "虎")
    assert store.labels(["http://example.org/b"]) == {}


def test_a_label_without_a_language_stands_before_one_in_a_language_not_asked_for() -> None:
    label = NamedNode(expand("rdfs:label"))
    thing = NamedNode("http://example.org/x")
    store = GraphStore.from_quads([Quad(thing, label, Literal("A", language="fr")), Quad(thing, label, Literal("Z"))])
    assert store.labels([thing.value]) == {thing.value: "Z"}
