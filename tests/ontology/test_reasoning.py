"""A reasoner over the projection: OWL 2 DL, consistent, every class possible, and what should follow does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.namespaces import expand
from kg.store import GraphStore
from kg.vocabulary.projection import ANNOTATION, CLASS, DATA, INDIVIDUAL, OBJECT, Projection, main, project, published

HERE = Path(__file__).parent / "reasoning"
EXAMPLES = sorted((Path(__file__).parents[2] / "ontology" / "examples").glob("*.ttl"))
CLASHES = sorted((HERE / "clashes").glob("*.ttl"))
FOLLOWS = sorted(path for path in (HERE / "follows").glob("*.ttl") if ".conclusion" not in path.name)
WHOLE = ("modules", "alignments", "published", "graph")
#: On a machine that is busy with other things the run may take minutes.
pytestmark = pytest.mark.timeout(600)
#: What a run said: name of the document -> kind of finding -> texts.
Findings = dict[str, dict[str, list[str]]]


def jar() -> Path:
    """Return HermiT with the OWL API, which owlready2 carries; owlready2 itself is not imported."""
    spec = find_spec("owlready2")
    assert spec is not None, "owlready2 belongs to the dependency group test"
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "hermit" / "HermiT.jar"


@cache
def triples(path: Path) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE))


@cache
def base() -> tuple[Triple, ...]:
    """Return what every case is put on top of: our terms, the alignments, and what others say of their own terms.

    Mappings without meaning for OWL (``skos:closeMatch`` and the like) are left to the whole documents: they would slow
    every case and decide none.
    """
    terms = (triple for triple in published(schemes=False) if not triple.predicate.value.endswith("Match"))
    return (*terms, *triples(HERE / "axioms.ttl"))


def ask(folder: Path, documents: dict[str, Projection]) -> Findings:
    """Write the documents into the folder and return what the reasoner says of each."""
    for name, content in documents.items():
        (folder / name).write_bytes(content.to_rdf_xml())
    command = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(jar()), str(HERE / "Reason.java")]
    done = subprocess.run([*command, str(folder)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found: Findings = defaultdict(lambda: defaultdict(list))
    for line in done.stdout.splitlines():
        name, kind, text = line.split("\t")
        found[name][kind].append(text)
    return found


@pytest.fixture(scope="module")
def java() -> None:
    """Skip without a Java that can compile, but where everything must run."""
    command = ["java", "--list-modules"]
    listed = shutil.which("java") and subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout
    if not listed or "jdk.compiler@" not in listed:
        reason = "no Java with a compiler on the path (Debian: default-jdk-headless): the reasoner cannot run"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)


@pytest.fixture(scope="module")
def whole(graph: GraphStore) -> Projection:
    """All that is published, the graph with its catalogue, and what others say of their own terms."""
    return project([*published(), *triples(HERE / "axioms.ttl"), *(quad.triple for quad in graph.quads())])


@pytest.fixture(scope="module")
def findings(java: None, tmp_path_factory: pytest.TempPathFactory, whole: Projection) -> Findings:
    """Ask about every document in one run: starting Java costs more than most cases."""
    examples = [triple for path in EXAMPLES for triple in triples(path)]
    documents = {
        "modules.rdf": project(published(alignments=False, schemes=False)),
        "alignments.rdf": project(published(schemes=False)),
        "published.rdf": project([*published(), *triples(HERE / "axioms.ttl"), *examples]),
        "graph.rdf": whole,
    }
    for path in (*CLASHES, *FOLLOWS):
        documents[f"{path.stem}.rdf"] = project([*base(), *triples(path)])
    for path in FOLLOWS:
        documents[f"{path.stem}.conclusion"] = project(triples(path.with_suffix(".conclusion.ttl")))
    documents["too-much.rdf"] = documents["protected-area-is-a-feature.rdf"]
    documents["too-much.conclusion"] = project(triples(HERE / "too-much.ttl"))
    return ask(tmp_path_factory.mktemp("reasoning"), documents)


def test_there_are_cases() -> None:
    assert EXAMPLES
    assert CLASHES
    assert FOLLOWS


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_owl_2_dl(findings: Findings, name: str) -> None:
    assert findings[name]["violation"] == []
    assert findings[name]["error"] == []


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_consistent_and_every_class_can_have_members(findings: Findings, name: str) -> None:
    assert findings[name]["consistent"] == ["true"]
    assert findings[name]["unsatisfiable"] == []


@pytest.mark.parametrize("path", CLASHES, ids=lambda path: path.stem)
def test_a_clash_is_found(findings: Findings, path: Path) -> None:
    kind, _, text = path.read_text("utf-8").splitlines()[0].removeprefix("# expect: ").partition(" ")
    found = findings[path.stem]
    if kind == "inconsistent":
        assert found["error"] == found["violation"] == []
        assert found["consistent"] == ["false"]
    elif kind == "unsatisfiable":
        assert found["consistent"] == ["true"]
        assert text in found["unsatisfiable"]
    else:
        assert kind == "violation"
        assert any(re.search(text, line) for line in found["violation"]), found


@pytest.mark.parametrize("path", FOLLOWS, ids=lambda path: path.stem)
def test_what_users_expect_follows(findings: Findings, path: Path) -> None:
    found = findings[path.stem]
    assert found["violation"] == found["error"] == found["open"] == []
    assert found["follows"]


def test_what_does_not_follow_is_noticed(findings: Findings) -> None:
    found = findings["too-much"]
    assert len(found["open"]) == 1
    assert len(found["follows"]) == 1


# --- the projection itself, without a reasoner --------------------------------------------------------------


def said(turtle: str) -> set[tuple[str, str, str, str]]:
    """Return the projection of Turtle with the prefixes below, as tuples of texts and datatype or language."""
    head = "@prefix ex: <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . " + "".join(
        f"@prefix {name}: <{expand(f'{name}:')}> . " for name in ("rdf", "rdfs", "skos", "xsd", "geo", "neakg")
    )
    given = (quad.triple for quad in parse(f"{head}{turtle}".encode(), format=RdfFormat.TURTLE))
    rows = set()
    for triple in project(given).triples:
        value = triple.object
        mark = (value.language or value.datatype.value) if isinstance(value, Literal) else ""
        assert isinstance(triple.subject, NamedNode)
        assert isinstance(value, NamedNode | Literal)
        rows.add((triple.subject.value, triple.predicate.value, value.value, mark))
    return rows


def kinds(turtle: str) -> dict[str, set[str]]:
    rows: dict[str, set[str]] = defaultdict(set)
    for subject, predicate, value, _ in said(turtle):
        if predicate == expand("rdf:type"):
            rows[subject.removeprefix("https://example.org/")].add(value)
    return rows


def test_annotations_and_headers_are_left_out() -> None:
    rows = said("""
        <https://example.org/o> a owl:Ontology ; owl:imports ex:other ; rdfs:label "x" .
        ex:note a owl:AnnotationProperty ; rdfs:range xsd:string .
        ex:C a owl:Class ; rdfs:label "c"@en ; ex:note "n" ; owl:deprecated true .""")
    assert {row[:3] for row in rows} == {
        ("https://w3id.org/neakg/ontology", expand("rdf:type"), expand("owl:Ontology")),
        ("https://example.org/C", expand("rdf:type"), CLASS),
    }


def test_terms_of_others_are_declared_as_they_are_used() -> None:
    found = kinds("""
        ex:a a ex:Thing ; ex:knows ex:b ; ex:age 3 ; ex:mixed ex:b , "b" .
        neakg:p a owl:ObjectProperty ; rdfs:subPropertyOf ex:wider ; rdfs:range ex:End .
        ex:Thing rdfs:subClassOf ex:Wider .""")
    assert found["Thing"] == found["Wider"] == found["End"] == {CLASS}
    assert found["knows"] == found["wider"] == {OBJECT}
    assert found["age"] == {DATA}
    assert "mixed" not in found
    assert found["a"] == {"https://example.org/Thing", INDIVIDUAL}
    assert found["b"] == {INDIVIDUAL}


def test_one_conclusion_leads_to_the_next() -> None:
    found = kinds("""
        ex:wide rdfs:subPropertyOf ex:wider ; rdfs:range ex:End .
        ex:narrow rdfs:subPropertyOf ex:wide .
        ex:narrow a owl:ObjectProperty .""")
    assert found["wide"] == found["wider"] == {OBJECT}
    assert found["End"] == {CLASS}


def test_statistics_of_reserved_terms_are_left_out() -> None:
    assert said("ex:part ex:property rdf:type .") == said("")


def test_what_was_concluded_and_left_out_is_told() -> None:
    a, b, p = (NamedNode(f"https://example.org/{name}") for name in "abp")
    done = project([Triple(a, p, b), Triple(a, p, Literal("b"))])
    assert done.undeclared == {p.value: ANNOTATION}
    assert dict(done.left_out) == {p.value: 2}


@pytest.mark.parametrize(
    ("given", "text", "datatype"),
    [
        ('"2014"^^xsd:gYear', "2014-01-01T00:00:00", "xsd:dateTime"),
        ('"2014-05"^^xsd:gYearMonth', "2014-05-01T00:00:00", "xsd:dateTime"),
        ('"2014-05-06Z"^^xsd:date', "2014-05-06T00:00:00Z", "xsd:dateTime"),
        ('"in 2014"^^xsd:gYear', "in 2014", "xsd:string"),
        ('"POINT(1 2)"^^geo:wktLiteral', "POINT(1 2)", "xsd:string"),
        ('"1.50"^^xsd:decimal', "1.50", "xsd:decimal"),
    ],
)
def test_values_outside_the_datatype_map_are_mapped(given: str, text: str, datatype: str) -> None:
    assert ("https://example.org/a", "https://example.org/p", text, expand(datatype)) in said(f"ex:a ex:p {given} .")


def test_languages_stay() -> None:
    row = ("https://example.org/a", "https://example.org/p", "虎", "zh-hans")
    assert row in said('ex:a ex:p "虎"@zh-Hans .')


def test_ranges_are_mapped_as_values_are() -> None:
    rows = said("""
        ex:when a owl:DatatypeProperty ; rdfs:range xsd:gYear .
        ex:where a owl:DatatypeProperty ; rdfs:range geo:wktLiteral .
        ex:text a owl:DatatypeProperty ; rdfs:range rdf:langString .""")
    ranges = {subject.removeprefix("https://example.org/"): value for subject, predicate, value, _ in rows
              if predicate == expand("rdfs:range")}  # fmt: skip
    assert ranges == {
        "when": expand("xsd:dateTime"),
        "where": expand("xsd:string"),
        "text": expand("rdf:PlainLiteral"),
    }


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(ValueError, match="blank nodes"):
        said("ex:a ex:p [] .")


def test_the_projection_is_written_by_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    dump = tmp_path / "dump.nq"
    dump.write_text(f"<https://example.org/x> <{expand('neakg:occursIn')}> <https://example.org/y> .\n", "utf-8")
    monkeypatch.setattr("sys.argv", ["projection", str(dump)])
    main()
    written = {quad.triple for quad in parse(capfdbinary.readouterr().out, format=RdfFormat.RDF_XML)}
    assert triples_of_nquads(dump) <= written
    assert {triple for triple in written if triple.object.value == CLASS}
    assert not {triple for triple in written if triple.predicate.value == expand("skos:definition")}


def triples_of_nquads(path: Path) -> set[Triple]:
    return {quad.triple for quad in parse(path=path, format=RdfFormat.N_QUADS)}


def test_nothing_of_the_whole_graph_is_left_out_by_accident(whole: Projection) -> None:
    """What is dropped is declared as an annotation, or is one by RDFS and OWL; the rest reaches the reasoner."""
    declared = {triple.subject for triple in published() if triple.object == NamedNode(ANNOTATION)}
    built_in = tuple(expand(f"{prefix}:") for prefix in ("rdf", "rdfs", "owl"))
    lost = {
        predicate
        for predicate in whole.left_out
        if NamedNode(predicate) not in declared and not predicate.startswith(built_in)
    }
    assert lost == {expand("void:class"), expand("void:property")}, "statistics of reserved terms alone"
