"""The store: the only module that knows the engine (pyoxigraph) as a store.

A build is opened read-only from disk; files a user hands in are loaded into memory.  Every query passes ``checked``
first: no update, no SERVICE, no graph that is not loaded, nothing that would overflow the engine's parser.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    parse,
)

from kg.errors import QueryError, StoreError, UsageError
from kg.formats import RDF_FORMATS, RESULT_FORMATS, Format, names, of_file, write_rdf
from kg.namespaces import expand
from kg.sparql_text import Outline, outline, position

if TYPE_CHECKING:
    from typing_extensions import Buffer

Answer = QuerySolutions | QueryBoolean | QueryTriples

_NO_FUNCTION = re.compile(r"custom function <([^>]*)> is not supported")

#: A statement node that points to a thing by one of these belongs into the document about that thing.
DOCUMENT_LINKS: Final = tuple(
    NamedNode(expand(curie))
    for curie in (
        "neakg:ofTaxon",
        "neakg:ofPopulation",
        "neakg:atPlace",
        "neakg:fromPlace",
        "neakg:viaPlace",
        "neakg:toPlace",
        "neakg:nameOf",
        "neakg:identifies",
        "neakg:locationOf",
        "neakg:designationOf",
        "neakg:measurementOf",
        "neakg:relationFrom",
        "neakg:relationTo",
        "neakg:about",
        "neakg:activityOf",
        "neakg:inList",
        "neakg:usesHabitat",
    )
)
_ABOUT: Final = NamedNode(expand("neakg:about"))
_GEOMETRY: Final = NamedNode(expand("geo:hasGeometry"))
_HAS_EVIDENCE: Final = NamedNode(expand("neakg:hasEvidence"))
_SELECTOR: Final = NamedNode(expand("oa:hasSelector"))


#: Rows of CSV that are handed on together.
_ROWS_AT_ONCE: Final = 500


class DatasetChoice(NamedTuple):
    """The graphs a client asks for outside the query text (SPARQL 1.1 Protocol, section 2.1.4)."""

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default_graphs or self.named_graphs)


class GraphStore:
    """A dataset that can be queried.

    Args:
        store: the engine's store.
        union: whether the default graph is the union of the named graphs.
        shares_triples: whether some triple stands in several graphs (the engine would count it twice).
    """

    def __init__(self, store: Store, *, union: bool, shares_triples: bool) -> None:
        self._store = store
        self.union = union
        self._shares_triples = shares_triples
        self._union_copy: Store | None = None
        self._graphs = frozenset(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))

    @classmethod
    def open(cls, path: Path, *, union: bool, shares_triples: bool = False) -> GraphStore:
        """Open a store directory read-only; several processes may do so at once.

        Raises:
            StoreError: there is no usable store at ``path``.
        """
        try:
            store = Store.read_only(str(path))
        except OSError as error:
            raise StoreError(f"{path}: no usable store ({error}); build one with: neakg build") from error
        return cls(store, union=union, shares_triples=shares_triples)

    @classmethod
    def from_files(cls, paths: Sequence[Path]) -> GraphStore:
        """Load RDF files into memory: the default graph holds the files' default graphs, and nothing else.

        Raises:
            UsageError: a file is missing, of unknown format, not well formed, or all of them are empty.
        """
        store = Store()
        for path in paths:
            store.extend(read_file(path))
        if len(store) == 0:
            raise UsageError("no triples in " + ", ".join(str(path) for path in paths))
        return cls(store, union=False, shares_triples=True)

    @classmethod
    def from_quads(cls, quads: Iterable[Quad]) -> GraphStore:
        """Hold quads in memory; the default graph is the union."""
        store = Store()
        store.extend(quads)
        return cls(store, union=True, shares_triples=True)

    def __len__(self) -> int:
        return len(self._store)

    @property
    def graphs(self) -> frozenset[str]:
        """The IRIs of the named graphs."""
        return self._graphs

    def graph_sizes(self) -> dict[str, int]:
        """Return the number of triples of each named graph."""
        return {
            iri: sum(1 for _ in self._store.quads_for_pattern(None, None, None, NamedNode(iri)))
            for iri in sorted(self._graphs)
        }

    # --- queries -------------------------------------------------------------------------------------

    def checked(self, text: str, dataset: DatasetChoice | None = None) -> Outline:
        """Return the outline of a query that may run.

        Raises:
            QueryError: an update, a SERVICE, a graph in FROM that is not loaded, or a text too large or deep.
        """
        found = outline(text)
        if found.form == "UPDATE":
            raise QueryError("update", "this is a read-only service: updates are not carried out")
        if found.services:
            line, column = position(text, found.services[0])
            detail = "SERVICE is not allowed: this service asks no other endpoint; run the federated query on your side"
            raise QueryError("service", detail, line, column)
        chosen = dataset or DatasetChoice()
        for iri in (
            *chosen.default_graphs,
            *chosen.named_graphs,
            *(() if chosen else (*found.default_graphs, *found.named_graphs)),
        ):
            if iri not in self._graphs:
                raise QueryError("unknown-graph", f"no graph <{iri}> is loaded, and none is fetched; see the graphs by "
                                 "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")  # fmt: skip
        return found

    def query(self, text: str, dataset: DatasetChoice | None = None, asked: Outline | None = None) -> Answer:
        """Evaluate a query; rows may be computed only as they are read.

        Args:
            text: SPARQL 1.1 query.
            dataset: the graphs chosen beside the text; they override FROM and FROM NAMED.
            asked: what ``checked`` has returned for the same text, when it was called before.

        Raises:
            QueryError: wrong syntax (with line and column) or refused by ``checked``.
        """
        found = asked or self.checked(text, dataset)
        default, named = found.default_graphs, found.named_graphs
        if dataset:
            default, named = dataset.default_graphs, dataset.named_graphs
        store = self._deduplicated(default, named) if len(set(default)) > 1 and self._shares_triples else None
        try:
            if store is not None:
                return store.query(text, default_graph=DefaultGraph(), named_graphs=[NamedNode(iri) for iri in named])
            if default or named:
                return self._store.query(
                    text,
                    default_graph=[NamedNode(iri) for iri in dict.fromkeys(default)],
                    named_graphs=[NamedNode(iri) for iri in dict.fromkeys(named)],
                )
            if self.union and self._shares_triples:
                return self._merged().query(text)
            return self._store.query(text, use_default_graph_as_union=self.union)
        except SyntaxError as error:
            raise _syntax_error(text, error) from None

    def _merged(self) -> Store:
        """Return a copy, made once, whose default graph is the union with each triple once (the flag counts twice)."""
        if self._union_copy is None:
            self._union_copy = self._deduplicated(self._graphs, self._graphs)
        return self._union_copy

    def _deduplicated(self, default: Iterable[str], named: Iterable[str]) -> Store:
        """Return a copy in which the default graph is the merge of ``default``, each triple once."""
        copy = Store()
        for iri in default:
            copy.extend(
                Quad(quad.subject, quad.predicate, quad.object)
                for quad in self._store.quads_for_pattern(None, None, None, NamedNode(iri))
            )
        for iri in named:
            copy.extend(self._store.quads_for_pattern(None, None, None, NamedNode(iri)))
        return copy

    # --- things ------------------------------------------------------------------------------------------

    def quads(self, graph: str | None = None) -> Iterator[Quad]:
        """Yield all quads, or those of one named graph.

        Raises:
            UsageError: no such graph is loaded.
        """
        if graph is not None and graph not in self._graphs:
            known = "\n".join(f"  {iri}" for iri in sorted(self._graphs))
            raise UsageError(f"no graph {graph!r}; the graphs are:\n{known}")
        where = NamedNode(graph) if graph else None
        return iter(self._store.quads_for_pattern(None, None, None, where))

    def default_quads(self) -> list[Quad]:
        """Return the default graph: each triple once, without a graph's name."""
        wanted = None if self.union else DefaultGraph()
        found = dict.fromkeys(quad.triple for quad in self._store.quads_for_pattern(None, None, None, wanted))
        return [Quad(triple.subject, triple.predicate, triple.object) for triple in found]

    def document(self, iri: str) -> list[Quad]:
        """Return what the document about ``iri`` says.

        Its own quads first, then the statements about it, the findings that doubt one of them, and their evidence.
        """
        node = NamedNode(iri)
        found = dict.fromkeys(self._about(node))
        for predicate in DOCUMENT_LINKS:
            for link in self._store.quads_for_pattern(None, predicate, node, None):
                if isinstance(link.subject, NamedNode):
                    found.update(dict.fromkeys(self._about(link.subject)))
        for statement in dict.fromkeys(quad.subject for quad in found):
            for link in self._store.quads_for_pattern(None, _ABOUT, statement, None):
                if isinstance(link.subject, NamedNode):
                    found.update(dict.fromkeys(self._about(link.subject)))
        for predicate in (_GEOMETRY, _HAS_EVIDENCE, _SELECTOR):
            for quad in list(found):
                if quad.predicate == predicate and isinstance(quad.object, NamedNode):
                    found.update(dict.fromkeys(self._about(quad.object)))
        return sorted(found, key=lambda quad: (quad.subject != node, str(quad)))

    def exists(self, iri: str) -> bool:
        """Say whether ``iri`` is the subject of any triple."""
        try:
            node = NamedNode(iri)
        except ValueError:  # no IRI at all, whatever a person typed
            return False
        return next(iter(self._store.quads_for_pattern(node, None, None, None)), None) is not None

    def incoming(self, iri: str, limit: int) -> list[Quad]:
        """Return at most ``limit`` quads that point to ``iri``."""
        found = self._store.quads_for_pattern(None, None, NamedNode(iri), None)
        return [quad for _, quad in zip(range(limit), found, strict=False)]

    def labels(self, iris: Iterable[str], languages: Sequence[str] = ("en",)) -> dict[str, str]:
        """Return a label for each IRI that has one, in the first of ``languages`` it has, else in any."""
        predicates = [NamedNode(expand(curie)) for curie in ("skos:prefLabel", "rdfs:label", "dcterms:title")]
        found = {}
        for iri in iris:
            literals = [
                quad.object
                for predicate in predicates
                for quad in self._store.quads_for_pattern(NamedNode(iri), predicate, None, None)
                if isinstance(quad.object, Literal)
            ]
            if literals:
                found[iri] = min(literals, key=lambda literal: _language_rank(literal, languages)).value
        return found

    def _about(self, node: NamedNode) -> Iterator[Quad]:
        return iter(self._store.quads_for_pattern(node, None, None, None))


