"""The terms of the ontology: complete, used, connected, within OWL 2 DL; every reused term exists."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.namespace import DC, DCTERMS, VANN

from kg.derive.inverses import inverses
from kg.namespaces import NEAKG, ONTOLOGY, VS, expand
from kg.pipeline import Built
from kg.rdf.mapping import EXTRA_TERMS, KIND_CLASSES, MAPPINGS
from kg.resources import folder, walk
from kg.vocabulary.terms import terms
from tests.ontology.test_reuse import is_listed

STEMS = ["borders", "core", "deprecated", "evidence", "habitats", "places", "projects", "species"]
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDFS.Datatype}
HEADER = URIRef(ONTOLOGY)
STATUS = URIRef(f"{VS}term_status")
NOTES = (folder("ontology") / "NOTES.md").read_text("utf-8")
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


# --- use -------------------------------------------------------------------------------------------------


def names_in(*parts: str) -> dict[str, set[str]]:
    """Return the own terms that texts of the repository name: file -> names."""
    found: dict[str, set[str]] = defaultdict(set)
    for top in parts:
        for suffix in (".ttl", ".rq", ".py", ".jsonld"):
            for entry in walk(folder(top), suffix):
                text = entry.read_text("utf-8")
                found[str(entry)] |= set(re.findall(r"(?:\bneakg:|\{NEAKG\}|neakg/ontology#)([A-Za-z]\w*)", text))
    return found


def sources() -> Graph:
    """Return what the sources say of themselves."""
    graph = Graph()
    for path in (folder("kg") / "sources").iterdir():
        if (path / "source.ttl").is_file():
            graph.parse(data=(path / "source.ttl").read_bytes(), format="turtle")
    assert len(graph)
    return graph


def used_terms(built: Built, *graphs: Graph) -> set[str]:
    """Return the IRIs that the graph or one of ``graphs`` uses as a property or as a class."""
    used = {str(value) for graph in (*graphs, sources()) for value in graph.objects(None, RDF.type)}
    used |= {str(value) for graph in (*graphs, sources()) for value in graph.predicates()}
    for quad in built.quads:
        used.add(quad.predicate.value)
        if quad.predicate.value == str(RDF.type) and isinstance(quad.object, NamedNode):
            used.add(quad.object.value)
    return used


def test_every_own_term_is_used(modules: Graph, vocabularies: Graph, examples: Graph, built: Built) -> None:
    used = used_terms(built, examples, vocabularies) | {str(predicate) for predicate in modules.predicates()}
    for term in terms().values():
        if term.status == "deprecated":
            continue
        narrower = {
            str(s)
            for p in (RDFS.subClassOf, RDFS.subPropertyOf)
            for s in modules.transitive_subjects(p, URIRef(term.iri))
        }
        assert narrower & used, f"neakg:{term.name} stands in no graph and in no example: add an example or a source"


def test_every_own_term_that_a_file_names_is_defined() -> None:
    own = {term.name for term in terms().values()}
    files = names_in("shapes", "queries", "ontology/examples", "ontology/frames", "ontology/vocabularies", "kg")
    assert sum(map(bool, files.values())) > 50
    unknown = {file: sorted(names - own) for file, names in files.items() if names - own}
    assert not unknown, f"named and not defined: {unknown}"


def test_no_file_but_the_ontology_itself_names_a_deprecated_term(built: Built) -> None:
    old = {term.name for term in terms().values() if term.status == "deprecated"}
    assert old, "there is no deprecated term: drop this test"
    files = names_in("shapes", "queries", "ontology/examples", "ontology/frames", "ontology/vocabularies", "kg")
    wrong = {file: sorted(names & old) for file, names in files.items() if names & old}
    assert not wrong, f"take the replacement: {wrong}"
    assert not {NEAKG + name for name in old} & used_terms(built)


def test_every_property_of_the_mapping_is_written(built: Built) -> None:
    used = used_terms(built)
    missing = [term for term in mapped_terms() if expand(term) not in used]
    assert not missing, f"kg.rdf.mapping can write it, and no source has it: {missing}"


# --- texts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition, SKOS.example])
def test_every_own_term_has_one_english_text_of_each_sort(modules: Graph, predicate: URIRef) -> None:
    wrong = []
    for term in own_terms(modules):
        texts = [text for text in modules.objects(term, predicate) if getattr(text, "language", None) == "en"]
        if len(texts) != 1 or not str(texts[0]).strip():
            wrong.append(local(term))
    assert not wrong, f"{predicate}: not exactly one English text on {wrong}"


def test_definitions_are_sentences(modules: Graph) -> None:
    for predicate in (SKOS.definition, SKOS.scopeNote, SKOS.changeNote):
        pairs = [(local(term), str(text)) for term in own_terms(modules) for text in modules.objects(term, predicate)]
        assert pairs
        wrong = [name for name, text in pairs if not re.fullmatch(r"[A-Z'].*[.]", text)]
        assert not wrong, f"{predicate}: a sentence begins with a capital and ends with a full stop: {wrong}"


def test_a_definition_says_more_than_its_label() -> None:
    for term in terms().values():
        words = set(re.findall(r"[a-z]{3,}", term.definition.lower()))
        more = words - set(re.findall(r"[a-z]{3,}", term.label.lower())) - {"the", "that", "this", "which", "and"}
        assert len(more) >= 3, f"neakg:{term.name}: {term.definition!r} repeats its label"


def test_a_scope_note_does_not_repeat_the_definition() -> None:
    notes = [(term, note) for term in terms().values() for note in term.scope_notes]
    assert len(notes) > 80
    assert not [term.name for term, note in notes if note in term.definition or term.definition in note]
    assert not [text for text, count in Counter(note for _, note in notes).items() if count > 1]


def test_every_own_term_says_its_ontology_and_status(modules: Graph) -> None:
    for term in own_terms(modules):
        assert list(modules.objects(term, RDFS.isDefinedBy)) == [HEADER], local(term)
        found = [str(status) for status in modules.objects(term, STATUS)]
        assert len(found) == 1, f"{local(term)} has the statuses {found}: give it one"
        assert found[0] in {"stable", "testing", "deprecated"}, local(term)


def test_the_notes_say_what_each_status_promises() -> None:
    for status in {term.status for term in terms().values()}:
        assert f"**{status}**" in NOTES


def test_no_label_is_used_twice_for_the_same_kind_in_a_language() -> None:
    names: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for term in terms().values():
        for language, label in term.labels.items():
            names[language, label.casefold(), term.kind == "class"].append(term.name)
    assert names
    twice = {key[:2]: found for key, found in names.items() if len(found) > 1}
    assert not twice, f"one label for several terms: {twice}"


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
    """What FOOPS! looks for (OM1, OM2, OM3, OM5.1, OM5.2, FIND1, VER1), but a DOI and a logo."""
    needed = [
        RDFS.label, DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.publisher, DCTERMS.license,
        DCTERMS.rights, DCTERMS.created, DCTERMS.modified, DCTERMS.issued, DCTERMS.bibliographicCitation, DC.source,
        OWL.versionIRI, OWL.versionInfo, OWL.priorVersion, VANN.changes, VANN.preferredNamespacePrefix,
        VANN.preferredNamespaceUri, STATUS, URIRef("http://purl.org/ontology/bibo/status"),
    ]  # fmt: skip
    assert list(modules.subjects(RDF.type, OWL.Ontology)) == [HEADER]
    for predicate in needed:
        assert modules.value(HEADER, predicate) is not None, f"the header lacks {predicate}"
    assert "a DOI and a logo" in NOTES
    assert str(modules.value(HEADER, VANN.preferredNamespacePrefix)) == "neakg"
    assert str(modules.value(HEADER, VANN.preferredNamespaceUri)) == NEAKG
    day = {str(modules.value(HEADER, predicate)) for predicate in (DCTERMS.created, DCTERMS.issued, DCTERMS.modified)}
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) for text in day)
    assert str(modules.value(HEADER, DCTERMS.created)) <= str(modules.value(HEADER, DCTERMS.modified))


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


@pytest.mark.parametrize("predicate", [RDFS.subClassOf, RDFS.subPropertyOf])
def test_no_term_lies_under_itself(modules: Graph, predicate: URIRef) -> None:
    pairs = list(modules.subject_objects(predicate))
    assert pairs
    for term, _ in pairs:
        above = {
            higher
            for wider in modules.objects(term, predicate)
            for higher in modules.transitive_objects(wider, predicate)
        }
        assert term not in above, f"{term} lies under itself"


def test_every_statement_of_the_mapping_is_a_statement(modules: Graph) -> None:
    statement = URIRef(f"{NEAKG}Statement")
    for mapping in MAPPINGS.values():
        for name in mapping.classes or tuple(KIND_CLASSES.values()):
            if mapping.is_statement:
                assert statement in modules.transitive_objects(URIRef(expand(name)), RDFS.subClassOf), name


def section(title: str) -> str:
    """Return a section of the notes."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", NOTES, flags=re.MULTILINE | re.DOTALL)
    assert found, f"NOTES.md has no section {title!r}"
    return found[1]


