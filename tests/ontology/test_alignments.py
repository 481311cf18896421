"""The alignments: both ends exist, axioms stay within OWL 2 DL, nothing is said twice, and our classes are covered."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from rdflib import OWL, RDF, SKOS, Graph, URIRef

from kg.namespaces import NEAKG, ONTOLOGY, PREFIXES, SCHEME
from kg.resources import folder, walk
from kg.vocabulary.alignments import (
    CLASS_AXIOMS,
    DECLARED,
    PROPERTY_AXIOMS,
    Match,
    MatchSet,
    alignments,
    without_counterpart,
)
from kg.vocabulary.terms import MODULES, terms

NAMES = {"dwc", "geosparql", "prov", "schema-org", "skos", "envo", "iucn", "dcat", "org", "wikidata", "camtrap-dp",
         "humboldt", "bbc-wildlife", "eunis", "time", "qudt"}  # fmt: skip
#: Names and labels of the other vocabularies, as far as they were read (the tables say where).
LISTS = Path(__file__).parent / "terms"
KINDS = {
    "object property": "owl object property",
    "datatype property": "owl data property",
    "annotation property": "owl annotation property",
    "class": "owl class",
}
HABITATS = Path(__file__).parents[2] / "kg" / "sources" / "register" / "habitats.csv"

TABLES = {table.name: table for table in alignments()}
each_table = pytest.mark.parametrize("name", sorted(NAMES))


def concepts() -> dict[str, str]:
    """Return the concepts of the schemes and of the habitat tables: IRI -> English label."""
    found: dict[str, str] = {}
    for entry in walk(folder("ontology") / "vocabularies", ".ttl"):
        graph = Graph().parse(data=entry.read_bytes(), format="turtle")
        for concept in graph.subjects(RDF.type, SKOS.Concept):
            labels = [text for text in graph.objects(concept, SKOS.prefLabel) if getattr(text, "language", "") == "en"]
            found[str(concept)] = str(labels[0])
    with HABITATS.open(encoding="utf-8", newline="") as rows:
        found |= {f"{SCHEME}habitat/{row['id']}": row["label"] for row in csv.DictReader(rows)}
    return found


CONCEPTS = concepts()


def listed(name: str) -> dict[str, str]:
    lines = (LISTS / f"aligned-{name}.txt").read_text(encoding="utf-8").splitlines()
    found = dict(line.split("\t") for line in lines)
    assert len(found) == len(lines), f"aligned-{name}.txt has a name twice"
    return found


def every_match() -> list[tuple[MatchSet, Match]]:
    return [(table, match) for table in alignments() for match in table.matches]


def test_there_is_one_table_for_each_vocabulary() -> None:
    assert set(TABLES) == NAMES
    assert {path.name for path in LISTS.glob("aligned-*.txt")} == {f"aligned-{name}.txt" for name in NAMES}


@each_table
def test_every_subject_exists_with_its_label(name: str) -> None:
    for match in TABLES[name].matches:
        if match.subject.startswith(NEAKG):
            assert match.subject_label == terms()[match.subject].label, match.subject_id
            assert terms()[match.subject].status != "deprecated", match.subject_id
        else:
            assert match.subject_label == CONCEPTS[match.subject], match.subject_id


@each_table
def test_every_object_is_a_term_of_that_vocabulary_with_its_label(name: str) -> None:
    names = listed(name)
    for match in TABLES[name].matches:
        assert match.object_label == names[match.object_id], match.object_id


@each_table
def test_prefixes_are_those_of_the_project_and_all_are_used(name: str) -> None:
    table = TABLES[name]
    for prefix, namespace in table.prefixes.items():
        assert PREFIXES.get(prefix, namespace) == namespace
    curies = [table.header["subject_source"], table.header["object_source"]]
    for match in table.matches:
        curies += [match.subject_id, match.predicate_id, match.object_id, match.justification]
    assert {curie.partition(":")[0] for curie in curies} == set(table.prefixes)


@each_table
def test_axioms_join_classes_with_classes_and_properties_with_properties_of_their_kind(name: str) -> None:
    for match in TABLES[name].matches:
        kind = KINDS[terms()[match.subject].kind] if match.subject.startswith(NEAKG) else "skos concept"
        if match.predicate_id in CLASS_AXIOMS:
            assert (kind, match.object_type) == ("owl class", "owl class"), match
        elif match.predicate_id in PROPERTY_AXIOMS:
            assert kind == match.object_type, match
            assert kind in {"owl object property", "owl data property"}, match


def test_no_term_is_of_two_kinds() -> None:
    """OWL 2 Structural Specification, section 5.8.1: no property of two kinds."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for _, match in every_match():
        kinds[match.object].add(DECLARED[match.object_type].removeprefix("owl:"))
    for name in MODULES:
        entry = folder("ontology") / f"{name}.ttl"
        if entry.is_file():
            graph = Graph().parse(data=entry.read_bytes(), format="turtle")
            for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty):
                for term in graph.subjects(RDF.type, kind):
                    kinds[str(term)].add(str(kind).removeprefix(str(OWL)))
    several = {term: found for term, found in kinds.items() if len(found - {""}) > 1}
    assert not several


