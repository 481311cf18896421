"""The pitfalls of OOPS! (oops.linkeddata.es/catalogue.jsp) that a program can see."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from rdflib import OWL, RDF, RDFS, SKOS, URIRef
from rdflib.namespace import DCTERMS, VANN
from rdflib.term import Node

from kg.namespaces import NEAKG
from tests.ontology.lint.ontology import AXIOMS, BUILT_IN, NAMES, PROPERTIES, Ontology, is_own, local, rule

_EXTENSIONS = re.compile(r"\.(owl|rdf|ttl|n3|nt|rdfxml|xml|jsonld|html?)\b")


def _ends(ontology: Ontology, term: Node, predicate: URIRef) -> set[Node]:
    return set(ontology.graph.objects(term, predicate))


def _apart(ontology: Ontology, one: Node, other: Node) -> bool:
    """Return whether two sets of ends are stated and have nothing to do with one another."""
    mine, theirs = ({term, *ontology.above(term, RDFS.subClassOf)} for term in (one, other))
    return one not in theirs and other not in mine


def _mismatch(ontology: Ontology, one: set[Node], other: set[Node]) -> bool:
    return bool(one and other) and all(_apart(ontology, a, b) for a in one for b in other)


@rule("OOPS! P03")
def relation_is(ontology: Ontology) -> Iterator[str]:
    """No property stands in for rdf:type, rdfs:subClassOf or owl:sameAs."""
    for term in ontology.properties:
        if re.fullmatch(r"is|isA|isAn|isAKindOf|instanceOf|isInstanceOf|subClassOf|isSubClassOf|sameAs", local(term)):
            yield f"{local(term)}: OWL and RDFS have this relation"


@rule("OOPS! P04")
def unconnected_element(ontology: Ontology) -> Iterator[str]:
    """A class or property stands in an axiom with another term, or is an annotation."""
    named = {
        node
        for predicate in AXIOMS
        for subject, value in ontology.graph.subject_objects(predicate)
        for node in (subject, value)
    }
    for term in ontology.terms:
        if term not in named and not ontology.has(term, OWL.AnnotationProperty):
            yield f"{local(term)}: in no axiom"


@rule("OOPS! P05")
def wrong_inverse(ontology: Ontology) -> Iterator[str]:
    """The domain of a property meets the range of its inverse, and the other way round; both lead to nodes."""
    for term, other in ontology.graph.subject_objects(OWL.inverseOf):
        for one, two in ((term, other), (other, term)):
            if _mismatch(ontology, _ends(ontology, one, RDFS.domain), _ends(ontology, two, RDFS.range)):
                yield f"{local(one)}: its domain is not the range of {local(two)}"
        if ontology.has(term, OWL.DatatypeProperty) or ontology.has(other, OWL.DatatypeProperty):
            yield f"{local(term)}: a value leads nowhere back"


@rule("OOPS! P06")
def cycle_in_hierarchy(ontology: Ontology) -> Iterator[str]:
    """Nothing lies above itself."""
    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf):
        for term in ontology.terms:
            if term in ontology.above(term, predicate):
                yield f"{local(term)}: lies above itself"


@rule("OOPS! P07")
def merged_concepts(ontology: Ontology) -> Iterator[str]:
    """A class is one thing: no And or Or in its name."""
    for term in ontology.classes:
        if re.search(r"(?<=[a-z])(And|Or)(?=[A-Z])", local(term)):
            yield f"{local(term)}: two things in one class"


@rule("OOPS! P08")
def missing_annotation(ontology: Ontology) -> Iterator[str]:
    """Every term and concept is named and described in English."""
    for term in ontology.terms:
        for predicate in (RDFS.label, SKOS.definition):
            if "en" not in {text.language for text in ontology.texts(term, predicate)}:
                yield f"{local(term)}: no English {predicate}"
    for term in ontology.concepts:
        if "en" not in {text.language for text in ontology.texts(term, SKOS.prefLabel)}:
            yield f"{local(term)}: no English label"


@rule("OOPS! P10")
def missing_disjointness(ontology: Ontology) -> Iterator[str]:
    """A class is kept apart from at least one class beside it, by its own axiom or by one of a class above."""
    families: dict[Node, list[URIRef]] = defaultdict(list)
    for term in ontology.classes:
        parents = [node for node in ontology.graph.objects(term, RDFS.subClassOf) if is_own(node)]
        for parent in parents or [OWL.Thing]:
            families[parent].append(term)
    pairs = set(ontology.graph.subject_objects(OWL.disjointWith))
    for family in families.values():
        apart = {term for pair in combinations(family, 2) if {pair, pair[::-1]} & pairs for term in pair}
        if len(family) > 1:
            yield from (f"{local(term)}: disjoint with no class beside it" for term in family if term not in apart)


@rule("OOPS! P11")
def missing_domain_or_range(ontology: Ontology) -> Iterator[str]:
    """A property says at both ends what it is for."""
    for term in ontology.properties:
        if ontology.has(term, OWL.AnnotationProperty) or ontology.deprecated(term):
            continue
        for predicate in (RDFS.domain, RDFS.range):
            if not _ends(ontology, term, predicate):
                yield f"{local(term)}: no {predicate}"


@rule("OOPS! P13")
def missing_inverse(ontology: Ontology) -> Iterator[str]:
    """A property between things has an inverse or is symmetric; statements, and concepts as values, need none."""
    statement = URIRef(f"{NEAKG}Statement")
    paired = {node for pair in ontology.graph.subject_objects(OWL.inverseOf) for node in pair}
    for term in ontology.properties:
        from_ = {
            node for end in _ends(ontology, term, RDFS.domain) for node in (end, *ontology.above(end, RDFS.subClassOf))
        }
        wider = ontology.above(term, RDFS.subPropertyOf)
        one_way = (
            statement in from_
            or wider & paired
            or _ends(ontology, term, RDFS.range) & {SKOS.Concept, SKOS.ConceptScheme}
        )
        if (
            ontology.has(term, OWL.ObjectProperty)
            and not ontology.has(term, OWL.SymmetricProperty)
            and term not in paired
            and not one_way
            and not ontology.deprecated(term)
        ):
            yield f"{local(term)}: no inverse"


@rule("OOPS! P19")
def multiple_domains_or_ranges(ontology: Ontology) -> Iterator[str]:
    """Two domains mean both at once, which is seldom meant."""
    for term in ontology.properties:
        for predicate in (RDFS.domain, RDFS.range):
            if len(_ends(ontology, term, predicate)) > 1:
                yield f"{local(term)}: several {predicate}"


@rule("OOPS! P20")
def misused_annotation(ontology: Ontology) -> Iterator[str]:
    """A label is a name and a definition a sentence: neither stands in the other's place."""
    for term in (*ontology.terms, *ontology.concepts):
        definitions = {str(text).casefold().rstrip(".") for text in ontology.texts(term, SKOS.definition)}
        for text in ontology.texts(term, *NAMES):
            if str(text).casefold() in definitions or text.endswith((".", "。")) or len(text) > 80:
                yield f"{local(term)}: {text!r} is no label"


