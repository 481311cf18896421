"""Records against the text they cite: is every passage there, and does it say what the record says?

Offsets count characters of the *normalised* text (``normalise``), so that a page saved with other line ends, other
blanks or a byte order mark gives the same offsets.  A locator's ``heading`` is a line of that text (without a leading
bullet), and its ``paragraph`` counts the lines under that heading that are not blank: 1 is the first, 0 the heading
itself.  Its ``fragment`` is a text directive (WICG, Scroll to Text Fragment, section 3.1).
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import types
import typing
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import unquote

from kg.errors import SourceMismatch, UsageError
from kg.records import Form, Locator, Record, Source

BULLET = "• "
_DIRECTIVE = ":~:text="
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_SHOWN = 300
#: Text of our own, or none of the source's: its numbers need not stand in the passage.
_OURS = ("id", "note", "confidence")

# fmt: off
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on
#: "one" alone is left out: it is mostly a pronoun.
_NUMBER_WORDS = "|".join([*_SMALL[2:], *_TENS, "hundred", "thousand", "million", "dozens?"])
#: A number in the text: digits with their separators, or a number word.
NUMBER = re.compile(rf"\d+(?:[.,]\d+)*|(?<!\w)(?:{_NUMBER_WORDS})(?!\w)", re.IGNORECASE)


# --- the text ------------------------------------------------------------------------------------------


def normalise(raw: bytes | str) -> str:
    """Return the text that offsets count in; to normalise twice changes nothing.

    UTF-8 without byte order mark, NFC, line ends as LF, every run of blanks (no-break spaces too) as one blank, no
    blanks at the ends of a line, at most one blank line in a row, none at the ends.  Lines stay as they are: a line is
    a paragraph.

    Raises:
        UsageError: the bytes are not UTF-8.
    """
    if isinstance(raw, bytes):
        try:
            raw = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"the source text is not UTF-8 (byte {error.start}: {error.reason})") from error
    text = unicodedata.normalize("NFC", raw.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def sha256(passage: str) -> str:
    """Return the hash of a passage, as a locator carries it."""
    return hashlib.sha256(passage.encode()).hexdigest()


def resolve_fragment(fragment: str, text: str) -> tuple[int, int] | None:
    """Return the range that a browser would mark: the first match, whole words, upper and lower case alike.

    The directive is ``[prefix-,]start[,end][,-suffix]``.
    """
    parts = fragment.lstrip("#").removeprefix(_DIRECTIVE).split(",")
    prefix = unquote(parts.pop(0)[:-1]) if parts[0].endswith("-") else ""
    suffix = unquote(parts.pop()[1:]) if parts and parts[-1].startswith("-") else ""
    if len(parts) not in (1, 2):
        return None
    start, end = unquote(parts[0]), unquote(parts[-1]) if len(parts) == 2 else ""
    middle = rf".*?(?<!\w){_words(end)}" if end else ""
    before = rf"(?<!\w){_words(prefix)}\s*" if prefix else ""
    after = rf"\s*{_words(suffix)}(?!\w)" if suffix else ""
    pattern = rf"{before}(?<!\w)(?P<range>{_words(start)}(?!\w){middle}(?!\w)){after}"
    match = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
    return match.span("range") if match else None


def _words(words: str) -> str:
    return r"\s+".join(re.escape(word) for word in words.split())


# --- the passages --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """What became of a locator: its range in this text (None: gone) and what is wrong, if anything."""

    span: tuple[int, int] | None
    problems: tuple[str, ...] = ()


def _find(locator: Locator, text: str) -> _Found:
    here = text[locator.start : locator.end]
    if sha256(here) == locator.sha256:
        return _Found((locator.start, locator.end), tuple(_check_place(locator, text)))
    size = locator.end - locator.start
    directive = locator.fragment.lstrip("#").removeprefix(_DIRECTIVE).split(",")
    first = unquote(directive[1] if directive[0].endswith("-") and len(directive) > 1 else directive[0])
    for match in re.finditer(re.escape(first), text):
        start = match.start()
        if sha256(text[start : start + size]) == locator.sha256:
            moved = f"moved: the passage is unchanged but now at {start}-{start + size}"
            return _Found((start, start + size), (moved,))
    near = resolve_fragment(locator.fragment, text)
    if near is None or near[1] - near[0] > 2 * size + 40:
        near = (locator.start, locator.end) if here.strip() else None
    shown = _quote(text[near[0] : near[1]]) if near else "nothing"
    wrong = f"changed or gone: expected the passage with SHA-256 {locator.sha256[:12]}..., found {shown}"
    return _Found(near, (wrong,))


def _check_place(locator: Locator, text: str) -> Iterator[str]:
    """Yield what is wrong with the words that say where a passage is, when the passage itself is right."""
    lines = text[: locator.start].split("\n")
    lines[-1] += text[locator.start :].split("\n", 1)[0]
    blocks = [line.removeprefix(BULLET) for line in lines if line]
    distances = [number for number, line in enumerate(reversed(blocks)) if line == locator.heading]
    if not distances:
        yield f"expected it under the heading {locator.heading!r}, found no such line before it"
    elif distances[0] != locator.paragraph:
        yield f"expected it in paragraph {locator.paragraph} under the heading, found it in {distances[0]}"
    if resolve_fragment(locator.fragment, text) != (locator.start, locator.end):
        yield f"the text fragment {locator.fragment!r} does not lead to it"


def _quote(passage: str) -> str:
    return repr(passage if len(passage) <= _SHOWN else passage[: _SHOWN - 3] + "...")


# --- what a record says, as it may be written ------------------------------------------------------------


def number_forms(number: Decimal) -> list[str]:
    """Return the ways a number may be written: 2693, 2,693, one hundred, two dozen."""
    if number != number.to_integral_value():
        return [format(number.normalize(), "f")]
    whole = int(number)
    forms = [str(whole), f"{whole:,}"]
    if 0 <= whole < 1000:
        forms.append(_spell(whole))
    if whole in (12, 100):
        forms.append("a dozen" if whole == 12 else "a hundred")
    if whole % 12 == 0 and 2 <= whole // 12 <= 12:
        forms += [f"{_SMALL[whole // 12]} dozen", f"{_SMALL[whole // 12]} dozens"]
    return list(dict.fromkeys(forms))


def _spell(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_SMALL[rest]}" if rest else "")
    hundreds, rest = divmod(number, 100)
    return f"{_SMALL[hundreds]} hundred" + (f" and {_spell(rest)}" if rest else "")


def date_forms(date: str) -> list[str]:
    """Return the ways a date without a slash may be written: 2014; April 2014; 16 May 2012, May 16, 2012."""
    year, month, day = (*date.split("-"), "", "")[:3]
    if not month:
        return [year]
    name = _MONTHS[int(month) - 1]
    if not day:
        return [f"{name} {year}", f"{name} of {year}", date]
    number = str(int(day))
    return [f"{number} {name} {year}", f"{name} {number}, {year}", f"{name} {number} {year}", date]


def _stands_in(form: str, passage: str) -> bool:
    """Tell whether ``form`` stands in ``passage`` as a whole: 500 neither in 1,500 nor in 5000 nor in 500.5."""
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(form)}(?!\w)(?![.,]\d)", passage, re.IGNORECASE) is not None


@dataclasses.dataclass(frozen=True, slots=True)
class _Claim:
    """One figure or date of a record: where it stands there, and how a text may write it."""

    field: str
    value: str
    forms: tuple[str, ...]


def _kinds(record: type[Record]) -> dict[str, str]:
    """Return which fields of a record hold a number, a date or the source's words."""
    kinds: dict[str, str] = {}
    for name, hint in get_type_hints(record, include_extras=True).items():
        kind = "" if name in _OURS else _kind(hint)
        if kind:
            kinds[name] = kind
    return kinds


