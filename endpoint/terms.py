"""How terms are shown to people: labels for IRIs, links that stay local, language tags in their usual case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.iris import Base
from kg.namespaces import BASE, ONTOLOGY, SCHEME, SHAPES, XSD, expand, shrink

Term = NamedNode | BlankNode | Literal | Triple
_NUMBERS: Final = {f"{XSD}{name}" for name in ("decimal", "integer", "double", "float", "nonNegativeInteger")}
_WKT: Final = expand("geo:wktLiteral")
_LONG: Final = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """A term as a page shows it.

    Args:
        text: what stands there.
        href: where it leads; empty for no link.
        lang: its language tag, in the usual case; empty for none.
        title: the full term, when ``text`` is short for it.
        external: whether the link leaves this service.
        heading: what the term is a value of, where no column says so.
    """

    text: str
    href: str = ""
    lang: str = ""
    title: str = ""
    external: bool = False
    heading: str = ""


def language_tag(tag: str) -> str:
    """Return a language tag in the case of RFC 5646, section 2.1.1: ``zh-Hans``, ``ko-KP`` (the store folds it)."""
    parts = tag.lower().split("-")
    cased = [parts[0]]
    for part in parts[1:]:
        after_singleton = len(cased[-1]) == 1
        if len(part) == 4 and part.isalpha() and not after_singleton:
            cased.append(part.title())
        elif len(part) == 2 and not after_singleton:
            cased.append(part.upper())
        else:
            cased.append(part)
    return "-".join(cased)


def local_address(iri: str, base: Base) -> str | None:
    """Return the path of an IRI of ours on this server, or None for another's."""
    if iri == ONTOLOGY or iri.startswith(f"{ONTOLOGY}#"):
        return f"/ontology{iri[len(ONTOLOGY) :]}"
    if iri == SHAPES or iri.startswith(f"{SHAPES}#"):
        return f"/shapes{iri[len(SHAPES) :]}"
    if iri.startswith(SCHEME):
        return f"/doc/scheme/{_path(iri[len(SCHEME) :])}"
    for top in (base.iri, BASE):
        if iri.startswith(f"{top}id/"):
            return f"/doc/{_path(iri[len(top) + 3 :])}"
        if iri.startswith(top):
            return f"/{_path(iri[len(top) :])}"
    return None


def _path(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=~-._#")


def name_of(iri: str) -> str:
    """Return a readable name for an IRI without a label."""
    if short := shrink(iri):
        return short
    for top in (f"{BASE}id/", SCHEME):
        if iri.startswith(top):
            return iri[len(top) :].replace("/", ": ", 1)
    return iri


def heading_of(iri: str) -> str:
    """Return words for a property without a label: ``decimalLatitude`` becomes ``decimal latitude``."""
    name = iri.rstrip("/#").rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip() or iri


def capital(text: str) -> str:
    """Return a text with a capital letter first."""
    return text[:1].upper() + text[1:]


def show(term: Term, labels: dict[str, str], base: Base) -> Shown:
    """Return a term as a page shows it."""
    if isinstance(term, NamedNode):
        return show_iri(term.value, labels, base)
    if isinstance(term, Literal):
        return show_literal(term)
    return Shown(str(term), title="a node without an address")


def show_iri(iri: str, labels: dict[str, str], base: Base) -> Shown:
    """Return an IRI by its label, linked locally when it is ours and outwards when it is a web address."""
    text = labels.get(iri) or name_of(iri)
    local = local_address(iri, base)
    if local is not None:
        return Shown(text, local, title=iri)
    if iri.startswith(("http://", "https://")):
        return Shown(text, iri, title=iri, external=True)
    return Shown(text, title=iri)


def show_literal(term: Literal) -> Shown:
    """Return a literal: numbers grouped, booleans as words, shapes of geometry shortened."""
    value, datatype = term.value, term.datatype.value
    if term.language:
        return Shown(value, lang=language_tag(term.language))
    if datatype in _NUMBERS:
        return Shown(grouped(value))
    if datatype == f"{XSD}boolean":
        return Shown({"true": "yes", "1": "yes", "false": "no", "0": "no"}.get(value, value))
    if datatype == _WKT:
        return Shown(_geometry(value))
    return Shown(value)


def grouped(value: str) -> str:
    """Return a number with its thousands set apart."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite() or "e" in value.lower():
        return value
    return f"{number:,f}"


def _geometry(wkt: str) -> str:
    if len(wkt) <= _LONG // 4:
        return wkt
    kind = re.sub(r"^<[^>]*>\s*", "", wkt).split("(", 1)[0].strip().lower()
    return f"{kind} of {wkt.count(',') + 1} points"
