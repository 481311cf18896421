"""Prefixes and namespaces: one row each; serialisers, pages and tests read this table."""

from __future__ import annotations

from typing import Final

#: The public base of things and graphs; ``kg.iris.Base`` can replace it for a deployment under another address.
BASE: Final = "https://w3id.org/neakg/"
#: The vocabulary keeps its public address in every deployment: a term means the same wherever it is used.
ONTOLOGY: Final = f"{BASE}ontology"
NEAKG: Final = f"{ONTOLOGY}#"
SCHEME: Final = f"{BASE}scheme/"
SHAPES: Final = f"{BASE}shapes"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
VOID: Final = "http://rdfs.org/ns/void#"
PROV: Final = "http://www.w3.org/ns/prov#"
OA: Final = "http://www.w3.org/ns/oa#"
GEO: Final = "http://www.opengis.net/ont/geosparql#"
DWC: Final = "http://rs.tdwg.org/dwc/terms/"
ORG: Final = "http://www.w3.org/ns/org#"
SCHEMA: Final = "https://schema.org/"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
SPDX: Final = "http://spdx.org/rdf/terms#"
SH: Final = "http://www.w3.org/ns/shacl#"
VANN: Final = "http://purl.org/vocab/vann/"
VS: Final = "http://www.w3.org/2003/06/sw-vocab-status/ns#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"

PREFIXES: Final[dict[str, str]] = {
    "neakg": NEAKG,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "skosxl": SKOSXL,
    "dcterms": DCTERMS,
    "dcat": DCAT,
    "void": VOID,
    "prov": PROV,
    "oa": OA,
    "geo": GEO,
    "dwc": DWC,
    "org": ORG,
    "schema": SCHEMA,
    "sd": SD,
    "spdx": SPDX,
    "sh": SH,
    "vann": VANN,
    "vs": VS,
    "foaf": FOAF,
}


def expand(curie: str) -> str:
    """Return the IRI of ``prefix:name``.

    Raises:
        KeyError: the prefix is not in the table.
    """
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


def shrink(iri: str) -> str | None:
    """Return ``prefix:name`` for an IRI in one of the namespaces, else None."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and (name := iri[len(namespace) :]) and "/" not in name and "#" not in name:
            return f"{prefix}:{name}"
    return None
