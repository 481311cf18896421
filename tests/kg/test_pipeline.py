"""From the sources to a published snapshot: the same every time, whole or not at all."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse

from kg import pipeline
from kg.catalogue import RESTRICTED
from kg.errors import GateError, StoreError, TableErrors, TableIssue, UsageError
from kg.formats import BY_NAME, write_rdf
from kg.iris import Base
from kg.namespaces import NEAKG, expand
from kg.pipeline import Built, Options, Snapshot, assemble, build, current, vocabulary_quads
from kg.sources import SourceFolder, discover
from kg.validate import Report, validate

GRAPHS = "https://w3id.org/neakg/graph/"


def nquads_hash(built: Built) -> str:
    return hashlib.sha256(write_rdf(built.quads, BY_NAME["nquads"])).hexdigest()


# --- the graph ---------------------------------------------------------------------------------------------


def test_two_builds_in_one_process_give_the_same_graph(built: Built, snapshot: Snapshot) -> None:
    assert snapshot.manifest["nquads"]["sha256"] == nquads_hash(built)


def test_hash_seed_locale_and_time_zone_change_nothing(built: Built, root: Path, tmp_path: Path) -> None:
    code = (
        "import hashlib; from kg.pipeline import assemble; from kg.formats import BY_NAME, write_rdf; "
        "print(hashlib.sha256(write_rdf(assemble().quads, BY_NAME['nquads'])).hexdigest())"
    )
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "4711", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stdout.strip() == nquads_hash(built)


def test_the_quads_are_sorted_and_stand_once(built: Built) -> None:
    assert built.quads == sorted(set(built.quads), key=str)


def test_there_are_no_blank_nodes_and_no_default_graph(built: Built) -> None:
    for quad in built.quads:
        assert not isinstance(quad.subject, BlankNode)
        assert not isinstance(quad.object, BlankNode)
        assert isinstance(quad.graph_name, NamedNode)


def test_no_triple_stands_in_two_graphs_or_the_manifest_says_so(built: Built, snapshot: Snapshot) -> None:
    shared = len(built.quads) - len({quad.triple for quad in built.quads})
    assert snapshot.manifest["sharedTriples"] == shared


def test_every_statement_tells_the_row_it_was_read_from(built: Built, root: Path) -> None:
    statements = {quad.subject.value for quad in built.quads if quad.predicate.value == expand("neakg:hasEvidence")}  # type: ignore[union-attr]
    assert len(statements) > 1000
    assert statements <= set(built.origins)
    for origin in built.origins.values():
        assert origin.line > 0
        assert origin.file.startswith("kg/sources/")
    assert all((root / file).is_file() for file in {origin.file for origin in built.origins.values()})


def test_the_graph_conforms(built: Built) -> None:
    report = validate(built.quads, origins=built.origins)
    assert [str(item) for item in report.violations if item.severity == "violation"] == []


@pytest.fixture(scope="module")
def open_only() -> Built:
    return assemble(Options(open_only=True))


def test_open_only_leaves_restricted_graphs_out_and_nothing_else(built: Built, open_only: Built) -> None:
    stated = {item.id for item in built.descriptions if item.reuse == RESTRICTED}
    restricted = stated | {f"derived/{name}-restricted" for name in ("labels", "links", "shortcuts", "inverses")}
    assert len(stated) == 3
    found = open_only
    graphs = {quad.graph_name.value for quad in found.quads}  # type: ignore[union-attr]
    assert graphs == {quad.graph_name.value for quad in built.quads} - {f"{GRAPHS}{name}" for name in restricted}  # type: ignore[union-attr]
    assert {item.id for item in found.descriptions} == {item.id for item in built.descriptions} - stated
    assert set(found.quads) < set(built.quads) | {q for q in found.quads if "/derived/" in q.graph_name.value}  # type: ignore[union-attr]
    gone = {quad.graph_name.value.removeprefix(GRAPHS) for quad in set(built.quads) - set(found.quads)}  # type: ignore[union-attr]
    # Citations of what is left out go too; what was derived with its help stood in graphs of its own.
    assert gone - restricted <= {"bibliography"}


def test_a_graph_of_open_sources_conforms(open_only: Built) -> None:
    report = validate(open_only.quads, origins=open_only.origins)
    assert [str(item) for item in report.violations if item.severity == "violation"] == []


def test_another_base_renames_things_but_no_terms(built: Built) -> None:
    base = "http://localhost:8000/"
    found = assemble(Options(base=Base(base)))
    lines = {str(quad).replace(base, "https://w3id.org/neakg/") for quad in found.quads}
    assert lines == {str(quad) for quad in built.quads}
    for quad in found.quads:
        assert not quad.subject.value.startswith("https://w3id.org/neakg/id/")  # type: ignore[union-attr]
        assert not quad.predicate.value.startswith(base)
        assert quad.graph_name.value.startswith(f"{base}graph/")  # type: ignore[union-attr]
        if quad.predicate.value == expand("rdf:type"):
            assert not quad.object.value.startswith(base)  # type: ignore[union-attr]


def test_a_source_text_of_an_unknown_source_is_refused() -> None:
    with pytest.raises(UsageError, match="no such source; see: neakg sources"):
        assemble(Options(source_texts={"none": "text"}))


def test_mistakes_of_all_sources_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> SourceFolder:
        def load() -> object:
            raise TableErrors([TableIssue(f"{name}.csv", 1, "id", "x", "y")])

        return dataclasses.replace(discover()[0], id=name, load=load)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "discover", lambda: [broken("b"), broken("a")])
    monkeypatch.setattr(pipeline.catalogues, "describe", lambda *_: None)
    with pytest.raises(TableErrors) as caught:
        assemble()
    assert [issue.file for issue in caught.value.issues] == ["a.csv", "b.csv"]


# --- the snapshot ------------------------------------------------------------------------------------------


def test_the_manifest_says_what_was_built(snapshot: Snapshot, built: Built) -> None:
    manifest = snapshot.manifest
    assert manifest["neakg"] == pipeline.release_version()
    assert manifest["base"] == "https://w3id.org/neakg/"
    assert manifest["openOnly"] is False
    assert manifest["sourceTexts"] == {}
    assert manifest["nquads"] == {"sha256": nquads_hash(built), "quads": len(built.quads)}
    assert manifest["graphs"] == Counter(quad.graph_name.value for quad in built.quads)  # type: ignore[union-attr]
    assert sorted(manifest["files"]) == ["neakg.jsonld", "neakg.nq", "neakg.trig", "ontology.ttl", "vocabularies.ttl"]
    assert len(manifest["credits"]) == len(set(manifest["credits"])) > 5
    assert snapshot.base == Base()


def test_every_dump_has_the_size_and_hash_of_the_manifest(snapshot: Snapshot) -> None:
    for name, said in snapshot.manifest["files"].items():
        data = (snapshot.path / "dumps" / name).read_bytes()
        assert said == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("neakg.nq", RdfFormat.N_QUADS), ("neakg.trig", RdfFormat.TRIG), ("neakg.jsonld", RdfFormat.JSON_LD)],
)
def test_every_dump_holds_exactly_the_graph(snapshot: Snapshot, built: Built, name: str, kind: RdfFormat) -> None:
    found = set(parse(path=str(snapshot.path / "dumps" / name), format=kind))
    folded = {_folded(quad) for quad in built.quads}
    assert {_folded(quad) for quad in found} == folded


def _folded(quad: Quad) -> str:
    return str(quad).lower()  # language tags come back in lower case from some formats


def test_the_dump_of_nquads_is_sorted(snapshot: Snapshot) -> None:
    lines = (snapshot.path / "dumps" / "neakg.nq").read_text("utf-8").splitlines()
    assert lines == sorted(lines)


def test_the_dump_of_the_ontology_holds_classes(snapshot: Snapshot) -> None:
    quads = list(parse(path=str(snapshot.path / "dumps" / "ontology.ttl"), format=RdfFormat.TURTLE))
    classes = {quad.subject.value for quad in quads if quad.object == NamedNode(expand("owl:Class"))}  # type: ignore[union-attr]
    assert {f"{NEAKG}Taxon", f"{NEAKG}Figure", f"{NEAKG}Statement"} <= classes


def test_the_store_holds_the_graph_the_vocabulary_and_the_catalogue(snapshot: Snapshot, built: Built) -> None:
    store = snapshot.open()
    sizes = store.graph_sizes()
    assert {graph: sizes[graph] for graph in snapshot.manifest["graphs"]} == snapshot.manifest["graphs"]
    beside = {quad.graph_name.value for quad in vocabulary_quads(Base())}  # type: ignore[union-attr]
    assert beside >= {f"{GRAPHS}{name}" for name in ("ontology", "vocabularies", "alignments/dwc")}
    assert set(sizes) - set(snapshot.manifest["graphs"]) == beside | {f"{GRAPHS}catalogue"}
    assert store.union


def test_report_and_catalogue_lie_beside_the_dumps(snapshot: Snapshot) -> None:
    assert {path.name for path in snapshot.path.iterdir()} == {
        "catalogue.ttl",
        "dumps",
        "manifest.json",
        "report.ttl",
        "store",
    }
    for name in ("catalogue.ttl", "report.ttl"):
        assert list(parse(path=str(snapshot.path / name), format=RdfFormat.TURTLE))


def test_the_folder_is_named_by_the_hash_of_the_graph(snapshot: Snapshot) -> None:
    assert snapshot.path.name == snapshot.manifest["nquads"]["sha256"][:16] + "-1"
    assert not snapshot.path.is_symlink()


# --- whole or not at all: builds of a small graph ----------------------------------------------------------

Make = Callable[[int], dict[str, object]]


@pytest.fixture
def make(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Build the first so many quads into ``tmp_path``."""

    def run(count: int) -> dict[str, object]:
        small = dataclasses.replace(built, quads=built.quads[:count])
        monkeypatch.setattr(pipeline, "assemble", lambda _: small)
        return build(tmp_path)

    monkeypatch.setattr(pipeline, "gate", lambda *_: Report(()))
    monkeypatch.setattr(pipeline, "vocabulary_quads", lambda _: [])
    return run


