"""Where a query that the engine refused goes wrong, in words for the person who wrote it.

The engine names a place somewhere behind the mistake and lists fragments of its own grammar.  So a refused text is
read again by the grammar in ``sparql.lark``, whose first unexpected terminal is the mistake; what the grammar accepts
breaks a rule beyond it (SPARQL 1.1, sections 4.1.1, 10.1, 11.4, 18.2 and 19.8, notes).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from kg.errors import QueryError
from kg.namespaces import PREFIXES
from kg.sparql_text import Token as Terminal
from kg.sparql_text import position, tokens

#: Terminals by the words people have for them.  What shares a word is named once.
_WORDS: Final[dict[str, str]] = {
    "VAR": "a variable",
    "IRIREF": "an IRI",
    "PNAME_LN": "an IRI",
    "PNAME_NS": "an IRI",
    "STRING": "a string",
    "STRING_LONG": "a string",
    "INTEGER": "a number",
    "DECIMAL": "a number",
    "DOUBLE": "a number",
    "SIGNED": "a number",
    "BOOLEAN": "true or false",
    "LANGTAG": "a language tag",
    "BLANK_NODE_LABEL": "a blank node",
    "BUILTIN": "a function",
    "AGGREGATE": "an aggregate",
    "COUNT": "an aggregate",
    "GROUP_CONCAT": "an aggregate",
    "A": "a",
    "$END": "the end of the query",
}
_MOST_WORDS: Final = 12
#: Longer texts are not read again: the grammar takes about a second for a hundred thousand characters.
MOST_CHARACTERS: Final = 50_000
_A_PREFIX: Final = "a prefix with its colon, such as ex:"
_OPEN_IRI: Final = "this IRI is not closed by >, or holds a blank or another character that no IRI has"
_PLACE: Final = re.compile(r"error at (\d+):(\d+)")
_UNBOUND: Final = "contains a variable that is unbound"
_ENGINE_NOISE: Final = re.compile(r"\[[^\]]*\]|Prefix not found|IRI parsing failed")


@cache
def _grammar() -> Lark:
    text = (files("kg") / "sparql.lark").read_text("utf-8")
    return Lark(text, parser="lalr", maybe_placeholders=False)


def prepare() -> None:
    """Compile the grammar now, so that the first mistake need not wait for it."""
    _grammar()


def diagnose(text: str, engine: str = "") -> QueryError:
    """Return the error that points at the first mistake of a refused query.

    Args:
        text: the query.
        engine: what the engine says of it.
    """
    if len(text) > MOST_CHARACTERS:
        place = _PLACE.search(engine)
        where = (int(place[1]), int(place[2])) if place else (0, 0)
        return QueryError("syntax", "the query is not valid SPARQL; the mistake lies at this place or before", *where)
    mistakes = [item for item in (_grammatical(text), _undeclared(text)) if item]
    if mistakes:
        offset, detail = min(mistakes)
        line, column = position(text, offset)
        return QueryError("syntax", detail, line, column)
    return QueryError("syntax", *_beyond_grammar(text, engine))


def _grammatical(text: str) -> tuple[int, str] | None:
    try:
        _grammar().parse(text)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            end = len(text.rstrip())
            return end, f"the query ends here; expected {_wanted(error.accepts or error.expected)}"
        return error.token.start_pos or 0, _odd_token(text, error.token)
    except UnexpectedCharacters as error:
        return error.pos_in_stream or 0, _odd_characters(text, error.pos_in_stream or 0)
    return None


def _odd_token(text: str, token: Token) -> str:
    """Return what is wrong with a terminal, and what is expected, asked of the parser's state just before it."""
    if token.value == "<":
        return _OPEN_IRI
    return f"unexpected {_quoted(token.value)}; expected {_wanted(_accepted(text[: token.start_pos]))}"


def _wanted(accepted: Iterable[str]) -> str:
    return _A_PREFIX if set(accepted) == {"PNAME_NS"} else _listed(_expected(accepted))


def _accepted(text: str) -> Iterable[str]:
    interactive: Any = _grammar().parse_interactive(text)
    for _ in interactive.iter_parse():
        pass
    accepted: Iterable[str] = interactive.accepts()
    return accepted


def _expected(names: Iterable[str]) -> list[str]:
    known = {terminal.name: terminal.pattern.value for terminal in _grammar().terminals}
    words = dict.fromkeys(
        _WORDS.get(name) or _literal(name, known.get(name, name)) for name in sorted(names, key=_rank)
    )
    return list(words)


def _literal(name: str, pattern: str) -> str:
    return name if re.fullmatch(r"[A-Z_]+", pattern) else _quoted(pattern.replace("\\", ""))


