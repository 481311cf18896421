"""Which terms of other vocabularies match ours: the SSSOM tables, and the ontology that each of them becomes.

One table a vocabulary lies in ``ontology/alignments/<name>.sssom.tsv`` (SSSOM 1.0, TSV with embedded metadata): a
header of ``#`` lines, which is YAML of one level, then the columns of ``COLUMNS``.  The reader takes no more than our
tables need, and that strictly; the package ``sssom`` checks them against the whole standard in a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import TableErrors, TableIssue
from kg.namespaces import BASE, ONTOLOGY, expand
from kg.resources import folder, walk
from kg.vocabulary.files import published

COLUMNS: Final = (
    "subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label", "object_type",
    "mapping_justification", "confidence", "comment",
)  # fmt: skip
_FILLED: Final = frozenset(COLUMNS) - {"predicate_modifier", "comment"}
#: The keys of a header, each of which must be there, in this order; the last three hold several values.
_SINGLE: Final = ("mapping_set_id", "mapping_set_version", "mapping_set_title", "mapping_set_description", "license",
                  "mapping_date", "subject_source", "subject_source_version", "object_source",
                  "object_source_version")  # fmt: skip
_LISTS: Final = ("creator_label", "see_also")
_KEYS: Final = (*_SINGLE, *_LISTS, "curie_map")

CLASS_AXIOMS: Final = frozenset({"rdfs:subClassOf", "owl:equivalentClass"})
PROPERTY_AXIOMS: Final = frozenset({"rdfs:subPropertyOf", "owl:equivalentProperty"})
MATCHES: Final = frozenset(f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related"))
#: Types of objects (SSSOM ``entity_type_enum``) -> what they are declared as; individuals need no declaration.
DECLARED: Final[dict[str, str]] = {
    "owl class": "owl:Class",
    "owl object property": "owl:ObjectProperty",
    "owl data property": "owl:DatatypeProperty",
    "owl annotation property": "owl:AnnotationProperty",
    "skos concept": "",
    "owl named individual": "",
    "rdfs resource": "",
}
JUSTIFICATIONS: Final = frozenset(
    f"semapv:{name}"
    for name in (
        "ManualMappingCuration", "LexicalMatching", "LogicalReasoning", "CompositeMatching", "UnspecifiedMatching",
        "MappingReview", "MappingChaining", "MappingInversion", "StructuralMatching", "InstanceBasedMatching",
        "BackgroundKnowledgeBasedMatching", "LexicalSimilarityThresholdMatching", "SemanticSimilarityThresholdMatching",
    )
)  # fmt: skip
_VALUES: Final[dict[str, frozenset[str]]] = {
    "predicate_id": CLASS_AXIOMS | PROPERTY_AXIOMS | MATCHES,
    "predicate_modifier": frozenset({"", "Not"}),
    "object_type": frozenset(DECLARED),
    "mapping_justification": JUSTIFICATIONS,
}
#: Names that need no escape in any reader of Turtle.
_NAME: Final = re.compile(r"[A-Za-z]\w*")
_NUMBER: Final = re.compile(r"\d(\.\d+)?")
_ENTRY: Final = re.compile(r"#(?P<key>\w+): *(?P<value>.*)")
_NESTED: Final = re.compile(r"#  (?:- (?P<item>\S.*)|(?P<prefix>[\w.-]+): +(?P<iri>\S+))")


@dataclass(frozen=True, slots=True)
class Match:
    """One row of a table.

    Args:
        subject_id: our term or concept, as a CURIE.
        subject: its IRI.
        subject_label: its English label.
        predicate_id: how the two match, as a CURIE.
        negated: True when the row says that they do not match in this way.
        object_id: the term of the other vocabulary, as a CURIE.
        object: its IRI.
        object_label: its label there.
        object_type: what it is, in the words of SSSOM.
        justification: how the match was found, as a CURIE.
        confidence: from 0 to 1.
        comment: why, where it is not obvious.
    """

    subject_id: str
    subject: str
    subject_label: str
    predicate_id: str
    negated: bool
    object_id: str
    object: str
    object_label: str
    object_type: str
    justification: str
    confidence: Decimal
    comment: str


@dataclass(frozen=True, slots=True)
class MatchSet:
    """A table: its header and its rows, in their order.

    Args:
        name: the stem of its file.
        header: the keys that hold one value.
        creators: who made it.
        see_also: where the other vocabulary was read.
        prefixes: prefix -> namespace.
        matches: its rows.
    """

    name: str
    header: Mapping[str, str]
    creators: tuple[str, ...]
    see_also: tuple[str, ...]
    prefixes: Mapping[str, str]
    matches: tuple[Match, ...]

    @property
    def iri(self) -> str:
        """The IRI of the alignment."""
        return self.header["mapping_set_id"]

    @property
    def other(self) -> str:
        """The IRI of the vocabulary that ours is matched to."""
        prefix, _, rest = self.header["object_source"].partition(":")
        return self.prefixes[prefix] + rest


@cache
def alignments() -> tuple[MatchSet, ...]:
    """Return every table, by name.

    Raises:
        TableErrors: a table holds mistakes (all of that table's).
    """
    tables = walk(folder("ontology") / "alignments", ".sssom.tsv")
    return tuple(read(entry.name.removesuffix(".sssom.tsv"), entry.read_text(encoding="utf-8")) for entry in tables)


@cache
def without_counterpart() -> dict[str, str]:
    """Return the classes of ours that no other vocabulary has: name -> why."""
    text = (folder("ontology") / "alignments" / "no-counterpart.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines()[1:])


def read(name: str, text: str) -> MatchSet:
    """Read a table (SSSOM 1.0, "SSSOM/TSV", embedded mode).

    Args:
        name: the stem of its file, for messages.
        text: what stands in it.

    Raises:
        TableErrors: every mistake with file, line and column.
    """
    issues: list[TableIssue] = []
    reader = _Reader(name, issues)
    lines = text.splitlines()
    count = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    reader.header(lines[:count])
    matches = reader.rows(lines, count)
    if issues:
        raise TableErrors(issues)
    creators, see_also = (tuple(reader.lists[key]) for key in _LISTS)
    return MatchSet(name, {key: reader.single[key] for key in _SINGLE}, creators, see_also, reader.prefixes, matches)


class _Reader:
    """Reads one table and notes each mistake."""

    def __init__(self, name: str, issues: list[TableIssue]) -> None:
        self.file = f"ontology/alignments/{name}.sssom.tsv"
        self.issues = issues
        self.single: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.prefixes: dict[str, str] = {}
        self._iri = f"{ONTOLOGY}/alignments/{name}"

    def _note(self, line: int, column: str, value: str, expected: str) -> None:
        self.issues.append(TableIssue(self.file, line, column, value, expected))

    def header(self, lines: list[str]) -> None:
        """Take the ``#`` lines at the top."""
        keys: list[str] = []
        for at, line in enumerate(lines, 1):
            if entry := _ENTRY.fullmatch(line):
                keys.append(entry["key"])
                self.single[entry["key"]] = entry["value"].strip('"')
            elif (nested := _NESTED.fullmatch(line)) and keys:
                self._take(keys[-1], nested, at)
            else:
                self._note(at, "", line, "#key: value, #  - value or #  prefix: namespace")
        if tuple(keys) != _KEYS:
            self._note(1, "", " ".join(keys), f"the keys {' '.join(_KEYS)}")
        for key in _KEYS:
            if not (self.single.get(key) or self.lists.get(key) or (key == "curie_map" and self.prefixes)):
                self._note(1, key, "", "a value")
        if self.single.get("mapping_set_id") != self._iri:
            self._note(1, "mapping_set_id", self.single.get("mapping_set_id", ""), self._iri)

    def _take(self, key: str, nested: re.Match[str], line: int) -> None:
        if nested["item"] and key in _LISTS:
            self.lists.setdefault(key, []).append(nested["item"].strip('"'))
        elif nested["prefix"] and key == "curie_map" and nested["prefix"] not in self.prefixes:
            self.prefixes[nested["prefix"]] = nested["iri"].strip('"')
        else:
            self._note(line, key, nested[0], "an item of a list, or a prefix given once below curie_map")

    def rows(self, lines: list[str], start: int) -> tuple[Match, ...]:
        """Take the columns and the rows below the header."""
        if start == len(lines) or tuple(lines[start].split("\t")) != COLUMNS:
            self._note(start + 1, "", lines[start] if start < len(lines) else "", f"the columns {' '.join(COLUMNS)}")
            return ()
        found: list[Match] = []
        seen: dict[tuple[str, str, str], int] = {}
        for at, line in enumerate(lines[start + 1 :], start + 2):
            cells = line.split("\t")
            if len(cells) != len(COLUMNS):
                self._note(at, "", line, f"{len(COLUMNS)} cells, not {len(cells)}")
            elif (match := self._row(at, dict(zip(COLUMNS, cells, strict=True)))) is not None:
                self._unique(at, match, seen)
                found.append(match)
        if len(lines) == start + 1:
            self._note(start + 1, "", "", "at least one row")
        return tuple(found)

    def _unique(self, line: int, match: Match, seen: dict[tuple[str, str, str], int]) -> None:
        triple = (match.subject_id, match.predicate_id, match.object_id)
        if triple in seen:
            self._note(line, "subject_id", " ".join(triple), f"no match twice or denied (line {seen[triple]})")
        seen[triple] = line

    def _row(self, line: int, row: dict[str, str]) -> Match | None:
        before = len(self.issues)
        for column, value in row.items():
            if value != value.strip() or (column in _FILLED and not value):
                self._note(line, column, value, "a value without blanks around it")
            if column in _VALUES and value not in _VALUES[column]:
                self._note(line, column, value, " or ".join(sorted(_VALUES[column])))
        for column in ("subject_id", "object_id"):
            prefix, _, local = row[column].partition(":")
            if prefix not in self.prefixes or not local:
                self._note(line, column, row[column], "a CURIE with a prefix of curie_map")
        confidence = _decimal(row["confidence"])
        if confidence is None:
            self._note(line, "confidence", row["confidence"], "a number from 0 to 1")
        if len(self.issues) > before or confidence is None:
            return None
        return Match(
            row["subject_id"],
            self._expand(row["subject_id"]),
            row["subject_label"],
            row["predicate_id"],
            row["predicate_modifier"] == "Not",
            row["object_id"],
            self._expand(row["object_id"]),
            row["object_label"],
            row["object_type"],
            row["mapping_justification"],
            confidence,
            row["comment"],
        )

    def _expand(self, curie: str) -> str:
        prefix, _, local = curie.partition(":")
        return self.prefixes[prefix] + local


def _decimal(text: str) -> Decimal | None:
    value = Decimal(text) if _NUMBER.fullmatch(text) else None
    return value if value is not None and value <= 1 else None


def made() -> dict[str, bytes]:
    """Return the Turtle file of each alignment: path below ``ontology/`` -> bytes.

    The file imports our ontology, declares what it speaks of beyond that, and says one triple a match; a match that
    our own files say already, or that is denied, stands in the table only.
    """
    said = _said()
    return {f"alignments/{table.name}.ttl": _turtle(table, said) for table in alignments()}


def _said() -> frozenset[Triple]:
    """Return what the modules and the concept schemes say: nothing is to stand in two graphs."""
    return frozenset(triple for _, triple in published(lambda graph: not graph.startswith("alignments/")))


def _turtle(table: MatchSet, said: frozenset[Triple]) -> bytes:
    """Write prefixes and triples in an order of their own: a serialiser promises none for prefixes."""
    namespaces = {prefix: expand(f"{prefix}:") for prefix in ("owl", "rdfs", "skos", "dcterms", "xsd")}
    writer = _Writer(namespaces | dict(table.prefixes))
    blocks = [writer.block(list(_header(table)))]
    body = sorted({*_declarations(table), *_axioms(table)} - said, key=str)
    blocks += [writer.block(list(group)) for _, group in groupby(body, key=lambda triple: triple.subject)]
    lines = [f"@prefix {prefix}: <{writer.namespaces[prefix]}> ." for prefix in sorted(writer.used)]
    top = f"# Made from {table.name}.sssom.tsv by `make ontology`."
    return ("\n\n".join(["\n".join([top, *lines]), *blocks]) + "\n").encode()


class _Writer:
    """Writes terms short where a prefix allows it, and remembers the prefixes."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = namespaces
        self.used: set[str] = set()

    def block(self, triples: list[Triple]) -> str:
        """Return the triples of one subject as a Turtle block."""
        rows = []
        for predicate, group in groupby(triples, key=lambda triple: triple.predicate):
            verb = "a" if predicate.value == expand("rdf:type") else self.term(predicate)
            rows.append(f"{verb} {' , '.join(self.term(triple.object) for triple in group)}")
        return f"{self.term(triples[0].subject)} " + " ;\n    ".join(rows) + " ."

    def term(self, term: object) -> str:
        """Return a term as Turtle writes it."""
        if isinstance(term, Literal) and term.datatype.value == expand("xsd:date"):
            return f'"{term.value}"^^{self.term(term.datatype)}'
        if isinstance(term, NamedNode):
            for prefix, namespace in self.namespaces.items():
                name = term.value.removeprefix(namespace)
                if name != term.value and _NAME.fullmatch(name):
                    self.used.add(prefix)
                    return f"{prefix}:{name}"
        return str(term)


def _header(table: MatchSet) -> Iterator[Triple]:
    subject = NamedNode(table.iri)

    def say(predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(subject, NamedNode(expand(predicate)), value)

    header = table.header
    yield say("rdf:type", NamedNode(expand("owl:Ontology")))
    yield say("dcterms:title", Literal(header["mapping_set_title"], language="en"))
    yield say("dcterms:description", Literal(header["mapping_set_description"], language="en"))
    yield say("dcterms:creator", NamedNode(f"{BASE}id/organisation/neakg"))
    yield say("dcterms:license", NamedNode(header["license"]))
    yield say("dcterms:modified", Literal(header["mapping_date"], datatype=NamedNode(expand("xsd:date"))))
    yield say("owl:imports", NamedNode(ONTOLOGY))
    yield say("owl:versionIRI", NamedNode(f"{table.iri}/{header['mapping_set_version']}"))
    yield say("owl:versionInfo", Literal(header["mapping_set_version"]))
    yield from (say("rdfs:seeAlso", NamedNode(address)) for address in table.see_also)


def _declarations(table: MatchSet) -> Iterator[Triple]:
    for match in table.matches:
        if not match.negated and (kind := DECLARED[match.object_type]):
            yield Triple(NamedNode(match.object), NamedNode(expand("rdf:type")), NamedNode(expand(kind)))


def _axioms(table: MatchSet) -> Iterator[Triple]:
    for match in table.matches:
        if not match.negated:
            yield Triple(NamedNode(match.subject), NamedNode(expand(match.predicate_id)), NamedNode(match.object))
