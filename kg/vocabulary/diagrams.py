"""How the classes and properties of a module hang together: a drawing a module, made from the ontology itself.

``dot`` says in Graphviz's language what a drawing shows; Graphviz lays it out; ``ontology/diagrams/<name>.svg`` is the
result, made to be put into a page: no style and no script, so it lives under ``default-src 'self'``, and links to
``#Term`` anchors of that page. Graphviz is a tool for those who change the ontology: the service reads the files.

Without a style sheet a drawing is black lines on the page's ground. The page may colour these classes:

- ``drawing``: the ``svg`` itself;
- ``d-box``: a class of the module; ``d-head``: the ground behind its name; ``d-frame``: the line around a box;
- ``d-other``: a class of another module or vocabulary, and the box of properties that anything may have;
- ``d-line``: a line; ``d-tip``: the filled tip of a property's arrow; ``d-triangle``: the open one, to a superclass;
- ``d-names``: the group of names on an arrow, which a halo in the colour of the page sets off from lines;
- ``d-class``: the label of a class; ``d-name``: the name of a property; ``d-quiet``: identifiers, types, remarks.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import Final
from xml.etree import ElementTree as ET

from kg.errors import NeakgError, UsageError
from kg.namespaces import NEAKG, XSD, expand, shrink
from kg.resources import folder
from kg.vocabulary.terms import MODULES, Term, of_module, terms

OVERVIEW: Final = "overview"
#: Every drawing, in reading order: its name and its title.
DRAWINGS: Final[dict[str, str]] = {
    OVERVIEW: "How the classes of all modules hang together",
    **{name: about for name, about in MODULES.items() if name != "deprecated"},
}
#: The ontology gives these no domain, because more than statements has them; the overview draws them where most are.
OF_STATEMENTS: Final = ("hasEvidence", "ofTaxon", "ofPopulation", "atPlace", "accordingTo")

#: How to read a drawing, for a caption; the drawings say it to those who cannot see them.
LEGEND: Final = (
    "Each box is a class with its properties; green boxes are classes of the module, grey ones come from other modules "
    "and vocabularies. An open triangle points to the broader class, a filled tip to what the named property leads to; "
    "a property set in from the left is narrower than the one above it, a name behind a "
    "stroke is the inverse. What the ontology binds to no class stands in "
    "a box of its own. A value that is a concept is one of a concept "
    "scheme."
)

_CONCEPT: Final = expand("skos:Concept")
_ANYTHING: Final = "anything"
_PROPERTIES: Final = frozenset({"object property", "datatype property", "annotation property"})
_INVERSE: Final = " / "
_NARROWER: Final = "  "
_MAX_ROWS: Final = 10
_GAP: Final = '<TD WIDTH="12"></TD>'

# Colours of the DOT text, each of which becomes a class of the style sheet.
_HEAD, _BOX, _OTHER, _QUIET, _NAME = "#dcebe1", "#ffffff", "#f3f4f6", "#555555", "#0b5d3b"
_FILLS: Final = {_HEAD: "d-head", _BOX: "d-box", _OTHER: "d-other", _QUIET: "d-tip"}
_TEXTS: Final = {_QUIET: "d-quiet", _NAME: "d-name"}
_START: Final = f"""\
  // Format 1: another number makes all drawings anew. Type is set a bit smaller than laid out: fonts differ in width.
  graph [rankdir=LR, bgcolor=transparent, fontname="Arial", nodesep=0.22, ranksep=0.45, splines=true, margin=0]
  node [shape=plain, fontname="Arial", fontsize=12.5]
  edge [fontname="Arial", fontsize=12.5, arrowsize=0.8, color="{_QUIET}"]
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One property in a box.

    Args:
        name: of the property.
        kind: what its values are, for people.
        link: the name of the class the values are of, if it is one of ours.
    """

    name: str
    kind: str
    link: str = ""


@dataclass(slots=True)
class Plan:
    """What a drawing shows: everything about it that is not layout.

    Args:
        boxes: IRI of a class, or ``anything`` -> the properties that stand in its box.
        own: the IRIs of the classes of the module.
        arrows: (from, to) -> names of properties that lead there; narrower ones set in below their superproperty.
        parents: (class, superclass).
    """

    boxes: dict[str, list[Row]] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    arrows: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    parents: list[tuple[str, str]] = field(default_factory=list)


def dot(name: str) -> str:
    """Return the text that Graphviz lays out for a module or the overview; the same ontology gives the same text.

    Raises:
        UsageError: no drawing has that name.
    """
    if name not in DRAWINGS:
        raise UsageError(f"no drawing {name!r}; there are: {', '.join(DRAWINGS)}")
    plan = _overview() if name == OVERVIEW else _module(of_module(name))
    lines = [*_boxes(plan, name == OVERVIEW), *_arrows(plan, name == OVERVIEW)]
    said = f"  // {title(name)}\n  // {LEGEND}\n"  # other words make the drawing stale, too
    return f"digraph {name} {{\n{said}{_START}" + "".join(f"  {line}\n" for line in lines) + "}\n"


def drawing(name: str) -> str:
    """Return the SVG of a module or the overview, to be put into a page that has the anchors of all terms.

    Raises:
        UsageError: no drawing has that name.
    """
    if name not in DRAWINGS:
        raise UsageError(f"no drawing {name!r}; there are: {', '.join(DRAWINGS)}")
    return (folder("ontology") / "diagrams" / f"{name}.svg").read_text("utf-8")


def title(name: str) -> str:
    """Return what a drawing shows, in a line."""
    return f"{name.capitalize()}: {DRAWINGS[name][0].lower()}{DRAWINGS[name][1:]}"


def fingerprint(name: str) -> str:
    """Return the SHA-256 of the drawing's DOT text, which its SVG carries as ``data-dot-sha256``."""
    return sha256(dot(name).encode()).hexdigest()