@rule("OOPS! P21")
def miscellaneous_class(ontology: Ontology) -> Iterator[str]:
    """No class is there for what fits nowhere else."""
    for term in ontology.classes:
        if re.match(r"(Other|Misc|Miscellaneous|Unknown|Unclassified|Various)(?=[A-Z]|$)", local(term)):
            yield f"{local(term)}: a class of the rest"


@rule("OOPS! P22")
def mixed_naming(ontology: Ontology) -> Iterator[str]:
    """Classes are UpperCamelCase, properties lowerCamelCase, concepts kebab-case under their scheme."""
    for terms, pattern in ((ontology.classes, "[A-Z][A-Za-z0-9]*"), (ontology.properties, "[a-z][A-Za-z0-9]*"),
                           (ontology.concepts, "[a-z0-9-]+/[A-Za-z0-9.-]+")):  # fmt: skip
        yield from (
            f"{local(term)}: not named as its kind is" for term in terms if not re.fullmatch(pattern, local(term))
        )


@rule("OOPS! P23")
def class_for_a_datatype(ontology: Ontology) -> Iterator[str]:
    """No class is a datatype of XML Schema under another name."""
    for term in ontology.classes:
        if re.fullmatch(
            r"String|Text|Boolean|Number|Integer|Decimal|Float|Double|Date|Time|DateTime|Year|Duration|Uri", local(term)
        ):
            yield f"{local(term)}: a datatype"