def _language_rank(literal: Literal, languages: Sequence[str]) -> tuple[int, str]:
    tag = (literal.language or "").lower()
    for rank, language in enumerate(languages):
        if tag == language.lower() or tag.startswith(f"{language.lower()}-"):
            return rank, literal.value
    return len(languages) + (tag != ""), literal.value


def _syntax_error(text: str, error: SyntaxError) -> QueryError:
    from kg.diagnosis import diagnose  # a grammar is compiled, which only a mistake is worth

    return diagnose(text, str(error))


@contextmanager
def engine_errors(text: str) -> Iterator[None]:
    """Turn what the engine raises while it evaluates a text into a QueryError (rows are computed as they are read).

    Raises:
        QueryError: the query calls a function that the engine does not have.
    """
    try:
        yield
    except RuntimeError as error:
        match = _NO_FUNCTION.search(str(error))
        if match is None:
            raise
        offset = text.find(match[1])
        detail = f"there is no function <{match[1]}> here; the service description lists those there are"
        raise QueryError("unknown-function", detail, *(position(text, offset) if offset >= 0 else ())) from None


def write_answer(answer: Answer, row: Format, limit: int = 0) -> bytes:
    """Serialise the answer of a query completely.

    Args:
        answer: what ``GraphStore.query`` returned.
        row: the format to write.
        limit: most bytes to write; 0 for no limit.

    Raises:
        UsageError: the format cannot hold this kind of answer; the message lists those that can.
        QueryError: the answer is larger than ``limit``.
    """
    if isinstance(answer, QueryTriples):
        if row.rdf is None:
            raise UsageError(f"{row.name} cannot hold a graph; use one of {names(RDF_FORMATS)}")
        return _within(write_rdf(_counted(answer, limit), row), limit)
    if row.results is None:
        raise UsageError(f"{row.name} cannot hold query results; use one of {names(RESULT_FORMATS)}")
    if isinstance(answer, QueryBoolean) and row.name in ("csv", "tsv"):
        # The CSV/TSV recommendation has no boolean; one bare word is what clients expect.
        return b"true\n" if answer else b"false\n"
    output = _Capped(limit)
    if isinstance(answer, QuerySolutions):
        write_solutions(answer, row, output)
    else:
        answer.serialize(output, format=row.results)
    return output.getvalue()


