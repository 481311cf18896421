"""The alignments as pages show them: what matches a term or a concept of ours, and the page of one vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from endpoint.context import Context
from endpoint.terms import Shown, capital, heading_of, local_address, show_iri
from kg.iris import Base
from kg.vocabulary.alignments import Match, MatchSet, alignments
from kg.vocabulary.terms import terms

_RELATIONS: Final = {
    "rdfs:subClassOf": "subclass of",
    "rdfs:subPropertyOf": "subproperty of",
    "owl:equivalentClass": "same as",
    "owl:equivalentProperty": "same as",
    "skos:exactMatch": "same as",
    "skos:closeMatch": "close to",
    "skos:broadMatch": "narrower than",
    "skos:narrowMatch": "wider than",
    "skos:relatedMatch": "related to",
}


@dataclass(frozen=True, slots=True)
class Related:
    """One mapping of a term: how it relates, and to what."""

    relation: str
    target: Shown


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping on the page of its vocabulary."""

    subject: Shown
    relation: str
    predicate: str
    target: Shown
    how: str
    confidence: str
    comment: str


@cache
def sets() -> tuple[MatchSet, ...]:
    """Return every alignment of the package; none when it holds none."""
    try:
        return alignments()
    except FileNotFoundError:
        return ()


def title_of(table: MatchSet) -> str:
    """Return the title of an alignment."""
    return table.header["mapping_set_title"]


@cache
def related() -> Mapping[str, tuple[Related, ...]]:
    """Return the mappings of each term and concept of ours, by its IRI."""
    found: dict[str, list[Related]] = defaultdict(list)
    for table in sets():
        for match in table.matches:
            found[match.subject].append(Related(_relation(match), _target(match, _how(match))))
    return {iri: tuple(rows) for iri, rows in found.items()}


@cache
def labels() -> Mapping[str, str]:
    """Return the label that an alignment gives a term of another vocabulary, by the term's IRI."""
    return {match.object: match.object_label for table in sets() for match in table.matches}


def _relation(match: Match) -> str:
    words = _RELATIONS.get(match.predicate_id, match.predicate_id)
    return f"not {words}" if match.negated else words


def _target(match: Match, title: str) -> Shown:
    text = match.object_id
    if match.object_label and match.object_label != match.object_id.partition(":")[2]:
        text = f"{match.object_id} ({match.object_label})"
    web = match.object.startswith(("http://", "https://"))
    return Shown(text, match.object if web else "", title=title, external=web)


def _how(match: Match) -> str:
    """Return words for a justification: ``semapv:ManualMappingCuration`` becomes ``manual mapping curation``."""
    words = heading_of(match.justification.partition(":")[2])
    return f"{words}, confidence {match.confidence}"


def _address(context: Context, iri: str) -> str:
    """Return where a term or a concept leads; "" for a concept that comes with data which are not served here."""
    known = iri in terms() or context.store.exists(iri) or context.package.exists(iri)
    return (local_address(iri, Base()) or "") if known else ""


def page(context: Context, table: MatchSet) -> bytes:
    """Return the page of one alignment."""
    rows = [
        Row(
            Shown(match.subject_label, _address(context, match.subject), title=match.subject_id),
            _relation(match),
            match.predicate_id,
            _target(match, match.object),
            heading_of(match.justification.partition(":")[2]),
            str(match.confidence),
            match.comment,
        )
        for match in table.matches
    ]
    return context.pages.render(
        "alignment.html",
        name=table.name,
        title=capital(title_of(table)),
        about=table.header["mapping_set_description"],
        version=table.header["mapping_set_version"],
        iri=table.iri,
        sources=table.see_also,
        other=show_iri(table.other, {}, context.dataset.base),
        rows=rows,
    )
