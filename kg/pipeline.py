"""From the sources to a published snapshot: load, check, convert, derive, validate, write, switch.

A build writes a new folder ``snapshots/<hash>-<n>`` and then points ``current`` at it in one atomic step, so that a
build that fails or is killed leaves the published snapshot as it was.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from kg import catalogue as catalogues
from kg.checks import Loaded, check
from kg.derive import RULES, derive
from kg.errors import GateError, StoreError, TableErrors, TableIssue, UsageError
from kg.formats import BY_NAME, write_rdf
from kg.iris import Base, reference_of
from kg.namespaces import NEAKG, XSD
from kg.progress import progress
from kg.rdf import Converter
from kg.records import Origin, Record, Source
from kg.sensitive import generalise, load_policy, sensitive_subjects
from kg.sources import SourceFolder, discover
from kg.store import GraphStore, write_store
from kg.validate import Report, validate
from kg.vocabulary.files import published

#: Day of this release's data; part of the catalogue, not of the hashed dump.
RELEASED = "2026-11-25"
_SENSITIVE = "sensitive-places"


@dataclass(frozen=True, slots=True)
class Options:
    """What a build may be told.

    Args:
        base: where things and graphs are named.
        open_only: leave out the graphs whose sources forbid reuse.
        source_texts: text of a source by id; its passages are then quoted in the graph.
    """

    base: Base = field(default_factory=Base)
    open_only: bool = False
    source_texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Built:
    """The graph in memory: sorted quads, what each source says of itself, and where each node was read from."""

    quads: list[Quad]
    descriptions: list[catalogues.Description]
    origins: dict[str, Origin]
    texts: dict[str, str]


def release_version() -> str:
    """Return the version of the checkout it runs from, else of the installed package."""
    project = Path(__file__).resolve().parents[1] / "pyproject.toml"
    if project.is_file():  # an editable install may lag behind the file
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
    return version("neakg")


def release_date() -> str:
    """Return the day of the release; SOURCE_DATE_EPOCH (seconds) replaces it when set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return RELEASED
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()


# --- sources to quads ----------------------------------------------------------------------------------


def load_sources(sources: list[SourceFolder]) -> Loaded:
    """Load all records of all sources.

    Raises:
        TableErrors: with the mistakes of every table of every source.
    """
    issues: list[TableIssue] = []
    loaded: Loaded = []
    for source in progress(sources, "reading the sources", len(sources)):
        try:
            loaded.extend((source.id, _at_home(record, source.id)) for record in source.load())
        except TableErrors as error:
            issues.extend(error.issues)
    if issues:
        raise TableErrors(issues)
    return loaded


def _at_home(record: Record | Source, home: str) -> Record | Source:
    """A bibliography entry belongs to the folder it stands in."""
    return dataclasses.replace(record, group=home) if isinstance(record, Source) else record


def _quoted(loaded: Loaded, texts: Mapping[str, str]) -> Loaded:
    """Attach the quoted passages of the sources whose text the operator hands in."""
    from kg.source_text import with_quotes

    known = {folder_id for folder_id, _ in loaded}
    result = loaded
    for source, text in texts.items():
        if source not in known:
            raise UsageError(f"--source-text {source}: no such source; see: neakg sources")
        own = [record for home, record in result if home == source]
        others = [(home, record) for home, record in result if home != source]
        result = others + [(source, record) for record in with_quotes(own, text)]
    return result


