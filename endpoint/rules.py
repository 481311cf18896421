"""What the shapes ask of a class or of a property, in words: the tables of the ontology's page are read from SHACL."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from kg.namespaces import SCHEME, expand

Node = NamedNode | BlankNode
Value = Node | Literal

_SCHEME_PATTERN: Final = re.compile(rf"\^{re.escape(SCHEME)}([a-z0-9-]+)/$")
_PLACEHOLDER: Final = re.compile(r"\s*\{[?$]\w+\}")
_FIRST, _REST, _NIL = (NamedNode(expand(f"rdf:{name}")) for name in ("first", "rest", "nil"))
#: What an IRI or a literal is called where a shape asks for no more than that.
_NODE_KINDS: Final = {"IRI": "an IRI", "Literal": "a literal", "IRIOrLiteral": "an IRI or a literal"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One property shape.

    Args:
        iri: of the shape.
        properties: what its path names; several for alternatives.
        inverse: whether the path leads backwards: from the value to the thing.
        least: sh:minCount.
        most: sh:maxCount, if there is one.
        values: the IRIs of classes, datatypes or shapes that a value has.
        choices: the values of sh:in.
        kind: words for sh:nodeKind.
        scheme: the concept scheme that a value is taken from, by its name.
        message: the rule in the shape's own words.
        severity: ``violation``, ``warning`` or ``info``.
    """

    iri: str
    properties: tuple[str, ...]
    inverse: bool = False
    least: int = 0
    most: int | None = None
    values: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    kind: str = ""
    scheme: str = ""
    message: str = ""
    severity: str = "violation"