@rule("OOPS! P24")
def recursive_definition(ontology: Ontology) -> Iterator[str]:
    """No term stands in its own axiom."""
    for predicate in set(AXIOMS) - {OWL.inverseOf}:
        for term, value in ontology.graph.subject_objects(predicate):
            if term == value:
                yield f"{local(term)}: {predicate} itself"


@rule("OOPS! P25")
def inverse_to_itself(ontology: Ontology) -> Iterator[str]:
    """What is its own inverse is symmetric, and said so."""
    for term, value in ontology.graph.subject_objects(OWL.inverseOf):
        if term == value:
            yield f"{local(term)}: inverse of itself"


@rule("OOPS! P26")
def inverse_of_a_symmetric_property(ontology: Ontology) -> Iterator[str]:
    """A symmetric property needs no inverse."""
    for term, value in ontology.graph.subject_objects(OWL.inverseOf):
        if ontology.has(term, OWL.SymmetricProperty) or ontology.has(value, OWL.SymmetricProperty):
            yield f"{local(term)}: inverse of {local(value)}, and one is symmetric"


@rule("OOPS! P27")
def wrong_equivalent_property(ontology: Ontology) -> Iterator[str]:
    """Equivalent properties are of one kind, with ends that meet."""
    for term, value in ontology.graph.subject_objects(OWL.equivalentProperty):
        kinds = [{kind for kind in PROPERTIES if ontology.has(one, kind)} for one in (term, value)]
        ends = [[_ends(ontology, one, predicate) for one in (term, value)] for predicate in (RDFS.domain, RDFS.range)]
        if (kinds[0] and kinds[1] and kinds[0] != kinds[1]) or any(_mismatch(ontology, *pair) for pair in ends):
            yield f"{local(term)}: not the same as {local(value)}"


@rule("OOPS! P28")
def wrong_symmetric_property(ontology: Ontology) -> Iterator[str]:
    """A symmetric property has one class at both ends."""
    yield from _one_class_at_both_ends(ontology, OWL.SymmetricProperty)


@rule("OOPS! P29")
def wrong_transitive_property(ontology: Ontology) -> Iterator[str]:
    """A transitive property has one class at both ends."""
    yield from _one_class_at_both_ends(ontology, OWL.TransitiveProperty)


def _one_class_at_both_ends(ontology: Ontology, kind: URIRef) -> Iterator[str]:
    for term in ontology.properties:
        if ontology.has(term, kind):
            domain, range_ = _ends(ontology, term, RDFS.domain), _ends(ontology, term, RDFS.range)
            if domain != range_:
                yield f"{local(term)}: domain {sorted(domain)}, range {sorted(range_)}"


@rule("OOPS! P30")
def missing_equivalence(ontology: Ontology) -> Iterator[str]:
    """Where another vocabulary has a class of the same name, one of our classes says how the two are related."""
    foreign = [term for term in ontology.graph.subjects(RDF.type, OWL.Class) if not is_own(term)]
    names = {local(term) for term in ontology.classes}
    for other in foreign:
        name = re.split(r"[/#]", str(other))[-1]
        linked = {*ontology.graph.subjects(None, other), *ontology.graph.objects(other)}
        if name in names and not any(is_own(node) for node in linked):
            yield f"{name}: how is it related to {other}?"


