"""Stored queries: one ``.rq`` file each, with a header that grlc reads too, runnable as it lies in any SPARQL tool.

A header line starts with ``#+``: ``summary`` (required, first), ``description``, ``tags``, ``params``, ``columns``.  A
parameter is a variable bound in exactly one ``VALUES ?name { default }`` block; only that block is replaced, by a term
written from a checked value, never by text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from kg.errors import UsageError
from kg.iris import Base
from kg.namespaces import BASE
from kg.resources import folder, walk
from kg.tables import BadCell, parse_decimal, parse_edtf

_FIELDS = ("summary", "description", "tags", "params", "columns")
_LISTS = ("tags", "params")
_REFERENCE = re.compile(r"[a-z-]+/[a-z0-9-]+")
_IRI = re.compile(r"<?([a-z][a-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]*)>?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable that a caller may set: its name, kind (iri, integer, decimal, date, string) and meaning."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A stored query: its name (the file's stem), subject (the folder), header and text."""

    name: str
    subject: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    text: str

    def bind(self, values: Mapping[str, str], base: Base | None = None) -> str:
        """Return the text with parameters set.

        Args:
            values: text of a value by parameter; the others keep the default that stands in the file.
            base: where the things of the graph are named.

        Raises:
            UsageError: there is no such parameter, or a value does not fit its kind.
        """
        chosen = base or Base()
        known = {parameter.name: parameter for parameter in self.parameters}
        terms = {}
        for name, value in values.items():
            if name not in known:
                names = " ".join(known) or "(it has none)"
                raise UsageError(f"{self.name}: no parameter {name!r}; it has: {names}")
            terms[name] = _term(known[name], value, chosen)
        text = self.text if chosen.iri == BASE else re.sub(f"<{BASE}(id|graph)/", rf"<{chosen.iri}\1/", self.text)
        if terms:  # in one pass, so that a value that looks like a block stays a value
            text = _block("|".join(terms)).sub(lambda match: f"VALUES ?{match[1]} {{ {terms[match[1]]} }}", text)
        return text


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"VALUES\s+\?({name})\s*\{{[^}}]*\}}", re.IGNORECASE)


def _iri(text: str, base: Base) -> str:
    if _REFERENCE.fullmatch(text):
        return f"<{base.thing(text)}>"
    match = _IRI.fullmatch(text)
    if not match:
        raise BadCell("an IRI, or a reference such as species/amur-tiger")
    return f"<{match[1]}>"


def _integer(text: str, _: Base) -> str:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise BadCell("a whole number")
    return text


def _date(text: str, _: Base) -> str:
    return f'"{parse_edtf(text)}"'


def _string(text: str, _: Base) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


_KINDS: dict[str, Callable[[str, Base], str]] = {
    "iri": _iri,
    "integer": _integer,
    "decimal": lambda text, _: f"{parse_decimal(text):f}",
    "date": _date,
    "string": _string,
}


def _term(parameter: Parameter, value: str, base: Base) -> str:
    try:
        return _KINDS[parameter.kind](value, base)
    except BadCell as error:
        raise UsageError(f"parameter {parameter.name}: {value!r}: expected {error}") from None


def parse_query(name: str, subject: str, text: str) -> StoredQuery:
    """Read one stored query.

    Raises:
        UsageError: an unknown header field, no summary, or a parameter without its one VALUES block.
    """
    header = _header(name, text)
    if not header.get("summary"):
        raise UsageError(f"{name}.rq:1: the header needs '#+ summary: ...' as its first line")
    parameters = tuple(_parameter(name, item) for item in _items(header.get("params", "")))
    for parameter in parameters:
        count = len(_block(parameter.name).findall(text))
        if count != 1:
            raise UsageError(f"{name}.rq: parameter {parameter.name} needs exactly one VALUES block, found {count}")
    columns = tuple(part.strip() for part in header.get("columns", "").split(",") if part.strip())
    tags = tuple(_items(header.get("tags", "")))
    return StoredQuery(name, subject, header["summary"], header.get("description", ""), tags, parameters, columns, text)


def _header(name: str, text: str) -> dict[str, str]:
    header: dict[str, str] = {}
    field = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            break
        content = line[2:].strip()
        if field in _LISTS and content.startswith("- "):
            header[field] += f"\n{content[2:].strip()}"
            continue
        field, colon, value = content.partition(":")
        if field in header:
            raise UsageError(f"{name}.rq:{number}: the header field {field!r} stands twice")
        if not colon or field not in _FIELDS:
            raise UsageError(f"{name}.rq:{number}: unknown header field {field!r}; use one of {' '.join(_FIELDS)}")
        header[field] = value.strip()
    return header


def _items(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def _parameter(query: str, text: str) -> Parameter:
    name, _, rest = text.partition(":")
    kind, _, meaning = rest.partition(",")
    if kind.strip() not in _KINDS:
        raise UsageError(f"{query}.rq: parameter {name}: kind {kind.strip()!r} is none of {' '.join(_KINDS)}")
    return Parameter(name.strip(), kind.strip(), meaning.strip())


def stored_queries(top: Traversable | None = None) -> dict[str, StoredQuery]:
    """Return all stored queries by name.

    Raises:
        UsageError: two have the same name, or one is not well formed.
    """
    root = top or folder("queries")
    found: dict[str, StoredQuery] = {}
    if stray := [entry.name for entry in root.iterdir() if entry.name.endswith(".rq")]:
        raise UsageError(f"queries/{stray[0]}: a stored query lies in the folder of its subject")
    for subject in sorted((entry for entry in root.iterdir() if entry.is_dir()), key=lambda entry: entry.name):
        for entry in walk(subject, ".rq"):
            name = entry.name.removesuffix(".rq")
            if name in found:
                raise UsageError(f"two stored queries are called {name}")
            found[name] = parse_query(name, subject.name, entry.read_text("utf-8"))
    return found
