"""Turtle as a page shows it: the steps of a guide, the part of an example that matters, and links on its terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from kg.namespaces import NEAKG

_TOKEN: Final = re.compile(
    r"(?P<comment>#[^\n]*)"
    r'|(?P<text>"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*")'
    r"|(?P<iri><[^<>\s]*>)"
    r"|(?P<name>\b[a-z][a-z0-9-]*:[A-Za-z][\w-]*)"
)
_STEP: Final = re.compile(r"# (\d+)\. (.+)")
_TERM: Final = re.compile(r"\bneakg:([A-Za-z]\w*)|`([^`]+)`")
#: Returns the address of an IRI or of a prefixed name on this server; empty when there is none.
Address = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guide: its heading, what to do, and the Turtle that does it."""

    heading: str
    text: Markup
    code: Markup


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: a Turtle file whose comments are its text.

    Args:
        name: the stem of the file.
        title: its first line.
        text: what it is about.
        code: what stands before the first step, the prefixes.
        steps: in their order.
    """

    name: str
    title: str
    text: Markup
    code: Markup
    steps: tuple[Step, ...]


def guide(name: str, text: str, address: Address) -> Guide:
    """Read a guide: comments up to the first code are its text, ``# 1. Heading`` begins a step.

    Raises:
        ValueError: the steps are not numbered 1, 2, 3 ..., or there are none.
    """
    parts: list[list[str]] = [[]]
    headings: list[str] = []
    for line in text.strip().splitlines():
        if match := _STEP.fullmatch(line):
            if int(match[1]) != len(parts):
                raise ValueError(f"{name}: step {match[1]} stands where step {len(parts)} is expected")
            headings.append(match[2])
            parts.append([])
        else:
            parts[-1].append(line)
    if not headings:
        raise ValueError(f"{name}: a guide has steps")
    title, *rest = parts[0]
    words, code = _split(rest)
    steps = [Step(heading, prose(step, address), marked(turtle, address))
             for heading, (step, turtle) in zip(headings, map(_split, parts[1:]), strict=True)]  # fmt: skip
    return Guide(name, title.lstrip("# "), prose(words, address), marked(code, address), tuple(steps))


def _split(lines: list[str]) -> tuple[str, str]:
    """Return the leading comment without its marks, and what follows."""
    words = []
    for line in lines:
        if not line.startswith("#") and line.strip():
            break
        words.append(line.removeprefix("#").strip())
    return "\n".join(words).strip(), "\n".join(lines[len(words) :]).strip()


def prose(text: str, address: Address) -> Markup:
    """Return paragraphs (parted by blank lines) with our terms linked and text in backquotes as code."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_words(part, address)) for part in paragraphs)


def _words(text: str, address: Address) -> Markup:
    found, last = Markup(""), 0
    for match in _TERM.finditer(text):
        found += escape(text[last : match.start()])
        shown = match[0] if match[1] else match[2]
        found += Markup("<code>{}</code>").format(_linked(shown, address(shown)))
        last = match.end()
    return found + escape(text[last:])


def _linked(text: str, href: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(href, text) if href else escape(text)


def marked(text: str, address: Address) -> Markup:
    """Return Turtle as HTML: comments and strings marked, terms and concepts linked."""
    found, last = Markup(""), 0
    for match in _TOKEN.finditer(text):
        found += escape(text[last : match.start()])
        last = match.end()
        token = match[0]
        if match["comment"]:
            found += Markup('<span class="remark">{}</span>').format(token)
        elif match["text"]:
            found += Markup('<span class="string">{}</span>').format(token)
        elif match["iri"]:
            found += _linked(token, address(token[1:-1]))
        else:
            found += _linked(token, address(token))
    return found + escape(text[last:])


def excerpt(text: str, name: str) -> tuple[str, str]:
    """Return the words on top of an example file and the block about the first node of a class of ours.

    Raises:
        ValueError: the file has no node of the class.
    """
    remark = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if not line.startswith(("#", "@prefix"))]
        if lines and re.search(rf"\ba (?:[^;]*[ ,])?neakg:{name}\b", lines[0]):
            return remark, "\n".join(lines)
    raise ValueError(f"no node of neakg:{name}, in prefix {NEAKG}")
