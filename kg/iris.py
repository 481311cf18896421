"""The IRIs of things, statements, graphs and documents: made from keys or content, never blank.

``id/<type>/<slug>`` names a thing, ``doc/<type>/<slug>`` the document about it, ``graph/<source>`` a named graph.
The vocabulary (``ontology#``, ``scheme/``, ``shapes``) keeps its public address whatever the base.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass

from kg.errors import UsageError
from kg.namespaces import BASE, SCHEME
from kg.records import Evidence, Record, Source

_BASE_IRI = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?/(?:[A-Za-z0-9._~-]+/)*")


@dataclass(frozen=True, slots=True)
class Base:
    """The address under which things and graphs are named; ends in a slash."""

    iri: str = BASE

    def __post_init__(self) -> None:
        if not _BASE_IRI.fullmatch(self.iri):
            raise UsageError(f"the base IRI {self.iri!r} must be an http(s) address that ends in '/'")

    def thing(self, reference: str) -> str:
        """Return the IRI of ``type/slug``; a habitat is a concept and lives in its scheme."""
        kind, _, slug = reference.partition("/")
        if kind == "habitat":
            return concept("habitat", slug)
        return f"{self.iri}id/{kind}/{slug}"

    def graph(self, name: str) -> str:
        """Return the IRI of a named graph."""
        return f"{self.iri}graph/{name}"

    def derived(self, rule: str, *, restricted: bool = False) -> str:
        """Return the IRI of the graph of a rule; what needs a source that forbids reuse has a graph of its own."""
        return self.graph(f"derived/{rule}{'-restricted' if restricted else ''}")

    def document(self, iri: str) -> str | None:
        """Return the document IRI of a thing or concept of this base, else None."""
        for top in (f"{self.iri}id/", SCHEME):
            if iri.startswith(top):
                kind = "" if top.endswith("id/") else "scheme/"
                return f"{self.iri}doc/{kind}{iri[len(top) :]}"
        return None


def concept(scheme: str, value: str) -> str:
    """Return the IRI of a concept: ``scheme/<scheme>/<value>``, in lower case."""
    return f"{SCHEME}{scheme}/{value.lower()}"


def digest(*parts: object, size: int = 10) -> str:
    """Return the first ``size`` hexadecimal digits of the SHA-256 over the parts, each ended by a zero byte."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(f"{part}\0".encode())
    return hasher.hexdigest()[:size]


def evidence_slug(evidence: Evidence) -> str:
    """Return the slug of an evidence node: the source's id, or a hash of the sources and the passage."""
    if evidence.locator is None and len(evidence.sources) == 1:
        return evidence.sources[0]
    where = (evidence.locator.start, evidence.locator.end) if evidence.locator else ()
    name = evidence.sources[0] if len(evidence.sources) == 1 else "one-of"
    return f"{name}-{digest(*evidence.sources, *where)}"


def slug_of(record: Record | Source) -> str:
    """Return the slug of a record: its ``id``, or one made from its content and its evidence."""
    key = getattr(record, "id", None)
    if isinstance(key, str):
        return key
    assert isinstance(record, Record)
    content = [
        getattr(record, item.name)
        for item in dataclasses.fields(record)
        if item.name not in ("id", "origin", "note", "confidence", "evidence")
    ]
    slugs = [evidence_slug(evidence) for evidence in record.evidence]
    subject: str = getattr(record, "subject", "") or getattr(record, "taxon", "")
    return f"{subject.replace('/', '-')}-{digest(*content, *slugs)}"


def reference_of(record: Record | Source) -> str:
    """Return ``type/slug`` of a record."""
    return f"{record.type}/{slug_of(record)}"
