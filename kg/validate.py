"""Whether a graph keeps the rules of ``shapes/``: the gate of a build, and the check of anybody's RDF file.

The rules are SHACL.  Two engines can run them: ``shacl`` (Rust, the gate) and ``pyshacl`` (the reference; a test holds
that both give the same results, messages and values for every case in ``tests/shapes``).  On 61,659 triples with these
shapes ``shacl`` took 0.7 s and pySHACL 265 s; without the SPARQL constraints, whose text pySHACL parses again for every
node, 21 s.  What the shapes must respect so that both agree:

* years are compared as text in SPARQL: of ``sh:lessThanOrEquals`` over xsd:gYear, ``shacl`` says that equal years break
  it, and pySHACL ends with a TypeError (as for any two values that cannot be compared);
* every property shape has an IRI, and a node shape holds one SPARQL constraint at most: ``shacl`` does not tell which
  of several SPARQL constraints failed, and for a blank property shape the engines give different names;
* a rule that holds under a condition starts from the concept that is the condition (``sh:targetNode``) and walks back
  to the statements, so that a result still names the statement;
* a number is compared with numbers only: of an xsd:gYear under ``sh:maxInclusive 180`` pySHACL finds nothing wrong;
* a SPARQL constraint holds no VALUES, MINUS or SERVICE (SHACL 1.0, section 5.2.1): ``shacl`` refuses the whole run;
* regular expressions use neither look-around nor back references, which the Rust engine does not have;
* language tags arrive in lower case from the store, and ``sh:uniqueLang`` compares them without regard to case.

Neither engine has a time limit: a caller that validates a stranger's file sets its own.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from kg.errors import UsageError
from kg.namespaces import PREFIXES, RDF, SH, SHAPES, expand, shrink
from kg.rdf import MAPPINGS
from kg.records import TABLES, Origin
from kg.resources import folder, walk

#: Columns of values that ``kg.rdf.convert`` writes by rules of its own; the first that the table has is named.
_SPECIAL_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "neakg:hasEvidence": ("sources",),
    "neakg:confidence": ("confidence",),
    "rdfs:comment": ("note",),
    "rdf:type": ("kind",),
    "skosxl:literalForm": ("name",),
    "neakg:memberState": ("member",),
    "neakg:habitatSystem": ("scheme",),
    "neakg:targetIri": ("identifier", "value"),
    "neakg:value": ("count",),
    "neakg:minimum": ("count",),
    "neakg:maximum": ("count_max",),
    "geo:asWKT": ("latitude", "wkt"),
    "dwc:dataGeneralizations": ("latitude",),
}
_TIMES: Final = ("neakg:startYear", "neakg:endYear", "neakg:undated")

GeometryCheck = Callable[[list[Triple]], Iterable["Violation"]]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    Args:
        severity: ``violation`` stops a build, ``warning`` does not.
        message: the rule, in words.
        focus: the IRI of the thing that breaks it (``_:x`` for a blank node).
        path: the property, as ``neakg:unit`` or a SPARQL property path.
        value: the value that breaks it, in N-Triples syntax.
        shape: the IRI of the shape.
        component: the IRI of the SHACL constraint component.
        origin: the row of our own table that the thing was read from.
        column: the column of that row.
    """

    severity: str
    message: str
    focus: str
    path: str | None = None
    value: str | None = None
    shape: str = ""
    component: str = ""
    origin: Origin | None = None
    column: str | None = None

    def __str__(self) -> str:
        value = _plain(self.value) if self.value is not None else ""
        if self.origin is not None:
            where = f"{self.origin.file}:{self.origin.line}" + (f":{self.column}" if self.column else "")
            return f"{where}: {self.message}" + (f" (value {value})" if value else "")
        focus = self.focus if self.focus.startswith(("_:", '"')) else f"<{self.focus}>"
        return " ".join(filter(None, (focus, self.path, value))) + f": {self.message}"

    @property
    def sort_key(self) -> tuple[str | int, ...]:
        """Violations first, then by table row, then by thing."""
        file, line = (self.origin.file, self.origin.line) if self.origin else ("~", 0)
        return (
            "0" if self.severity == "violation" else "1",
            file,
            line,
            self.focus,
            self.path or "",
            self.value or "",
            self.shape,
            self.component,
            self.message,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All broken rules of a graph, sorted."""

    violations: tuple[Violation, ...]

    @property
    def conforms(self) -> bool:
        """Whether the graph may pass the gate: warnings may."""
        return not any(item.severity == "violation" for item in self.violations)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many of each severity there are."""
        found = Counter(item.severity for item in self.violations)
        return {"violation": found["violation"], "warning": found["warning"]}

    def to_turtle(self) -> bytes:
        """Return the sh:ValidationReport; sh:conforms is true only without any result (SHACL 1.0, section 3.6)."""
        conforms = "false" if self.violations else "true"
        lines = [f"@prefix sh: <{SH}> .", "", "[]", "    a sh:ValidationReport ;"]
        if not self.violations:
            lines.append(f"    sh:conforms {conforms} .")
        else:
            lines += [f"    sh:conforms {conforms} ;", "    sh:result"]
            lines.append(" ,\n".join(_result(item) for item in self.violations) + " .")
        return ("\n".join(lines) + "\n").encode()


def _result(item: Violation) -> str:
    focus = item.focus if item.focus.startswith(("_:", '"')) else f"<{item.focus}>"
    path = _path_term(item.path)
    parts = [
        "a sh:ValidationResult",
        f"sh:focusNode {focus}",
        *([f"sh:resultPath {path}"] if path else []),
        *([f"sh:value {item.value}"] if item.value else []),
        f"sh:resultMessage {Literal(item.message)}",
        f"sh:resultSeverity sh:{item.severity.capitalize()}",
        f"sh:sourceConstraintComponent <{item.component}>",
        f"sh:sourceShape {item.shape if item.shape.startswith('_:') else f'<{item.shape}>'}",
    ]
    return "        [\n" + " ;\n".join(f"            {part}" for part in parts) + "\n        ]"


# --- the two engines -----------------------------------------------------------------------------------


class Raw(NamedTuple):
    """A result as an engine gives it, its terms in N-Triples syntax."""

    severity: str
    message: str
    focus: str
    path: str | None
    value: str | None
    shape: str
    component: str


def _run_shacl(shapes: bytes, data: bytes) -> Iterator[Raw]:
    try:
        report = _compiled(shapes).validate_text(data.decode(), format="ntriples")
    except ValueError as error:
        raise UsageError(f"the SHACL engine refuses the shapes or the data: {error}") from error
    for item in report.results:
        yield Raw(
            item.severity,
            item.message or "",
            item.focus_node,
            item.path,
            item.value,
            item.root_shape or item.source_shape or "",
            item.component_iri,
        )


@cache
def _compiled(shapes: bytes) -> Any:
    import shacl

    return shacl.Shapes.from_text(shapes.decode(), format="ntriples")


def _run_pyshacl(shapes: bytes, data: bytes) -> Iterator[Raw]:
    import pyshacl
    from rdflib import Graph, URIRef

    graphs = [Graph().parse(data=text, format="nt") for text in (data, shapes)]
    _, report, _ = pyshacl.validate(graphs[0], shacl_graph=graphs[1], advanced=False)

    def get(node: Any, name: str) -> Any:
        return report.value(node, URIRef(SH + name))

    # Results of nested shapes stand in the report too, but only under sh:detail.
    for node in report.objects(None, URIRef(f"{SH}result")):
        path, value = get(node, "resultPath"), get(node, "value")
        yield Raw(
            str(get(node, "resultSeverity")).removeprefix(SH),
            str(get(node, "resultMessage") or ""),
            get(node, "focusNode").n3(),
            path.n3() if isinstance(path, URIRef) else None,
            None if value is None else value.n3(),
            get(node, "sourceShape").n3(),
            str(get(node, "sourceConstraintComponent")),
        )


_ENGINES: Final[dict[str, Callable[[bytes, bytes], Iterator[Raw]]]] = {"shacl": _run_shacl, "pyshacl": _run_pyshacl}


# --- shapes and vocabulary -----------------------------------------------------------------------------


@cache
def own_shapes() -> bytes:
    """Return all files of ``shapes/`` as one N-Triples text.

    Raises:
        UsageError: the folder holds no shapes: a check that checks nothing has failed.
    """
    text = _ntriples(_read("shapes"))
    if not text:
        raise UsageError("the folder shapes/ holds no shapes")
    return text


def _other_shapes(turtle: bytes) -> bytes:
    try:
        return _ntriples(quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE))
    except SyntaxError as error:
        raise UsageError(f"the shapes are not well-formed Turtle: line {error.lineno}: {error.msg}") from error