def write_solutions(answer: QuerySolutions, row: Format, output: IO[bytes] | io.RawIOBase) -> None:
    """Write solutions as they are computed.

    Raises:
        UsageError: the format cannot hold them.
    """
    if row.results is None:
        raise UsageError(f"{row.name} cannot hold query results; use one of {names(RESULT_FORMATS)}")
    if row.name == "csv":
        _write_csv(answer, output)
    else:
        answer.serialize(output, format=row.results)  # type: ignore[arg-type]


class _Capped(io.BytesIO):
    """Memory that refuses to grow beyond a limit, so that an endless answer ends early."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Buffer) -> int:
        count = super().write(data)
        if self._limit and self.tell() > self._limit:
            raise too_large(self._limit)
        return count


def _counted(triples: Iterable[Triple], limit: int) -> Iterator[Triple]:
    """Pass triples on until their terms alone are larger than the limit (a repeated subject may be written once)."""
    size = 0
    for triple in triples:
        size += len(triple.object.value) if isinstance(triple.object, Literal) else 1
        if limit and size > limit:
            raise too_large(limit)
        yield triple


def _within(data: bytes, limit: int) -> bytes:
    if limit and len(data) > limit:
        raise too_large(limit)
    return data


def too_large(limit: int) -> QueryError:
    """Return the refusal of an answer beyond a limit in bytes."""
    return QueryError("result-too-large", f"the answer is larger than {limit} bytes, and no part of it is sent")


def _write_csv(answer: QuerySolutions, output: IO[bytes] | io.RawIOBase) -> None:
    """Write solutions as CSV (SPARQL 1.1 Results CSV, section 3): the engine leaves IRIs with commas unquoted."""
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow([variable.value for variable in answer.variables])
    for number, row in enumerate(answer, 1):
        writer.writerow([_plain(term) for term in row])
        if number % _ROWS_AT_ONCE == 0:
            output.write(held.getvalue().encode())
            held.seek(0)
            held.truncate()
    output.write(held.getvalue().encode())


def _plain(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, BlankNode | Triple) else term.value


def read_file(path: Path) -> list[Quad]:
    """Return the quads of an RDF file, relative IRIs resolved against the file's own address.

    Raises:
        UsageError: missing, unknown format or not well formed (with line and column where the parser tells).
    """
    kind = of_file(path)
    try:
        return list(parse(path=str(path), format=kind, base_iri=path.resolve().as_uri(), rename_blank_nodes=True))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (SyntaxError, ValueError, OSError) as error:
        line = getattr(error, "lineno", None)
        column = getattr(error, "offset", None)
        where = f"{path}:{line}:{column}" if line else str(path)
        raise UsageError(f"{where}: not well-formed {kind.name}: {getattr(error, 'msg', error)}") from error


def write_store(path: Path, quads: Iterable[Quad]) -> None:
    """Write a new store directory.

    Raises:
        StoreError: it cannot be written; nothing is left behind.
    """
    try:
        store = Store(str(path))
        store.bulk_extend(quads)
        store.optimize()
        store.flush()
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise StoreError(f"{path}: cannot write the store: {error}") from error
