"""The JSON-LD context and the frames: which key each term has in JSON, and what belongs to a node of each class.

Both are made from the ontology (and, for properties without a domain, from its examples), so that a new term has its
key and its place at once.  Written by hand here: the keys of other vocabularies, and the keys for what points at a
thing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from pyoxigraph import RdfFormat, parse

from kg.namespaces import BASE, NEAKG, PREFIXES, expand
from kg.resources import folder, walk
from kg.vocabulary.terms import Term, terms

CONTEXT: Final = "context.jsonld"
ADDRESS: Final = f"{BASE}{CONTEXT}"

Json = dict[str, Any]

#: Superclasses without direct instances: nothing is framed as one of these.
ABSTRACT: Final = frozenset({"Statement", "Figure", "Movement"})
_USED_PREFIXES: Final = (
    "neakg",
    "rdfs",
    "xsd",
    "skos",
    "skosxl",
    "dcterms",
    "dwc",
    "geo",
    "oa",
    "org",
    "prov",
    "schema",
)
_CONCEPT: Final = expand("skos:Concept")
_WIDTH: Final = 140
#: Years have a datatype outside the OWL 2 datatype map, which the ontology may not name as a range.
_YEARS: Final = frozenset({"startYear", "endYear"})

#: Keys of other vocabularies: classes, links, texts in several languages, plain values, typed values.
_CLASSES: Final = (
    "skos:Concept",
    "skos:ConceptScheme",
    "geo:Geometry",
    "oa:TextPositionSelector",
    "oa:TextQuoteSelector",
)
_LINKS: Final = (
    "dcterms:creator", "dcterms:isReplacedBy", "dcterms:license", "dcterms:source", "geo:hasDefaultGeometry",
    "geo:hasGeometry", "oa:hasSelector", "org:subOrganizationOf", "rdfs:seeAlso", "schema:url", "skos:broadMatch",
    "skos:broader", "skos:closeMatch", "skos:exactMatch", "skos:hasTopConcept", "skos:inScheme", "skos:narrowMatch",
    "skos:narrower", "skos:related", "skos:relatedMatch", "skos:topConceptOf",
)  # fmt: skip
_TEXTS: Final = (
    "dcterms:description", "dwc:dataGeneralizations", "rdfs:comment", "rdfs:label", "skos:altLabel", "skos:changeNote",
    "skos:definition", "skos:example", "skos:prefLabel", "skos:scopeNote", "skosxl:literalForm",
)  # fmt: skip
_VALUES: Final = (
    "dcterms:created", "dcterms:date", "dcterms:identifier", "dcterms:modified", "dcterms:publisher", "dcterms:rights",
    "dcterms:title", "dwc:scientificName", "dwc:scientificNameAuthorship", "dwc:taxonRank", "dwc:taxonomicStatus",
    "oa:end", "oa:exact", "oa:start", "schema:version", "skos:notation",
)  # fmt: skip
_TYPED: Final = {
    "dwc:decimalLatitude": "xsd:decimal",
    "dwc:decimalLongitude": "xsd:decimal",
    "geo:asWKT": "geo:wktLiteral",
}
#: What points at a thing, where the property alone says what that is: key -> property.
REVERSE: Final = {
    "names": "nameOf",
    "identifiers": "identifies",
    "locations": "locationOf",
    "designations": "designationOf",
    "measurements": "measurementOf",
    "relations": "relationFrom",
    "incomingRelations": "relationTo",
    "movementsFrom": "fromPlace",
    "movementsVia": "viaPlace",
    "movementsTo": "toPlace",
    "findings": "about",
}
#: The key for whatever points at a thing by the property of its class.
SUBJECT_OF: Final = "subjectOf"
_FIGURES: Final = {
    "populationEstimates": "PopulationEstimate",
    "siteCounts": "SiteCount",
    "shares": "Share",
    "distributions": "Distribution",
}
_MOVEMENTS: Final = {"migrations": "Migration", "crossBorderMovements": "CrossBorderMovement"}
#: Class of a thing -> the property that points at it from several classes, and a key for each of these.  The keys mean
#: this in nodes of the class only (JSON-LD 1.1, section 4.1.8): the distributions of a taxon, and those of a place.
SCOPED: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "Taxon": (
        "ofTaxon",
        {
            "taxonNames": "TaxonName",
            "populations": "Population",
            **_FIGURES,
            **_MOVEMENTS,
            "statusAssessments": "StatusAssessment",
            "listings": "Listing",
            "habitatUses": "HabitatUse",
            "activities": "Activity",
        },
    ),
    "Population": ("ofPopulation", {**_FIGURES, **_MOVEMENTS}),
    "Place": ("atPlace", {**_FIGURES, "areaCounts": "AreaCount", "activities": "Activity"}),
    "HabitatClass": ("usesHabitat", {"habitatUses": "HabitatUse"}),
    "Project": ("activityOf", {"activities": "Activity"}),
    "TaxonList": ("inList", {"listings": "Listing"}),
}


def files() -> dict[str, bytes]:
    """Return the context and one frame a concrete class: path below ``ontology/`` -> bytes."""
    made = {CONTEXT: _context_text()}
    made |= {f"frames/{kebab(name)}.jsonld": pretty(frame(name)).encode() for name in concrete()}
    return made


def concrete() -> list[str]:
    """Return the names of the classes that nodes are directly of, in the order of the modules."""
    return [term.name for term in terms().values() if term.kind == "class" and term.name not in ABSTRACT]


def kebab(name: str) -> str:
    """Return the name of a class as files have it: ``SiteCount`` -> ``site-count``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


