"""Which labels terms and concepts have in other languages, and who says each: two tables, and the Turtle made of them.

A label is taken as its source has it; only its first letters follow the case of our English label.  Nothing is
translated here: a word without a source is left out.  The English labels stay in the modules and the schemes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, parse

from kg.errors import TableErrors, TableIssue
from kg.namespaces import ONTOLOGY, PREFIXES, SCHEME, expand
from kg.resources import folder, walk
from kg.tables import BadCell, parse_edtf, parse_slug, parse_url
from kg.vocabulary.terms import terms

LABELS: Final = "translations/labels.csv"
SOURCES: Final = "translations/sources.csv"
TERMS: Final = "translations/terms.ttl"
CONCEPTS: Final = "translations/concepts.ttl"

_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_KANA_OR_HAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
#: The languages, in the order in which labels are listed, each with a letter that a label in it has.
LANGUAGES: Final[Mapping[str, re.Pattern[str]]] = {
    "ru": _CYRILLIC,
    "zh-Hans": _HAN,
    "zh-Hant": _HAN,
    "ja": _KANA_OR_HAN,
    "ko": _HANGUL,
    "mn": _CYRILLIC,
}
_ORDER: Final = tuple(LANGUAGES)
PREFERRED: Final = "preferred"
ALTERNATIVE: Final = "alternative"
_KINDS: Final = (PREFERRED, ALTERNATIVE)
_TERM: Final = re.compile(r"neakg:[A-Za-z][A-Za-z0-9]*|[a-z0-9-]+/[a-z0-9-]+")
#: A licence is an SPDX identifier, https://spdx.org/licenses/; NOASSERTION where the source states none.
_LICENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class LabelSource:
    """What labels were read from.

    Args:
        id: its key in the table of labels.
        title: its title, in its own language.
        publisher: who answers for it.
        url: where it is.
        licence: SPDX identifier, or NOASSERTION.
        version: the release or the date it bears; "" when none.
        read: the day on which it was read.
        line: its line in the table.
    """

    id: str
    title: str
    publisher: str
    url: str
    licence: str
    version: str
    read: str
    line: int


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a term or a concept, and where it stands in its source.

    Args:
        term: ``neakg:Taxon``, or scheme and concept as in ``unit/kilometre``.
        language: BCP 47 tag, as it is written.
        text: the label.
        kind: preferred or alternative.
        source: the id of its source.
        locator: the place in the source.
        line: its line in the table.
    """

    term: str
    language: str
    text: str
    kind: str
    source: str
    locator: str
    line: int

    @property
    def iri(self) -> str:
        """The IRI of the term or the concept."""
        return expand(self.term) if self.of_term else f"{SCHEME}{self.term}"

    @property
    def of_term(self) -> bool:
        """Whether it is of a term of the ontology, not of a concept."""
        return self.term.startswith("neakg:")


def sources() -> tuple[LabelSource, ...]:
    """Return the sources of labels, as the table has them.

    Raises:
        TableErrors: with every mistake of the two tables.
    """
    return _read()[0]


def labels() -> tuple[Label, ...]:
    """Return the labels, as the table has them.

    Raises:
        TableErrors: with every mistake of the two tables.
    """
    return _read()[1]


def files() -> dict[str, bytes]:
    """Return the Turtle of the labels of terms and of concepts by path: sorted, the same bytes from the same tables.

    Terms have ``rdfs:label``; concepts have ``skos:prefLabel``, at most one a language, and ``skos:altLabel`` (SKOS
    Reference, S14).  The ontology and each scheme name the sources of their labels by ``dcterms:source``.
    """
    urls = {source.id: source.url for source in sources()}
    found = sorted(labels(), key=lambda label: (label.term, _ORDER.index(label.language), label.text))
    of_terms = [label for label in found if label.of_term]
    of_concepts = [label for label in found if not label.of_term]
    return {
        TERMS: _turtle(("dcterms", "neakg", "rdfs"), of_terms, urls),
        CONCEPTS: _turtle(("dcterms", "skos"), of_concepts, urls),
    }


@cache
def _read() -> tuple[tuple[LabelSource, ...], tuple[Label, ...]]:
    top = folder("ontology")
    return read((top / SOURCES).read_bytes(), (top / LABELS).read_bytes())


