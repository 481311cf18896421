"""What each command prints and the code it ends with, on a real build or on files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from kg import pipeline
from kg.cli import run
from kg.errors import GateError
from kg.pipeline import Snapshot
from kg.sources import discover
from kg.stored_queries import stored_queries
from kg.validate import Report

TURTLE = """
@prefix : <http://example.org/> .
:a :p 1 . :b :p 2 .
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.ttl"
    path.write_text(TURTLE)
    return path


@pytest.fixture
def out(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build folder, as the environment names it."""
    folder = snapshot.path.parents[1]
    monkeypatch.setenv("NEAKG_BUILD", str(folder))
    return folder


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def neakg(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; return its exit code, what it printed, and what it complained of."""

    def execute(*arguments: str | Path, standard_input: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(standard_input)))
        code = run([str(argument) for argument in arguments], _serve)
        sys.stdout.flush()
        printed = capfdbinary.readouterr()
        return code, printed.out.decode(), printed.err.decode()

    return execute


SERVED: list[tuple[Path | None, Sequence[Path], str, int]] = []


def _serve(build: Path | None, files: Sequence[Path], host: str, port: int) -> int:
    SERVED.append((build, files, host, port))
    return 0


# --- query -------------------------------------------------------------------------------------------------


def test_a_file_is_queried_with_a_query_from_standard_input(neakg: Run, data: Path) -> None:
    code, printed, _ = neakg("query", "-", "--data", data, standard_input=b"SELECT ?o { ?s ?p ?o } ORDER BY ?o")
    assert (code, printed) == (0, "o\r\n1\r\n2\r\n")


def test_a_query_file_is_run_and_its_answer_written_in_the_format_asked_for(
    neakg: Run, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "count.rq").write_text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    code, printed, _ = neakg("query", tmp_path / "count.rq", "--data", data, "--format", "json")
    assert code == 0
    assert json.loads(printed)["results"]["bindings"][0]["n"]["value"] == "2"


def test_a_graph_is_written_as_turtle(neakg: Run, data: Path) -> None:
    code, printed, _ = neakg("query", "-", "--data", data, standard_input=b"CONSTRUCT WHERE { ?s ?p ?o }")
    assert code == 0
    assert len(list(parse(printed.encode(), format=RdfFormat.TURTLE))) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"SELECT * { ?s ?p }", "line 1, column"),
        (b"INSERT DATA { <http://a> <http://b> <http://c> }", "read-only"),
        (b"ASK { SERVICE <http://127.0.0.1:9/> {} }", "SERVICE is not allowed"),
        (b"ASK FROM <http://none> {}", "no graph <http://none> is loaded"),
        (b"\xff\xfe", "standard input: not UTF-8"),
        (b"#+ colour: red\nASK {}", "unknown header field 'colour'"),
    ],
)
def test_a_query_that_may_not_run_ends_with_2_and_says_why(neakg: Run, data: Path, text: bytes, message: str) -> None:
    code, printed, complaint = neakg("query", "-", "--data", data, standard_input=text)
    assert (code, printed) == (2, "")
    assert complaint.startswith("neakg query: ")
    assert message in complaint