def _kind(hint: Any) -> str:
    origin = get_origin(hint)
    if origin in (typing.Union, types.UnionType, tuple):
        return _kind(get_args(hint)[0])
    if origin is typing.Annotated:
        form = get_args(hint)[1]
        return "date" if isinstance(form, Form) and form.name == "edtf" else ""
    return {Decimal: "number", int: "number", str: "words"}.get(hint, "")


def _claims(record: Record, kinds: dict[str, str]) -> Iterator[_Claim]:
    for name, kind in kinds.items():
        held = getattr(record, name)
        for value in held if isinstance(held, tuple) else (held,):
            if value is None or value == "":
                continue
            if kind == "number":
                yield _Claim(name, str(value), tuple(number_forms(Decimal(value))))
            elif kind == "date":
                yield from _date_claims(name, value)
            else:
                yield from (_Claim(name, word, (word,)) for word in re.findall(r"\d[\d.,]*\w*", value))


def _date_claims(name: str, value: str) -> Iterator[_Claim]:
    start, _, end = value.partition("/")
    yield _Claim(name, start, tuple(date_forms(start)))
    if end and end != "..":
        short = [f"{start[:4]}{dash}{end[2:4]}" for dash in "-–/"] if len(end) == 4 else []
        yield _Claim(name, end, (*date_forms(end), *short))


