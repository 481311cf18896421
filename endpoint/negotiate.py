"""Content negotiation: the Accept header, read by its grammar (RFC 9110, section 12.5.1).

::

    Accept      = #( media-range [ weight ] )
    media-range = ( "*/*" / ( type "/" "*" ) / ( type "/" subtype ) ) parameters
    parameters  = *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )
    weight      = OWS ";" OWS "q=" ( "0" [ "." *3DIGIT ] / "1" [ "." *3"0" ] )

An element that does not follow the grammar is passed over, as section 5.6.1 lets a recipient do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from kg.formats import RDF_FORMATS, Format

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ELEMENT = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_RANGE = re.compile(rf"({_WORD})/({_WORD})")
_PARAMETER = re.compile(rf"\s*;\s*(?:({_WORD})=({_WORD}|{_QUOTED}))?")
_WEIGHT = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")

HTML: Final = "text/html"
XHTML: Final = "application/xhtml+xml"


class Range(NamedTuple):
    """One media range with its parameters (lower case names) and its weight."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    weight: float = 1.0

    @property
    def specificity(self) -> tuple[int, int]:
        """Larger is more specific: ``*/*`` < ``type/*`` < ``type/subtype`` < with parameters."""
        return (self.type != "*") + (self.subtype != "*"), len(self.parameters)

    def covers(self, media_type: str, *, strict: bool) -> bool:
        """Say whether the range matches; a strict match needs every parameter to be one of the offer's."""
        kind, _, subtype = media_type.partition("/")
        named = self.type in ("*", kind) and self.subtype in ("*", subtype)
        return named and (not strict or all(item == ("charset", "utf-8") for item in self.parameters))


class Offer(NamedTuple):
    """A representation that can be served: what the service calls it and its media type."""

    name: str
    media_type: str


def parse_accept(values: Iterable[str]) -> list[Range]:
    """Return the media ranges of all Accept header lines together."""
    elements = _ELEMENT.findall(",".join(values))
    return [found for found in map(_parse_range, elements) if found]


def _parse_range(text: str) -> Range | None:
    text = text.strip()
    match = _RANGE.match(text)
    if match is None:
        return None
    kind, subtype = match[1].lower(), match[2].lower()
    if kind == "*" and subtype != "*":
        return None
    weight, parameters = 1.0, []
    position = match.end()
    while position < len(text):
        part = _PARAMETER.match(text, position)
        if part is None:
            return None
        position = part.end()
        name, value = (part[1] or "").lower(), _unquoted(part[2] or "")
        if name == "q":
            if not _WEIGHT.fullmatch(value):
                return None
            weight = float(value)
            break  # what follows the weight were extensions of RFC 7231, which RFC 9110 dropped
        if name:
            parameters.append((name, value.lower() if name == "charset" else value))
    return Range(kind, subtype, tuple(parameters), weight)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def choose(ranges: Sequence[Range], offers: Sequence[Offer]) -> Offer | None:
    """Return the best offer, or None when none is acceptable.

    The most specific range that covers an offer gives its weight.  Equal weights: what was named more specifically,
    then the service's own order.  Ranges with parameters nobody offers count only if nothing else is acceptable.
    """
    if not ranges:
        return offers[0] if offers else None
    for strict in (True, False):
        best: tuple[float, tuple[int, int], int] | None = None
        for index, offer in enumerate(offers):
            covering = [item for item in ranges if item.covers(offer.media_type, strict=strict)]
            if not covering:
                continue
            top = max(covering, key=lambda item: (item.specificity, item.weight))
            rank = (top.weight, top.specificity, -index)
            if top.weight > 0 and (best is None or rank > best):
                best = rank
        if best is not None:
            return offers[-best[2]]
    return None


def offers_of(rows: Iterable[Format]) -> list[Offer]:
    """Return an offer for each registered media type, then one for each alias."""
    listed = list(rows)
    first = [Offer(row.name, row.media_type) for row in listed]
    return first + [Offer(row.name, alias) for row in listed for alias in row.media_types[1:]]


HTML_OFFERS: Final = (Offer("html", HTML), Offer("html", XHTML))
#: Data first: a client that names nothing gets Turtle; browsers name HTML.
DOCUMENT_OFFERS: Final = (*offers_of(RDF_FORMATS), Offer("jsonld", "application/json"), *HTML_OFFERS)


def prefers_html(ranges: Sequence[Range], other: str) -> bool:
    """Say whether HTML is wanted rather than ``other`` (a media type)."""
    chosen = choose(ranges, [Offer("other", other), *HTML_OFFERS])
    return chosen is not None and chosen.name == "html"
