"""The frames: one a class, of keys of the context, and framed documents that hold exactly what the graph says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib import OWL, RDF, Graph, URIRef

from endpoint.jsonld import framed
from kg.formats import BY_NAME, write_rdf
from kg.namespaces import BASE, NEAKG, SCHEME, expand
from kg.resources import folder, walk
from kg.store import GraphStore
from kg.vocabulary.frames import ABSTRACT, ADDRESS, kebab, pretty

FRAMES = {entry.name.removesuffix(".jsonld"): entry for entry in walk(folder("ontology") / "frames", ".jsonld")}
EXAMPLES = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "examples", ".ttl")}
CONTEXT: dict[str, Any] = json.loads((folder("ontology") / "context.jsonld").read_bytes())["@context"]
NODE = Path(__file__).with_name("jsonld")
TYPE = NamedNode(expand("rdf:type"))
#: So many entities of each class in the tests that run every time; the rest in the long ones.
SPREAD = 3


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FRAMES[name].read_bytes())
    return found


def says(document: dict[str, Any]) -> set[Triple]:
    """Return the triples of a document, by the engine's JSON-LD parser."""
    return {quad.triple for quad in parse(json.dumps(document), format=RdfFormat.JSON_LD)}


def says_to_pyld(document: dict[str, Any]) -> set[Triple]:
    text = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": load})
    return {quad.triple for quad in parse(text, format=RdfFormat.N_QUADS)}


def load(address: str, _: object) -> dict[str, Any]:
    assert address == ADDRESS, f"nothing else may be fetched: {address}"
    document = {"@context": CONTEXT}
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": address, "document": document}


# --- the files --------------------------------------------------------------------------------------------


def test_every_concrete_class_has_exactly_one_frame(modules: Graph) -> None:
    own = (str(iri) for iri in modules.subjects(RDF.type, OWL.Class))
    classes = sorted({iri.removeprefix(NEAKG) for iri in own if iri.startswith(NEAKG)} - ABSTRACT)
    assert classes
    assert sorted(read(name)["type"] for name in FRAMES) == classes
    assert sorted(FRAMES) == sorted(kebab(name) for name in classes) == sorted(EXAMPLES)


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_frame_names_the_context_and_its_class(modules: Graph, name: str) -> None:
    frame = read(name)
    assert frame["@context"] == ADDRESS
    assert kebab(frame["type"]) == name
    assert (URIRef(NEAKG + frame["type"]), RDF.type, OWL.Class) in modules
    assert FRAMES[name].read_text("utf-8") == pretty(frame)


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_frame_uses_keys_of_the_context_only(name: str) -> None:
    keywords = {"@context", "@embed", "@explicit", "@omitDefault", "@id"}
    frame = read(name)
    entry = CONTEXT[frame["type"]]
    known = {*keywords, *CONTEXT, *(entry["@context"] if isinstance(entry, dict) else ())}
    for key in keys(frame):
        prefix, colon, _ = key.partition(":")
        assert key in known or (colon and prefix in CONTEXT), key


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)


# --- what a framed document looks like --------------------------------------------------------------------

ITEM = f"{BASE}id/"
SMALL = f"""
@base <{BASE}id/> . @prefix neakg: <{NEAKG}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> . @prefix dcterms: <http://purl.org/dc/terms/> .
<species/tiger> a neakg:Taxon ; rdfs:label "Tiger"@en ; neakg:occursIn <place/amur> ; neakg:hasEvidence <evidence/1> .
<place/amur> a neakg:Place ; rdfs:label "Amur"@en .
<name/1> a neakg:Name ; neakg:nameOf <species/tiger> ; skosxl:literalForm "тигр"@ru ; neakg:hasEvidence <evidence/1> .
<figure/1> a neakg:PopulationEstimate ; neakg:ofTaxon <species/tiger> ; neakg:atPlace <place/amur> ; neakg:value 500.5 ;
  neakg:undated true ; neakg:hasEvidence <evidence/2> .
<distribution/1> a neakg:Distribution ; neakg:ofTaxon <species/tiger> , <species/other> ; neakg:atPlace <place/amur> .
<finding/1> a neakg:Finding ; neakg:about <figure/1> ; dcterms:description "Doubtful."@en .
<evidence/1> a neakg:Evidence ; dcterms:source <source/1> .
<evidence/2> a neakg:Evidence ; dcterms:source <source/1> .
"""


def small(more: str = "") -> list[Triple]:
    return [quad.triple for quad in parse(SMALL + more, format=RdfFormat.TURTLE)]