# --- the context ------------------------------------------------------------------------------------------


def context() -> Json:
    """Return the context (JSON-LD 1.1, section 9.15): keywords, prefixes, classes, properties, reverse keys.

    All of it is protected (section 4.1.11): a context that follows ours may add keys, and is refused where it would
    give one of these another meaning.
    """
    own = sorted(terms().values(), key=lambda term: term.name)
    said: Json = {"@version": 1.1, "@protected": True, "id": "@id", "type": "@type", "included": "@included"}
    said |= {prefix: PREFIXES[prefix] for prefix in _USED_PREFIXES}
    said |= {term.name: _class_entry(term) for term in own if term.kind == "class"}
    said |= {_local(curie): curie for curie in _CLASSES}
    said |= {term.name: _property_entry(term) for term in own if term.kind != "class"}
    said |= {key: {"@reverse": f"neakg:{name}", "@type": "@id", "@container": "@set"} for key, name in REVERSE.items()}
    return said | _foreign_entries()


def scope_of(name: str) -> tuple[str, dict[str, str]] | None:
    """Return the row of ``SCOPED`` for a class: its own, or that of a class above it."""
    return next((SCOPED[item] for item in lineage(name) if item in SCOPED), None)


@cache
def ancestry(name: str) -> tuple[str, ...]:
    """Return the IRIs of a class of ours and of the classes above it, of any vocabulary."""
    found = [NEAKG + name]
    for iri in found:
        found += terms()[iri].parents if iri in terms() else ()
    return tuple(found)


def lineage(name: str) -> list[str]:
    """Return the names of a class of ours and of the classes of ours above it."""
    return [iri.removeprefix(NEAKG) for iri in ancestry(name) if iri.startswith(NEAKG)]


def _class_entry(term: Term) -> Json | str:
    scope = scope_of(term.name)
    if scope is None:
        return f"neakg:{term.name}"
    reverse = f"neakg:{scope[0]}"
    # Compaction takes the key with a container where there is a choice, so the keys of one class are never taken
    # for nodes of another.
    keys: Json = {SUBJECT_OF: {"@reverse": reverse, "@type": "@id", "@container": "@set"}}
    keys |= {key: {"@reverse": reverse, "@type": "@id"} for key in scope[1]}
    return {"@id": f"neakg:{term.name}", "@context": keys}


def _property_entry(term: Term) -> Json | str:
    iri = f"neakg:{term.name}"
    if term.kind == "object property":
        return {"@id": iri, "@type": "@id"}
    if term.name in _YEARS:
        return {"@id": iri, "@type": "xsd:gYear"}
    if term.ranges == (expand("xsd:decimal"),):
        return {"@id": iri, "@type": "xsd:decimal"}
    if term.kind == "datatype property" and not term.ranges:
        return {"@id": iri, "@container": "@language"}  # text in a language has no range: OWL 2 DL has none for it
    return iri


def _foreign_entries() -> Json:
    said: Json = {_local(curie): {"@id": curie, "@container": "@language"} for curie in _TEXTS}
    said |= {_local(curie): curie for curie in _VALUES}
    said |= {_local(curie): {"@id": curie, "@type": "@id"} for curie in _LINKS}
    return said | {_local(curie): {"@id": curie, "@type": kind} for curie, kind in _TYPED.items()}


def _local(curie: str) -> str:
    return curie.partition(":")[2]


def _context_text() -> bytes:
    lines = [f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in context().items()]
    return ('{\n  "@context": {\n' + ",\n".join(lines) + "\n  }\n}\n").encode()


# --- frames -----------------------------------------------------------------------------------------------

_OMIT: Final = {"@omitDefault": True}
#: Only the address: the node itself stands elsewhere in the document.
_ADDRESS: Final = {"@embed": "@never", **_OMIT}


def _reference(*labels: str) -> Json:
    """Return the frame of a linked thing: its type and label, whether or not the data have them."""
    return {"@id": {}, "@embed": "@always", "@explicit": True, **_OMIT, **dict.fromkeys(labels, _OMIT)}


_SOURCE: Final = _reference("dcterms:title")
_EVIDENCE: Final = {
    "@embed": "@once",
    **_OMIT,
    "evidenceScope": _reference("skos:prefLabel"),
    "source": _SOURCE,
    "hasSelector": {"@embed": "@once", **_OMIT},
}


