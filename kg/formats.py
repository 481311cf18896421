"""The formats that are read and written: one row each.

Command-line choices, ``?format=``, suffixes, content negotiation, the service description and the documentation all
derive from this table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from pyoxigraph import NamedNode, Quad, QueryResultsFormat, RdfFormat, Triple, serialize

from kg.errors import UsageError
from kg.namespaces import PREFIXES, RDF, XSD


@dataclass(frozen=True, slots=True)
class Format:
    """A serialisation.

    Args:
        name: what the command line and ``?format=`` call it.
        media_types: the registered type first, then aliases accepted from clients.
        extension: suffix of files and documents, without the dot.
        label: the name people read.
        rdf: the engine's graph format, if it can hold a graph.
        results: the engine's result format, if it can hold solutions or a boolean.
        dataset: whether it can hold named graphs.
    """

    name: str
    media_types: tuple[str, ...]
    extension: str
    label: str
    rdf: RdfFormat | None = None
    results: QueryResultsFormat | None = None
    dataset: bool = False

    @property
    def media_type(self) -> str:
        """The registered media type."""
        return self.media_types[0]

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header; text types name their charset."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type

    @property
    def iri(self) -> str:
        """The format's IRI in the W3C registry of file formats."""
        engine_format = self.rdf or self.results
        assert engine_format is not None, "a row has one of the two"
        # The engine has another address for JSON-LD than the registry, where all start alike.
        return engine_format.iri.replace("https://www.w3.org/ns/formats/data/", "http://www.w3.org/ns/formats/")


FORMATS: Final[tuple[Format, ...]] = (
    Format("turtle", ("text/turtle", "application/x-turtle"), "ttl", "Turtle", rdf=RdfFormat.TURTLE),
    Format("ntriples", ("application/n-triples", "text/plain"), "nt", "N-Triples", rdf=RdfFormat.N_TRIPLES),
    Format("rdfxml", ("application/rdf+xml",), "rdf", "RDF/XML", rdf=RdfFormat.RDF_XML),
    Format("jsonld", ("application/ld+json",), "jsonld", "JSON-LD", rdf=RdfFormat.JSON_LD, dataset=True),
    Format("trig", ("application/trig",), "trig", "TriG", rdf=RdfFormat.TRIG, dataset=True),
    Format("nquads", ("application/n-quads",), "nq", "N-Quads", rdf=RdfFormat.N_QUADS, dataset=True),
    Format(
        "json",
        ("application/sparql-results+json", "application/json"),
        "srj",
        "SPARQL results as JSON",
        results=QueryResultsFormat.JSON,
    ),
    Format(
        "xml",
        ("application/sparql-results+xml", "application/xml", "text/xml"),
        "srx",
        "SPARQL results as XML",
        results=QueryResultsFormat.XML,
    ),
    Format("csv", ("text/csv",), "csv", "CSV", results=QueryResultsFormat.CSV),
    Format("tsv", ("text/tab-separated-values",), "tsv", "TSV", results=QueryResultsFormat.TSV),
)

BY_NAME: Final[dict[str, Format]] = {row.name: row for row in FORMATS}
RDF_FORMATS: Final = tuple(row for row in FORMATS if row.rdf)
RESULT_FORMATS: Final = tuple(row for row in FORMATS if row.results)
#: Further file suffixes that are read.
_READ_SUFFIXES: Final[dict[str, str]] = {
    "turtle": "turtle",
    "owl": "rdfxml",
    "xml": "rdfxml",
    "json": "jsonld",
    **{row.extension: row.name for row in RDF_FORMATS},
}


def by_name(name: str) -> Format:
    """Return the format called ``name``.

    Raises:
        UsageError: there is none; the message lists the names.
    """
    try:
        return BY_NAME[name]
    except KeyError:
        raise UsageError(f"unknown format {name!r}: use one of {' '.join(BY_NAME)}") from None


def of_file(path: PurePath) -> RdfFormat:
    """Return the RDF format of a file by its suffix.

    Raises:
        UsageError: the suffix is none that is read; the message lists them.
    """
    name = _READ_SUFFIXES.get(path.suffix.lstrip(".").lower())
    if name is None:
        known = " ".join(f".{suffix}" for suffix in sorted(_READ_SUFFIXES))
        raise UsageError(f"{path}: cannot tell the RDF format from the suffix {path.suffix!r}; use one of {known}")
    found = BY_NAME[name].rdf
    assert found is not None, "the suffixes name RDF formats only"
    return found


#: Datatypes that no serialisation spells out.
_UNWRITTEN: Final = (NamedNode(f"{RDF}langString"), NamedNode(f"{XSD}string"))


def write_rdf(items: Iterable[Triple | Quad], row: Format) -> bytes:
    """Serialise triples or quads, with the prefixes they use; the same input gives the same bytes.

    A format without named graphs drops the graph names.

    Raises:
        UsageError: the format cannot hold a graph.
    """
    if row.rdf is None:
        raise UsageError(f"{row.name} holds query results, not a graph; use one of {names(RDF_FORMATS)}")
    ready: list[Triple | Quad] = list(items)
    if not row.dataset:
        ready = list(dict.fromkeys(item.triple if isinstance(item, Quad) else item for item in ready))
    data = serialize(ready, format=row.rdf, prefixes=_used_prefixes(ready))  # type: ignore[arg-type]
    assert data is not None, "without an output the engine returns bytes"
    return _sorted_prefixes(data, row.name)


def _used_prefixes(items: Iterable[Triple | Quad]) -> dict[str, str]:
    """Return the prefixes of the table that some IRI of the items starts with."""
    tops = set()
    for item in items:
        for term in (item.subject, item.predicate, item.object, getattr(item.object, "datatype", None)):
            if isinstance(term, NamedNode) and term not in _UNWRITTEN:
                cut = max(term.value.rfind("#"), term.value.rfind("/")) + 1
                tops.add(term.value[:cut])
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if namespace in tops}


def _sorted_prefixes(data: bytes, name: str) -> bytes:
    """Put the prefixes in order: the engine writes them in the order of a hash table."""
    if name in ("turtle", "trig"):
        lines = data.splitlines(keepends=True)
        count = next((index for index, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
        return b"".join([*sorted(lines[:count]), *lines[count:]])
    if name == "rdfxml":
        return re.sub(rb"(<rdf:RDF)((?: xmlns:\w+=\"[^\"]*\")+)", _sorted_attributes, data, count=1)
    return data


def _sorted_attributes(match: re.Match[bytes]) -> bytes:
    return match[1] + b"".join(b" " + item for item in sorted(match[2].split()))


def names(rows: Iterable[Format]) -> str:
    """Return the names of formats, for messages."""
    return " ".join(row.name for row in rows)
