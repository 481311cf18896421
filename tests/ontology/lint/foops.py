"""The tests of FOOPS! (w3id.org/foops/catalogue) that look at the ontology's own text; the server answers the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdflib import DC, OWL, RDFS, SKOS, Literal, URIRef
from rdflib.namespace import DCTERMS, VANN

from kg.namespaces import BASE, NEAKG, ONTOLOGY, VS
from tests.ontology.lint.ontology import Ontology, is_own, local, rule

_BIBO = "http://purl.org/ontology/bibo/"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@rule("FOOPS! FIND1")
def preferred_prefix(ontology: Ontology) -> Iterator[str]:
    """The ontology says the prefix that it likes to have."""
    yield from ontology.lacking(VANN.preferredNamespacePrefix)


@rule("FOOPS! PURL1")
def persistent_address(ontology: Ontology) -> Iterator[str]:
    """The ontology lives under a service of persistent addresses."""
    if ontology.header is None or not str(ontology.header).startswith("https://w3id.org/"):
        yield "ontology: not under a persistent address"


@rule("FOOPS! URI1; FOOPS! URI2; FOOPS! HTTP1")
def one_address(ontology: Ontology) -> Iterator[str]:
    """The ontology is called by the address that its terms begin with, over an open protocol."""
    found = sorted(str(node) for node in ontology.graph.subjects(OWL.versionIRI))
    ours = [node for node in found if not node.startswith(f"{ONTOLOGY}/alignments/")]
    if ours != [ONTOLOGY] or not ONTOLOGY.startswith("https://"):
        yield f"ontology: called {ours}"
    yield from (f"{local(term)}: not under {NEAKG}" for term in ontology.terms if not str(term).startswith(NEAKG))


@rule("FOOPS! VER1")
def version_address(ontology: Ontology) -> Iterator[str]:
    """Each version has an address of its own, made of the ontology's and the number."""
    version = ontology.of_header(OWL.versionIRI)
    number = ontology.of_header(OWL.versionInfo)
    if not re.fullmatch(r"\d+\.\d+\.\d+", str(number)) or str(version) != f"{ONTOLOGY}/{number}":
        yield f"ontology: version {number} at {version}"


@rule("FOOPS! OM1")
def minimum_metadata(ontology: Ontology) -> Iterator[str]:
    """Title, description, licence, version IRI, creator, date of creation, namespace."""
    yield from ontology.lacking(DCTERMS.title, DCTERMS.description, DCTERMS.license, OWL.versionIRI, DCTERMS.creator,
                      DCTERMS.created, VANN.preferredNamespaceUri)  # fmt: skip


@rule("FOOPS! OM2")
def recommended_metadata(ontology: Ontology) -> Iterator[str]:
    """Prefix, version, date of creation, citation."""
    yield from ontology.lacking(VANN.preferredNamespacePrefix, OWL.versionInfo, DCTERMS.created,
                      DCTERMS.bibliographicCitation)  # fmt: skip


@rule("FOOPS! OM3")
def detailed_metadata(ontology: Ontology) -> Iterator[str]:
    """Publisher, status, source, days of issue and change, the version before; the notes excuse DOI and logo."""
    yield from ontology.lacking(DCTERMS.publisher, URIRef(f"{VS}term_status"), URIRef(f"{_BIBO}status"), DC.source,
                      DCTERMS.issued, DCTERMS.modified, OWL.priorVersion)  # fmt: skip


@rule("FOOPS! OM4.1; FOOPS! OM4.2")
def licence_as_an_address(ontology: Ontology) -> Iterator[str]:
    """The licence is an address that answers, in the form that its keeper gives: https, no file name."""
    licence = ontology.of_header(DCTERMS.license)
    if not isinstance(licence, URIRef) or not re.fullmatch(r"https://[^\s]+/", licence):
        yield f"ontology: licence {licence!r}"


@rule("FOOPS! OM5.1; FOOPS! OM5.2")
def provenance_metadata(ontology: Ontology) -> Iterator[str]:
    """Who made it and when, who publishes it and since when; dates are days, persons and bodies are addresses."""
    for predicate in (DCTERMS.created, DCTERMS.issued, DCTERMS.modified):
        day = ontology.of_header(predicate)
        if not isinstance(day, Literal) or not _DAY.fullmatch(day):
            yield f"ontology: {predicate} {day!r}"
    for predicate in (DCTERMS.creator, DCTERMS.publisher):
        who = ontology.of_header(predicate)
        if not (isinstance(who, URIRef) and str(who).startswith(BASE) and any(ontology.texts(who, RDFS.label))):
            yield f"ontology: {predicate} {who!r} is not named"


@rule("FOOPS! VOC1")
def metadata_of_known_vocabularies(ontology: Ontology) -> Iterator[str]:
    """What the ontology says of itself it says in Dublin Core and the like: nothing of our own."""
    for predicate in ontology.graph.predicates(ontology.header) if ontology.header else [SKOS.note]:
        if is_own(predicate) or ontology.header is None:
            yield f"{local(predicate)}: own metadata"


@rule("FOOPS! VOC2")
def reuse_of_vocabularies(ontology: Ontology) -> Iterator[str]:
    """Classes of ours build on classes of others."""
    wider = [value for term in ontology.classes for value in ontology.graph.objects(term, RDFS.subClassOf)]
    if all(is_own(value) for value in wider):
        yield "ontology: builds on no other vocabulary"


@rule("FOOPS! VOC3")
def every_term_has_a_label(ontology: Ontology) -> Iterator[str]:
    """All terms have labels, each with its language."""
    yield from ontology.without_text(RDFS.label)


@rule("FOOPS! VOC4")
def every_term_has_a_definition(ontology: Ontology) -> Iterator[str]:
    """All terms have definitions, each with its language."""
    yield from ontology.without_text(SKOS.definition)
