"""The terms of the ontology: complete, used, one OWL kind each, within OWL 2 DL; every reused term exists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, GEO, ORG, PROV, VANN

from kg.namespaces import NEAKG, ONTOLOGY, PREFIXES, VS, expand
from kg.rdf.mapping import EXTRA_TERMS, KIND_CLASSES, MAPPINGS
from kg.resources import folder

STEMS = ["borders", "core", "evidence", "habitats", "places", "projects", "species"]
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDFS.Datatype}
HEADER = URIRef(ONTOLOGY)
STATUS = URIRef(f"{VS}term_status")

#: Written by derivation rules, not by the mapping of records.
DERIVED = frozenset(
    {
        "occursIn",
        "breedsIn",
        "wintersIn",
        "passesThrough",
        "residesIn",
        "formerlyOccurredIn",
        "reportedIn",
        "onList",
        "preysOn",
        "onBorder",
        "adjoins",
        "partnerAcrossBorder",
        "replacedBy",
        "managedBy",
        "withinPlace",
    }
)
#: Used by the concept schemes.
VOCABULARY_HELPERS = frozenset({"valuePattern", "iucnCode"})
#: Written by the pipeline and by the descriptions of graphs (``source.ttl``).
GRAPH_HELPERS = frozenset({"reuse", "credit", "isSensitivePlace"})
#: Superclasses without direct instances.
ABSTRACT = frozenset({"Statement", "Figure", "Movement"})

#: Names of the vocabularies that rdflib has no list of, as far as they are used here.
TERMS_OF = {
    "dwc": (
        "Taxon scientificName scientificNameAuthorship taxonRank taxonomicStatus decimalLatitude decimalLongitude "
        "dataGeneralizations"
    ),
    "schema": "CreativeWork Project url version",
    "oa": "TextPositionSelector TextQuoteSelector hasSelector start end exact",
    "skosxl": "Label literalForm",
    "vs": "term_status",
}
LISTED = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "skos": SKOS, "dcterms": DCTERMS, "prov": PROV, "org": ORG, "geo": GEO,
          "xsd": XSD, "vann": VANN}  # fmt: skip
#: The datatypes of the OWL 2 datatype map that the ontology may name as a range.
OWL_DATATYPES = {XSD.string, XSD.decimal, XSD.integer, XSD.boolean}


def own_terms(graph: Graph) -> list[URIRef]:
    return sorted({s for s in graph.subjects(RDF.type, None) if isinstance(s, URIRef) and str(s).startswith(NEAKG)})


def local(term: object) -> str:
    return str(term).removeprefix(NEAKG)


def mapped_terms() -> set[str]:
    """Return every term (a CURIE) that records become."""
    terms = {*EXTRA_TERMS, *KIND_CLASSES.values()}
    for mapping in MAPPINGS.values():
        terms.update(mapping.classes)
        terms.update(item.predicate for item in mapping.properties)
        if mapping.time:
            terms.add(mapping.time[1])
    return terms


def test_the_modules_are_there() -> None:
    names = {entry.name for entry in folder("ontology").iterdir() if entry.name.endswith(".ttl")}
    missing = {f"{stem}.ttl" for stem in STEMS} - names
    assert not missing, f"missing modules: {missing}"


def test_every_term_of_the_mapping_is_defined(modules: Graph) -> None:
    own = {str(term) for term in own_terms(modules)}
    terms = {expand(term) for term in mapped_terms() if term.startswith("neakg:")}
    assert terms, "the mapping names no term"
    assert not terms - own, f"used by kg.rdf.mapping and not defined: {sorted(terms - own)}"


def test_every_own_term_is_used(modules: Graph) -> None:
    used = (
        {term.removeprefix("neakg:") for term in mapped_terms()}
        | DERIVED
        | VOCABULARY_HELPERS
        | GRAPH_HELPERS
        | ABSTRACT
    )
    unused = {local(term) for term in own_terms(modules)} - used
    assert not unused, f"defined, and neither in the mapping, nor derived, nor a helper: {sorted(unused)}"


def test_the_lists_of_this_test_name_defined_terms_only(modules: Graph) -> None:
    own = {local(term) for term in own_terms(modules)}
    assert own >= DERIVED | VOCABULARY_HELPERS | GRAPH_HELPERS | ABSTRACT


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition, SKOS.example])
def test_every_own_term_has_one_english_text_of_each_sort(modules: Graph, predicate: URIRef) -> None:
    wrong = []
    for term in own_terms(modules):
        texts = [text for text in modules.objects(term, predicate) if getattr(text, "language", None) == "en"]
        if len(texts) != 1 or not str(texts[0]).strip():
            wrong.append(local(term))
    assert not wrong, f"{predicate}: not exactly one English text on {wrong}"


def test_definitions_are_sentences(modules: Graph) -> None:
    texts = {local(term): str(modules.value(term, SKOS.definition)) for term in own_terms(modules)}
    assert not [name for name, text in texts.items() if not re.fullmatch(r"[A-Z].*\.", text)]


def test_every_own_term_says_its_ontology_and_status(modules: Graph) -> None:
    for term in own_terms(modules):
        assert list(modules.objects(term, RDFS.isDefinedBy)) == [HEADER], local(term)
        assert str(modules.value(term, STATUS)) in {"stable", "testing", "deprecated"}, local(term)


def test_no_label_is_used_twice_for_the_same_kind(modules: Graph) -> None:
    labels = Counter(
        (str(modules.value(term, RDFS.label)).lower(), (term, RDF.type, OWL.Class) in modules)
        for term in own_terms(modules)
    )
    twice = [label for label, count in labels.items() if count > 1]
    assert not twice, f"labels used twice: {twice}"


def test_names_follow_the_camel_case_of_their_kind(modules: Graph) -> None:
    for term in own_terms(modules):
        first = "[A-Z]" if (term, RDF.type, OWL.Class) in modules else "[a-z]"
        assert re.fullmatch(rf"{first}[A-Za-z0-9]*", local(term)), local(term)


def test_each_term_is_of_one_owl_kind(modules: Graph) -> None:
    for term in set(modules.subjects(RDF.type, None)):
        kinds = set(modules.objects(term, RDF.type)) & KINDS
        if kinds or str(term).startswith(NEAKG):
            assert len(kinds) == 1, f"{term} is {kinds}"


def test_a_term_is_defined_in_one_module() -> None:
    homes: Counter[str] = Counter()
    for stem in STEMS:
        graph = Graph().parse(data=(folder("ontology") / f"{stem}.ttl").read_bytes(), format="turtle")
        homes.update(str(term) for term in set(graph.subjects()))
    assert not [term for term, count in homes.items() if count > 1]


def test_the_header_is_complete(modules: Graph) -> None:
    needed = [DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.license, DCTERMS.created, DCTERMS.modified,
              OWL.versionIRI, OWL.versionInfo, VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri]  # fmt: skip
    assert list(modules.subjects(RDF.type, OWL.Ontology)) == [HEADER]
    for predicate in needed:
        assert modules.value(HEADER, predicate) is not None, predicate
    version = str(modules.value(HEADER, OWL.versionInfo))
    assert str(modules.value(HEADER, OWL.versionIRI)) == f"{ONTOLOGY}/{version}"
    assert str(modules.value(HEADER, VANN.preferredNamespaceUri)) == NEAKG


def test_there_is_no_blank_node(modules: Graph, vocabularies: Graph) -> None:
    for graph in (modules, vocabularies):
        assert not [node for triple in graph for node in triple if isinstance(node, BNode)]


# --- OWL 2 DL --------------------------------------------------------------------------------------------


def kinds_of(graph: Graph, kind: URIRef) -> set[URIRef]:
    return {term for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef)}


def test_classes_refer_to_declared_classes(modules: Graph) -> None:
    classes = kinds_of(modules, OWL.Class)
    for predicate in (RDFS.subClassOf, OWL.disjointWith, RDFS.domain):
        pairs = list(modules.subject_objects(predicate))
        assert pairs
        for subject, target in pairs:
            assert target in classes, f"{subject} {predicate} {target}"


def test_ranges_fit_the_kind_of_the_property(modules: Graph) -> None:
    classes = kinds_of(modules, OWL.Class)
    for prop, target in modules.subject_objects(RDFS.range):
        allowed = classes if (prop, RDF.type, OWL.ObjectProperty) in modules else OWL_DATATYPES
        assert target in allowed, f"{local(prop)} has range {target}"


def test_subproperties_are_of_their_superproperty_kind(modules: Graph) -> None:
    for prop, wider in modules.subject_objects(RDFS.subPropertyOf):
        assert set(modules.objects(prop, RDF.type)) & KINDS == set(modules.objects(wider, RDF.type)) & KINDS


def test_every_predicate_of_the_ontology_is_declared(modules: Graph, vocabularies: Graph) -> None:
    built_in = {str(RDF), str(RDFS), str(OWL)}
    declared = set().union(*(kinds_of(modules, kind) for kind in KINDS))
    for predicate in {*modules.predicates(), *vocabularies.predicates()}:
        assert predicate in declared or any(str(predicate).startswith(space) for space in built_in), predicate


def test_the_class_tree_has_no_cycle_and_statements_are_rooted(modules: Graph) -> None:
    for term in kinds_of(modules, OWL.Class):
        above = set(modules.transitive_objects(term, RDFS.subClassOf)) - {term}
        assert term not in {wider for other in above for wider in modules.objects(other, RDFS.subClassOf)}
    statement = URIRef(f"{NEAKG}Statement")
    for mapping in MAPPINGS.values():
        for name in mapping.classes or tuple(KIND_CLASSES.values()):
            if mapping.is_statement:
                assert statement in modules.transitive_objects(URIRef(expand(name)), RDFS.subClassOf), name


def test_no_class_lies_under_two_disjoint_classes(modules: Graph) -> None:
    pairs = list(modules.subject_objects(OWL.disjointWith))
    assert pairs
    for term in kinds_of(modules, OWL.Class):
        above = set(modules.transitive_objects(term, RDFS.subClassOf))
        assert not [pair for pair in pairs if above >= set(pair)], term


# --- terms of other vocabularies -------------------------------------------------------------------------


def names_used(*graphs: Graph) -> Iterator[str]:
    """Yield the IRIs that stand where a term stands: predicates, classes, declared subjects, datatypes."""
    for graph in graphs:
        for subject, predicate, value in graph:
            yield str(predicate)
            if predicate in (RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range, RDFS.seeAlso, OWL.disjointWith):
                yield str(value)
            if predicate == RDF.type and value in KINDS:
                yield str(subject)
            if isinstance(value, Literal) and value.datatype:
                yield str(value.datatype)


def exists(iri: str) -> bool:
    """Return whether the term stands in the list of its vocabulary."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and prefix != "neakg":
            name = iri.removeprefix(namespace)
            if prefix in LISTED:
                return name in LISTED[prefix].__annotations__
            return name in TERMS_OF.get(prefix, "").split()
    return False


def test_every_reused_term_exists(modules: Graph, vocabularies: Graph, examples: Graph) -> None:
    own = {str(term) for term in own_terms(modules)}
    used = {*names_used(modules, vocabularies, examples), *(expand(term) for term in mapped_terms())}
    unknown = sorted(iri for iri in used if iri not in own and not exists(iri))
    assert not unknown, f"no such term: {unknown}"


@pytest.mark.parametrize("curie", ["rdfs:Property", "rdf:Resource", "skos:label", "dwc:latitude", "oa:offset"])
def test_a_term_that_does_not_exist_is_noticed(curie: str) -> None:
    assert not exists(expand(curie))


def test_every_term_of_another_vocabulary_in_the_mapping_is_declared(modules: Graph) -> None:
    declared = set().union(*(kinds_of(modules, kind) for kind in KINDS))
    terms = {term for term in mapped_terms() if term.partition(":")[0] not in ("neakg", "rdf", "rdfs", "owl")}
    assert not [term for term in terms if URIRef(expand(term)) not in declared]