def _quoted(text: str) -> str:
    """Return a sign in quotes, so that it is not taken for a sign of the sentence; words stand for themselves."""
    return text if re.match(r"[\w?$<\"'@]\w", text) or text.isalnum() else f"`{text}`"


def _rank(name: str) -> tuple[int, str]:
    """Put what people write most first: terms, then punctuation, then keywords."""
    order = ("VAR", "IRIREF", "STRING", "INTEGER", "LPAR", "RBRACE", "LBRACE", "DOT", "SEMICOLON", "COMMA", "RPAR")
    return (order.index(name) if name in order else len(order), name)


def _listed(words: list[str]) -> str:
    shown = words[:_MOST_WORDS]
    if len(words) > _MOST_WORDS:
        shown = [*shown, "..."]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}" if shown else "nothing more"


def _odd_characters(text: str, start: int) -> str:
    rest = text[start:]
    if rest[0] in "\"'":
        return "this string is not closed on its line; long strings stand between three quotes"
    if rest[0] == "<":
        return _OPEN_IRI
    word = re.match(r"\w+", rest)
    expected = f"expected {_wanted(_accepted_before(text, start))}"
    if not word:
        return f"unexpected {_quoted(rest[0])}; {expected}"
    keywords = [terminal.name for terminal in _grammar().terminals if terminal.name.isupper()]
    near = difflib.get_close_matches(word.group().upper(), [*keywords, "SUM", "AVG"], 1, 0.75)
    guess = f"; did you mean {near[0]}?" if near else f"; {expected}"
    return f"unexpected {word.group()}{guess}"


def _accepted_before(text: str, start: int) -> Iterable[str]:
    try:
        return _accepted(text[:start])
    except UnexpectedInput:
        return ()


# --- beyond the grammar ---------------------------------------------------------------------------------


def _undeclared(text: str) -> tuple[int, str] | None:
    """Return the first use of a prefix that is not declared."""
    declared: set[str] = set()
    found = list(tokens(text))
    for before, token in zip([None, *found], found, strict=False):
        if token.kind != "pname" or token.text.startswith("_:"):
            continue
        prefix = token.text.partition(":")[0]
        if before is not None and before.text.upper().endswith("PREFIX"):
            declared.add(prefix)
        elif prefix not in declared:
            known = PREFIXES.get(prefix, "...")
            return token.start, f"the prefix {prefix}: is not declared; put PREFIX {prefix}: <{known}> in front"
    return None


def _beyond_grammar(text: str, engine: str) -> tuple[str, int, int]:
    found = list(tokens(text))
    if _UNBOUND in engine and (free := _ungrouped(found)):
        detail = f"{free.text} is neither in GROUP BY nor inside an aggregate, so it has no single value here"
        return detail, *position(text, free.start)
    if twice := _assigned_twice(found):
        detail = f"{twice.text} has a value here already: AS needs a variable that nothing before it binds"
        return detail, *position(text, twice.start)
    words = " ".join(_ENGINE_NOISE.sub(" ", engine.partition("expected ")[2]).replace("one of", " ").split())
    said = ", ".join(part for part in (item.strip() for item in words.split(",")) if " " in part)
    rule = said or "look at the number of arguments of its functions, and at blank nodes used in several groups"
    return f"the query follows the grammar and breaks another rule of SPARQL: {rule}", 0, 0


def _ungrouped(found: list[Terminal]) -> Terminal | None:
    """Return the first plain variable of the outer SELECT that its GROUP BY does not name."""
    depth, selected, grouped, part = 0, [], set(), ""
    for token in found:
        word = token.text.upper() if token.kind == "word" else ""
        depth += (token.text in ("{", "(")) - (token.text in ("}", ")"))
        if word in ("SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES") and depth == 0:
            part = word
        elif token.text == "{":
            part = ""
        elif token.kind == "variable" and part == "SELECT" and depth == 0:
            selected.append(token)
        elif token.kind == "variable" and part == "GROUP":
            grouped.add(token.text[1:])
    return next((token for token in selected if token.text[1:] not in grouped), None)


def _assigned_twice(found: list[Terminal]) -> Terminal | None:
    """Return the variable behind an AS that its own group binds before (a heuristic: groups are braces)."""
    for index, token in enumerate(found):
        if token.text.upper() != "AS" or index + 1 >= len(found) or found[index + 1].kind != "variable":
            continue
        if any(other.text[1:] == found[index + 1].text[1:] for other in _same_group_before(found, index)):
            return found[index + 1]
    return None


def _same_group_before(found: list[Terminal], index: int) -> Iterator[Terminal]:
    depth = 0
    for token in reversed(found[:index]):
        depth += (token.text == "}") - (token.text == "{")
        if depth < 0:
            return
        if depth == 0 and token.kind == "variable":
            yield token