def read(source_table: bytes, label_table: bytes) -> tuple[tuple[LabelSource, ...], tuple[Label, ...]]:
    """Return what the two tables hold.

    Args:
        source_table: CSV (RFC 4180) in UTF-8 with the columns of ``LabelSource``.
        label_table: CSV in UTF-8 with the columns term, language, label, kind, source, locator.

    Raises:
        TableErrors: with every mistake: file, line, column, value, and what was expected.
    """
    issues: list[TableIssue] = []
    of_source = [LabelSource(line=line, **row) for line, row in _rows(source_table, SOURCES, _SOURCE_CELLS, issues)]
    of_label = [
        Label(row["term"], row["language"], row["label"], row["kind"], row["source"], row["locator"], line)
        for line, row in _rows(label_table, LABELS, _LABEL_CELLS, issues)
    ]
    if not issues:  # a row that could not be read would be missed everywhere else
        issues.extend(_source_issues(of_source, of_label))
    issues.extend(_label_issues(of_label))
    if issues:
        raise TableErrors(issues)
    return tuple(of_source), tuple(of_label)


def _text(cell: str) -> str:
    if not cell or cell != cell.strip() or _CONTROL.search(cell):
        raise BadCell("text on one line without blanks at its ends")
    return cell


def _text_or_nothing(cell: str) -> str:
    return cell and _text(cell)


def _one_of(*values: str) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if cell not in values:
            raise BadCell("one of " + ", ".join(values))
        return cell

    return check


def _shaped(pattern: re.Pattern[str], expected: str) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if not pattern.fullmatch(cell):
            raise BadCell(expected)
        return cell

    return check


Cells = Mapping[str, Callable[[str], str]]
_SOURCE_CELLS: Final[Cells] = {
    "id": parse_slug,
    "title": _text,
    "publisher": _text,
    "url": parse_url,
    "licence": _shaped(_LICENCE, "an SPDX licence identifier, or NOASSERTION where the source states no licence"),
    "version": _text_or_nothing,
    "read": parse_edtf,
}
_LABEL_CELLS: Final[Cells] = {
    "term": _shaped(_TERM, "a term as neakg:Taxon, or a concept as unit/kilometre"),
    "language": _one_of(*LANGUAGES),
    "label": _text,
    "kind": _one_of(*_KINDS),
    "source": parse_slug,
    "locator": _text,
}


