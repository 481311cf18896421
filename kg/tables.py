"""Strict reading of the repository's own CSV tables into records.

One reader for all tables: the columns of a table are the fields of its record (``kg.records.TABLES``), and the
annotation of a field says how its cell is parsed.  Every mistake of a file is collected and reported with file, line,
column, value and what was expected; nothing of a faulty file is used.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any, Literal, get_args, get_origin, get_type_hints

from kg.errors import TableErrors, TableIssue
from kg.records import TABLES, Evidence, Form, Locator, Origin, Record, RefTo, Source

SEPARATOR = ";"
#: The column that becomes ``Record.evidence``: bibliography ids; several mean "one of these".
SOURCES = "sources"
#: A folder whose source was read passage by passage has this table, and each of its other tables this column.
LOCATORS = "locators"
_LOCATOR_COLUMNS = ("id", "heading", "paragraph", "start", "end", "sha256", "fragment")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
#: What may stand in an address beside its punctuation (RFC 3987, without the planes that no script of ours is in).
_URL_CHARACTER = r"""[^\s\x00-\x20\x7f-\xa0<>"{}|\\^`\[\]%#\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\U0010ffff]"""
_URL_TEXT = rf"(?:{_URL_CHARACTER}|%[0-9A-Fa-f]{{2}})*"
_URL = re.compile(rf"https?://[\w.-]+(?::[0-9]{{1,5}})?(?:[/?]{_URL_TEXT})?(?:#{_URL_TEXT})?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class BadCell(ValueError):
    """A cell does not hold what its column expects; the text says what was expected."""


def parse_slug(text: str) -> str:
    """Parse a slug: what an IRI ends in."""
    if not _SLUG.fullmatch(text):
        raise BadCell("a slug (lower-case ASCII letters, digits, single hyphens)")
    return text


def parse_decimal(text: str) -> Decimal:
    """Parse a plain decimal: no exponent, no thousands separator, dot as decimal sign."""
    if not _NUMBER.fullmatch(text):
        raise BadCell("a decimal number such as 2619 or 43.5 (no separators, no exponent)")
    try:
        return Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the pattern excludes it
        raise BadCell("a decimal number") from error


def _within(low: int, high: int) -> Callable[[str], Decimal]:
    def parse(text: str) -> Decimal:
        number = parse_decimal(text)
        if not low <= number <= high:
            raise BadCell(f"decimal degrees from {low} to {high}")
        return number

    return parse


def _parse_day(text: str) -> str:
    match = _DATE.fullmatch(text)
    if not match:
        raise BadCell("a date: 2012, 2012-05, 2012-05-16, or an interval 2014/2015 or 2014/..")
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise BadCell("a date that exists in the calendar") from error
    if not 1500 <= int(year) <= 2100:
        raise BadCell("a year from 1500 to 2100")
    return text


def parse_edtf(text: str) -> str:
    """Parse a date or an interval (EDTF level 0, ISO 8601-2; an open end is ``..``)."""
    start, slash, end = text.partition("/")
    _parse_day(start)
    if slash and end != "..":
        _parse_day(end)
        size = min(len(start), len(end))
        if end[:size] < start[:size]:
            raise BadCell("an interval whose end is not before its start")
    return text


def parse_url(text: str) -> str:
    """Parse an http(s) address (letters of any script may stand in it)."""
    if not _URL.fullmatch(text):
        raise BadCell("an http(s) address without blanks")
    return text


def parse_language(text: str) -> str:
    """Parse a language tag with optional script and region (BCP 47)."""
    if not _LANGUAGE.fullmatch(text):
        raise BadCell("a language tag such as en, zh-Hans or ko-KP")
    return text


def _parse_bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadCell("true or false")
    return text == "true"


def _parse_int(text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text):
        raise BadCell("a whole number")
    return int(text)


_FORMS: dict[str, Callable[[str], Any]] = {
    "slug": parse_slug,
    "edtf": parse_edtf,
    "url": parse_url,
    "language": parse_language,
    "latitude": _within(-90, 90),
    "longitude": _within(-180, 180),
    "wkt": str,
}
_PLAIN: dict[Any, Callable[[str], Any]] = {
    str: str,
    bool: _parse_bool,
    int: _parse_int,
    Decimal: parse_decimal,
}


def _reference(target: RefTo) -> Callable[[str], str]:
    def parse(text: str) -> str:
        kind, slash, slug = text.partition("/")
        known = "*" in target.types or kind in target.types
        if not slash or not known or not _SLUG.fullmatch(slug):
            raise BadCell("a reference " + " or ".join(f"{kind}/slug" for kind in target.types))
        return text

    return parse


def _choice(values: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in values:
            raise BadCell("one of " + ", ".join(values))
        return text

    return parse


def _parser(hint: Any) -> Callable[[str], Any]:
    """Return the parser of a field's annotation; optional and tuple annotations wrap another one."""
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _parser(next(arg for arg in get_args(hint) if arg is not type(None)))
    if origin is Literal:
        return _choice(get_args(hint))
    if origin is tuple:
        item = _parser(get_args(hint)[0])
        return lambda text: tuple(item(part.strip()) for part in text.split(SEPARATOR))
    if origin is typing.Annotated:
        form = get_args(hint)[1]
        return _reference(form) if isinstance(form, RefTo) else _FORMS[form.name] if isinstance(form, Form) else str
    return _PLAIN[hint]


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name, how to parse a cell, and whether a cell may be empty."""

    name: str
    parse: Callable[[str], Any]
    required: bool


@cache
def columns(record: type, located: bool = False) -> tuple[Column, ...]:
    """Return the columns of the table whose rows become ``record``, in the order of its fields.

    ``located`` adds the column of passages that the tables of a fully read source have.
    """
    hints = get_type_hints(record, include_extras=True)
    found = [
        Column(item.name, _parser(hints[item.name]), _is_required(item))
        for item in dataclasses.fields(record)
        if item.name not in ("evidence", "origin", "group")
    ]
    slugs = _parser(tuple[typing.Annotated[str, Form("slug")], ...])
    if record is not Source:
        found.append(Column(SOURCES, slugs, required=True))
    if located:
        found.append(Column(LOCATORS, slugs, required=True))
    return tuple(found)


def _is_required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def read_folder(top: Traversable, shown: str) -> Iterator[Record | Source]:
    """Yield the records of every table in ``top``; ``shown`` is the folder's name in messages.

    Raises:
        TableErrors: with every mistake of every table of the folder.
    """
    issues: list[TableIssue] = []
    rows: list[Record | Source] = []
    locators = _read_locators(top, shown)
    for entry in sorted(top.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".csv") or entry.name == f"{LOCATORS}.csv":
            continue
        try:
            rows.extend(read_table(entry.read_bytes(), entry.name, f"{shown}/{entry.name}", locators))
        except TableErrors as error:
            issues.extend(error.issues)
    if issues:
        raise TableErrors(issues)
    yield from rows


def _read_locators(top: Traversable, shown: str) -> dict[str, Locator] | None:
    """Return the folder's locators by id, or None when it has no such table."""
    entry = top / f"{LOCATORS}.csv"
    if not entry.is_file():
        return None
    name = f"{shown}/{LOCATORS}.csv"
    reader = csv.reader(io.StringIO(_decode(entry.read_bytes(), name), newline=""), strict=True)
    found: dict[str, Locator] = {}
    issues: list[TableIssue] = []
    try:
        header = next(reader, [])
        if tuple(header) != _LOCATOR_COLUMNS:
            issues.append(TableIssue(name, 1, "", ",".join(header), "the columns " + ",".join(_LOCATOR_COLUMNS)))
            raise TableErrors(issues)
        for cells in reader:
            _add_locator(found, cells, TableIssue(name, reader.line_num, "", "", ""), issues)
    except csv.Error as error:
        issues.append(_bad_csv(name, reader.line_num, error))
    if issues:
        raise TableErrors(issues)
    return found


def _add_locator(found: dict[str, Locator], cells: list[str], at: TableIssue, issues: list[TableIssue]) -> None:
    if len(cells) != len(_LOCATOR_COLUMNS):
        expected = f"{len(_LOCATOR_COLUMNS)} cells, as in the header"
        issues.append(dataclasses.replace(at, value=f"{len(cells)} cells", expected=expected))
        return
    key, heading, *numbers, sha256, fragment = cells
    whole = [int(number) for number in numbers if re.fullmatch(r"[0-9]+", number)]
    if key in found or not _SLUG.fullmatch(key):
        issues.append(dataclasses.replace(at, column="id", value=key, expected="a slug that stands once"))
    elif len(whole) != len(numbers) or whole[1] >= whole[2]:
        issues.append(
            dataclasses.replace(at, column="start", value=",".join(numbers), expected="whole numbers, start < end")
        )
    elif not re.fullmatch(_URL_TEXT, fragment.removeprefix("#")):
        issues.append(dataclasses.replace(at, column="fragment", value=fragment, expected="a text directive, escaped"))
    elif not re.fullmatch(r"[0-9a-f]{64}", sha256):
        issues.append(dataclasses.replace(at, column="sha256", value=sha256, expected="64 hexadecimal digits"))
    else:
        found[key] = Locator(heading, whole[0], whole[1], whole[2], sha256, fragment)


def _bad_csv(shown: str, line: int, error: csv.Error) -> TableIssue:
    return TableIssue(shown, line, "", str(error), "well-formed CSV (RFC 4180)")


def read_table(data: bytes, name: str, shown: str, locators: dict[str, Locator] | None = None) -> list[Record | Source]:
    """Return the records of one table.

    Args:
        data: the file's bytes, UTF-8 without a byte order mark.
        name: the table's file name, a key of ``kg.records.TABLES``.
        shown: the name to print in messages.
        locators: the passages a row may cite in its column ``locators``; None: the table has no such column.

    Raises:
        TableErrors: with every mistake of the file.
    """
    record: Any = TABLES.get(name)
    if record is None:
        raise TableErrors([TableIssue(shown, 1, "", name, "a table named one of " + ", ".join(TABLES))])
    text = _decode(data, shown)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    issues: list[TableIssue] = []
    try:
        header = next(reader, [])
        known = {column.name: column for column in columns(record, locators is not None and record is not Source)}
        _check_header(header, known, shown, issues)
        if issues:
            raise TableErrors(issues)
        rows = list(_rows(reader, header, _Table(record, known, shown, locators), issues))
    except csv.Error as error:
        raise TableErrors([*issues, _bad_csv(shown, reader.line_num, error)]) from error
    _check_keys(rows, shown, issues)
    if not rows and not issues:
        issues.append(TableIssue(shown, 1, "", "no rows", "at least one row, or no file"))
    if issues:
        raise TableErrors(issues)
    return rows


def _decode(data: bytes, shown: str) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise TableErrors([TableIssue(shown, 1, "", "byte order mark", "UTF-8 without a byte order mark")])
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise TableErrors([TableIssue(shown, line, "", "a zero byte", "UTF-8 text")])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TableErrors([TableIssue(shown, line, "", repr(data[error.start : error.end]), "UTF-8 text")]) from error


@dataclasses.dataclass(frozen=True, slots=True)
class _Table:
    record: type[Record | Source]
    known: dict[str, Column]
    shown: str
    locators: dict[str, Locator] | None


def _check_header(header: list[str], known: dict[str, Column], shown: str, issues: list[TableIssue]) -> None:
    for name in header:
        if name not in known:
            issues.append(TableIssue(shown, 1, name, name, "a column named one of " + ", ".join(known)))
        if header.count(name) > 1:
            issues.append(TableIssue(shown, 1, name, name, "a column that stands once"))
    for name, column in known.items():
        if column.required and name not in header:
            issues.append(TableIssue(shown, 1, name, "(missing)", f"the column {name}"))


def _rows(reader: Any, header: list[str], table: _Table, issues: list[TableIssue]) -> Iterator[Record | Source]:
    shown = table.shown
    line = 2
    for cells in reader:
        start, line = line, reader.line_num + 1
        if len(cells) != len(header):
            issues.append(TableIssue(shown, start, "", f"{len(cells)} cells", f"{len(header)} cells, as in the header"))
            continue
        values: dict[str, Any] = {}
        before = len(issues)
        for name, cell in zip(header, cells, strict=True):
            _parse_cell(table.known[name], cell, values, TableIssue(shown, start, name, cell, ""), issues)
        if len(issues) == before:
            yield from _build(table, values, Origin(shown, start), issues)


def _parse_cell(column: Column, cell: str, values: dict[str, Any], at: TableIssue, issues: list[TableIssue]) -> None:
    if cell != cell.strip():
        issues.append(dataclasses.replace(at, expected="no blanks at the ends"))
    elif cell == "":
        if column.required:
            issues.append(dataclasses.replace(at, expected="a value: this column may not be empty"))
    else:
        try:
            values[column.name] = column.parse(cell)
        except BadCell as error:
            issues.append(dataclasses.replace(at, expected=str(error)))


def _build(
    table: _Table, values: dict[str, Any], origin: Origin, issues: list[TableIssue]
) -> Iterator[Record | Source]:
    if table.record is Source:
        yield Source(origin=origin, **values)
        return
    sources = values.pop(SOURCES)
    evidence: tuple[Evidence, ...] = (Evidence(sources),)
    if table.locators is not None:
        wanted = values.pop(LOCATORS)
        missing = [key for key in wanted if key not in table.locators]
        if missing:
            at = TableIssue(origin.file, origin.line, LOCATORS, ";".join(missing), f"ids that stand in {LOCATORS}.csv")
            issues.append(at)
            return
        evidence = tuple(Evidence(sources, table.locators[key]) for key in wanted)
    make: Callable[..., Record | Source] = table.record
    yield make(origin=origin, evidence=evidence, **values)


def _check_keys(rows: list[Record | Source], shown: str, issues: list[TableIssue]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        key = getattr(row, "id", None)
        line = row.origin.line if row.origin else 0
        if key is None:
            continue
        if key in seen:
            issues.append(TableIssue(shown, line, "id", key, f"a key that is not already on line {seen[key]}"))
        seen[key] = line