def test_a_framed_thing_holds_its_statements_under_the_key_of_their_class() -> None:
    document = framed(small(), f"{ITEM}species/tiger")
    context = document.pop("@context")
    amur = {"id": f"{ITEM}place/amur", "type": "Place", "label": {"en": "Amur"}}
    evidence = {"type": "Evidence", "source": f"{ITEM}source/1"}
    assert context.items() <= CONTEXT.items()
    assert document == {
        "id": f"{ITEM}species/tiger",
        "type": "Taxon",
        "label": {"en": "Tiger"},
        "hasEvidence": {"id": f"{ITEM}evidence/1", **evidence},
        "occursIn": amur,
        "names": [
            {
                "id": f"{ITEM}name/1",
                "type": "Name",
                "literalForm": {"ru": "тигр"},
                "hasEvidence": f"{ITEM}evidence/1",
            }
        ],
        "populationEstimates": [
            {
                "id": f"{ITEM}figure/1",
                "type": "PopulationEstimate",
                "atPlace": amur,
                "value": "500.5",
                "undated": True,
                "hasEvidence": {"id": f"{ITEM}evidence/2", **evidence},
                "findings": [{"id": f"{ITEM}finding/1", "type": "Finding", "description": {"en": "Doubtful."}}],
            }
        ],
        "distributions": [
            {
                "id": f"{ITEM}distribution/1",
                "type": "Distribution",
                "atPlace": amur,
                "ofTaxon": f"{ITEM}species/other",
            }
        ],
    }
    assert list(document)[:3] == ["id", "type", "label"]
    assert list(document)[-3:] == ["names", "populationEstimates", "distributions"]


def test_a_framed_document_says_what_the_triples_say_and_no_more() -> None:
    for iri in ("species/tiger", "place/amur", "figure/1", "finding/1", "evidence/1", "nobody"):
        document = framed(small(), ITEM + iri)
        assert document["id"] == ITEM + iri
        assert says(document) == says_to_pyld(document) == set(small()), iri


def test_what_the_tree_does_not_reach_is_included() -> None:
    apart = (
        '<place/apart> rdfs:label "Apart"@en . <evidence/2> neakg:heading "A" . <name/2> neakg:nameOf <species/tiger> .'
    )
    triples = small(apart)
    document = framed(triples, f"{ITEM}species/tiger")
    assert document["included"] == [{"id": f"{ITEM}place/apart", "label": {"en": "Apart"}}]
    assert says(document) == set(triples)
    assert "included" not in framed(small(), f"{ITEM}species/tiger")


def test_a_statement_of_a_class_without_a_key_stands_under_the_common_one() -> None:
    document = framed(small("<figure/2> a neakg:Figure ; neakg:ofTaxon <species/tiger> ."), f"{ITEM}species/tiger")
    assert document["subjectOf"] == [{"id": f"{ITEM}figure/2", "type": "Figure"}]
    assert f"{ITEM}figure/2" in {item.subject.value for item in says(document)}  # type: ignore[union-attr]


def test_the_class_may_be_named() -> None:
    triples = small("<species/tiger> a <http://example.org/Other> .")
    for kind in ("Taxon", f"{NEAKG}Taxon", ""):
        document = framed(triples, f"{ITEM}species/tiger", kind)
        assert "names" in document
        assert says(document) == set(triples)


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(ValueError, match="blank node"):
        framed(small("<species/tiger> rdfs:seeAlso [] ."), f"{ITEM}species/tiger")


def test_a_value_that_no_key_holds_comes_back() -> None:
    odd = 'neakg:hasEvidence "none"@en , "none" ; neakg:value "x" , 7 , 1.0e6 ; rdfs:label 3 , true , "plain" ; '
    odd += 'neakg:ofTaxon "no link" ; <urn:p> "a"@en .'
    triples = small(f"<figure/1> {odd}")
    assert says(framed(triples, f"{ITEM}figure/1")) == set(triples)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_framed_comes_back_unchanged(name: str) -> None:
    triples = [quad.triple for quad in parse(EXAMPLES[name].read_bytes(), format=RdfFormat.TURTLE)]
    kind = NamedNode(NEAKG + read(name)["type"])
    roots = [item.subject for item in triples if item.predicate == TYPE and item.object == kind]
    assert roots
    for root in roots:
        assert isinstance(root, NamedNode)
        document = framed(triples, root.value, kind.value)
        assert read(name)["type"] in str(document["type"])
        assert says(document) == set(triples)


# --- the graph --------------------------------------------------------------------------------------------