def _rows(data: bytes, shown: str, cells: Cells, issues: list[TableIssue]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and values of each row without mistakes; add the mistakes of the others to ``issues``."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
        header = next(reader, [])
        if header != list(cells):
            issues.append(TableIssue(shown, 1, "", ",".join(header), "the columns " + ",".join(cells)))
            return
        line = 2
        for row in reader:
            if len(row) != len(cells):
                issues.append(TableIssue(shown, line, "", f"{len(row)} cells", f"{len(cells)} cells, as in the header"))
            else:
                bad = [*_cell_issues(dict(zip(cells, row, strict=True)), shown, line, cells)]
                issues.extend(bad)
                if not bad:
                    yield line, dict(zip(cells, row, strict=True))
            line = reader.line_num + 1
        if line == 2:
            issues.append(TableIssue(shown, 1, "", "no rows", "at least one row"))
    except csv.Error as error:
        issues.append(TableIssue(shown, reader.line_num, "", str(error), "well-formed CSV (RFC 4180)"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        issues.append(TableIssue(shown, line, "", repr(data[error.start : error.end]), "UTF-8 text"))


def _cell_issues(row: Mapping[str, str], shown: str, line: int, cells: Cells) -> Iterator[TableIssue]:
    for column, cell in row.items():
        try:
            cells[column](cell)
        except BadCell as error:
            yield TableIssue(shown, line, column, cell, str(error))


def _source_issues(known: list[LabelSource], found: list[Label]) -> Iterator[TableIssue]:
    """Yield what does not fit between sources and labels: a key twice, a source unknown or unused."""
    lines: dict[str, int] = {}
    for source in known:
        if source.id in lines:
            expected = f"a key that is not already on line {lines[source.id]}"
            yield TableIssue(SOURCES, source.line, "id", source.id, expected)
        lines.setdefault(source.id, source.line)
    for label in found:
        if label.source not in lines:
            yield TableIssue(LABELS, label.line, "source", label.source, f"a source that is in {SOURCES}: add it there")
    for unused in sorted(lines.keys() - {label.source for label in found}):
        yield TableIssue(SOURCES, lines[unused], "id", unused, f"a source of a label in {LABELS}: take the row out")


def _label_issues(found: list[Label]) -> Iterator[TableIssue]:
    """Yield labels of nothing, in the wrong script, or told apart from another one by nothing."""
    groups = _groups()
    preferred: dict[tuple[str, str], int] = {}
    texts: dict[tuple[str, str, str], int] = {}
    for label in found:
        at = (LABELS, label.line)
        if label.term not in groups:
            yield TableIssue(*at, "term", label.term, "a term of the ontology or a concept of a scheme")
            continue
        if not LANGUAGES[label.language].search(label.text):
            yield TableIssue(*at, "label", label.text, f"letters of the script of {label.language}")
        if label.of_term and label.kind == ALTERNATIVE:
            yield TableIssue(*at, "kind", label.kind, "preferred: a term has one label a language")
        text = (groups[label.term], label.language, label.text.casefold())
        if text in texts:
            expected = f"a label that does not already stand on line {texts[text]}, for {text[0]}"
            yield TableIssue(*at, "label", label.text, expected)
        texts.setdefault(text, label.line)
        own = (label.term, label.language)
        if label.kind == PREFERRED and own in preferred:
            yield TableIssue(*at, "kind", label.kind, f"alternative: line {preferred[own]} has the preferred label")
        if label.kind == PREFERRED:
            preferred.setdefault(own, label.line)
    for label in found:
        if label.kind == ALTERNATIVE and not label.of_term and (label.term, label.language) not in preferred:
            yield TableIssue(LABELS, label.line, "kind", label.kind, f"a preferred label in {label.language} beside it")


@cache
def _groups() -> dict[str, str]:
    """Return for each term and concept the group in which a label stands once: classes, properties, or its scheme."""
    found = {
        f"neakg:{term.name}": "the classes" if term.kind == "class" else "the properties" for term in terms().values()
    }
    concept = NamedNode(expand("skos:Concept"))
    for entry in walk(folder("ontology") / "vocabularies", ".ttl"):
        for triple in parse(entry.read_bytes(), format=RdfFormat.TURTLE):
            if triple.object == concept and isinstance(triple.subject, NamedNode):
                name = triple.subject.value.removeprefix(SCHEME)
                found[name] = "the scheme " + name.partition("/")[0]
    return found


def _turtle(prefixes: tuple[str, ...], found: list[Label], urls: Mapping[str, str]) -> bytes:
    lines = [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in prefixes]
    lines += ["", f"# Made by `make ontology` from {LABELS} and {SOURCES}, which say who gives each label."]
    cited: dict[str, set[str]] = defaultdict(set)
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for label in found:
        home = ONTOLOGY if label.of_term else f"{SCHEME}{label.term.partition('/')[0]}"
        cited[home].add(urls[label.source])
        subject = label.term if label.of_term else f"<{label.iri}>"
        said[subject][_property(label)].append(f"{_quoted(label.text)}@{label.language}")
    for home, addresses in sorted(cited.items()):
        lines += ["", _statement(f"<{home}>", {"dcterms:source": [f"<{address}>" for address in sorted(addresses)]})]
    for subject, values in said.items():
        lines += ["", _statement(subject, values)]
    return ("\n".join(lines) + "\n").encode()


def _property(label: Label) -> str:
    if label.of_term:
        return "rdfs:label"
    return "skos:prefLabel" if label.kind == PREFERRED else "skos:altLabel"


def _statement(subject: str, values: Mapping[str, list[str]]) -> str:
    """Return the triples of one subject: a line for each value."""
    parts = [f"{name} " + " ,\n        ".join(objects) for name, objects in sorted(values.items(), reverse=True)]
    return f"{subject} " + " ;\n    ".join(parts) + " ."


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