def assemble(options: Options | None = None) -> Built:
    """Return the whole graph, not yet validated.

    Raises:
        TableErrors: a table holds mistakes.
        SourceMismatch: a handed-in text does not say what the records cite.
    """
    chosen = options or Options()
    sources = discover()
    descriptions = [catalogues.describe(source.id, source.description, chosen.base) for source in sources]
    loaded = _quoted(load_sources(sources), chosen.source_texts)
    check(loaded)
    kept = {item.id for item in descriptions if not chosen.open_only or item.reuse == catalogues.OPEN}
    policy = load_policy()
    sensitive = sensitive_subjects((record for _, record in loaded), policy)
    links = {record.id: record.url for _, record in loaded if isinstance(record, Source) and record.url}
    converter = Converter(chosen.base, links)
    quads: set[Quad] = set()
    origins: dict[str, Origin] = {}
    for home, record in progress(loaded, "making the graph", len(loaded)):
        if home in kept or isinstance(record, Source):
            (ready,) = generalise([record], policy, sensitive)
            if ready.origin:
                origins[chosen.base.thing(reference_of(ready))] = ready.origin
            quads.update(converter.quads(ready, home))
    quads.update(_mark_sensitive(sensitive, chosen.base))
    closed = frozenset(chosen.base.graph(item.id) for item in descriptions if item.reuse == catalogues.RESTRICTED)
    for _, derived in derive(quads, chosen.base, closed):
        quads.update(derived)
    texts = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in chosen.source_texts.items()}
    return Built(sorted(quads, key=str), [item for item in descriptions if item.id in kept], origins, texts)


def _mark_sensitive(subjects: frozenset[str], base: Base) -> Iterator[Quad]:
    graph = NamedNode(base.derived(_SENSITIVE))
    true = Literal("true", datatype=NamedNode(f"{XSD}boolean"))
    for reference in sorted(subjects):
        yield Quad(NamedNode(base.thing(reference)), NamedNode(f"{NEAKG}isSensitivePlace"), true, graph)


def rules() -> list[tuple[str, str, str]]:
    """Return id, title and description of everything that is computed rather than stated."""
    text = "Marks the places whose coordinates the policy on sensitive places makes coarser."
    return [(rule.id, rule.title, rule.description) for rule in RULES] + [
        ("sensitive-places", "Sensitive places", text)
    ]


def vocabulary_quads(base: Base) -> list[Quad]:
    """Return the ontology, the concept schemes and each alignment as quads of named graphs of their own."""
    found = {
        Quad(triple.subject, triple.predicate, triple.object, NamedNode(base.graph(name)))
        for name, triple in published()
    }
    return sorted(found, key=str)


# --- quads to a snapshot -------------------------------------------------------------------------------


def gate(built: Built, described: list[Quad]) -> Report:
    """Validate the graph together with its catalogue (``described``).

    Raises:
        GateError: it does not conform; the message lists each violation with its place.
    """
    report = validate([*built.quads, *described], origins=built.origins)
    if not report.conforms:
        lines = [str(item) for item in report.violations if item.severity == "violation"]
        shown = "\n".join(f"  {line}" for line in lines[:50])
        more = f"\n  ... and {len(lines) - 50} more" if len(lines) > 50 else ""
        raise GateError(f"the graph does not conform, nothing was published: {len(lines)} violation(s)\n{shown}{more}")
    return report


def build(out: Path, options: Options | None = None) -> dict[str, Any]:
    """Build a snapshot under ``out``, publish it and return its manifest.

    Raises:
        NeakgError: anything that stops the build; ``out/current`` is then what it was before.
    """
    chosen = options or Options()
    with _locked(out):
        built = assemble(chosen)
        vocabulary = vocabulary_quads(chosen.base)
        report = gate(built, describe_all(built, vocabulary, chosen.base, ()))
        work = _fresh(out / "snapshots", "building")
        try:
            manifest = _write(work, built, vocabulary, report, chosen)
            target = _fresh(out / "snapshots", manifest["nquads"]["sha256"][:16], make=False)
            work.rename(target)
        except OSError as error:
            raise StoreError(f"{out}: cannot write the snapshot: {error}") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        switch(out, target)
        return manifest