def entities(graph: GraphStore) -> dict[str, list[str]]:
    """Return the things and concepts of the graph by class, in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for quad in graph.quads():
        subject = quad.subject
        if isinstance(subject, NamedNode) and subject.value.startswith((ITEM, SCHEME)) and quad.predicate == TYPE:
            assert isinstance(quad.object, NamedNode)
            found[quad.object.value].add(subject.value)
    assert found.keys() >= {NEAKG + read(name)["type"] for name in FRAMES}, "a class has no entity"
    return {kind: sorted(items) for kind, items in sorted(found.items())}


def spread(items: list[str]) -> list[str]:
    """Return a few of a list, evenly from its first to its last."""
    last = len(items) - 1
    return list(dict.fromkeys(items[round(last * part / (SPREAD - 1))] for part in range(SPREAD)))


def triples_of(graph: GraphStore, iri: str) -> list[Triple]:
    return list(dict.fromkeys(quad.triple for quad in graph.document(iri)))


def unlike(graph: GraphStore, iris: Iterable[str], *, reads: Any = says) -> list[str]:
    """Return the entities whose framed document says something else than the graph, or leaves something outside."""
    wrong = []
    for iri in iris:
        triples = triples_of(graph, iri)
        document = framed(triples, iri)
        if not triples or "included" in document or reads(document) != set(triples):
            wrong.append(iri)
    return wrong


def test_entities_of_every_class_framed_come_back_unchanged(graph: GraphStore) -> None:
    chosen = [iri for items in entities(graph).values() for iri in spread(items)]
    assert len(chosen) > len(FRAMES)
    assert not unlike(graph, chosen)


def test_pyld_reads_framed_entities_as_the_engine_does(graph: GraphStore) -> None:
    assert not unlike(graph, [items[0] for items in entities(graph).values()], reads=says_to_pyld)


@pytest.mark.long
def test_every_entity_framed_comes_back_unchanged(graph: GraphStore) -> None:
    every = sorted({iri for items in entities(graph).values() for iri in items})
    assert len(every) > 5000
    assert not unlike(graph, every)


def test_the_largest_document_framed_comes_back_unchanged(graph: GraphStore) -> None:
    taxa = entities(graph)[f"{NEAKG}Taxon"]
    largest = max(taxa, key=lambda iri: len(triples_of(graph, iri)))
    assert not unlike(graph, [largest])


def test_a_processor_with_the_published_frame_keeps_all_of_a_document(graph: GraphStore) -> None:
    for iri in (f"{ITEM}species/amur-leopard", f"{ITEM}border/cn-kp", f"{ITEM}list/neaspec-flagship-species"):
        triples = triples_of(graph, iri)
        nodes = jsonld.from_rdf(write_rdf(triples, BY_NAME["nquads"]).decode(), {"format": "application/n-quads"})
        name = next(kebab(kind.removeprefix(NEAKG)) for kind in types(triples, iri))
        document = jsonld.frame(nodes, {**read(name), "id": iri}, {"documentLoader": load})
        assert document["id"] == iri
        assert says_to_pyld(document) == set(triples)


def types(triples: list[Triple], iri: str) -> list[str]:
    said = [item.object for item in triples if item.subject == NamedNode(iri) and item.predicate == TYPE]
    return [kind.value for kind in said if isinstance(kind, NamedNode)]


# --- another library --------------------------------------------------------------------------------------


def node_command() -> list[str]:
    """Return the command that runs the check, or skip; where npm could have brought the library, its absence fails."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and (NODE / "node_modules" / "jsonld").is_dir():
        return [node, str(NODE / "check.mjs")]
    reason = f"Node with the library jsonld is not here: npm ci in {NODE.name}/"
    if npm and os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def cases(graph: GraphStore) -> Iterator[dict[str, Any]]:
    """Return every entity framed, with its quads; a few of each class with the frame to apply."""
    seen: set[str] = set()
    for kind, items in entities(graph).items():
        name = kebab(kind.removeprefix(NEAKG))
        for iri in (item for item in items if item not in seen):
            seen.add(iri)
            triples = triples_of(graph, iri)
            case = {
                "iri": iri,
                "document": framed(triples, iri),
                "quads": write_rdf(triples, BY_NAME["nquads"]).decode(),
            }
            yield {**case, "frame": name} if name in FRAMES and iri in spread(items) else case


@pytest.mark.long
def test_the_library_of_node_reads_and_frames_alike(graph: GraphStore, tmp_path: Path) -> None:
    command = node_command()
    with (tmp_path / "cases.jsonl").open("w", encoding="utf-8") as file:
        count = sum(1 for case in cases(graph) if file.write(f"{json.dumps(case)}\n"))
    done = subprocess.run(
        [*command, str(tmp_path / "cases.jsonl"), str(folder("ontology"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=1000,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["passed"] == count > 5000
    assert found["framed"] > len(FRAMES)
