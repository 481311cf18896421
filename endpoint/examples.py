"""Queries to start with: over our graph, or over any file."""

from __future__ import annotations

from typing import Final

from endpoint.dataset import Dataset
from kg.stored_queries import stored_queries

#: Runs over our graph: estimates of the flagship species with who said them; BASE stands for the address of things.
_FLAGSHIPS: Final = """\
PREFIX neakg: <https://w3id.org/neakg/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT DISTINCT ?species ?figure ?from ?to ?date ?source WHERE {
  ?listing neakg:inList <BASEid/list/neaspec-flagship-species> ; neakg:ofTaxon ?taxon .
  ?taxon rdfs:label ?species .
  ?figure a neakg:PopulationEstimate ; neakg:ofTaxon ?taxon ; neakg:hasEvidence/dcterms:source ?cited .
  ?cited dcterms:title ?source .
  OPTIONAL { ?figure neakg:value ?value }
  OPTIONAL { ?figure neakg:minimum ?minimum }
  OPTIONAL { ?figure neakg:maximum ?maximum }
  OPTIONAL { ?figure neakg:asOf ?date }
  BIND(COALESCE(?minimum, ?value) AS ?from)
  BIND(COALESCE(?maximum, ?value) AS ?to)
}
ORDER BY ?species ?date ?figure ?source
"""
#: Run over any graph.
_ANY: Final = """\
SELECT ?class (COUNT(?thing) AS ?things) WHERE {
  ?thing a ?class
}
GROUP BY ?class
ORDER BY DESC(?things)
LIMIT 100
"""
_TRIPLES: Final = """\
SELECT ?subject ?predicate ?object WHERE {
  ?subject ?predicate ?object
}
LIMIT 100
"""


def first_query(dataset: Dataset) -> str:
    """Return the query that the start page offers."""
    return _FLAGSHIPS.replace("<BASE", f"<{dataset.base.iri}") if dataset.is_ours else _ANY


def examples(dataset: Dataset) -> list[tuple[str, str]]:
    """Return headings and queries of the query page: the stored queries for our graph, general ones for any."""
    found = [("Classes and how many things each has", _ANY), ("Some triples", _TRIPLES)]
    if not dataset.is_ours:
        return found
    try:
        stored = stored_queries().values()
    except FileNotFoundError:
        return found
    return [*((query.summary, _shown(query.bind({}, dataset.base))) for query in stored), *found]


def _shown(text: str) -> str:
    """Return a query without its header."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#+")).lstrip("\n")
