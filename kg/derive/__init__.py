"""Rules that compute new statements from the graph; each writes a named graph ``derived/<rule>`` of its own.

A rule is a CONSTRUCT query in ``<rule>.rq`` beside this file, or a function.  Its triples name no new things.  What
follows only with the help of graphs whose sources forbid reuse goes to ``derived/<rule>-restricted``.  A rule may build
on what the rules before it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from pyoxigraph import NamedNode, Quad, Store, Triple

from kg.derive.inverses import turned
from kg.derive.labels import labels
from kg.iris import Base
from kg.namespaces import BASE


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: its id, what it does in a sentence, and how it runs over the union of all graphs."""

    id: str
    title: str
    description: str
    run: Callable[[Store, Base], Iterable[Triple]]


def _construct(name: str) -> Callable[[Store, Base], Iterator[Triple]]:
    def run(store: Store, base: Base) -> Iterator[Triple]:
        text = (files(__name__) / f"{name}.rq").read_text("utf-8").replace(f"<{BASE}id/", f"<{base.iri}id/")
        for triple in store.query(text, use_default_graph_as_union=True):  # type: ignore[union-attr]
            assert isinstance(triple, Triple), "a rule is a CONSTRUCT query"
            yield triple

    return run


RULES: tuple[Rule, ...] = (
    Rule(
        "labels",
        "Labels from names",
        "The first preferred name of a thing in a language becomes its skos:prefLabel, the others skos:altLabel.",
        labels,
    ),
    Rule(
        "links",
        "Mappings from identifiers",
        "An identifier with a resolvable address becomes a SKOS mapping of the kind the identifier states.",
        _construct("links"),
    ),
    Rule(
        "shortcuts",
        "Direct properties from statements",
        "Distributions, listings and relations that no finding doubts become direct triples, so that simple queries "
        "stay simple; former and reported occurrence have properties of their own.",
        _construct("shortcuts"),
    ),
    Rule(
        "inverses",
        "Properties the other way round",
        "Where the ontology gives a property an inverse, what is said one way is said the other way too: from a place "
        "to its taxa, designations and parts, from a project to its activities, from what is targeted to the project.",
        turned,
    ),
)


def derive(
    quads: Iterable[Quad], base: Base, restricted: frozenset[str] = frozenset()
) -> Iterator[tuple[Rule, list[Quad]]]:
    """Run every rule over ``quads`` and yield its quads, sorted.

    Args:
        quads: the stated graph.
        base: where graphs are named.
        restricted: IRIs of the graphs whose sources forbid reuse.
    """
    stated = list(quads)
    everything = _store(stated)
    reusable = _store(quad for quad in stated if quad.graph_name.value not in restricted)  # type: ignore[union-attr]
    for rule in RULES:
        graph, closed = NamedNode(base.derived(rule.id)), NamedNode(base.derived(rule.id, restricted=True))
        free = set(rule.run(reusable, base))
        found = {_quad(triple, graph if triple in free else closed) for triple in rule.run(everything, base)}
        # The next rule, too, is to find in the open graphs exactly what an open build finds in them.
        reusable.extend(_quad(triple, graph) for triple in free)
        everything.extend(found)
        yield rule, sorted(found, key=str)


def _quad(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _store(quads: Iterable[Quad]) -> Store:
    store = Store()
    store.extend(quads)
    return store