def test_a_query_file_in_another_encoding_is_refused(neakg: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_bytes("ASK { ?s ?p 'é' }".encode("latin-1"))
    code, _, complaint = neakg("query", tmp_path / "q.rq", "--data", data)
    assert code == 2
    assert "q.rq: not UTF-8" in complaint


def test_a_format_that_cannot_hold_the_answer_is_refused(neakg: Run, data: Path) -> None:
    code, _, complaint = neakg("query", "-", "--data", data, "--format", "turtle", standard_input=b"ASK {}")
    assert code == 2
    assert "use one of json xml csv tsv" in complaint


def test_an_unknown_query_says_how_to_list_them(neakg: Run, data: Path) -> None:
    code, _, complaint = neakg("query", "no-such-query", "--data", data)
    assert code == 2
    assert "list the stored queries with: neakg query" in complaint


def test_a_data_file_that_is_missing_or_broken_is_named(neakg: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("<a> <b>")
    assert "none.ttl: no such file" in neakg("query", "-", "--data", tmp_path / "none.ttl")[2]
    assert "bad.ttl:1:" in neakg("query", "-", "--data", tmp_path / "bad.ttl")[2]


def test_parameters_need_a_header(neakg: Run, data: Path) -> None:
    assert "this one has none" in neakg("query", "-", "-p", "a=b", "--data", data, standard_input=b"ASK {}")[2]
    assert "expected NAME=VALUE" in neakg("query", "-", "-p", "a", "--data", data)[2]


HEADER = b"#+ summary: Test\n#+ params:\n#+   - o: integer, a number\nSELECT ?s { VALUES ?o { 1 } ?s ?p ?o }\n"


def test_a_query_with_a_header_takes_parameters(neakg: Run, data: Path) -> None:
    arguments = ("query", "-", "--data", data)
    assert neakg(*arguments, standard_input=HEADER)[1] == "s\r\nhttp://example.org/a\r\n"
    assert neakg(*arguments, "-p", "o=2", standard_input=HEADER)[1] == "s\r\nhttp://example.org/b\r\n"
    assert neakg(*arguments, "-p", "o=x", standard_input=HEADER)[0] == 2
    assert "no parameter 'x'" in neakg(*arguments, "-p", "x=1", standard_input=HEADER)[2]


def test_the_stored_queries_are_listed(neakg: Run) -> None:
    code, printed, _ = neakg("query")
    assert code == 0
    for name, query in stored_queries().items():
        assert name in printed
        assert query.summary in printed


def test_every_stored_query_runs_on_the_build(neakg: Run, out: Path) -> None:
    for name in stored_queries():
        code, printed, complaint = neakg("query", name)
        assert code == 0, complaint
        assert len(printed.splitlines()) > 1, name


def test_without_a_build_it_is_said_how_to_make_one(neakg: Run, tmp_path: Path) -> None:
    for command in (["query", "-"], ["export"], ["describe", "species/amur-tiger"]):
        code, _, complaint = neakg(*command, "--build", tmp_path / "none", standard_input=b"ASK {}")
        assert code == 6
        assert "no build here; make one with: neakg build --out" in complaint


# --- export and describe -----------------------------------------------------------------------------------


def test_the_whole_graph_is_exported(neakg: Run, out: Path, snapshot: Snapshot) -> None:
    code, printed, _ = neakg("export")
    assert code == 0
    lines = printed.splitlines()
    assert lines == sorted(lines)
    assert len(lines) > snapshot.manifest["nquads"]["quads"]


@pytest.mark.parametrize("graph", ["cia-factbook", "https://w3id.org/neakg/graph/cia-factbook"])
def test_one_graph_is_exported_in_a_format(neakg: Run, out: Path, snapshot: Snapshot, graph: str) -> None:
    code, printed, _ = neakg("export", "--graph", graph, "--format", "turtle")
    assert code == 0
    size = snapshot.manifest["graphs"]["https://w3id.org/neakg/graph/cia-factbook"]
    assert len(list(parse(printed.encode(), format=RdfFormat.TURTLE))) == size


def test_an_unknown_graph_is_refused_with_the_known_ones(neakg: Run, out: Path) -> None:
    code, _, complaint = neakg("export", "--graph", "none")
    assert code == 2
    assert "the graphs are:\n  https://w3id.org/neakg/graph/" in complaint


@pytest.mark.parametrize(
    "name",
    [
        "species/amur-tiger",
        "https://w3id.org/neakg/id/species/amur-tiger",
        "<https://w3id.org/neakg/id/species/amur-tiger>",
    ],
)
def test_a_thing_is_described(neakg: Run, out: Path, name: str) -> None:
    code, printed, _ = neakg("describe", name)
    assert code == 0
    assert "Panthera tigris altaica" in printed
    assert "neakg:PopulationEstimate" in printed


def test_a_thing_is_described_as_json_ld(neakg: Run, out: Path) -> None:
    assert json.loads(neakg("describe", "species/amur-tiger", "--format", "jsonld")[1])


@pytest.mark.parametrize("name", ["species/none", "https://example.org/", "a b", "http://a b/<>", "", "é"])
def test_what_the_graph_does_not_know_is_refused(neakg: Run, out: Path, name: str) -> None:
    code, printed, complaint = neakg("describe", name)
    assert (code, printed) == (2, "")
    assert "the graph says nothing about" in complaint


# --- sources, verify-source, validate ----------------------------------------------------------------------


def test_the_sources_are_listed(neakg: Run) -> None:
    code, printed, _ = neakg("sources")
    assert code == 0
    assert [line.split()[0] for line in printed.splitlines()] == [source.id for source in discover()]


def test_the_sources_are_listed_for_programs(neakg: Run) -> None:
    rows = json.loads(neakg("sources", "--json")[1])
    assert [row["id"] for row in rows] == [source.id for source in discover()]
    assert all(row["records"] > 0 and row["title"] and row["reuse"] in ("open", "restricted") for row in rows)


def test_a_text_that_does_not_match_ends_with_5(neakg: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("This is another page.")
    code, printed, complaint = neakg("verify-source", "neaspec-page", tmp_path / "page.txt")
    assert (code, printed) == (5, "")
    assert "thing(s) do not match the text" in complaint
    code, printed, _ = neakg("verify-source", "neaspec-page", tmp_path / "page.txt", "--json")
    assert code == 5
    assert json.loads(printed)["matches"] is False


def test_a_text_that_matches_ends_with_0(neakg: Run, root: Path) -> None:
    beside = root.parent / "shared" / "sources" / "neaspec-nature-conservation.txt"
    page = Path(os.environ.get("NEAKG_NEASPEC_TEXT") or beside)
    if not page.is_file():
        pytest.skip("no page text: set NEAKG_NEASPEC_TEXT to the saved page")
    code, printed, _ = neakg("verify-source", "neaspec-page", page)
    assert code == 0
    assert "every passage, figure and date" in printed
    assert json.loads(neakg("verify-source", "neaspec-page", page, "--json")[1])["problems"] == []


def test_an_unknown_source_or_text_is_refused(neakg: Run, tmp_path: Path) -> None:
    assert "no source 'none'; the sources are: " in neakg("verify-source", "none", tmp_path / "x")[2]
    code, _, complaint = neakg("verify-source", "neaspec-page", tmp_path / "x")
    assert code == 2
    assert "x: cannot be read: No such file" in complaint
    (tmp_path / "x").write_bytes(b"\xff")
    assert neakg("verify-source", "neaspec-page", tmp_path / "x")[0] == 2


BAD = """
@prefix neakg: <https://w3id.org/neakg/ontology#> .
<http://example.org/f> a neakg:PopulationEstimate ; neakg:value 5 .
"""


def test_a_file_that_breaks_a_rule_ends_with_4(neakg: Run, tmp_path: Path, data: Path) -> None:
    (tmp_path / "bad.ttl").write_text(BAD)
    code, printed, _ = neakg("validate", data, tmp_path / "bad.ttl")
    assert code == 4
    assert "violation: <http://example.org/f>" in printed
    assert "does not conform: " in printed
    code, printed, _ = neakg("validate", "--json", tmp_path / "bad.ttl")
    assert code == 4
    found = json.loads(printed)
    assert found["conforms"] is False
    assert found["results"][0]["severity"] == "violation"


def test_a_file_with_nothing_to_check_has_not_passed(neakg: Run, data: Path) -> None:
    code, _, told = neakg("validate", data)
    assert code == 2
    assert "nothing was checked" in told


def test_a_file_that_breaks_no_rule_conforms(neakg: Run) -> None:
    code, printed, _ = neakg("validate", Path(__file__).parents[2] / "ontology" / "examples" / "population.ttl")
    assert code == 0
    assert printed.endswith("conforms: 0 violation(s), 0 warning(s)\n")


def test_our_own_graph_conforms(neakg: Run) -> None:
    code, printed, _ = neakg("validate", "--json")
    assert code == 0
    assert json.loads(printed)["conforms"] is True


def test_a_missing_file_is_not_validated(neakg: Run) -> None:
    assert neakg("validate", "none.ttl")[0] == 2


# --- build and serve ---------------------------------------------------------------------------------------


@pytest.fixture
def small(built: pipeline.Built, monkeypatch: pytest.MonkeyPatch) -> list[pipeline.Options]:
    """Build a few quads only; the list takes what the build was told."""
    told: list[pipeline.Options] = []

    def assemble(options: pipeline.Options) -> pipeline.Built:
        told.append(options)
        return pipeline.Built(built.quads[:20], built.descriptions, {}, {})

    monkeypatch.setattr(pipeline, "assemble", assemble)
    monkeypatch.setattr(pipeline, "gate", lambda *_: Report(()))
    return told


def test_a_build_says_where_it_is(neakg: Run, small: list[pipeline.Options], tmp_path: Path) -> None:
    code, printed, _ = neakg("build", "--out", tmp_path / "b")
    assert code == 0
    assert printed.startswith(f"{tmp_path}/b/current: 20 quads in ")
    assert small[0] == pipeline.Options()


def test_a_build_goes_where_the_environment_says(
    neakg: Run, small: list[pipeline.Options], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEAKG_BUILD", str(tmp_path / "here"))
    code, printed, _ = neakg("build", "--json", "--base-iri", "http://localhost:8000/", "--open-only")
    assert code == 0
    assert json.loads(printed)["nquads"]["quads"] == 20
    assert (tmp_path / "here" / "current" / "manifest.json").is_file()
    assert small[0].base.iri == "http://localhost:8000/"
    assert small[0].open_only


def test_source_texts_are_normalised(neakg: Run, small: list[pipeline.Options], tmp_path: Path) -> None:
    (tmp_path / "page=1.txt").write_bytes(b"\xef\xbb\xbfone  two\r\n")
    assert neakg("build", "--out", tmp_path / "b", "--source-text", f"neaspec-page={tmp_path}/page=1.txt")[0] == 0
    assert small[0].source_texts == {"neaspec-page": "one two"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source-text", "neaspec-page"], "expected ID=FILE"),
        (["--source-text", "=x"], "expected ID=FILE"),
        (["--source-text", "a=none.txt"], "none.txt: cannot be read"),
        (["--base-iri", "localhost"], "must be an http"),
    ],
)
def test_a_build_that_was_told_nonsense_ends_with_2(
    neakg: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    code, _, complaint = neakg("build", "--out", tmp_path / "b", *arguments)
    assert code == 2
    assert message in complaint
    assert not (tmp_path / "b").exists()


def test_a_failing_gate_ends_with_4(
    neakg: Run, small: list[pipeline.Options], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gate(*_: object) -> None:
        raise GateError("the graph does not conform")

    monkeypatch.setattr(pipeline, "gate", gate)
    assert neakg("build", "--out", tmp_path / "b") == (4, "", "neakg build: the graph does not conform\n")


def test_being_stopped_ends_with_130(neakg: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "assemble", stop)
    assert neakg("build", "--out", tmp_path / "b") == (130, "", "neakg build: stopped\n")


def test_serving_builds_first_when_there_is_no_build(neakg: Run, small: list[pipeline.Options], tmp_path: Path) -> None:
    SERVED.clear()
    for _ in range(2):
        assert neakg("serve", "--build", tmp_path / "b", "--port", "8123", "--host", "0.0.0.0")[0] == 0
    assert [tuple(item) for item in SERVED] == [(tmp_path / "b", (), "0.0.0.0", 8123)] * 2
    assert len(small) == 1


def test_serving_files_builds_nothing(neakg: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "assemble", None)
    SERVED.clear()
    assert neakg("serve", "--data", data)[0] == 0
    assert [(None, [data], "127.0.0.1", 8000)] == SERVED


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_port_out_of_range_is_refused(neakg: Run, data: Path, port: str) -> None:
    code, _, complaint = neakg("serve", "--data", data, f"--port={port}")
    assert code == 2
    assert "a port is a number from 1 to 65535" in complaint


def test_a_file_to_serve_must_exist(neakg: Run) -> None:
    code, _, complaint = neakg("serve", "--data", "none.ttl")
    assert code == 2
    assert "none.ttl: no such file" in complaint


# --- a reader that goes away -------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["sources"], ["query", "-", "--data"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str], root: Path, data: Path) -> None:
    code = "import sys; from endpoint.command import main; sys.argv[0] = 'neakg'; main()"
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments, *([str(data)] if "--data" in arguments else [])],
            cwd=root,
            input=b"SELECT * { ?s ?p ?o }",
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