def snapshots(out: Path) -> set[str]:
    return {path.name for path in (out / "snapshots").iterdir()}


def test_two_builds_give_the_same_manifest(make: Make, tmp_path: Path) -> None:
    assert make(50) == make(50)
    assert current(tmp_path).path.name.endswith("-2")


def test_a_second_build_keeps_the_one_before_and_removes_older_ones(make: Make, tmp_path: Path) -> None:
    paths = []
    for count in (10, 20, 30):
        make(count)
        paths.append(current(tmp_path).path)
    assert snapshots(tmp_path) == {paths[1].name, paths[2].name}
    assert len(current(tmp_path).open()) > len(pipeline.Snapshot(paths[1], {"sharedTriples": 0, "base": ""}).open())


def test_a_snapshot_in_use_stays_readable_after_the_next_build(make: Make, tmp_path: Path) -> None:
    make(10)
    store = current(tmp_path).open()
    size = len(store)
    make(20)
    make(30)
    assert len(list(store.quads())) == size


@pytest.mark.parametrize("broken", ["assemble", "gate", "write_rdf", "write_store", "switch"])
@pytest.mark.parametrize("failure", [StoreError("x"), OSError("disk full"), KeyboardInterrupt()], ids=repr)
def test_a_build_that_fails_leaves_what_was_published(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, failure: BaseException
) -> None:
    make(10)
    before = current(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, broken, fail)
        with pytest.raises((StoreError, OSError, KeyboardInterrupt)):
            build(tmp_path) if broken == "assemble" else make(20)
    assert current(tmp_path) == before
    assert len(current(tmp_path).open()) > 0
    assert not any(name.startswith("building") for name in snapshots(tmp_path))
    make(20)
    assert current(tmp_path) != before


