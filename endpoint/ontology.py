"""The documentation page of the ontology: each term with what the modules, shapes, mappings and the graph say of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from endpoint import turtle
from endpoint.alignments import Related, related, sets, title_of
from endpoint.context import Context
from endpoint.jsonld import frame_documents
from endpoint.rules import Ask, Rule, Rules, count_in_words
from endpoint.terms import Shown, language_tag, local_address, name_of, show_iri
from endpoint.translated import label_sources, said_by
from kg.iris import Base
from kg.namespaces import NEAKG, ONTOLOGY, SCHEME, XSD, expand, shrink
from kg.resources import folder, walk
from kg.vocabulary.frames import kebab
from kg.vocabulary.terms import MODULES, Term, of_module, terms

#: In stores larger than this, and without a description that counts (VoID), uses are not counted.
MOST_COUNTED: Final = 1_000_000
DEPRECATED: Final = "deprecated"
#: The guides in reading order: the names of files in ``ontology/guide/``.
GUIDES: Final = ("new-project", "new-census")
_CONCEPT: Final = expand("skos:Concept")
_PREFIX: Final = re.compile(r"@prefix\s+([\w-]*):\s*<([^>]+)>")
_LITERALS: Final = {
    expand("rdf:langString"): "text with a language tag",
    f"{XSD}string": "text",
    f"{XSD}boolean": "true or false",
}


#: Properties of other vocabularies that no shape explains: what their values are, and what they are for here.
_OTHERS: Final[dict[str, tuple[str, str]]] = {
    "rdf:type": ("a class", ""),
    "rdfs:comment": ("text", "Remarks, in the words of whoever wrote the data."),
    "dcterms:date": ("a date", "When it was published."),
    "dcterms:description": ("text", ""),
    "dcterms:identifier": ("text", "A number or code that the work carries, such as a DOI."),
    "dcterms:publisher": ("text", "Who published it."),
    "dcterms:rights": ("text", "What may be done with it, and what was taken from it."),
    "dcterms:title": ("text", ""),
    "dwc:decimalLatitude": ("a number", ""),
    "dwc:decimalLongitude": ("a number", ""),
    "dwc:scientificName": ("text", ""),
    "dwc:scientificNameAuthorship": ("text", "Who gave the name, and the year."),
    "oa:hasSelector": ("a selector", "Where the passage stands in the text: its position, or its words."),
    "skos:closeMatch": ("a concept", "A concept of another scheme that is close to this one."),
    "skos:inScheme": ("a concept scheme", ""),
    "skos:notation": ("text", ""),
    "skos:prefLabel": ("text with a language tag", ""),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a class's table of properties."""

    paths: tuple[Shown, ...]
    inverse: bool
    count: str
    required: bool
    choices: tuple[Shown, ...]
    meaning: str
    rules: tuple[Shown, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule that applies to a property."""

    where: str
    count: str
    shape: Shown
    message: str
    severity: str


@dataclass(frozen=True, slots=True)
class Example:
    """A class in Turtle: what it shows, the block about the node itself, and where the whole file is."""

    remark: str
    code: Markup
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One term as the page shows it.

    Args:
        term: the record.
        curie: its short name.
        definition: what it means, with our terms linked.
        notes: why it is deprecated, and its scope notes, with our terms linked.
        names: its labels in other languages; the title names the source.
        facts: heading and values, in their order.
        folded: the same, for what few readers want to see.
        fields: for a class, its properties.
        inherited: for a class, properties that a class above it may have, and that nothing else speaks of here.
        rules: for a property, what the shapes ask where it is used.
        checks: messages of queries among the shapes.
        mappings: relation and target in other vocabularies.
        uses: instances, or triples, in the graph; None when they were not counted.
        uses_below: for a class, the instances of its subclasses.
        query: the SPARQL query that lists the uses.
        example: in Turtle.
        frame: the address of the JSON-LD frame, if there is one.
    """

    term: Term
    curie: str
    definition: Markup
    notes: tuple[Markup, ...]
    names: tuple[Shown, ...]
    facts: tuple[tuple[str, tuple[Shown, ...]], ...]
    folded: tuple[tuple[str, tuple[Shown, ...]], ...]
    fields: tuple[Field, ...]
    inherited: tuple[Shown, ...]
    rules: tuple[RuleLine, ...]
    checks: tuple[Shown, ...]
    mappings: tuple[Related, ...]
    uses: int | None
    uses_below: int
    query: str
    example: Example | None
    frame: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its terms, classes first, and its drawing."""

    name: str
    about: str
    drawing: Markup
    classes: tuple[Entry, ...]
    properties: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A concept scheme of the package, for the list on the page."""

    shown: Shown
    description: str
    concepts: int
    users: tuple[Shown, ...]


def package_text(path: str) -> str:
    """Return a text file of ``ontology/``, or "" when the package lacks it."""
    found = folder("ontology")
    for part in path.split("/"):
        found = found / part
    return found.read_text("utf-8") if found.is_file() else ""


@dataclass
class Documentation:
    """Everything the page says, read once."""

    context: Context
    base: Base = field(default_factory=Base)

    @cached_property
    def rules(self) -> Rules:
        """The shapes."""
        return Rules.of(self.context.shapes)

    @cached_property
    def schemes_of(self) -> dict[str, set[str]]:
        """Property -> names of the concept schemes that its values come from."""
        return self.rules.schemes_of()

    # --- showing ------------------------------------------------------------------------------------------

    def show(self, iri: str) -> Shown:
        """Return a term by its short name; one of ours leads to its anchor on this page."""
        if iri in terms():
            term = terms()[iri]
            return Shown(term.name, f"#{term.name}", title=f"neakg:{term.name}: {term.label}")
        if iri in _LITERALS:
            return Shown(_LITERALS[iri], title=shrink(iri) or iri)
        shown = show_iri(iri, {}, self.base)
        if iri in self.rules.labels:
            return Shown(self.rules.labels[iri].lower(), shown.href, title="a shape")
        return shown

    def scheme(self, name: str) -> Shown:
        """Return a concept scheme by its title."""
        iri = f"{SCHEME}{name}"
        label = self.context.package.labels({iri}).get(iri, name)
        return Shown(label, f"/doc/scheme/{name}", title=iri)

    def address(self, text: str, prefixes: dict[str, str] | None = None) -> str:
        """Return where an IRI or a prefixed name of Turtle leads on this server; "" for others."""
        prefix, colon, name = text.partition(":")
        iri = text
        if colon and not name.startswith("//"):
            iri = {"neakg": NEAKG, **(prefixes or {})}.get(prefix, "") + name
        if iri.startswith(NEAKG):
            return f"#{iri.removeprefix(NEAKG)}" if iri in terms() else ""
        if iri.startswith(SCHEME):
            known = self.context.package.exists(iri) or self.context.package.exists(iri.rstrip("/"))
            return (local_address(iri.rstrip("/"), self.base) or "") if known else ""
        return ""

    def addresses(self, text: str) -> turtle.Address:
        """Return the look-up of addresses for a Turtle text, with its prefixes."""
        prefixes = dict(_PREFIX.findall(text))
        return lambda token: self.address(token, prefixes)

    # --- what is counted ------------------------------------------------------------------------------------

    @cached_property
    def uses(self) -> dict[str, int] | None:
        """Class or property -> how often the graph uses it, by the description of the data or by counting."""
        store = self.context.store
        void = f"""SELECT ?term ?n {{ {{ ?part <{expand("void:class")}> ?term ; <{expand("void:entities")}> ?n }}
            UNION {{ ?part <{expand("void:property")}> ?term ; <{expand("void:triples")}> ?n }} }}"""
        found = _numbers(store.query(void)) if self.context.dataset.is_ours else {}
        if found or len(store) > MOST_COUNTED:
            return found or None
        classes = "SELECT ?term (COUNT(DISTINCT ?s) AS ?n) { ?s a ?term } GROUP BY ?term"
        properties = "SELECT ?term (COUNT(*) AS ?n) { ?s ?term ?o } GROUP BY ?term"
        return {**_numbers(store.query(properties)), **_numbers(store.query(classes))}

    # --- classes ------------------------------------------------------------------------------------------

    def above(self, iri: str) -> list[str]:
        """Return a class or property and everything above it, nearest first."""
        found = [iri]
        for item in found:
            term = terms().get(item)
            found += [parent for parent in (term.parents if term else ()) if parent not in found]
        return found

    @cached_property
    def below(self) -> dict[str, list[str]]:
        """Class or property -> its direct children."""
        found: dict[str, list[str]] = defaultdict(list)
        for term in terms().values():
            for parent in term.parents:
                found[parent].append(term.iri)
        return found

    def all_below(self, iri: str) -> list[str]:
        """Return everything below a class or property."""
        found = list(self.below.get(iri, ()))
        for item in found:
            found += [child for child in self.below.get(item, ()) if child not in found]
        return found

    @cached_property
    def fields(self) -> dict[str, tuple[Field, ...]]:
        """Class -> the rows of its table: what the shapes ask, what its domain says, what its example uses."""
        return {term.iri: self._fields(term) for term in terms().values() if term.kind == "class"}

    def _fields(self, term: Term) -> tuple[Field, ...]:
        above = self.above(term.iri)
        asked = self.rules.asked(above)
        single = {ask.properties[0] for ask in asked if len(ask.properties) == 1 and not ask.inverse}
        named = [item.iri for item in terms().values() if term.iri in item.domains and item.module != DEPRECATED]
        more = [iri for iri in dict.fromkeys([*named, *self._exemplified(term)]) if iri not in single]
        asked += [Ask((iri,), False, tuple(self.rules.general(iri))) for iri in more]
        order = {iri: index for index, iri in enumerate(terms())}

        def rank(ask: Ask) -> tuple[bool, bool, bool, int]:
            first = ask.properties[0]
            return ask.least == 0, len(ask.properties) == 1, first in order, order.get(first, 0)

        return tuple(self._field(ask) for ask in sorted(asked, key=rank))

    def _inherited(self, term: Term) -> tuple[Shown, ...]:
        # Whatever any statement may have says nothing of this kind; what a kind does have stands in its table.
        above = set(self.above(term.iri)[1:]) - {f"{NEAKG}Statement"}
        rows = {shown.href for row in self.fields.get(term.iri, ()) for shown in row.paths}
        found = self._shown(item.iri for item in terms().values() if above & set(item.domains)
                            and item.module != DEPRECATED)  # fmt: skip
        return tuple(item for item in found if item.href not in rows)

    def _exemplified(self, term: Term) -> Iterable[str]:
        """Return the properties that the example of a class gives its nodes."""
        if term.iri not in self.examples:
            return ()
        quads = self.examples[term.iri]
        nodes = {quad.subject for quad in quads if quad.object == NamedNode(term.iri)}
        used = {quad.predicate.value for quad in quads if quad.subject in nodes} - {expand("rdf:type")}
        return sorted(used)

    @cached_property
    def examples(self) -> dict[str, list[Quad]]:
        """Class -> the quads of its example."""
        return {
            term.iri: list(parse(text.encode(), format=RdfFormat.TURTLE))
            for term in terms().values()
            if term.kind == "class" and (text := package_text(f"examples/{kebab(term.name)}.ttl"))
        }

    def _field(self, ask: Ask) -> Field:
        own = [terms()[iri] for iri in ask.properties if iri in terms()]
        single = own[0] if len(own) == len(ask.properties) == 1 else None
        messages = [rule.message for rule in ask.rules if rule.message]
        least = [rule.message for rule in ask.rules if rule.least] or messages
        other, purpose = _OTHERS.get(shrink(ask.properties[0]) or "", ("", ""))
        meaning = single.definition if single else next(iter(least), "") or purpose
        choices = tuple(item for item in self._choices(ask) if item.text)
        return Field(
            tuple(self._property(iri) for iri in ask.properties),
            ask.inverse,
            ask.count,
            ask.least > 0,
            choices or ((Shown(other),) if other else ()),
            meaning,
            tuple(self._shape(rule) for rule in ask.rules),
            tuple(rule.message for rule in ask.rules if rule.severity != "violation" and rule.message),
        )

    def _property(self, iri: str) -> Shown:
        shown = self.show(iri)
        return shown if iri in terms() else Shown(shrink(iri) or iri, shown.href, title=iri, external=shown.external)

    def _shape(self, rule: Rule) -> Shown:
        name = rule.iri.rpartition("#")[2]
        return Shown(name, f"/shapes#{name}", title=rule.message)

    def _choices(self, ask: Ask) -> tuple[Shown, ...]:
        """Return what the values of a property are: a scheme, classes, datatypes, or the words allowed."""
        schemes = sorted({rule.scheme for rule in ask.rules if rule.scheme})
        if not schemes and len(ask.properties) == 1:
            schemes = sorted(self.schemes_of.get(ask.properties[0], ()))
        if schemes:
            return tuple(self.scheme(name) for name in schemes)
        words = dict.fromkeys(word for rule in ask.rules for word in rule.choices)
        kinds = dict.fromkeys(iri for rule in ask.rules for iri in rule.values)
        ranges = dict.fromkeys(iri for name in ask.properties if name in terms() for iri in terms()[name].ranges)
        found = [Shown(_quoted(word), title=word) for word in words]
        found += [self.show(iri) for iri in (kinds or ({} if words else ranges)) if not (ask.inverse and not kinds)]
        return tuple(found or [Shown(rule.kind) for rule in ask.rules if rule.kind][:1] or [Shown(_kind_of(ask))])

    # --- entries ------------------------------------------------------------------------------------------

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """Property -> the classes whose table has it."""
        found: dict[str, list[str]] = defaultdict(list)
        for iri, rows in self.fields.items():
            for row in rows:
                for shown in row.paths:
                    if shown.href.startswith("#") and not row.inverse:
                        found[NEAKG + shown.href[1:]].append(iri)
        return found

    def entry(self, term: Term) -> Entry:
        """Return what the page says of a term."""
        is_class = term.kind == "class"
        uses = self.uses
        below = sum((uses or {}).get(iri, 0) for iri in self.all_below(term.iri)) if is_class else 0
        pattern = f"?subject a <{term.iri}>" if is_class else f"?subject <{term.iri}> ?value"
        query = f"SELECT * WHERE {{ {pattern} }} ORDER BY ?subject LIMIT 1000"
        checks = self.rules.of_class(self.above(term.iri)) if is_class else []
        said = [(shape, text) for shape in checks for text in shape.checks] + self.rules.checks(term.iri)
        return Entry(
            term,
            f"neakg:{term.name}",
            turtle.prose(term.definition, self.address),
            tuple(turtle.prose(text, self.address) for text in (term.reason, *term.scope_notes) if text),
            tuple(self._names(term)),
            tuple(self._facts(term)),
            tuple((heading, values) for heading, values in (("Disjoint with", self._shown(term.disjoint)),) if values),
            self.fields.get(term.iri, ()),
            self._inherited(term) if is_class else (),
            tuple(self._rules(term)) if not is_class else (),
            tuple(Shown(text, f"/shapes#{shape.iri.rpartition('#')[2]}", title=shape.label) for shape, text in said),
            self._mappings(term),
            None if uses is None else uses.get(term.iri, 0),
            below,
            query,
            self._example(term) if is_class else None,
            f"/frames/{name}.jsonld" if is_class and (name := kebab(term.name)) in frame_documents() else "",
        )

    def _shown(self, iris: Iterable[str]) -> tuple[Shown, ...]:
        return tuple(self.show(iri) for iri in dict.fromkeys(iris))

    def _mappings(self, term: Term) -> tuple[Related, ...]:
        """Return the mappings, without those that the module says itself."""
        said = set(term.parents)
        return tuple(item for item in related().get(term.iri, ())
                     if not (item.target.href in said and item.relation.startswith("sub")))  # fmt: skip

    def _names(self, term: Term) -> Iterable[Shown]:
        for tag, text in sorted(term.labels.items()):
            if tag and tag != "en":
                yield Shown(text, lang=language_tag(tag), title=said_by(term.iri, tag, text))

    def _facts(self, term: Term) -> Iterable[tuple[str, tuple[Shown, ...]]]:
        is_class = term.kind == "class"
        rows = {
            "Subclass of" if is_class else "Subproperty of": self._shown(term.parents),
            "Has subclasses" if is_class else "Has subproperties": self._shown(self.below.get(term.iri, ())),
            "Domain": self._shown(term.domains),
            "Used with": self._shown(iri for iri in self.users.get(term.iri, ()) if iri not in term.domains),
            "Range": self._shown(iri for iri in term.ranges if iri != _CONCEPT or not self.schemes_of.get(term.iri)),
            "Values from": tuple(self.scheme(name) for name in sorted(self.schemes_of.get(term.iri, ()))),
            "Inverse": self._shown(term.inverses),
            "Value of": self._shown(item.iri for item in terms().values() if is_class and term.iri in item.ranges),
            "Characteristics": tuple(Shown(word) for word in term.characteristics),
            "Replaced by": self._shown(term.replaced_by),
        }
        return [(heading, values) for heading, values in rows.items() if values]

    def _rules(self, term: Term) -> Iterable[RuleLine]:
        for shape, rule in self.rules.of_property(term.iri):
            where = shape.label or shape.iri.rpartition("#")[2]
            yield RuleLine(where, count_in_words(rule.least, rule.most), self._shape(rule), rule.message, rule.severity)

    def _example(self, term: Term) -> Example | None:
        name = kebab(term.name)
        text = package_text(f"examples/{name}.ttl")
        if not text:
            return None
        remark, block = turtle.excerpt(text, term.name)
        return Example(remark, turtle.marked(block, self.addresses(text)), f"/ontology/examples/{name}.ttl")

    # --- the parts of the page ------------------------------------------------------------------------------

    def drawing(self, name: str) -> Markup:
        """Return the drawing of a module, made beforehand and safe to put into a page; empty when there is none."""
        return Markup(package_text(f"diagrams/{name}.svg"))  # noqa: S704 - our own file, not anybody's input

    def modules(self) -> list[Module]:
        """Return the modules that hold terms, the deprecated ones last."""
        found = []
        for name, about in MODULES.items():
            entries = [self.entry(term) for term in of_module(name)]
            classes = tuple(item for item in entries if item.term.kind == "class")
            rest = tuple(item for item in entries if item.term.kind != "class")
            if entries:
                found.append(Module(name, about, self.drawing(name), classes, rest))
        return found

    def guides(self) -> list[turtle.Guide]:
        """Return the guides that the package holds."""
        texts = {name: package_text(f"guide/{name}.ttl") for name in GUIDES}
        return [turtle.guide(name, text, self.addresses(text)) for name, text in texts.items() if text]

    def schemes(self) -> list[Scheme]:
        """Return the concept schemes, with the properties whose values they are."""
        users: dict[str, list[str]] = defaultdict(list)
        for iri, names in self.schemes_of.items():
            for name in names:
                users[name].append(iri)
        found = []
        for entry in walk(folder("ontology") / "vocabularies", ".ttl"):
            name = entry.name.removesuffix(".ttl")
            said = self.context.package.document(f"{SCHEME}{name}")
            text = next((quad.object.value for quad in said if isinstance(quad.object, Literal)
                         and quad.predicate.value == expand("dcterms:description")), "")  # fmt: skip
            count = sum(1 for quad in self.context.package.incoming(f"{SCHEME}{name}", 10_000)
                        if quad.predicate.value == expand("skos:inScheme"))  # fmt: skip
            found.append(Scheme(self.scheme(name), text, count, self._shown(users[name])))
        return found


def _numbers(answer: object) -> dict[str, int]:
    return {row["term"].value: int(row["n"].value) for row in answer}  # type: ignore[attr-defined]


def _quoted(word: str) -> str:
    return name_of(word) if word.startswith(("http://", "https://")) else f"“{word}”"


def _kind_of(ask: Ask) -> str:
    """Return words for a property of ours without a range."""
    kinds = {terms()[iri].kind for iri in ask.properties if iri in terms()}
    words = {"datatype property": "a literal", "object property": "a thing"}
    return words.get(kinds.pop(), "") if len(kinds) == 1 else ""


# --- the head of the page ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """What the ontology says of itself."""

    title: str
    about: str
    version: str
    facts: tuple[tuple[str, tuple[Shown, ...]], ...]


_HEAD: Final = {
    "This version": "owl:versionIRI",
    "Previous version": "owl:priorVersion",
    "Made by": "dcterms:creator",
    "Status": "vs:term_status",
    "First published": "dcterms:created",
    "Changed": "dcterms:modified",
    "Licence": "dcterms:license",
    "Cite as": "dcterms:bibliographicCitation",
    "Prefix": "vann:preferredNamespacePrefix",
    "Namespace": "vann:preferredNamespaceUri",
}


def head(quads: Iterable[Quad], base: Base) -> Head:
    """Return what an ontology document says of the ontology itself."""
    said: dict[str, list[NamedNode | Literal]] = defaultdict(list)
    labels: dict[str, str] = {}
    for quad in quads:
        if quad.predicate.value == expand("rdfs:label") and isinstance(quad.object, Literal):
            labels[str(quad.subject)[1:-1]] = quad.object.value
        if quad.subject == NamedNode(ONTOLOGY) and isinstance(quad.object, NamedNode | Literal):
            said[quad.predicate.value].append(quad.object)

    def texts(curie: str) -> list[str]:
        return [value.value for value in said.get(expand(curie), ())]

    facts = []
    for heading, curie in _HEAD.items():
        values = tuple(
            Shown(labels.get(value.value, value.value), local_address(value.value, base) or value.value)
            if isinstance(value, NamedNode) else Shown(value.value)
            for value in said.get(expand(curie), ())
        )  # fmt: skip
        if values:
            facts.append((heading, values))
    title, about = texts("dcterms:title"), texts("dcterms:description") or texts("dcterms:abstract")
    version = next(iter(texts("owl:versionInfo")), "")
    return Head(next(iter(title), "Ontology"), next(iter(about), ""), version, tuple(facts))


def page(context: Context, versions: list[str]) -> bytes:
    """Return the documentation page of the present version.

    Args:
        context: the worker's context.
        versions: every version that this service has, newest first.
    """
    made = Documentation(context)
    modules = made.modules()
    entries = [entry for module in modules for entry in (*module.classes, *module.properties)]
    return context.pages.render(
        "ontology.html",
        head=head(context.ontology, made.base),
        versions=versions,
        namespace=NEAKG,
        guides=made.guides(),
        overview=made.drawing("overview"),
        modules=modules,
        schemes=made.schemes(),
        index=sorted(entries, key=lambda entry: (entry.term.name.casefold(), entry.term.name)),
        label_sources=label_sources(),
        counted=made.uses is not None,
        alignments=[{"name": table.name, "title": title_of(table), "size": len(table.matches)} for table in sets()],
        changelog=bool(package_text("CHANGELOG.md")),
        notes=bool(package_text("NOTES.md")),
    )


def version_page(context: Context, quads: list[Quad], version: str, present: str) -> bytes:
    """Return the page of an earlier version: a notice, and its terms with their definitions.

    Args:
        context: the worker's context.
        quads: the version's own.
        version: its number.
        present: the number of the present version.
    """
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        ours = isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(NEAKG)
        if ours and isinstance(quad.object, NamedNode | Literal):
            said[str(quad.subject)[1:-1]][quad.predicate.value].append(quad.object.value)
    entries = [
        (
            iri.removeprefix(NEAKG),
            next(iter(values.get(expand("rdfs:label"), ())), ""),
            next(iter(values.get(expand("skos:definition"), ())), ""),
            iri in terms(),
        )
        for iri, values in said.items()
    ]
    return context.pages.render(
        "version.html",
        head=head(quads, Base()),
        version=version,
        present=present,
        entries=sorted(entries, key=lambda item: item[0].casefold()),
    )