@rule("OOPS! P31")
def wrong_equivalent_class(ontology: Ontology) -> Iterator[str]:
    """No foreign class is equivalent to two classes of ours."""
    counts = Counter(value for term, value in ontology.graph.subject_objects(OWL.equivalentClass) if is_own(term))
    yield from (f"{value}: equivalent to {count} classes" for value, count in counts.items() if count > 1)


@rule("OOPS! P33")
def chain_of_one_property(ontology: Ontology) -> Iterator[str]:
    """A property chain has two links at least."""
    for term, chain in ontology.graph.subject_objects(OWL.propertyChainAxiom):
        if len(list(ontology.graph.items(chain))) < 2:
            yield f"{local(term)}: a chain of one"


@rule("OOPS! P34")
def untyped_class(ontology: Ontology) -> Iterator[str]:
    """What is used as a class is declared as one."""
    graph = ontology.graph
    used = {value for predicate in (RDFS.subClassOf, RDFS.domain, OWL.disjointWith, OWL.equivalentClass)
            for value in graph.objects(None, predicate)}  # fmt: skip
    used |= {value for term in ontology.properties if ontology.has(term, OWL.ObjectProperty)
             for value in graph.objects(term, RDFS.range)}  # fmt: skip
    used |= set(graph.objects(None, RDF.type))
    for term in used:
        if isinstance(term, URIRef) and not ontology.has(term, OWL.Class) and not str(term).startswith(BUILT_IN):
            yield f"{local(term)}: used as a class, declared as none"


@rule("OOPS! P35")
def untyped_property(ontology: Ontology) -> Iterator[str]:
    """What is used as a property is declared as one."""
    used = set(ontology.graph.predicates())
    for predicate in (RDFS.subPropertyOf, OWL.inverseOf, OWL.equivalentProperty):
        used |= set(ontology.graph.objects(None, predicate))
    for term in used:
        if not str(term).startswith(BUILT_IN) and not any(ontology.has(term, kind) for kind in PROPERTIES):
            yield f"{local(term)}: used as a property, declared as none"


@rule("OOPS! P36")
def file_extension_in_an_iri(ontology: Ontology) -> Iterator[str]:
    """An address outlives the format of the file behind it."""
    for term in (*filter(None, [ontology.header]), *ontology.terms, *ontology.concepts):
        if _EXTENSIONS.search(str(term).removeprefix("https://w3id.org")):
            yield f"{term}: names a format"


@rule("OOPS! P38")
def no_ontology_declaration(ontology: Ontology) -> Iterator[str]:
    """There is one owl:Ontology, and it is the one of our namespace."""
    if ontology.header is None:
        yield "ontology: not declared"


@rule("OOPS! P39")
def ambiguous_namespace(ontology: Ontology) -> Iterator[str]:
    """The ontology names its namespace, and its terms lie there."""
    if str(ontology.of_header(VANN.preferredNamespaceUri)) != NEAKG:
        yield "ontology: does not name its namespace"


@rule("OOPS! P40")
def namespace_hijacking(ontology: Ontology) -> Iterator[str]:
    """Terms of others are used, not described anew: no label, definition, domain, range or replacement for them."""
    said = (RDFS.label, RDFS.comment, SKOS.definition, RDFS.domain, RDFS.range, OWL.deprecated, DCTERMS.isReplacedBy)
    for kind in (OWL.Class, *PROPERTIES):
        for term in ontology.graph.subjects(RDF.type, kind):
            if not is_own(term):
                yield from (f"{term}: {p} is said at its home" for p in said if ontology.one(term, p) is not None)


@rule("OOPS! P41")
def no_licence(ontology: Ontology) -> Iterator[str]:
    """The ontology says on what terms it may be used."""
    yield from ontology.lacking(DCTERMS.license)