def test_every_class_is_connected(modules: Graph) -> None:
    """OOPS! P04."""
    for term in terms().values():
        if term.kind == "class":
            iri = URIRef(term.iri)
            linked = any((None, predicate, iri) in modules for predicate in (RDFS.domain, RDFS.range, RDFS.subClassOf))
            assert linked or term.parents, (
                f"neakg:{term.name} is no domain, no range, and neither above nor below a class"
            )


@pytest.mark.parametrize(("title", "end"), [("Without a domain", "domains"), ("Without a range", "ranges")])
def test_a_property_has_its_domain_and_its_range_or_the_notes_say_why_not(title: str, end: str) -> None:
    """OOPS! P11 (missing domain or range) and P19 (several of them, which OWL reads as their intersection)."""
    kept = [term for term in terms().values() if term.kind in ("object property", "datatype property")]
    kept = [term for term in kept if term.status != "deprecated"]
    bare = {term.name for term in kept if not getattr(term, end)}
    explained = set(re.findall(r"`(\w+)`", section(title)))
    assert bare
    assert not bare - explained, f"give it one, or explain it in NOTES.md, {title!r}: {sorted(bare - explained)}"
    assert not explained - bare, f"NOTES.md, {title!r}, explains what needs none: {sorted(explained - bare)}"
    several = [term.name for term in kept if len(getattr(term, end)) > 1]
    assert not several, f"several {end} are all true of every use: {several}"