@cache
def _vocabularies() -> tuple[Triple, ...]:
    return tuple(_read("ontology/vocabularies"))


def _read(name: str) -> list[Triple]:
    top, *rest = name.split("/")
    place = folder(top)
    for part in rest:
        place = place / part
    return [quad.triple for file in walk(place, ".ttl") for quad in parse(file.read_bytes(), format=RdfFormat.TURTLE)]


def _ntriples(triples: Iterable[Triple]) -> bytes:
    text = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert text is not None, "no output is named, so the text is returned"
    return text


def validate(
    quads: Iterable[Quad | Triple],
    *,
    shapes: bytes | None = None,
    vocabulary: bool = True,
    origins: Mapping[str, Origin] | None = None,
    geometry_problems: GeometryCheck | None = None,
    engine: str = "shacl",
) -> Report:
    """Check a graph against the shapes.

    Args:
        quads: the data; graph names play no role, and triples about triples are passed over.
        shapes: other shapes than our own, in Turtle.
        vocabulary: whether our concept schemes are added to the data.
        origins: the row of a table by the IRI of the thing that was made from it.
        geometry_problems: what SHACL cannot say: points outside the stated countries.
        engine: ``shacl`` or ``pyshacl``.
    """
    data = list(dict.fromkeys(quad.triple if isinstance(quad, Quad) else quad for quad in quads))
    rules = own_shapes() if shapes is None else _other_shapes(shapes)
    simple = [triple for triple in data if not isinstance(triple.object, Triple)]
    text = _ntriples(dict.fromkeys([*simple, *(_vocabularies() if vocabulary else ())]))
    paths = _paths(rules)
    found = [_violation(raw, paths) for raw in _ENGINES[engine](rules, text)]
    found += _blank_nodes(simple)
    found += geometry_problems(data) if geometry_problems else ()
    placed = set(_with_origins(found, origins or {}, data))
    return Report(tuple(sorted(placed, key=lambda item: item.sort_key)))