def switch(out: Path, target: Path) -> None:
    """Point ``out/current`` at ``target`` in one step, and remove all snapshots but this and the one before."""
    link = out / "current"
    before = link.resolve() if link.is_symlink() else None
    fresh = out / f".current-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(out))
    fresh.replace(link)
    for old in (out / "snapshots").iterdir():
        if old.resolve() not in (target.resolve(), before):
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Let one build at a time write to ``out``."""
    try:
        (out / "snapshots").mkdir(parents=True, exist_ok=True)
        handle = (out / ".lock").open("w")
    except OSError as error:
        raise StoreError(f"{out}: cannot be written: {error}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{out}: another build is writing here; wait for it or use another --out") from None
        yield


def _fresh(parent: Path, stem: str, *, make: bool = True) -> Path:
    """Return a path under ``parent`` that is not taken."""
    number = 1
    while (parent / f"{stem}-{number}").exists():
        number += 1
    path = parent / f"{stem}-{number}"
    if make:
        path.mkdir()
    return path


def describe_all(built: Built, vocabulary: list[Quad], base: Base, files: Iterable[catalogues.DumpFile]) -> list[Quad]:
    """Return the catalogue of the graph and of its vocabulary."""
    release = {"version": release_version(), "date": release_date()}
    return catalogues.catalogue([*built.quads, *vocabulary], built.descriptions, rules(), base, release, files)


def _write(work: Path, built: Built, vocabulary: list[Quad], report: Report, options: Options) -> dict[str, Any]:
    base = options.base
    dumps = work / "dumps"
    dumps.mkdir()
    (work / "report.ttl").write_bytes(report.to_turtle())
    for name in ("ontology", "vocabularies"):
        graph = NamedNode(base.graph(name))
        part = [quad for quad in vocabulary if quad.graph_name == graph]
        (dumps / f"{name}.ttl").write_bytes(write_rdf(part, BY_NAME["turtle"]))
    for name in ("nquads", "trig", "jsonld"):
        row = BY_NAME[name]
        (dumps / f"neakg.{row.extension}").write_bytes(write_rdf(built.quads, row))
    files = [_dump_file(path) for path in sorted(dumps.iterdir())]
    listing = describe_all(built, vocabulary, base, files)
    (work / "catalogue.ttl").write_bytes(write_rdf(listing, BY_NAME["turtle"]))
    write_store(work / "store", progress([*built.quads, *vocabulary, *listing], "writing the store"))
    manifest = _manifest(built, options, files)
    (work / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")
    return manifest


def _dump_file(path: Path) -> catalogues.DumpFile:
    data = path.read_bytes()
    row = next(row for row in BY_NAME.values() if row.extension == path.suffix[1:])
    return catalogues.DumpFile(path.name, row.media_type, len(data), hashlib.sha256(data).hexdigest())


def _manifest(built: Built, options: Options, files: list[catalogues.DumpFile]) -> dict[str, Any]:
    sizes = Counter(quad.graph_name.value for quad in built.quads)  # type: ignore[union-attr]
    shared = len(built.quads) - len({quad.triple for quad in built.quads})
    hashes = {item.name: item.sha256 for item in files}
    return {
        "neakg": release_version(),
        "base": options.base.iri,
        "openOnly": options.open_only,
        "sourceTexts": built.texts,
        "nquads": {"sha256": hashes["neakg.nq"], "quads": len(built.quads)},
        "graphs": dict(sorted(sizes.items())),
        "sharedTriples": shared,
        "files": {item.name: {"bytes": item.size, "sha256": item.sha256} for item in files},
        "credits": list(catalogues.credit_lines(built.descriptions)),
    }


# --- reading a snapshot ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published build: its folder (never a link, so that it stays the same while it is used) and its manifest."""

    path: Path
    manifest: dict[str, Any]

    @property
    def base(self) -> Base:
        """Where the snapshot names its things."""
        return Base(self.manifest["base"])

    def open(self) -> GraphStore:
        """Open the snapshot's store read-only."""
        return GraphStore.open(self.path / "store", union=True, shares_triples=self.manifest["sharedTriples"] > 0)


def current(out: Path) -> Snapshot:
    """Return the published snapshot of a build folder.

    Raises:
        StoreError: there is none, or it is damaged.
    """
    path = (out / "current").resolve()
    try:
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{out}: no build here; make one with: neakg build --out {out}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{out}: the build's manifest cannot be read: {error}") from error
    return Snapshot(path, manifest)