# --- the check -------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class _Citation:
    """A record and the passages of one source that it cites."""

    record: Record
    locators: tuple[Locator, ...]

    def __str__(self) -> str:
        at = self.record.origin
        keys = [getattr(self.record, name, "") for name in ("id", "taxon", "subject")]
        return (f"{at.file}:{at.line} " if at else "") + f"{self.record.type} {next(filter(None, keys), '')}"


def verify(source_id: str, records: Iterable[Record | Source], text: bytes | str) -> list[str]:
    """Return what does not match between the records and the text of the source they cite; empty: all of it does.

    Checked are: each passage by its hash (and whether it only moved), its heading, paragraph and text fragment; each
    number and each date of a record against its own passages, in any usual way of writing; and whether each number that
    stands in the text lies in a passage that some record cites.
    """
    page = normalise(text)
    cited = [_Citation(record, tuple(_locators(record, source_id))) for record in _records(records, source_id)]
    if not any(citation.locators for citation in cited):
        return [f"{source_id}: no record cites a passage of it"]
    problems = [f"{item}: cites {source_id} without a passage" for item in cited if not item.locators]
    passages = {(locator.start, locator.end): locator for item in cited for locator in item.locators}
    found = {place: _find(passages[place], page) for place in sorted(passages)}
    for place, result in found.items():
        users = ", ".join(str(item) for item in cited if any((at.start, at.end) == place for at in item.locators))
        problems += [f"{_name(passages[place])}: {problem} (cited by {users})" for problem in result.problems]
    kinds = {kind: _kinds(kind) for kind in {type(item.record) for item in cited}}
    for item in cited:
        spans = [found[at.start, at.end].span for at in item.locators]
        stated = [page[span[0] : span[1]] for span in spans if span]
        problems += _check_claims(item, stated, _claims(item.record, kinds[type(item.record)]))
    return problems + list(_unrecorded(page, [result.span for result in found.values() if result.span]))


def _records(records: Iterable[Record | Source], source_id: str) -> Iterator[Record]:
    for record in records:
        if isinstance(record, Record) and any(source_id in evidence.sources for evidence in record.evidence):
            yield record


def _locators(record: Record, source_id: str) -> Iterator[Locator]:
    for evidence in record.evidence:
        if evidence.locator is not None and source_id in evidence.sources:
            yield evidence.locator


def _name(locator: Locator) -> str:
    return f"passage {locator.heading!r}, paragraph {locator.paragraph}, {locator.start}-{locator.end}"


def _check_claims(citation: _Citation, passages: list[str], claims: Iterable[_Claim]) -> Iterator[str]:
    where = "; ".join(_name(locator) for locator in citation.locators)
    for claim in claims if citation.locators else ():
        if not any(_stands_in(form, passage) for form in claim.forms for passage in passages):
            expected = " or ".join(repr(form) for form in claim.forms)
            shown = "; ".join(_quote(passage) for passage in passages) or "nothing"
            yield f"{citation}: {claim.field} {claim.value}: expected {expected} in {where}, found {shown}"


def _unrecorded(page: str, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    for match in NUMBER.finditer(page):
        if not any(start <= match.start() and match.end() <= end for start, end in spans):
            around = _quote(page[max(0, match.start() - 30) : match.end() + 30].replace("\n", " "))
            yield f"not recorded: the text has {match.group()!r} at {match.start()} ({around}), cited by no record"


def with_quotes(records: Iterable[Record | Source], text: bytes | str) -> Iterator[Record | Source]:
    """Return the records with each locator's passage as its ``quote``.

    The source is the one whose passages the records cite.

    Raises:
        SourceMismatch: the text is not the one the records were made from.
    """
    rows = list(records)
    evidence = [item for row in rows if isinstance(row, Record) for item in row.evidence if item.locator]
    sources = sorted({source for item in evidence for source in item.sources})
    if len(sources) != 1:
        raise SourceMismatch("source text", [f"expected records that cite passages of one source, found {sources}"])
    page = normalise(text)
    if problems := verify(sources[0], rows, page):
        raise SourceMismatch(sources[0], problems)
    return (_quoted(row, page) if isinstance(row, Record) else row for row in rows)


def _quoted(record: Record, page: str) -> Record:
    evidence = []
    for item in record.evidence:
        locator = item.locator
        if locator is not None:
            locator = dataclasses.replace(locator, quote=page[locator.start : locator.end])
        evidence.append(dataclasses.replace(item, locator=locator))
    return dataclasses.replace(record, evidence=tuple(evidence))
