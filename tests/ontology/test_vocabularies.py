"""The concept schemes: one file a scheme, complete concepts in a hierarchy, exactly the values that records allow.

A concept that others have as ``skos:broader`` is a group: it is there for queries and for people who browse, and no
record and no statement has it as a value.
"""

from __future__ import annotations

import re
import typing
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, get_args, get_origin

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import OWL, RDF, SKOS, Graph, Node, URIRef
from rdflib import Literal as Text
from rdflib.namespace import DCTERMS

from kg import records
from kg.iris import concept
from kg.namespaces import BASE, NEAKG, SCHEME, SH, SHAPES, expand
from kg.pipeline import Built
from kg.rdf.mapping import MAPPINGS, TARGETS
from kg.resources import folder, walk
from kg.validate import own_shapes, validate

FILES = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "vocabularies", ".ttl")}
VANN = "http://purl.org/vocab/vann/"
PATTERN = URIRef(f"{NEAKG}valuePattern")
CODE = URIRef(f"{NEAKG}iucnCode")
#: Their concepts come from tables of the sources.
FROM_TABLES = {"habitat"}
#: Schemes whose values follow a classification that somebody else publishes.
FOLLOWING = {"iucn-category", "match", "presence", "red-list-category", "seasonality", "transboundary-type"}