def drawings() -> dict[str, bytes]:
    """Return every drawing by its path below ``ontology/``: as it lies there if it is fresh, else laid out anew.

    Raises:
        NeakgError: a drawing is stale and Graphviz is missing or fails.
    """
    made: dict[str, bytes] = {}
    for name in DRAWINGS:
        path = f"diagrams/{name}.svg"
        file = folder("ontology") / path
        stored = file.read_bytes() if file.is_file() else b""
        fresh = f'data-dot-sha256="{fingerprint(name)}"'.encode() in stored
        made[path] = stored if fresh else render(name).encode()
    return made


def render(name: str) -> str:
    """Return the SVG of a drawing as Graphviz lays it out now.

    Raises:
        NeakgError: Graphviz is missing or fails.
    """
    tool = shutil.which("dot")
    if tool is None:
        raise NeakgError(f"ontology/diagrams/{name}.svg is stale: install graphviz and run `make ontology`")
    text = dot(name)
    done = subprocess.run([tool, "-Tsvg"], input=text.encode(), capture_output=True, check=False)  # noqa: S603 - our own text to a tool of the developer
    if done.returncode:
        raise NeakgError(f"graphviz could not draw {name}: {done.stderr.decode(errors='replace').strip()}")
    return _page_svg(name, done.stdout)


# --- what is shown ---


def _module(members: list[Term]) -> Plan:
    """Plan the drawing of a module: each of its terms once, and what they touch."""
    plan = Plan(own=[term.iri for term in members if term.kind == "class"])
    plan.boxes = {iri: [] for iri in plan.own}
    for term in members:
        if term.kind in _PROPERTIES:
            _place(plan, term)
    for iri in plan.own:
        for parent in terms()[iri].parents:
            plan.boxes.setdefault(parent, [])
    for iri in plan.boxes:
        plan.parents += [
            (iri, parent) for parent in (terms()[iri].parents if iri in terms() else ()) if parent in plan.boxes
        ]
    return plan


def _place(plan: Plan, term: Term) -> None:
    """Put a property on an arrow if it leads from class to class, else into the box of its domain."""
    targets = [iri for iri in term.ranges if not iri.startswith(XSD) and iri != _CONCEPT]
    if term.kind == "object property" and term.domains and targets:
        for start in term.domains:
            for end in targets:
                plan.boxes.setdefault(start, [])
                plan.boxes.setdefault(end, [])
                _add_name(plan.arrows, start, end, term)
        return
    for start in term.domains or (_ANYTHING,):
        plan.boxes.setdefault(start, []).append(_row(term))


def _add_name(arrows: dict[tuple[str, str], list[str]], start: str, end: str, term: Term) -> None:
    """Write a property beside its inverse, below its superproperty, or at the end of its own arrow."""
    back = arrows.get((end, start), [])
    for at, name in enumerate(back):
        if f"{NEAKG}{name.strip()}" in term.inverses:
            back[at] = f"{name}{_INVERSE}{term.name}"
            return
    names = arrows.setdefault((start, end), [])
    above = [at for at, name in enumerate(names) if f"{NEAKG}{name.strip().split(_INVERSE)[0]}" in term.parents]
    if not above:
        names.append(term.name)
        return
    last = above[0] + 1
    while last < len(names) and names[last].startswith(_NARROWER):
        last += 1
    names.insert(last, f"{_NARROWER}{term.name}")


