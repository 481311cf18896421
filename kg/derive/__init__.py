"""Rules that compute new statements from the graph; each writes a named graph ``derived/<rule>`` of its own.

A rule is a CONSTRUCT query in ``<rule>.rq`` beside this file, or a function.  Its triples name no new things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from pyoxigraph import NamedNode, Quad, Store, Triple

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
)


def derive(quads: Iterable[Quad], base: Base) -> Iterator[tuple[Rule, list[Quad]]]:
    """Run every rule over ``quads`` and yield its quads, sorted."""
    store = Store()
    store.extend(quads)
    for rule in RULES:
        graph = NamedNode(base.graph(f"derived/{rule.id}"))
        found = {Quad(triple.subject, triple.predicate, triple.object, graph) for triple in rule.run(store, base)}
        yield rule, sorted(found, key=str)
