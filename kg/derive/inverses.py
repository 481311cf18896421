"""The other way round of the properties that people query both ways, so that a query need not know which is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from pyoxigraph import NamedNode, Store, Triple

from kg.iris import Base
from kg.namespaces import NEAKG, expand
from kg.vocabulary.files import ONTOLOGY, published


@cache
def inverses() -> dict[str, str]:
    """Return the inverse of each property that has one: IRI of the property -> IRI of the term that is written.

    The term that says ``owl:inverseOf`` is the written one.  It is the inverse of the subproperties too (OWL 2, 9.2.1
    and 9.2.4): what ``neakg:targetsTaxon`` says makes ``neakg:targets`` true, and so ``neakg:targetedBy``.
    """
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for _, triple in published(lambda graph: graph == ONTOLOGY):
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
            said[triple.predicate.value].append((triple.subject.value, triple.object.value))
    found = {property_: inverse for inverse, property_ in said[expand("owl:inverseOf")]}
    narrower = [pair for pair in said[expand("rdfs:subPropertyOf")] if pair[0].startswith(NEAKG)]
    while fresh := {sub: found[wider] for sub, wider in narrower if wider in found and sub not in found}:
        found.update(fresh)
    return found


def turned(store: Store, _base: Base) -> Iterator[Triple]:
    """Yield the inverse of every triple in ``store`` whose property has one."""
    for property_, inverse in sorted(inverses().items()):
        predicate = NamedNode(inverse)
        for quad in store.quads_for_pattern(None, NamedNode(property_), None, None):
            if isinstance(quad.object, NamedNode):
                yield Triple(quad.object, predicate, quad.subject)
