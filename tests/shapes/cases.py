"""The cases of the shapes: one file each, walked, never listed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.namespaces import SHAPES, expand
from kg.validate import Report, Violation, validate

HERE = Path(__file__).parent
VALID = sorted(HERE.glob("*/valid/*.ttl"))
INVALID = sorted(HERE.glob("*/invalid/*.ttl"))


def name(path: Path) -> str:
    return str(path.relative_to(HERE).with_suffix(""))


@cache
def triples(path: Path) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE))


def context() -> tuple[Triple, ...]:
    return triples(HERE / "context.ttl")


@cache
def report(path: Path) -> Report:
    return validate([*context(), *triples(path)])


def expectation(path: Path) -> tuple[str, str, str]:
    """Return component, path or shape, and severity from the first line of an invalid case."""
    words = path.read_text("utf-8").splitlines()[0].removeprefix("# expect: ").split()
    component, where, *severity = words
    return component, where, severity[0] if severity else "violation"


def matches(found: Violation, component: str, where: str, severity: str) -> bool:
    at_place = found.shape == SHAPES + "#" + where.removeprefix("shapes:") if where.startswith("shapes:") else None
    in_path = found.path == where
    return found.component == expand(component) and found.severity == severity and bool(at_place or in_path)


@cache
def ontology() -> tuple[Triple, ...]:
    """Return the ontology itself, without examples and vocabularies."""
    files = sorted((HERE.parents[1] / "ontology").glob("*.ttl"))
    return tuple(triple for path in files for triple in triples(path))


def all_in_one_graph(paths: Sequence[Path] = (*VALID, *INVALID)) -> list[Triple]:
    """Return the context and the cases together; what a case describes gets a name of its own."""
    shared = {triple.subject for triple in context()}
    found = list(context())
    for number, path in enumerate(paths):
        own = {triple.subject for triple in triples(path)} - shared
        new = {node: NamedNode(f"{node.value}-{number}") for node in own if isinstance(node, NamedNode)}
        for triple in triples(path):
            subject, value = new.get(triple.subject, triple.subject), new.get(triple.object, triple.object)
            found.append(Triple(subject, triple.predicate, value))
    return found