def _violation(raw: Raw, paths: Mapping[str, str]) -> Violation:
    shape = _iri(raw.shape)
    return Violation(
        severity="violation" if raw.severity == "Violation" else "warning",
        message=raw.message,
        focus=_iri(raw.focus),
        path=paths.get(shape) or (_short(raw.path) if raw.path else None),
        value=_canonical(raw.value),
        shape=shape,
        component=raw.component,
    )


def _canonical(value: str | None) -> str | None:
    """Return a term the way the store writes it: the engines escape and type strings differently."""
    if value is None or not value.startswith('"'):
        return value
    triple = next(iter(parse(f"<x:s> <x:p> {value} .", format=RdfFormat.TURTLE)))
    return str(triple.object)


def _iri(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


def _plain(term: str) -> str:
    """Return a term as people read it: a short IRI, or the text of a literal."""
    if term.startswith("<"):
        return shrink(term[1:-1]) or term[1:-1]
    match = re.match(r'"((?:[^"\\]|\\.)*)"', term)
    return match[1] if match else term


def _blank_nodes(data: Iterable[Triple]) -> Iterator[Violation]:
    """Yield a violation for each blank node: no target of SHACL means every node."""
    terms = (term for triple in data for term in (triple.subject, triple.object))
    for name in dict.fromkeys(term.value for term in terms if isinstance(term, BlankNode)):
        yield Violation(
            severity="violation",
            message="A node of the graph has an IRI: this one is blank.",
            focus=f"_:{name}",
            shape=f"{SHAPES}#NamedNodeShape",
            component=expand("sh:NodeKindConstraintComponent"),
        )


# --- paths -----------------------------------------------------------------------------------------------


@cache
def _paths(shapes: bytes) -> dict[str, str]:
    """Return the path of each named property shape, written as in SPARQL."""
    store = Store()
    store.load(shapes, format=RdfFormat.N_TRIPLES)
    rows = store.quads_for_pattern(None, NamedNode(f"{SH}path"), None)
    return {row.subject.value: _path(store, row.object) for row in rows if isinstance(row.subject, NamedNode)}


def _path(store: Store, node: object) -> str:
    if isinstance(node, NamedNode):
        return shrink(node.value) or str(node)
    for kind, pattern in (("inversePath", "^{}"), ("zeroOrMorePath", "{}*"), ("oneOrMorePath", "{}+")):
        if (inner := _object(store, node, SH + kind)) is not None:
            return pattern.format(_path(store, inner))
    choice = _object(store, node, f"{SH}alternativePath")
    steps = [_path(store, item) for item in _items(store, node if choice is None else choice)]
    return ("/" if choice is None else "|").join(steps)


def _object(store: Store, subject: object, predicate: str) -> object | None:
    assert isinstance(subject, NamedNode | BlankNode)
    row = next(iter(store.quads_for_pattern(subject, NamedNode(predicate), None)), None)
    return None if row is None else row.object


def _items(store: Store, node: object) -> Iterator[object]:
    while node is not None and not (isinstance(node, NamedNode) and node.value == f"{RDF}nil"):
        yield _object(store, node, f"{RDF}first")
        node = _object(store, node, f"{RDF}rest")


def _short(path: str) -> str:
    return re.sub(r"<([^<>]*)>", lambda match: shrink(match[1]) or match[0], path)


def _path_term(path: str | None) -> str | None:
    """Return a path as Turtle: a predicate, an inverse or a choice of them; None for anything deeper."""
    if not path:
        return None
    steps = [_step_term(step) for step in path.split("|")]
    if None in steps:
        return None
    return steps[0] if len(steps) == 1 else f"[ sh:alternativePath ( {' '.join(map(str, steps))} ) ]"


def _step_term(step: str) -> str | None:
    if step.startswith("^"):
        inner = _step_term(step[1:])
        return inner and f"[ sh:inversePath {inner} ]"
    if step.startswith("<"):
        return step if step.count("<") == 1 and step.endswith(">") else None
    prefix, colon, name = step.partition(":")
    known = colon and prefix in PREFIXES and re.fullmatch(r"[\w-]+", name)
    return f"<{expand(step)}>" if known else None


# --- from a result to the row of a table -----------------------------------------------------------------


def _with_origins(
    found: Iterable[Violation], origins: Mapping[str, Origin], data: Iterable[Triple]
) -> Iterator[Violation]:
    """Add row and column; a node without a row of its own (evidence) gets the first row that leads to it."""
    items = list(found)
    lost = {item.focus for item in items if item.focus not in origins} if origins else set()
    users: dict[str, tuple[str, int, str]] = {}
    for triple in data if lost else ():
        subject, target = triple.subject, triple.object
        if isinstance(target, NamedNode) and target.value in lost and (user := origins.get(str(subject)[1:-1])):
            here = (user.file, user.line, shrink(triple.predicate.value) or "")
            users[target.value] = min(users.get(target.value, here), here)
    for item in items:
        path = item.path or ""
        origin = origins.get(item.focus)
        if origin is None and item.focus in users:
            file, line, path = users[item.focus]
            origin = Origin(file, line)
        yield item if origin is None else _at(item, origin, path)


def _at(item: Violation, origin: Origin, path: str) -> Violation:
    return dataclasses.replace(item, origin=origin, column=item.column or _column(origin, path))


def _column(origin: Origin, path: str) -> str | None:
    """Return the column whose property the path starts with, if the table has one."""
    record = TABLES.get(PurePath(origin.file).name)
    if record is None:
        return None
    mapping = MAPPINGS[record]
    fields = {field.name for field in dataclasses.fields(record)} | {"sources"}
    columns = {item.predicate: item.field for item in mapping.properties}
    if mapping.time:
        columns |= dict.fromkeys((mapping.time[1], *_TIMES), mapping.time[0])
    for step in path.split("|"):
        for name in (columns.get(step, ""), *_SPECIAL_COLUMNS.get(step, ())):
            if name in fields:
                return name
    return None