def test_a_graph_that_does_not_conform_is_not_published(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = next(q.subject for q in built.quads if q.object == NamedNode(f"{NEAKG}PopulationEstimate"))
    quads = [q for q in built.quads if (q.subject, q.predicate.value) != (figure, f"{NEAKG}unit")]
    assert len(quads) == len(built.quads) - 1
    monkeypatch.setattr(pipeline, "assemble", lambda _: dataclasses.replace(built, quads=quads))
    with pytest.raises(GateError, match=r"does not conform, nothing was published: \d+ violation") as caught:
        build(tmp_path)
    origin = built.origins[figure.value]  # type: ignore[union-attr]
    assert f"{origin.file}:{origin.line}:unit" in str(caught.value)
    assert caught.value.exit_code == 4
    with pytest.raises(StoreError, match="no build here"):
        current(tmp_path)


def test_one_build_at_a_time_writes_to_a_folder(make: Make, tmp_path: Path) -> None:
    make(10)
    with (tmp_path / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another build is writing here"):
            make(20)
    make(20)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        build(tmp_path / "file")


def test_a_folder_without_a_build_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"no build here; make one with: neakg build --out {tmp_path}"):
        current(tmp_path)


def test_a_damaged_manifest_is_told(make: Make, tmp_path: Path) -> None:
    make(10)
    (current(tmp_path).path / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="manifest cannot be read"):
        current(tmp_path)


def test_the_manifest_is_json_with_sorted_keys(make: Make, tmp_path: Path) -> None:
    manifest = make(10)
    text = (current(tmp_path).path / "manifest.json").read_text("utf-8")
    assert text == json.dumps(manifest, indent=2, sort_keys=True) + "\n"


def test_the_day_of_the_release_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert pipeline.release_date() == pipeline.RELEASED
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert pipeline.release_date() == "1970-01-02"