def literal_values(annotation: Any) -> set[str]:
    """Return the values of every ``Literal`` inside an annotation."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return set().union(*(literal_values(part) for part in get_args(annotation)))


def expected() -> dict[str, set[str]]:
    """Return the values of each scheme, read from the fields of the records that become its concepts."""
    values: dict[str, set[str]] = defaultdict(set)
    for record, mapping in MAPPINGS.items():
        hints = typing.get_type_hints(record, include_extras=True)
        for item in mapping.properties:
            if item.kind == "concept":
                values[item.scheme] |= literal_values(hints[item.field])
    values["confidence"] = literal_values(records.Confidence)
    values["habitat-system"] = literal_values(typing.get_type_hints(records.Habitat)["scheme"])
    values["evidence-scope"] = {"this-source", "one-of-these"}  # written by kg.rdf.convert, no field of a record
    values["transboundary-type"] = {  # no source read gives an area its type by these guidelines
        "transboundary-protected-area",
        "transboundary-conservation-landscape",
        "transboundary-conservation-migration-area",
        "park-for-peace",
    }
    values.update({name: set() for name in FROM_TABLES})
    return dict(values)


EXPECTED = expected()


def read(name: str) -> Graph:
    return Graph().parse(data=FILES[name].read_bytes(), format="turtle")


def concepts(graph: Graph) -> Iterator[URIRef]:
    return (term for term in graph.subjects(RDF.type, SKOS.Concept) if isinstance(term, URIRef))


def groups(graph: Graph) -> set[Node]:
    return set(graph.objects(None, SKOS.broader))


def values(graph: Graph) -> list[URIRef]:
    """Return the concepts that a statement may have as a value."""
    return [term for term in concepts(graph) if term not in groups(graph)]


each_scheme = pytest.mark.parametrize("name", sorted(FILES))
each_filled_scheme = pytest.mark.parametrize("name", sorted(set(FILES) - FROM_TABLES))
with_groups = [name for name in sorted(FILES) if groups(read(name))]


def test_there_is_one_file_for_each_scheme() -> None:
    assert FILES, "ontology/vocabularies is empty"
    assert set(FILES) == set(EXPECTED)


@each_scheme
def test_the_concepts_that_are_no_groups_are_the_values_that_records_allow(name: str) -> None:
    graph = read(name)
    assert {str(graph.value(term, SKOS.notation)) for term in values(graph)} == EXPECTED[name]


# --- descriptions ------------------------------------------------------------------------------------


@each_scheme
def test_the_scheme_is_described(name: str) -> None:
    graph = read(name)
    scheme = URIRef(f"{SCHEME}{name}")
    assert list(graph.subjects(RDF.type, SKOS.ConceptScheme)) == [scheme]
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert [text.language for text in graph.objects(scheme, predicate) if isinstance(text, Text)] == ["en"]
    assert list(graph.objects(scheme, DCTERMS.creator)) == [URIRef(f"{BASE}id/organisation/neakg")]
    assert list(graph.objects(scheme, DCTERMS.license)) == [URIRef("https://creativecommons.org/licenses/by/4.0/")]
    created, modified = (graph.value(scheme, predicate) for predicate in (DCTERMS.created, DCTERMS.modified))
    assert date.fromisoformat(str(created)) <= date.fromisoformat(str(modified))
    assert re.fullmatch(r"[0-9]+[.][0-9]+[.][0-9]+", str(graph.value(scheme, OWL.versionInfo)))
    assert str(graph.value(scheme, URIRef(f"{VANN}preferredNamespacePrefix"))) == name
    assert str(graph.value(scheme, URIRef(f"{VANN}preferredNamespaceUri"))) == f"{SCHEME}{name}/"


def test_a_scheme_that_follows_a_published_classification_names_it() -> None:
    said = {name: list(read(name).objects(URIRef(f"{SCHEME}{name}"), DCTERMS.source)) for name in FILES}
    assert {name for name, sources in said.items() if sources} == FOLLOWING
    for name in FOLLOWING:
        assert all(isinstance(source, URIRef) and source.startswith("http") for source in said[name]), name


@each_filled_scheme
def test_every_concept_is_complete(name: str) -> None:
    graph = read(name)
    scheme = URIRef(f"{SCHEME}{name}")
    found = list(concepts(graph))
    assert found, f"scheme {name} has no concept"
    for term in found:
        assert str(term) == concept(name, str(graph.value(term, SKOS.notation)))
        assert len(list(graph.objects(term, SKOS.notation))) == 1
        for predicate in (SKOS.prefLabel, SKOS.definition):
            texts = list(graph.objects(term, predicate))
            assert [text.language for text in texts if isinstance(text, Text)] == ["en"], f"{term} {predicate}"
            assert str(texts[0]).strip()
        assert list(graph.objects(term, SKOS.inScheme)) == [scheme]


@each_filled_scheme
def test_definitions_and_notes_are_english_sentences(name: str) -> None:
    graph = read(name)
    for predicate in (SKOS.definition, SKOS.scopeNote, SKOS.example):
        for term, text in graph.subject_objects(predicate):
            assert isinstance(text, Text)
            assert text.language == "en", f"{term}: {text}"
            assert text.endswith("."), f"{term}: {text}"


@each_filled_scheme
def test_no_label_and_no_definition_is_used_twice_in_a_scheme(name: str) -> None:
    graph = read(name)
    labels = [str(text).lower() for kind in (SKOS.prefLabel, SKOS.altLabel) for text in graph.objects(None, kind)]
    for texts in (labels, [str(text).lower() for text in graph.objects(None, SKOS.definition)]):
        assert [text for text, times in Counter(texts).items() if times > 1] == []


@each_filled_scheme
def test_a_note_of_a_concept_says_more_than_its_definition(name: str) -> None:
    graph = read(name)
    for term, note in graph.subject_objects(SKOS.scopeNote):
        assert str(note) != str(graph.value(term, SKOS.definition)), term


# --- hierarchy ---------------------------------------------------------------------------------------


def test_schemes_with_real_groups_have_them() -> None:
    named = {"place-kind", "designation", "method", "source-kind", "identifier-scheme", "relation", "red-list-category"}
    assert named <= set(with_groups)


@pytest.mark.parametrize("name", with_groups)
def test_a_group_holds_at_least_two_concepts_of_its_scheme(name: str) -> None:
    graph = read(name)
    assert groups(graph) <= set(concepts(graph))
    for group in groups(graph):
        assert len(list(graph.subjects(SKOS.broader, group))) > 1, f"{group} groups nothing"
        assert str(graph.value(group, SKOS.scopeNote)).startswith("A group: "), f"{group} does not say that it is one"


@each_filled_scheme
def test_a_concept_is_a_top_concept_or_has_one_broader_concept(name: str) -> None:
    graph = read(name)
    scheme = URIRef(f"{SCHEME}{name}")
    tops = set(graph.objects(scheme, SKOS.hasTopConcept))
    assert tops
    assert tops == set(graph.subjects(SKOS.topConceptOf, scheme)), "said on both ends"
    for term in concepts(graph):
        assert len(list(graph.objects(term, SKOS.broader))) == (0 if term in tops else 1), term


@each_filled_scheme
def test_the_hierarchy_has_no_cycle(name: str) -> None:
    graph = read(name)
    for term in concepts(graph):
        step: Node | None = term
        above: set[Node] = set()
        while (step := graph.value(step, SKOS.broader)) is not None:
            assert step not in above, f"{term} is above itself"
            above.add(step)


@each_scheme
def test_only_the_direct_step_upwards_is_stated(name: str) -> None:
    """The other directions follow from it (SKOS Reference, S22 to S25): nobody has to keep them in step."""
    graph = read(name)
    for predicate in (SKOS.narrower, SKOS.broaderTransitive, SKOS.narrowerTransitive):
        assert (None, predicate, None) not in graph, predicate


def test_the_shape_for_values_starts_from_every_property_that_takes_a_concept() -> None:
    shape, target = f"{SHAPES}#ValueShape", f"{SH}targetSubjectsOf"
    rules = parse(own_shapes(), format=RdfFormat.N_TRIPLES)
    found = {quad.object.value for quad in rules
             if quad.predicate.value == target and str(quad.subject) == f"<{shape}>"}  # fmt: skip
    mapped = {item.predicate for mapping in MAPPINGS.values() for item in mapping.properties if item.kind == "concept"}
    # written by rules of kg.rdf.convert
    assert found == {
        expand(name) for name in mapped | {"neakg:confidence", "neakg:evidenceScope", "neakg:habitatSystem"}
    }


def test_no_group_passes_the_gate_as_a_value() -> None:
    found: dict[tuple[str, str], str] = {}
    for name in with_groups:
        for group in groups(read(name)):
            thing = f"{BASE}id/case/{len(found)}"
            found[f"{SCHEME}{name}", str(group)] = thing
    text = "".join(f"<{thing}> <{NEAKG}method> <{group}> .\n" for (_, group), thing in found.items())
    triples = [quad.triple for quad in parse(text.encode(), format=RdfFormat.N_TRIPLES)]
    refused = {item.focus for item in validate(triples).violations if item.shape == f"{SHAPES}#ValueShape"}
    assert refused == set(found.values())
    assert refused, "no scheme has a group"


# --- integrity conditions of SKOS --------------------------------------------------------------------

LABELS = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)


def broken(graph: Graph) -> set[str]:
    """Return the integrity conditions of the SKOS Reference that a graph breaks, by their numbers."""
    schemes = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    found = {"S9"} if schemes & set(graph.subjects(RDF.type, SKOS.Concept)) else set()
    found |= {name for subject in set(graph.subjects()) for name in broken_by_labels(graph, subject)}
    for one, other in graph.subject_objects(SKOS.related):
        if other in graph.transitive_objects(one, SKOS.broader) or one in graph.transitive_objects(other, SKOS.broader):
            found.add("S27")
    exact = set(graph.subject_objects(SKOS.exactMatch))
    for kind in (SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch):
        if any((one, two) in exact or (two, one) in exact for one, two in graph.subject_objects(kind)):
            found.add("S46")
    return found


def broken_by_labels(graph: Graph, subject: Node) -> Iterator[str]:
    texts = [text for kind in LABELS for text in set(graph.objects(subject, kind))]
    if len(set(texts)) < len(texts):
        yield "S13"
    preferred = [text for text in graph.objects(subject, SKOS.prefLabel) if isinstance(text, Text)]
    if len({str(text.language).lower() for text in preferred}) < len(preferred):
        yield "S14"


@pytest.fixture(scope="module")
def everything() -> Graph:
    """Return all schemes, their labels in other languages and the mappings of their concepts, where there are any."""
    found = Graph()
    for part in ("vocabularies", "translations", "alignments"):
        for entry in walk(folder("ontology") / part, ".ttl"):
            found.parse(data=entry.read_bytes(), format="turtle")
    assert len(list(concepts(found))) > 250
    return found


def test_the_schemes_with_labels_and_mappings_keep_the_conditions_of_skos(everything: Graph) -> None:
    assert broken(everything) == set()


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        ("S9", "<{unit}> a skos:Concept ."),
        ("S13", '<{unit}/pairs> skos:altLabel "pairs"@en .'),
        ("S13", '<{unit}/kilometre> skos:hiddenLabel "km"@en .'),
        ("S14", '<{unit}/pairs> skos:prefLabel "couples"@EN .'),
        ("S27", "<{unit}/pairs> skos:related <{unit}/animals> ."),
        ("S46", "<{unit}/pairs> skos:exactMatch <x:p> . <x:p> skos:broadMatch <{unit}/pairs> ."),
        ("S46", "<{unit}/pairs> skos:exactMatch <x:p> ; skos:relatedMatch <x:p> ."),
    ],
)
def test_a_broken_condition_is_found(condition: str, change: str) -> None:
    graph = read("unit")
    graph.parse(data=f"@prefix skos: <{SKOS}> . " + change.replace("{unit}", f"{SCHEME}unit"), format="turtle")
    assert broken(graph) == {condition}


def test_a_scheme_maps_to_other_schemes_of_ours_only(vocabularies: Graph) -> None:
    """What its concepts are in the vocabularies of others is said by ``ontology/alignments``."""
    kinds = [SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch]
    pairs = [pair for kind in kinds for pair in vocabularies.subject_objects(kind)]
    assert pairs
    for one, other in pairs:
        assert (other, RDF.type, SKOS.Concept) in vocabularies, other
        assert vocabularies.value(one, SKOS.inScheme) != vocabularies.value(other, SKOS.inScheme), one


# --- habitats, whose concepts come from tables -------------------------------------------------------

SYSTEM = URIRef(f"{NEAKG}habitatSystem")
HABITAT = URIRef(f"{SCHEME}habitat")


@pytest.fixture(scope="module")
def habitats(built: Built) -> Graph:
    """Return what the graph says of the concepts of the scheme habitat."""
    told = [quad for quad in built.quads if str(quad.subject).startswith(f"<{HABITAT}")]
    found = Graph().parse(data="".join(f"{quad.triple} .\n" for quad in told), format="nt")
    assert len(list(concepts(found))) > 100
    return found


def test_every_habitat_class_has_label_code_system_and_place_in_the_hierarchy(habitats: Graph) -> None:
    tops = set(habitats.objects(HABITAT, SKOS.hasTopConcept))
    assert tops == set(habitats.subjects(SKOS.topConceptOf, HABITAT))
    for term in concepts(habitats):
        for predicate in (SKOS.prefLabel, SKOS.notation, SYSTEM):
            assert len(list(habitats.objects(term, predicate))) == 1, f"{term} {predicate}"
        assert (term in tops) != bool(list(habitats.objects(term, SKOS.broader))), term


def test_no_two_habitat_classes_have_one_code(habitats: Graph) -> None:
    codes = Counter(str(code) for code in habitats.objects(None, SKOS.notation))
    assert [code for code, times in codes.items() if times > 1] == []


def test_a_broader_habitat_class_is_of_the_same_classification(habitats: Graph) -> None:
    steps = list(habitats.subject_objects(SKOS.broader))
    assert len(steps) > 80
    assert [term for term, wider in steps if habitats.value(term, SYSTEM) != habitats.value(wider, SYSTEM)] == []


def test_the_hierarchy_of_habitat_classes_is_that_of_their_codes(habitats: Graph) -> None:
    iucn = [term for term in concepts(habitats) if str(habitats.value(term, SYSTEM)).endswith("/iucn-habitats")]
    assert iucn
    for term in iucn:
        first, _, second = str(habitats.value(term, SKOS.notation)).partition(".")
        above = [str(habitats.value(wider, SKOS.notation)) for wider in habitats.objects(term, SKOS.broader)]
        assert above == ([first] if second else []), term


def test_every_class_of_envo_is_matched_to_it(habitats: Graph) -> None:
    envo = [term for term in concepts(habitats) if str(habitats.value(term, SYSTEM)).endswith("/envo")]
    assert envo
    for term in envo:
        code = str(habitats.value(term, SKOS.notation)).replace(":", "_")
        assert habitats.value(term, SKOS.closeMatch) == URIRef(f"http://purl.obolibrary.org/obo/{code}")


def test_no_habitat_class_states_a_step_that_follows_from_others(habitats: Graph) -> None:
    for term in concepts(habitats):
        direct = set(habitats.objects(term, SKOS.broader))
        for wider in direct:
            assert direct.isdisjoint(set(habitats.transitive_objects(wider, SKOS.broader)) - {wider}), term


def test_habitat_classes_keep_the_conditions_of_skos(habitats: Graph) -> None:
    assert broken(habitats) == set()


# --- single schemes ----------------------------------------------------------------------------------


def test_the_red_list_categories_stand_in_the_order_of_the_red_list() -> None:
    graph = read("red-list-category")
    written = re.findall(r'skos:notation "([A-Z]{2})"', FILES["red-list-category"].read_bytes().decode())
    assert written == ["EX", "EW", "CR", "EN", "VU", "NT", "LC", "DD", "NE"]
    threatened = URIRef(f"{SCHEME}red-list-category/threatened")
    inside = {str(graph.value(term, SKOS.notation)) for term in graph.subjects(SKOS.broader, threatened)}
    assert inside == {"CR", "EN", "VU"}


def test_the_management_categories_stand_in_the_order_of_the_guidelines() -> None:
    written = re.findall(r'skos:notation "([IV]+[ab]?)"', FILES["iucn-category"].read_bytes().decode())
    assert written == ["I", "Ia", "Ib", "II", "III", "IV", "V", "VI"]


def patterns() -> dict[str, str]:
    graph = read("identifier-scheme")
    return {str(graph.value(term, SKOS.notation)): str(graph.value(term, PATTERN)) for term in values(graph)}


def test_every_identifier_scheme_has_an_anchored_pattern() -> None:
    for name, pattern in patterns().items():
        assert re.fullmatch(r"\^[^|]+\$", pattern), f"{name}: {pattern} is not anchored at both ends"
        re.compile(pattern)


def test_a_group_of_identifier_schemes_has_no_pattern() -> None:
    graph = read("identifier-scheme")
    assert groups(graph)
    assert groups(graph).isdisjoint(graph.subjects(PATTERN, None))


def test_every_scheme_with_a_target_address_is_an_identifier_scheme() -> None:
    assert set(TARGETS) <= set(patterns())


@pytest.mark.parametrize(
    ("scheme", "good", "bad"),
    [
        ("wikidata", "Q69581", "69581"),
        ("ncbi-taxonomy", "74533", "074533"),
        ("iucn-red-list", "22732/50664030", "22732/"),
        ("col-xr", "4CGXS", "4cgxs"),
        ("avibase", "avibase-1125F89D", "1125F89D"),
        ("ebird", "whncra1", "WHNCRA1"),
        ("iso-3166-1-alpha-2", "MN", "mn"),
        ("iso-3166-1-alpha-3", "MNG", "MN"),
        ("iso-3166-2", "CN-JL", "JL"),
        ("un-m49", "496", "49"),
        ("ramsar", "2462", "JP2462"),
        ("mab", "RUS 32", "RUS32"),
        ("eaaf", "EAAF027", "27"),
    ],
)
def test_a_pattern_takes_real_values_and_refuses_wrong_ones(scheme: str, good: str, bad: str) -> None:
    pattern = patterns()[scheme]
    assert re.search(pattern, good)
    assert not re.search(pattern, bad)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (
            "seasonality",
            {"resident": "1", "breeding": "2", "non-breeding": "3", "passage": "4", "uncertain": "5"},
        ),
        (
            "presence",
            {"extant": "1", "possibly-extant": "3", "possibly-extinct": "4", "extinct": "5", "uncertain": "6"},
        ),
    ],
)
def test_iucn_codes_stand_on_the_concepts_they_fit(name: str, codes: dict[str, str]) -> None:
    graph = read(name)
    assert {str(graph.value(s, SKOS.notation)): str(code) for s, code in graph.subject_objects(CODE)} == codes