def _row(term: Term) -> Row:
    if term.kind == "annotation property":
        return Row(term.name, "annotation")
    if not term.ranges:
        return Row(term.name, "anything" if term.kind == "object property" else "literal")
    kinds = " and ".join(_label(kind) for kind in term.ranges)
    return Row(term.name, kinds, _local(term.ranges[0]) if term.ranges[0] in terms() else "")


def _overview() -> Plan:
    """Plan the overview: the topmost classes, those below them as rows, and what leads from one to another."""
    classes = [term for term in terms().values() if term.kind == "class" and term.status != "deprecated"]
    tops = {term.iri: _top(term) for term in classes}
    plan = Plan(own=[iri for iri in tops if tops[iri] == iri])
    plan.boxes = {iri: list(_below(iri, classes, 0)) for iri in plan.own}
    for term in terms().values():
        if term.status == "deprecated":
            continue
        starts = term.domains or ((f"{NEAKG}Statement",) if term.name in OF_STATEMENTS else ())
        for start in starts:
            for end in term.ranges:
                if start in tops and end in tops and tops[start] != tops[end]:
                    _add_name(plan.arrows, tops[start], tops[end], term)
    # Narrower and inverse properties are for the drawings of the modules.
    plan.arrows = {
        ends: [name.split(_INVERSE)[0] for name in names if not name.startswith(_NARROWER)]
        for ends, names in plan.arrows.items()
    }
    return plan


def _top(term: Term) -> str:
    """Return the topmost class of ours above a class, or itself."""
    while above := [iri for iri in term.parents if iri in terms()]:
        term = terms()[above[0]]
    return term.iri


def _below(iri: str, classes: list[Term], depth: int) -> Iterator[Row]:
    for term in classes:
        if next((parent for parent in term.parents if parent in terms()), "") == iri:
            yield Row(term.name, "    " * depth + term.label, term.name)
            yield from _below(term.iri, classes, depth + 1)


# --- as DOT ---


def _local(iri: str) -> str:
    return iri.removeprefix(NEAKG)


def _label(iri: str) -> str:
    """Return what a class or datatype is called in a drawing."""
    if iri == _CONCEPT:
        return "concept"
    if iri in terms():
        return terms()[iri].label
    return iri.removeprefix(XSD) if iri.startswith(XSD) else (shrink(iri) or iri)


def _text(text: str, colour: str = _NAME) -> str:
    indent = len(text) - len(text.lstrip(" "))
    return f'<FONT COLOR="{colour}">{"&#160;" * indent}{escape(text.strip())}</FONT>'


def _cell(inner: str, link: str = "", options: str = "") -> str:
    href = f' HREF="#{escape(link)}"' if link else ""
    return f'<TD ALIGN="LEFT"{href}{options}>{inner}</TD>'


def _boxes(plan: Plan, is_overview: bool) -> Iterator[str]:
    for iri, rows in plan.boxes.items():
        half = (len(rows) + 1) // 2 if len(rows) > _MAX_ROWS and not is_overview else len(rows)
        cells = [_inherited(row) if is_overview else _property(row) for row in rows]
        body = "".join(f"<TR>{_GAP.join(cells[at::half])}</TR>" for at in range(half))
        own = iri in plan.own
        table = f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" BGCOLOR="{_BOX if own else _OTHER}">'
        head = _head(iri, own, is_overview)
        yield f'"{_local(iri)}" [label=<{table}<TR>{head}</TR>{body}</TABLE>>]'


def _head(iri: str, own: bool, is_overview: bool) -> str:
    """Return the top cell of a box: label, identifier, and of which module it is."""
    span = ' COLSPAN="5"'
    if iri not in terms():
        return _cell(_text("anything may have" if iri == _ANYTHING else shrink(iri) or iri, _QUIET), "", span)
    term = terms()[iri]
    low = f"module {term.module}" if is_overview else f"{shrink(iri)}{'' if own else f', {term.module}'}"
    ground = f' BGCOLOR="{_HEAD}"' if own else ""
    left = '<BR ALIGN="LEFT"/>'
    return _cell(f"<B>{escape(term.label)}</B>{left}{_text(low, _QUIET)}{left}", term.name, span + ground)


def _property(row: Row) -> str:
    return _cell(_text(row.name), row.name) + _cell(_text(row.kind, _QUIET), row.link)


def _inherited(row: Row) -> str:
    return _cell(_text(row.kind), row.name, ' COLSPAN="5"')


def _arrows(plan: Plan, is_overview: bool) -> Iterator[str]:
    for below, above in plan.parents:  # drawn backwards: the superclass stands left of its subclasses
        yield f'"{_local(above)}" -> "{_local(below)}" [dir=back, arrowtail=empty]'
    for (start, end), names in plan.arrows.items():
        rows = "".join(f'<TR><TD ALIGN="LEFT">{_names(name)}</TD></TR>' for name in names)
        label = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'
        if is_overview and terms()[start].module == "projects":  # people stand right of the nature they work for
            yield f'"{_local(end)}" -> "{_local(start)}" [dir=back, label=<{label}>]'
        else:
            yield f'"{_local(start)}" -> "{_local(end)}" [label=<{label}>]'


