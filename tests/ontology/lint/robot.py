"""The rules of the ROBOT report (robot.obolibrary.org/report_queries), of all levels, for SKOS definitions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rdflib import OWL, RDFS, SKOS, XSD, BNode, Literal, URIRef
from rdflib.namespace import DCTERMS

from kg.namespaces import NEAKG
from tests.ontology.lint.ontology import AXIOMS, BUILT_IN, NAMES, Ontology, is_own, local, rule, twice

_LINKS = (RDFS.seeAlso, RDFS.isDefinedBy, SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch,
          SKOS.relatedMatch, DCTERMS.source, DCTERMS.isReplacedBy)  # fmt: skip


def _key(text: Literal) -> tuple[str, str]:
    return (text.language or "", str(text).casefold())


@rule("ROBOT annotation_whitespace")
def annotation_whitespace(ontology: Ontology) -> Iterator[str]:
    """No text begins or ends with a blank or has two in a row."""
    for term, text in ontology.literals():
        if str(text) != str(text).strip() or "  " in str(text):
            yield f"{local(term)}: blanks in {text!r}"


@rule("ROBOT label_whitespace")
def label_whitespace(ontology: Ontology) -> Iterator[str]:
    """No label has a blank of any script at its ends or two in a row."""
    for term in (*ontology.terms, *ontology.concepts):
        for text in ontology.texts(term, *NAMES, SKOS.altLabel):
            if str(text) != str(text).strip() or re.search(r"\s\s", text):
                yield f"{local(term)}: blanks in the label {text!r}"


@rule("ROBOT label_formatting")
def label_formatting(ontology: Ontology) -> Iterator[str]:
    """No label has a line break, a tab or an invisible mark of formatting."""
    for term in (*ontology.terms, *ontology.concepts):
        for text in ontology.texts(term, *NAMES, SKOS.altLabel):
            if re.search("[\n\r\t\u00ad\u200b\u200e\u200f\u2028\u2029\ufeff]", text):
                yield f"{local(term)}: formatting in the label {text!r}"


@rule("ROBOT deprecated_boolean_datatype")
def deprecated_boolean_datatype(ontology: Ontology) -> Iterator[str]:
    """Deprecated is said with xsd:boolean."""
    for term, value in ontology.graph.subject_objects(OWL.deprecated):
        if not (isinstance(value, Literal) and value.datatype == XSD.boolean):
            yield f"{local(term)}: owl:deprecated {value!r}"


@rule("ROBOT deprecated_class_reference")
def deprecated_class_reference(ontology: Ontology) -> Iterator[str]:
    """No axiom of a living term names a deprecated class."""
    for predicate in AXIOMS:
        for term, value in ontology.graph.subject_objects(predicate):
            if ontology.has(value, OWL.Class) and ontology.deprecated(value) and not ontology.deprecated(term):
                yield f"{local(term)}: leans on {local(value)}"


@rule("ROBOT deprecated_property_reference")
def deprecated_property_reference(ontology: Ontology) -> Iterator[str]:
    """No axiom of a living term names a deprecated property, and nothing is said with one."""
    gone = {term for term in ontology.properties if ontology.deprecated(term)}
    for term, predicate, value in ontology.graph:
        if predicate in gone or (predicate in AXIOMS and value in gone and term not in gone):
            yield f"{local(term)}: leans on {local(predicate if predicate in gone else value)}"


@rule("ROBOT duplicate_definition")
def duplicate_definition(ontology: Ontology) -> Iterator[str]:
    """No two terms have the same definition; nor two concepts of a scheme."""
    yield from twice(
        (_key(text), local(term)) for term in ontology.terms for text in ontology.texts(term, SKOS.definition)
    )
    yield from twice(
        ((ontology.one(term, SKOS.inScheme), _key(text)), local(term))
        for term in ontology.concepts
        for text in ontology.texts(term, SKOS.definition)
    )


@rule("ROBOT duplicate_label; OOPS! P32")
def duplicate_label(ontology: Ontology) -> Iterator[str]:
    """No two classes, no two properties and no two concepts of a scheme have one label in a language."""
    for terms in (ontology.classes, ontology.properties):
        yield from twice((_key(text), local(term)) for term in terms for text in ontology.texts(term, RDFS.label))
    yield from twice(
        ((ontology.one(term, SKOS.inScheme), _key(text)), local(term))
        for term in ontology.concepts
        for text in ontology.texts(term, SKOS.prefLabel)
    )


@rule("ROBOT duplicate_exact_synonym")
def duplicate_exact_synonym(ontology: Ontology) -> Iterator[str]:
    """No two concepts of a scheme, and no two terms, have an alternative label in common."""
    yield from twice(
        ((ontology.one(term, SKOS.inScheme), _key(text)), local(term))
        for term in (*ontology.terms, *ontology.concepts)
        for text in ontology.texts(term, SKOS.altLabel)
    )


@rule("ROBOT duplicate_label_synonym")
def duplicate_label_synonym(ontology: Ontology) -> Iterator[str]:
    """No alternative label is the label of the same thing or of its neighbour in the scheme."""
    labels = {
        (ontology.one(term, SKOS.inScheme), _key(text)): local(term)
        for term in (*ontology.terms, *ontology.concepts)
        for text in ontology.texts(term, *NAMES)
    }
    for term in (*ontology.terms, *ontology.concepts):
        for text in ontology.texts(term, SKOS.altLabel):
            if named := labels.get((ontology.one(term, SKOS.inScheme), _key(text))):
                yield f"{local(term)}: the alternative label {text!r} is the label of {named}"


@rule("ROBOT duplicate_scoped_synonym")
def duplicate_scoped_synonym(ontology: Ontology) -> Iterator[str]:
    """A text is an alternative label or a hidden one, not both."""
    for term in (*ontology.terms, *ontology.concepts):
        hidden = {_key(text) for text in ontology.texts(term, SKOS.hiddenLabel)}
        for text in ontology.texts(term, SKOS.altLabel):
            if _key(text) in hidden:
                yield f"{local(term)}: {text!r} is alternative and hidden"


@rule("ROBOT equivalent_pair; OOPS! P02")
def equivalent_pair(ontology: Ontology) -> Iterator[str]:
    """No two classes of ours are one."""
    for term, value in ontology.graph.subject_objects(OWL.equivalentClass):
        if is_own(term) and is_own(value):
            yield f"{local(term)}: equivalent to {local(value)}"


@rule("ROBOT multiple_equivalent_classes")
def multiple_equivalent_classes(ontology: Ontology) -> Iterator[str]:
    """A class is equivalent to one other class at most in each vocabulary."""
    counts: Counter[tuple[str, str]] = Counter()
    for term, value in ontology.graph.subject_objects(OWL.equivalentClass):
        if is_own(term) and isinstance(value, URIRef):
            counts[local(term), re.split(r"[^/#]*$", str(value))[0]] += 1
    yield from (f"{name}: {count} equivalents in {space}" for (name, space), count in counts.items() if count > 1)


@rule("ROBOT equivalent_class_axiom_no_genus")
def equivalent_class_axiom_no_genus(ontology: Ontology) -> Iterator[str]:
    """A class that is defined by an expression names the wider class in it."""
    for term, value in ontology.graph.subject_objects(OWL.equivalentClass):
        members = ontology.one(value, OWL.intersectionOf)
        named = [item for item in ontology.graph.items(members) if isinstance(item, URIRef)] if members else []
        if isinstance(value, BNode) and not named:
            yield f"{local(term)}: an expression without a named class"


@rule("ROBOT multiple_equivalent_class_definitions")
def multiple_equivalent_class_definitions(ontology: Ontology) -> Iterator[str]:
    """A class is defined by one expression at most."""
    counts = Counter(s for s, o in ontology.graph.subject_objects(OWL.equivalentClass) if isinstance(o, BNode))
    yield from (f"{local(term)}: {count} expressions" for term, count in counts.items() if count > 1)


@rule("ROBOT illegal_use_of_built_in_vocabulary")
def illegal_use_of_built_in_vocabulary(ontology: Ontology) -> Iterator[str]:
    """Nothing is said of the terms of RDF, RDFS, OWL and XSD."""
    for term in set(ontology.graph.subjects()):
        if str(term).startswith(BUILT_IN):
            yield f"{term}: not ours to describe"


@rule("ROBOT invalid_xref")
def invalid_xref(ontology: Ontology) -> Iterator[str]:
    """What a term or concept leads to outside is an absolute web address."""
    for term in (*ontology.terms, *ontology.concepts):
        for predicate in _LINKS:
            for value in ontology.graph.objects(term, predicate):
                if not (isinstance(value, URIRef) and re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", value)):
                    yield f"{local(term)}: leads to {value!r}"


@rule("ROBOT invalid_entity_uri")
def invalid_entity_uri(ontology: Ontology) -> Iterator[str]:
    """The name of a term is letters and digits, so that it can be written with a prefix everywhere."""
    for term in ontology.terms:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", local(term)):
            yield f"{local(term)}: not a plain name"


@rule("ROBOT lowercase_definition")
def lowercase_definition(ontology: Ontology) -> Iterator[str]:
    """A definition begins with a capital where its script has them."""
    for term in (*ontology.terms, *ontology.concepts):
        for text in ontology.texts(term, SKOS.definition):
            if str(text)[:1].islower():
                yield f"{local(term)}: begins with {str(text)[:1]!r}"


@rule("ROBOT missing_definition")
def missing_definition(ontology: Ontology) -> Iterator[str]:
    """Every term has a definition."""
    yield from (f"{local(t)}: no definition" for t in ontology.terms if not any(ontology.texts(t, SKOS.definition)))


@rule("ROBOT missing_label")
def missing_label(ontology: Ontology) -> Iterator[str]:
    """Every term and concept has a label."""
    yield from (f"{local(t)}: no label" for t in ontology.terms if not any(ontology.texts(t, RDFS.label)))
    yield from (f"{local(t)}: no label" for t in ontology.concepts if not any(ontology.texts(t, SKOS.prefLabel)))


@rule("ROBOT multiple_definitions")
def multiple_definitions(ontology: Ontology) -> Iterator[str]:
    """A term or concept has one definition in a language."""
    yield from _several(ontology, SKOS.definition)


@rule("ROBOT multiple_labels")
def multiple_labels(ontology: Ontology) -> Iterator[str]:
    """A term has one label in a language, a concept one preferred label."""
    yield from _several(ontology, RDFS.label)
    yield from _several(ontology, SKOS.prefLabel)


def _several(ontology: Ontology, predicate: URIRef) -> Iterator[str]:
    for term in (*ontology.terms, *ontology.concepts):
        counts = Counter(text.language for text in ontology.texts(term, predicate))
        yield from (f"{local(term)}: {count} in {tag}" for tag, count in counts.items() if count > 1)


@rule("ROBOT missing_superclass")
def missing_superclass(ontology: Ontology) -> Iterator[str]:
    """A class has a class above it, or is a top class: kept apart from every other top class."""
    tops = [term for term in ontology.classes if not any(ontology.graph.objects(term, RDFS.subClassOf))]
    for term in tops:
        apart = {*ontology.graph.objects(term, OWL.disjointWith), *ontology.graph.subjects(OWL.disjointWith, term)}
        if others := [local(other) for other in tops if other not in {term, *apart}]:
            yield f"{local(term)}: no class above it, and not disjoint with {', '.join(others)}"


@rule("ROBOT missing_obsolete_label")
def missing_obsolete_label(ontology: Ontology) -> Iterator[str]:
    """The English label of a deprecated term begins with "obsolete": who picks terms by label sees it."""
    for term in ontology.terms:
        for text in ontology.texts(term, RDFS.label) if ontology.deprecated(term) else ():
            if text.language == "en" and not text.lower().startswith("obsolete "):
                yield f"{local(term)}: deprecated, and called {text!r}"


@rule("ROBOT misused_obsolete_label")
def misused_obsolete_label(ontology: Ontology) -> Iterator[str]:
    """Only a deprecated term is called obsolete."""
    for term in (*ontology.terms, *ontology.concepts):
        if not ontology.deprecated(term):
            for text in ontology.texts(term, *NAMES):
                if re.match(r"(obsolete|deprecated)\b", text, flags=re.IGNORECASE):
                    yield f"{local(term)}: called {text!r}"


@rule("ROBOT misused_replaced_by")
def misused_replaced_by(ontology: Ontology) -> Iterator[str]:
    """Only a deprecated term has a replacement."""
    for term in ontology.graph.subjects(DCTERMS.isReplacedBy):
        if str(term).startswith(NEAKG) and not ontology.deprecated(term):
            yield f"{local(term)}: replaced and not deprecated"


@rule("ROBOT missing_ontology_description")
def missing_ontology_description(ontology: Ontology) -> Iterator[str]:
    """The ontology says what it is about."""
    yield from ontology.lacking(DCTERMS.description, kind=Literal)


@rule("ROBOT missing_ontology_license")
def missing_ontology_license(ontology: Ontology) -> Iterator[str]:
    """The ontology has a licence, as an address."""
    yield from ontology.lacking(DCTERMS.license, kind=URIRef)


@rule("ROBOT missing_ontology_title")
def missing_ontology_title(ontology: Ontology) -> Iterator[str]:
    """The ontology has a title."""
    yield from ontology.lacking(DCTERMS.title, kind=Literal)