def test_no_two_alignments_say_the_same() -> None:
    homes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for table in alignments():
        graph = Graph().parse(data=(folder("ontology") / "alignments" / f"{table.name}.ttl").read_bytes())
        for triple in graph:
            homes[tuple(map(str, triple))].append(table.name)
    assert homes
    assert not {triple: names for triple, names in homes.items() if len(names) > 1}


def test_what_is_denied_is_nowhere_said() -> None:
    said = {(match.subject, match.predicate_id, match.object) for _, match in every_match() if not match.negated}
    denied = {(match.subject, match.predicate_id, match.object) for _, match in every_match() if match.negated}
    assert denied
    assert not said & denied
    equal = {(s, o) for s, p, o in said if p in {"skos:exactMatch", "owl:equivalentClass", "owl:equivalentProperty"}}
    assert equal
    assert not equal & {(s, o) for s, _, o in denied}


def test_only_concepts_that_are_one_have_an_exact_match() -> None:
    """SKOS Reference, section 10.6.1: exactMatch is transitive, so one concept must not equal two of a vocabulary."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for table, match in every_match():
        if match.predicate_id == "skos:exactMatch" and not match.negated:
            found[table.name, match.subject].append(match.object_id)
            found[table.name, match.object].append(match.subject_id)
    assert found
    assert all(len(others) == 1 for others in found.values())


def test_every_class_has_a_counterpart_or_a_reason() -> None:
    aligned = {terms()[match.subject].name for _, match in every_match()
               if match.subject.startswith(NEAKG) and not match.negated}  # fmt: skip
    classes = {term.name for term in terms().values() if term.kind == "class" and term.status != "deprecated"}
    assert classes - aligned == set(without_counterpart())


def test_every_habitat_class_of_the_iucn_has_its_address() -> None:
    with HABITATS.open(encoding="utf-8", newline="") as rows:
        codes = {row["code"]: f"{SCHEME}habitat/{row['id']}" for row in csv.DictReader(rows)
                 if row["scheme"] == "iucn-habitats"}  # fmt: skip
    found = {match.object_id.removeprefix("iucnhab:"): match.subject for match in TABLES["iucn"].matches
             if match.object_id.startswith("iucnhab:")}  # fmt: skip
    assert codes
    assert found == codes


def test_the_core_never_imports_an_alignment() -> None:
    files = [entry for entry in walk(folder("ontology"), ".ttl") if "/alignments/" not in str(entry)]
    assert len(files) > len(MODULES) - 1
    for entry in files:
        graph = Graph().parse(data=entry.read_bytes(), format="turtle")
        imported = {str(target) for target in graph.objects(None, OWL.imports)}
        assert not any(target.startswith(f"{ONTOLOGY}/alignments/") for target in imported), entry


@each_table
def test_the_version_is_that_of_the_ontology(name: str) -> None:
    core = Graph().parse(data=(folder("ontology") / "core.ttl").read_bytes(), format="turtle")
    version = str(core.value(URIRef(ONTOLOGY), OWL.versionInfo))
    header = TABLES[name].header
    assert (header["mapping_set_version"], header["subject_source_version"]) == (version, version)
