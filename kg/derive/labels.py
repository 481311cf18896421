"""Labels of things, chosen among the names that sources give them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Store, Triple

from kg.iris import Base
from kg.namespaces import expand

_NAMES = """
PREFIX neakg: <https://w3id.org/neakg/ontology#>
PREFIX skosxl: <http://www.w3.org/2008/05/skos-xl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing ?form ?kind ?confidence WHERE {
  { ?name a neakg:Name ; neakg:nameOf ?thing ; skosxl:literalForm ?form ; neakg:nameKind ?kind ;
      neakg:confidence ?confidence }
  UNION { ?thing rdfs:label ?form . BIND("label" AS ?kind) BIND("label" AS ?confidence) }
}
"""
_PREFERRED = NamedNode(expand("skos:prefLabel"))
_ALTERNATIVE = NamedNode(expand("skos:altLabel"))


def labels(store: Store, _base: Base) -> Iterator[Triple]:
    """Yield one skos:prefLabel a language for each thing, and skos:altLabel for its other names (SKOS, S13 and S14).

    A thing's own rdfs:label wins, then a preferred name that is verified, then the first in code point order.
    """
    names: dict[tuple[str, str], dict[str, tuple[int, str]]] = defaultdict(dict)
    for row in store.query(_NAMES, use_default_graph_as_union=True):  # type: ignore[union-attr]
        thing, form = row["thing"], row["form"]
        assert isinstance(thing, NamedNode)
        assert isinstance(form, Literal)
        key = (thing.value, form.language or "")
        rank = _rank(row["kind"].value, row["confidence"].value)
        best = names[key].get(form.value, (9, ""))
        names[key][form.value] = min(best, (rank, form.value))
    for (thing, language), forms in sorted(names.items()):
        # "White-naped Crane" beside "White-naped crane" says nothing new: the first spelling stands for both.
        order: dict[str, str] = {}
        for _, text in sorted(forms.values()):
            order.setdefault(text.casefold(), text)
        for index, text in enumerate(order.values()):
            predicate = _ALTERNATIVE if index else _PREFERRED
            yield Triple(NamedNode(thing), predicate, Literal(text, language=language or None))


def _rank(kind: str, confidence: str) -> int:
    if kind == "label":
        return 0
    if kind.endswith("/preferred"):
        return 1 if confidence.endswith("/verified") else 2
    return 3