def _names(name: str) -> str:
    """Return a property, and its inverse behind a stroke, each with its link."""
    first, *inverse = name.split(_INVERSE)
    cells = _cell(_text(first), first.strip()) + "".join(_cell(_text(f"/ {other}"), other) for other in inverse)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR>{cells}</TR></TABLE>'


# --- as SVG of a page ---

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_PAIR: Final = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


def _page_svg(name: str, laid_out: bytes) -> str:
    """Return Graphviz's SVG without its styles: classes for colours, plain links, lines below names below boxes."""
    root = ET.fromstring(laid_out)  # noqa: S314 - Graphviz wrote it from our own text
    graph = root[0]
    moved = re.search(r"translate\((\S+) (\S+)\)", graph.get("transform", ""))
    width, height = (round(float(size)) for size in root.get("viewBox", "").split()[2:])
    assert moved, "Graphviz moves its graph to the page"
    pen = _Pen(float(moved[1]), float(moved[2]))
    lines: list[str] = []
    names: list[str] = []
    boxes: list[str] = []
    for group in graph:
        if group.get("class") == "node":
            boxes.append(f"<g>{''.join(pen.draw(part) for part in group)}</g>")
        for part in group if group.get("class") == "edge" else ():
            (names if part.tag == f"{_SVG}g" else lines).append(pen.draw(part, on_arrow=True))
    drawn = [_opening(name, width, height), *filter(None, lines), '<g class="d-names">', *names, "</g>", *boxes]
    return "\n".join([*drawn, "</svg>", ""])


def _opening(name: str, width: int, height: int) -> str:
    """Return what stands before the shapes: the size, and what the drawing is for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="graphics-document document" lang="en" '
        f'aria-labelledby="drawing-{name}-title" aria-describedby="drawing-{name}-about" '
        f'font-family="Arial, Liberation Sans, Helvetica, sans-serif" font-size="12" fill="none" stroke="currentColor" '
        f'data-dot-sha256="{fingerprint(name)}">\n'
        f'<title id="drawing-{name}-title">{escape(title(name))}</title>\n'
        f'<desc id="drawing-{name}-about">{escape(LEGEND)}</desc>'
    )


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws Graphviz's shapes anew, moved so that the page's corner is 0,0.

    Args:
        right: how far to the right.
        down: how far down.
    """

    right: float
    down: float

    def draw(self, shape: ET.Element, *, on_arrow: bool = False) -> str:
        """Return a shape and what is in it; "" for what a page does not need."""
        inside = "".join(self.draw(part, on_arrow=on_arrow) for part in shape)
        match shape.tag.removeprefix(_SVG):
            case "g":
                return inside
            case "a":
                # The keyboard stops at boxes only: the page lists every property with a link of its own.
                stop = "" if 'class="d-class"' in inside else ' tabindex="-1"'
                return f'<a href="{escape(shape.get(_HREF, ""))}"{stop}>{inside}</a>'
            case "text":
                return self._text(shape)
            case "path":
                return f'<path class="d-line" d="{self._moved(shape.get("d", ""))}"/>'
            case "polygon":
                return self._polygon(shape, on_arrow)
        return ""

    def _text(self, shape: ET.Element) -> str:
        kind = 'd-class" font-weight="bold' if shape.get("font-weight") else _TEXTS[shape.get("fill", "")]
        at = self._moved(f"{shape.get('x')},{shape.get('y')}").split(",")
        words = escape((shape.text or "").strip(" \n"))  # blanks that do not break set names in from the left
        return f'<text class="{kind}" x="{at[0]}" y="{at[1]}" fill="currentColor" stroke="none">{words}</text>'

    def _polygon(self, shape: ET.Element, on_arrow: bool) -> str:
        fill = shape.get("fill", "")
        kind = ("d-triangle" if on_arrow else "d-frame") if fill == "none" else _FILLS[fill]
        paint = {"d-tip": ' fill="currentColor"', "d-triangle": "", "d-frame": ""}.get(kind, ' stroke="none"')
        return f'<polygon class="{kind}"{paint} points="{self._moved(shape.get("points", ""))}"/>'

    def _moved(self, points: str) -> str:
        def move(pair: re.Match[str]) -> str:
            return f"{float(pair[1]) + self.right:.1f},{float(pair[2]) + self.down:.1f}"

        return _PAIR.sub(move, points)
