"""What can be said of a SPARQL text before it is evaluated: its form, its dataset, its SERVICEs, its depth.

The text is cut into the terminals of the SPARQL 1.1 grammar (section 19.8), so that words inside strings, IRIs and
comments are never taken for keywords.  This is no parser: the engine judges the syntax.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from kg.errors import QueryError

#: Sizes beyond which a text is refused unread: the engine's parser recurses on the native stack.
MAX_LENGTH = 1_000_000
MAX_DEPTH = 100
#: The engine nests these without brackets, each inside the one before; it survives more, and ends at three times that.
_MOST_IN_A_ROW = {**dict.fromkeys(("AS", "BIND", "MINUS", "OPTIONAL"), 500), **dict.fromkeys(("FILTER", "UNION"), 2000)}
_MOST_OPERATORS = dict.fromkeys(("+", "*", "&", "|"), 4000)

_TERMINAL = re.compile(
    r"""
    (?P<blank>\s+|\#[^\r\n]*)
  | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
      |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
  | (?P<variable>[?$]\w+)
  | (?P<pname>(?:[^\W\d_][\w.\-]*)?:(?:[\w:%.\-]|\\.)*)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[^\W\d_]\w*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: What makes a text worth a closer look: a dataset, a SERVICE, an escape that may hide one, a long run of operators.
_UNUSUAL = re.compile(r"from|service|\\u|(?:[!\-+^|/](?:\s|\#[^\r\n]*)*){50}", re.IGNORECASE)
_BEGINNING = re.compile(
    r"(?:\s+|\#[^\r\n]*[\r\n]|BASE\s*<[^<>\s]*>|PREFIX\s+[\w.\-]*:\s*<[^<>\s]*>)*(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w.:\-])",
    re.IGNORECASE,
)
#: A text so short holds too few words for any limit on them.
_SHORT = 2000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_QUERY_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH")


@dataclass(frozen=True, slots=True)
class Token:
    """One terminal: its kind, its text and where it starts (0-based offset)."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a query text asks for.

    ``form`` is SELECT, ASK, CONSTRUCT, DESCRIBE, UPDATE or "" (not recognised); ``default_graphs`` and
    ``named_graphs`` are the IRIs of FROM and FROM NAMED; ``services`` the offsets of SERVICE keywords.
    """

    form: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    services: tuple[int, ...]


def tokens(text: str) -> Iterator[Token]:
    """Yield the terminals of a SPARQL text, without blanks and comments."""
    for match in _TERMINAL.finditer(text):
        kind = match.lastgroup or "other"
        if kind != "blank":
            yield Token(kind, match.group(), match.start())


def outline(text: str) -> Outline:
    """Return what a query text asks for.

    Raises:
        QueryError: the text is too long or nested too deeply to be parsed safely.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError("too-large", f"the query has {len(text)} characters; at most {MAX_LENGTH} are read")
    if form := _ordinary(text):
        return Outline(form, (), (), ())
    found = list(tokens(text))
    _check_depth(found, text)
    _check_length(found, text)
    form = _form(found)
    default, named = _dataset(found, _prologue(found)) if form else ([], [])
    services = _services(found)
    if not services and "\\u" in text.lower():
        # Section 19.2 replaces codepoint escapes before anything else is read (\\u0053ERVICE is a keyword); the engine
        # reads them inside strings and IRIs only.  A SERVICE in either reading is one.
        services = _services(tokens(_unescape(text)))[:1] and (0,)
    return Outline(form, tuple(default), tuple(named), services)


def _ordinary(text: str) -> str:
    """Return the form of a short query that can neither be too deep nor name graphs or services, else ""."""
    if len(text) > _SHORT or sum(map(text.count, "({[")) > MAX_DEPTH or _UNUSUAL.search(text):
        return ""
    match = _BEGINNING.match(text)
    return match[1].upper() if match else ""


def _services(found: Iterable[Token]) -> tuple[int, ...]:
    return tuple(token.start for token in found if _is_keyword(token, "SERVICE"))


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column (both from 1) of an offset."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def limited(text: str, rows: int) -> str:
    """Return a SELECT query that gives at most ``rows`` solutions: its own LIMIT lowered, or one put in its place.

    LIMIT and OFFSET come in any order before a closing VALUES (SPARQL 1.1, rules 25 and 28).
    """
    depth = 0
    found = list(tokens(text))
    for token, follower in zip(found, [*found[1:], Token("", "", len(text))], strict=True):
        depth += (token.text == "{") - (token.text == "}")
        if depth or token.kind != "word":
            continue
        if _is_keyword(token, "LIMIT") and follower.kind == "number":
            end = follower.start + len(follower.text)
            return f"{text[: follower.start]}{min(rows, int(follower.text))}{text[end:]}"
        if token.text.upper() == "VALUES":
            return f"{text[: token.start]}LIMIT {rows} {text[token.start :]}"
    return f"{text}\nLIMIT {rows}"


def _check_depth(found: list[Token], text: str) -> None:
    depth = 0
    run = 0
    for token in found:
        if token.text in ("(", "{", "["):
            depth += 1
        elif token.text in (")", "}", "]"):
            depth -= 1
        # A run of operators nests without brackets: !!!!x, - - - x, ^^^p.
        run = run + 1 if token.text in ("!", "-", "+", "^", "|", "/") else 0
        if max(depth, run) > MAX_DEPTH:
            line, column = position(text, token.start)
            raise QueryError("too-large", f"the query nests deeper than {MAX_DEPTH} levels", line, column)


def _check_length(found: list[Token], text: str) -> None:
    """Refuse a flat text that the engine would turn into a deep one: its parser or planner would end the process."""
    counts: Counter[str] = Counter()
    limits = {**_MOST_IN_A_ROW, **_MOST_OPERATORS}
    for token in found:
        word = token.text.upper() if token.kind in ("word", "other") else ""
        limit = limits.get(word)
        if limit is None:
            continue
        counts[word] += 1
        if counts[word] > limit:
            line, column = position(text, token.start)
            raise QueryError("too-large", f"the query says {word} more than {limit} times", line, column)


def _is_keyword(token: Token, keyword: str) -> bool:
    """Say whether a word is, or ends in, a keyword: parsers accept ``ASKFROM <g>`` and ``true SERVICE`` unspaced."""
    return token.kind == "word" and token.text.upper().endswith(keyword)


def _form(found: list[Token]) -> str:
    """Return the first word after the prologue, as a query form or UPDATE."""
    for token in found:
        if token.kind != "word":
            continue
        word = token.text.upper()
        form = next((name for name in _QUERY_FORMS if word.startswith(name)), "")
        if form:
            return form
        if word in _UPDATES:
            return "UPDATE"
    return ""


def _prologue(found: list[Token]) -> tuple[str, dict[str, str]]:
    """Return the base IRI and the prefixes declared before the query form."""
    base, prefixes = "", {}
    for before, token, iri in zip([Token("", "", 0), *found], found, found[1:], strict=False):
        word = token.text.upper()
        if token.kind == "word" and word.startswith(_QUERY_FORMS):
            break
        if iri.kind != "iri":
            continue
        if word == "BASE":
            base = _resolve(base, iri.text)
        elif token.kind == "pname" and token.text.endswith(":"):
            glued = before.text.upper() != "PREFIX" and word.startswith("PREFIX")  # parsers accept PREFIXex: unspaced
            prefixes[token.text[len("PREFIX") if glued else 0 : -1]] = _resolve(base, iri.text)
    return base, prefixes


def _resolve(base: str, reference: str) -> str:
    """Return the IRI of ``<reference>`` (RFC 3986, section 5); one that cannot be resolved stays as it is."""
    iri = _unescape(reference[1:-1])
    if not base or _SCHEME.match(iri):
        return iri
    try:
        joined = urljoin(base, iri)
    except ValueError:
        return iri
    return f"{joined}#" if iri.endswith("#") else joined  # urljoin drops an empty fragment


def _dataset(found: list[Token], prologue: tuple[str, dict[str, str]]) -> tuple[list[str], list[str]]:
    base, prefixes = prologue
    default: list[str] = []
    named: list[str] = []
    words = [*found, Token("", "", 0), Token("", "", 0)]
    depth = 0
    for index, token in enumerate(found):
        depth += (token.text == "{") - (token.text == "}")
        if depth or token.kind != "word":  # a CONSTRUCT's template and an EXISTS stand before FROM
            continue
        follower = words[index + 1]
        is_named = _is_keyword(token, "FROMNAMED")
        if _is_keyword(token, "FROM") and follower.kind == "word" and follower.text.upper() == "NAMED":
            is_named, follower = True, words[index + 2]
        elif not is_named and not _is_keyword(token, "FROM"):
            continue
        graph = _graph_iri(follower, base, prefixes)
        if graph is not None:
            (named if is_named else default).append(graph)
    return default, named


def _graph_iri(token: Token, base: str, prefixes: dict[str, str]) -> str | None:
    if token.kind == "iri":
        return _resolve(base, token.text)
    if token.kind == "pname":
        prefix, _, local = token.text.partition(":")
        if prefix in prefixes:
            return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
    return None


def _unescape(text: str) -> str:
    return re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", _character, text)


def _character(match: re.Match[str]) -> str:
    """Return the character of a codepoint escape; what is no character stays as it is, for the engine to refuse."""
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF else match[0]