@dataclass(frozen=True, slots=True)
class Shape:
    """One node shape: what it applies to, its rules, and the messages of what it checks by a query.

    Args:
        iri: of the shape.
        label: its English label.
        classes: sh:targetClass.
        users: the properties whose subjects it applies to (sh:targetSubjectsOf).
        rules: its property shapes.
        deeper: the property shapes within those, which speak of the values that the outer path leads to.
        checks: messages of its SPARQL constraints, without the places for values.
    """

    iri: str
    label: str
    classes: tuple[str, ...]
    users: tuple[str, ...]
    rules: tuple[Rule, ...]
    deeper: tuple[Rule, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What all rules together ask of one property of one class."""

    properties: tuple[str, ...]
    inverse: bool
    rules: tuple[Rule, ...]

    @property
    def least(self) -> int:
        """How many values there are at least, by rules that stop a build."""
        return max((rule.least for rule in self.rules if rule.severity == "violation"), default=0)

    @property
    def most(self) -> int | None:
        """How many values there are at most, by rules that stop a build."""
        return min((rule.most for rule in self.rules if rule.most is not None and rule.severity == "violation"),
                   default=None)  # fmt: skip

    @property
    def count(self) -> str:
        """How many values, in words."""
        return count_in_words(self.least, self.most)


def count_in_words(least: int, most: int | None) -> str:
    """Return ``exactly one``, ``at least 2``, ``any number`` ..."""
    if most == 0:
        return "none"
    if most is not None and least == most:
        return f"exactly {_number(most)}"
    parts = [f"at least {_number(least)}"] if least else []
    parts += [f"at most {_number(most)}"] if most is not None else []
    return ", ".join(parts) or "any number"


def _number(value: int) -> str:
    return "one" if value == 1 else str(value)


@dataclass
class Rules:
    """All shapes; made from their quads."""

    shapes: list[Shape] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> Rules:
        """Read the shapes from their quads."""
        reader = _Reader(quads)
        shapes = reader.shapes()
        labels = {iri: reader.label(NamedNode(iri)) for iri in reader.names()}
        return cls(shapes, {iri: label for iri, label in labels.items() if label})

    def of_class(self, classes: Iterable[str]) -> list[Shape]:
        """Return the shapes whose target is one of the classes (a class and those above it)."""
        wanted = set(classes)
        return [shape for shape in self.shapes if wanted & set(shape.classes)]

    def asked(self, classes: Iterable[str]) -> list[Ask]:
        """Return what is asked of the properties of a class; a rule for whoever has a property holds as well."""
        found: dict[tuple[tuple[str, ...], bool], list[Rule]] = defaultdict(list)
        for shape in self.of_class(classes):
            for rule in shape.rules:
                found[rule.properties, rule.inverse].append(rule)
        for (properties, inverse), rules in found.items():
            if len(properties) == 1 and not inverse:
                rules.extend(self.general(properties[0]))
        return [Ask(*key, tuple(dict.fromkeys(rules))) for key, rules in found.items()]

    def general(self, name: str) -> list[Rule]:
        """Return the rules for the values of a property wherever it is used; that nobody must use it is left out."""
        return [dataclasses.replace(rule, least=0) for shape in self.shapes if name in shape.users
                for rule in shape.rules if rule.properties == (name,) and not rule.inverse]  # fmt: skip

    def schemes_of(self) -> dict[str, set[str]]:
        """Return the names of the concept schemes that the values of each property come from."""
        found: dict[str, set[str]] = defaultdict(set)
        for shape in self.shapes:
            for rule in shape.rules:
                for name in rule.properties if rule.scheme else ():
                    found[name].add(rule.scheme)
        return found

    def of_property(self, name: str) -> list[tuple[Shape, Rule]]:
        """Return every rule whose path names the property, with the shape that it belongs to."""
        return [(shape, rule) for shape in self.shapes for rule in (*shape.rules, *shape.deeper)
                if name in rule.properties]  # fmt: skip

    def checks(self, name: str) -> list[tuple[Shape, str]]:
        """Return the messages of queries that check the subjects of a property."""
        return [(shape, text) for shape in self.shapes if name in shape.users for text in shape.checks]


class _Reader:
    def __init__(self, quads: Iterable[Quad]) -> None:
        self._said: dict[Node, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
        for quad in quads:
            if isinstance(quad.subject, Node) and isinstance(quad.object, Value):
                self._said[quad.subject][quad.predicate.value].append(quad.object)

    def names(self) -> list[str]:
        return [node.value for node in self._said if isinstance(node, NamedNode)]

    def _all(self, node: Node, curie: str) -> list[Value]:
        return self._said[node].get(expand(curie), []) if node in self._said else []

    def _iris(self, node: Node, curie: str) -> tuple[str, ...]:
        return tuple(sorted(value.value for value in self._all(node, curie) if isinstance(value, NamedNode)))

    def _text(self, node: Node, curie: str) -> str:
        return next((value.value for value in self._all(node, curie) if isinstance(value, Literal)), "")

    def label(self, node: Node) -> str:
        return self._text(node, "rdfs:label")

    def shapes(self) -> list[Shape]:
        kind = NamedNode(expand("sh:NodeShape"))
        found = [node for node in list(self._said) if kind in self._all(node, "rdf:type")]
        return [self._shape(node) for node in sorted(found, key=lambda node: node.value)]

    def _shape(self, node: Node) -> Shape:
        messages = [self._text(value, "sh:message") for value in self._all(node, "sh:sparql")
                    if isinstance(value, Node)]  # fmt: skip
        return Shape(
            node.value,
            self.label(node),
            self._iris(node, "sh:targetClass"),
            self._iris(node, "sh:targetSubjectsOf"),
            tuple(self._rules(node)),
            tuple(self._deeper(node)),
            tuple(_PLACEHOLDER.sub(" …", text) for text in messages if text),
        )

    def _rules(self, node: Node) -> Iterable[Rule]:
        found = (self._rule(value) for value in self._properties(node))
        return [rule for rule in found if rule]

    def _properties(self, node: Node) -> list[Node]:
        return [value for value in sorted(self._all(node, "sh:property"), key=str) if isinstance(value, Node)]

    def _deeper(self, node: Node) -> Iterable[Rule]:
        for value in self._properties(node):
            yield from self._rules(value)
            yield from self._deeper(value)

    def _rule(self, node: Node) -> Rule | None:
        paths = [value for value in self._all(node, "sh:path") if isinstance(value, Node)]
        properties, inverse = self._path(paths[0]) if paths else ((), False)
        if not properties:
            return None
        severity = next(iter(self._iris(node, "sh:severity")), "sh#Violation").rpartition("#")[2].lower()
        kind = next(iter(self._iris(node, "sh:nodeKind")), "").rpartition("#")[2]
        pattern = _SCHEME_PATTERN.match(self._text(node, "sh:pattern"))
        most = self._text(node, "sh:maxCount")
        return Rule(
            node.value,
            properties,
            inverse,
            int(self._text(node, "sh:minCount") or 0),
            int(most) if most else None,
            tuple(iri for curie in ("sh:class", "sh:datatype", "sh:node") for iri in self._iris(node, curie)),
            tuple(value.value for choices in self._all(node, "sh:in") for value in self._list(choices)),
            _NODE_KINDS.get(kind, ""),
            pattern[1] if pattern else "",
            self._text(node, "sh:message"),
            severity,
        )

    def _path(self, node: Node) -> tuple[tuple[str, ...], bool]:
        """Return the properties of a path and whether it leads backwards (SHACL 1.0, section 2.3.1)."""
        if isinstance(node, NamedNode):
            return (node.value,), False
        if inverse := self._iris(node, "sh:inversePath"):
            return inverse, True
        choices = self._all(node, "sh:alternativePath")
        named = [value for value in self._list(choices[0]) if isinstance(value, NamedNode)] if choices else []
        return tuple(value.value for value in named), False

    def _list(self, node: Value) -> list[Value]:
        found: list[Value] = []
        while isinstance(node, Node) and node != _NIL and node in self._said:
            found += self._said[node].get(_FIRST.value, [])
            node = next(iter(self._said[node].get(_REST.value, [])), _NIL)
        return found