def test_inverses_are_pairs_that_mirror_each_other() -> None:
    pairs = [(term, terms()[other]) for term in terms().values() for other in term.inverses]
    assert pairs
    for term, other in pairs:
        assert term.inverses == (other.iri,), f"neakg:{term.name} has several inverses"
        assert term.iri != other.iri, f"neakg:{term.name} is its own inverse: call it symmetric (OOPS! P25)"
        assert "symmetric" not in term.characteristics, f"neakg:{term.name} is symmetric: no inverse (OOPS! P26)"
        assert {term.kind, other.kind} == {"object property"}, f"neakg:{term.name}"
        both = {term.domains + other.ranges, other.domains + term.ranges}
        assert all(len(set(ends)) <= 1 for ends in both), f"swap domain and range: {term.name}, {other.name}"
        assert set(term.characteristics) == set(other.characteristics), f"{term.name}, {other.name}"


def test_every_inverse_is_what_its_property_says_the_other_way_round(built: Built) -> None:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for quad in built.quads:
        if isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
            found[quad.predicate.value].add((quad.subject.value, quad.object.value))
    expected: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for name, inverse in inverses().items():
        expected[inverse] |= {(value, subject) for subject, value in found[name]}
    assert expected
    for inverse, pairs in expected.items():
        assert pairs, f"{inverse} is never written: nobody can ask for it"
        assert found[inverse] == pairs, inverse


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
            if subject != HEADER and predicate in (
                RDF.type,
                RDFS.subClassOf,
                RDFS.domain,
                RDFS.range,
                RDFS.seeAlso,
                OWL.disjointWith,
            ):
                yield str(value)
            if predicate == RDF.type and value in KINDS:
                yield str(subject)
            if isinstance(value, Literal) and value.datatype:
                yield str(value.datatype)


def test_every_reused_term_exists(modules: Graph, vocabularies: Graph, examples: Graph) -> None:
    own = {str(term) for term in own_terms(modules)}
    used = {*names_used(modules, vocabularies, examples), *(expand(term) for term in mapped_terms())}
    unknown = sorted(iri for iri in used if iri not in own and not is_listed(iri))
    assert not unknown, f"no such term: {unknown}"


@pytest.mark.parametrize("curie", ["rdfs:Property", "rdf:Resource", "skos:label", "dwc:latitude", "oa:offset"])
def test_a_term_that_does_not_exist_is_noticed(curie: str) -> None:
    assert not is_listed(expand(curie))


def test_every_term_of_another_vocabulary_in_the_mapping_is_declared(modules: Graph) -> None:
    declared = set().union(*(kinds_of(modules, kind) for kind in KINDS))
    terms = {term for term in mapped_terms() if term.partition(":")[0] not in ("neakg", "rdf", "rdfs", "owl")}
    assert not [term for term in terms if URIRef(expand(term)) not in declared]
