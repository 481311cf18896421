"""What each command of ``neakg`` does: read the options, call the graph's functions, print."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kg.errors import GateError, UsageError
from kg.iris import Base
from kg.namespaces import BASE, NEAKG, RDF

Serve = Callable[[Path | None, Sequence[Path], str, int], int]


def version_text() -> str:
    """Return the version that ``--version`` prints."""
    from kg.pipeline import release_version

    return release_version()


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))


def sources(options: argparse.Namespace, _: Path) -> int:
    """List the sources with licence, reuse and number of records."""
    from kg.catalogue import describe
    from kg.pipeline import load_sources
    from kg.sources import discover

    folders = discover()
    counts = Counter(home for home, _ in load_sources(folders))
    rows = []
    for item in folders:
        said = describe(item.id, item.description, Base())
        rows.append({"id": item.id, "title": said.title, "reuse": said.reuse, "records": counts[item.id]})
    if options.json:
        _print_json(rows)
    else:
        for row in rows:
            print(f"{row['id']:28} {row['records']:6} records  {row['reuse']:10}  {row['title']}")
    return 0


def _options(options: argparse.Namespace) -> Any:
    from kg.pipeline import Options
    from kg.source_text import normalise

    texts = {}
    for pair in options.source_text:
        source, equals, name = pair.partition("=")
        if not equals or not source or not name:
            raise UsageError(f"--source-text {pair}: expected ID=FILE, for example neaspec-page=page.txt")
        texts[source] = normalise(_read(Path(name)))
    base = Base(options.base_iri) if options.base_iri else Base()
    return Options(base=base, open_only=options.open_only, source_texts=texts)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def _decoded(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 (byte {error.start}: {error.reason})") from None


def build(options: argparse.Namespace, default: Path) -> int:
    """Build and publish a snapshot."""
    from kg.pipeline import build as run_build

    out = options.out or default
    manifest = run_build(out, _options(options))
    if options.json:
        _print_json(manifest)
    else:
        number = manifest["nquads"]["quads"]
        print(f"{out}/current: {number} quads in {len(manifest['graphs'])} graphs, {manifest['nquads']['sha256']}")
    return 0


def validate(options: argparse.Namespace, _: Path) -> int:
    """Check our graph or the files given; the exit code is 4 when something does not conform."""
    from kg.pipeline import assemble
    from kg.store import read_file
    from kg.validate import validate as run_validate

    if options.files:
        quads = [quad for path in options.files for quad in read_file(path)]
        if not any(str(quad.object).startswith(f"<{NEAKG}") for quad in quads if quad.predicate.value == f"{RDF}type"):
            shown = ", ".join(str(path) for path in options.files)
            raise UsageError(f"{shown}: no thing in it has a class of the ontology (<{NEAKG}>): nothing was checked")
        report = run_validate(quads)
    else:
        built = assemble()
        report = run_validate(built.quads, origins=built.origins)
    counts = Counter(item.severity for item in report.violations)
    if options.json:
        rows = [{"severity": item.severity, "text": str(item)} for item in report.violations]
        _print_json({"conforms": report.conforms, "results": rows})
    else:
        for item in report.violations:
            print(f"{item.severity}: {item}")
        word = "conforms" if report.conforms else "does not conform"
        print(f"{word}: {counts['violation']} violation(s), {counts['warning']} warning(s)")
    return 0 if report.conforms else GateError.exit_code


def verify_source(options: argparse.Namespace, _: Path) -> int:
    """Check a text against the records that cite it."""
    from kg.errors import SourceMismatch
    from kg.source_text import normalise, verify
    from kg.sources import discover

    found = {item.id: item for item in discover()}
    if options.id not in found:
        raise UsageError(f"no source {options.id!r}; the sources are: {' '.join(found)}")
    records = list(found[options.id].load())
    problems = verify(options.id, records, normalise(_read(options.file)))
    if options.json:
        _print_json({"source": options.id, "matches": not problems, "problems": problems})
        return SourceMismatch.exit_code if problems else 0
    if problems:
        raise SourceMismatch(options.id, problems)
    print(f"{options.id}: every passage, figure and date of {len(records)} records is in {options.file}")
    return 0


def serve(options: argparse.Namespace, run_serve: Serve, default: Path) -> int:
    """Serve a build (made first when there is none) or files."""
    from kg.pipeline import build as run_build

    if not 0 < options.port < 65536:
        raise UsageError(f"--port {options.port}: a port is a number from 1 to 65535")
    if options.data:
        for path in options.data:
            if not path.is_file():
                raise UsageError(f"{path}: no such file")
        return run_serve(None, options.data, options.host, options.port)
    out = options.build or default
    if not (out / "current").exists():
        print(f"no build in {out}: building it first", file=sys.stderr)
        run_build(out)
    return run_serve(out, (), options.host, options.port)


def _store(options: argparse.Namespace, default: Path) -> tuple[Any, Base]:
    from kg.pipeline import current
    from kg.store import GraphStore

    if getattr(options, "data", None):
        return GraphStore.from_files(options.data), Base()
    snapshot = current(options.build or default)
    return snapshot.open(), snapshot.base


def query(options: argparse.Namespace, default: Path) -> int:
    """Run a stored query, a file or standard input; without a name, list the stored queries."""
    from kg.stored_queries import stored_queries

    if options.query is None:
        for item in stored_queries().values():
            parameters = " ".join(f"-p {parameter.name}=..." for parameter in item.parameters)
            print(f"{item.name:42} {item.summary}" + (f"  [{parameters}]" if parameters else ""))
        return 0
    store, base = _store(options, default)
    return _run_query(options, store, _query_text(options, base))


def _query_text(options: argparse.Namespace, base: Base) -> str:
    from kg.stored_queries import parse_query, stored_queries

    values = {}
    for pair in options.parameter:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"-p {pair}: expected NAME=VALUE")
        values[name] = value
    name = options.query
    if name == "-":
        text = _decoded("standard input", sys.stdin.buffer.read())
    elif (known := stored_queries()).get(name):
        return known[name].bind(values, base)
    elif Path(name).is_file():
        text = _decoded(name, _read(Path(name)))
    else:
        raise UsageError(f"no stored query and no file called {name!r}; list the stored queries with: neakg query")
    if text.startswith("#+"):
        return parse_query(Path(name).stem, "", text).bind(values, base)
    if values:
        raise UsageError("-p sets parameters of a query with a header (#+); this one has none")
    return text


def _run_query(options: argparse.Namespace, store: Any, text: str) -> int:
    from pyoxigraph import QueryTriples

    from kg.formats import by_name
    from kg.store import write_answer

    answer = store.query(text)
    default = "turtle" if isinstance(answer, QueryTriples) else "csv"
    sys.stdout.buffer.write(write_answer(answer, by_name(options.format or default)))
    sys.stdout.buffer.flush()
    return 0


def export(options: argparse.Namespace, default: Path) -> int:
    """Write the graph, or one named graph, to standard output."""
    from kg.formats import by_name, write_rdf

    store, base = _store(options, default)
    graph = options.graph
    if graph and "://" not in graph:
        graph = base.graph(graph)
    quads = sorted(store.quads(graph), key=str)
    sys.stdout.buffer.write(write_rdf(quads, by_name(options.format)))
    sys.stdout.buffer.flush()
    return 0


def describe(options: argparse.Namespace, default: Path) -> int:
    """Print what the graph says about a thing."""
    from kg.formats import by_name, write_rdf

    store, base = _store(options, default)
    iri = options.iri.strip("<>")
    if "://" not in iri:
        iri = base.thing(iri)
    elif iri.startswith(BASE) and not store.exists(iri):
        iri = base.iri + iri.removeprefix(BASE)
    if not store.exists(iri):
        raise UsageError(f"the graph says nothing about <{iri}>")
    sys.stdout.buffer.write(write_rdf(store.document(iri), by_name(options.format)))
    sys.stdout.buffer.flush()
    return 0


ACTIONS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "sources": sources,
    "build": build,
    "validate": validate,
    "verify-source": verify_source,
    "query": query,
    "export": export,
    "describe": describe,
}