#: Links by properties of other vocabularies.  The geometries of a place are its locations, whole in ``locations``.
_FOREIGN_LINKS: Final[dict[str, Json]] = {
    "Place": {"hasGeometry": _ADDRESS, "hasDefaultGeometry": _ADDRESS},
    "Country": {"hasGeometry": {"@embed": "@once", **_OMIT}, "hasDefaultGeometry": _ADDRESS},
    "Border": {"hasGeometry": {"@embed": "@once", **_OMIT}, "hasDefaultGeometry": _ADDRESS},
    "Organisation": {"subOrganizationOf": _reference("rdfs:label")},
    "Evidence": {key: value for key, value in _EVIDENCE.items() if not key.startswith("@")},
}
_REVERSED: Final = frozenset({*REVERSE.values(), *(link for link, _ in SCOPED.values())})


def frame(name: str) -> Json:
    """Return the frame of a class (JSON-LD 1.1 Framing, section 2.3).

    A node of the class with what points at it, the evidence of each, and everything else as references with labels.
    """
    foreign = next((_FOREIGN_LINKS[item] for item in lineage(name) if item in _FOREIGN_LINKS), {})
    return {"@context": ADDRESS, "type": name, "@embed": "@never", **_node([name]), **foreign, **_reverse(name)}


def frame_of_any() -> Json:
    """Return the frame for nodes of other vocabularies' classes: what it says itself, its evidence, its doubts."""
    doubts = {"@embed": "@always", **_node(["Finding"])}
    return {"@context": ADDRESS, "@embed": "@never", "hasEvidence": _EVIDENCE, "findings": doubts}


def _node(names: Iterable[str]) -> Json:
    """Return the links of nodes of these classes."""
    wanted = {link for name in names for link in _links(name)}
    said = {term.name: _link(term) for term in terms().values() if term.name in wanted}
    return dict(sorted(said.items()))


def _link(term: Term) -> Json:
    if term.name == "hasEvidence":
        return _EVIDENCE
    if term.name == "about" or any(iri.removeprefix(NEAKG) in _REVERSED for iri in term.inverses):
        return _ADDRESS  # what it leads to stands under a key of the thing
    if term.ranges in ((_CONCEPT,), (f"{NEAKG}HabitatClass",)):
        return _reference("skos:prefLabel")
    return _SOURCE if term.ranges == (f"{NEAKG}Source",) else _reference("rdfs:label")


def _reverse(name: str) -> Json:
    """Return what points at a node of a class: whole, and with the findings that doubt it."""
    scope = scope_of(name)
    keys = {**({SUBJECT_OF: scope[0]} if scope else {}), **REVERSE}
    said: Json = {}
    for key, link in keys.items():
        sources = [item for item in concrete() if link in _links(item)]
        if name in _targets(link):
            said[key] = {"@embed": "@always", **_node(sources)}
            if key != "findings":
                said[key]["findings"] = {"@embed": "@always", **_node(["Finding"])}
    return said


@cache
def _links(name: str) -> frozenset[str]:
    """Return the object properties of nodes of a class: by a domain below Statement, or as the examples show."""
    above = set(ancestry(name)) - {f"{NEAKG}Statement"}
    links = {term.name: term for term in terms().values() if term.kind == "object property"}
    found = {link for link, term in links.items() if above & set(term.domains)}
    return frozenset(found | {link for kind, link in _shown() if kind == name and link in links})


@cache
def _targets(link: str) -> frozenset[str]:
    """Return the concrete classes that a property may point at: by its range, else all things; a finding, anything."""
    ranges = set(terms()[NEAKG + link].ranges)
    if ranges:
        return frozenset(name for name in concrete() if ranges & set(ancestry(name)))
    if link == "about":
        return frozenset(concrete())
    no_things = {f"{NEAKG}{name}" for name in ("Statement", "Evidence", "Source")}
    return frozenset(name for name in concrete() if not no_things & set(ancestry(name)))


@cache
def _shown() -> frozenset[tuple[str, str]]:
    """Return what the examples show: the class of a node, and a property that it has."""
    found = set()
    for entry in walk(folder("ontology") / "examples", ".ttl"):
        quads = list(parse(entry.read_bytes(), format=RdfFormat.TURTLE))
        kinds = {(quad.subject, quad.object) for quad in quads if quad.predicate.value == expand("rdf:type")}
        found |= {
            (_name(kind), _name(quad.predicate)) for quad in quads for node, kind in kinds if node == quad.subject
        }
    return frozenset(found)


def _name(node: object) -> str:
    return str(node).strip("<>").removeprefix(NEAKG)


def pretty(value: Json) -> str:
    """Return JSON with one entry a line, and what fits on a line on one line."""
    return f"{_lines(value, 0)}\n"


def _lines(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or (depth and len(flat) + 2 * depth < _WIDTH):
        return flat
    inner = ",\n".join(
        f"{'  ' * (depth + 1)}{json.dumps(key)}: {_lines(item, depth + 1)}" for key, item in value.items()
    )
    return f"{{\n{inner}\n{'  ' * depth}}}"
