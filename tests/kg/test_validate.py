"""The gate: what a report says, and that both SHACL engines say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse

from kg.errors import UsageError
from kg.namespaces import SH, expand
from kg.records import Origin
from kg.validate import Report, Violation, validate
from tests.shapes.cases import INVALID, VALID, all_in_one_graph, context, ontology, report, triples

CASES = Path(__file__).parents[1] / "shapes"
FIGURE = "https://w3id.org/neakg/id/figure/case-place"
NO_UNIT = CASES / "species/invalid/figure-unit-missing.ttl"
A_WARNING = CASES / "projects/invalid/project-site-text-unresolved.ttl"


def _case(path: Path, **options: object) -> Report:
    return validate([*context(), *triples(path)], **options)  # type: ignore[arg-type]


def _rows(found: Report) -> list[Violation]:
    return list(found.violations)


@pytest.mark.filterwarnings("default")
def test_both_engines_say_the_same_of_all_cases() -> None:
    graph = all_in_one_graph()
    fast, reference = _rows(validate(graph)), _rows(validate(graph, engine="pyshacl"))
    assert len(fast) >= len(INVALID)
    assert fast == reference


def test_all_cases_together_break_what_each_breaks_alone() -> None:
    together = sorted((item.shape, item.component) for item in validate(all_in_one_graph()).violations)
    alone = sorted((item.shape, item.component) for path in [*VALID, *INVALID] for item in report(path).violations)
    assert together == alone


def test_a_graph_that_conforms_still_does_when_the_ontology_lies_in_it() -> None:
    """With rdfs:subClassOf in the data a shape reaches the subclasses too, and must ask nothing wrong of them."""
    graph = [*all_in_one_graph(VALID), *ontology()]
    assert [str(item) for item in validate(graph).violations if not item.focus.startswith("_:")] == []


def test_a_graph_that_breaks_rules_still_does_when_the_ontology_lies_in_it() -> None:
    graph = all_in_one_graph()
    assert set(_rows(validate(graph))) <= set(_rows(validate([*graph, *ontology()])))


def test_a_violation_of_our_tables_names_file_row_and_column() -> None:
    origins = {FIGURE: Origin("kg/sources/x/figures.csv", 12)}
    (found,) = _case(NO_UNIT, origins=origins).violations
    assert str(found) == "kg/sources/x/figures.csv:12:unit: A figure needs a unit."
    (found,) = _case(CASES / "shared/invalid/season-concept-unknown.ttl", origins=origins).violations
    assert str(found).startswith("kg/sources/x/figures.csv:12:season: A season is one concept of the scheme season.")
    assert str(found).endswith("(value https://w3id.org/neakg/scheme/season/nosuch)")


def test_a_violation_elsewhere_names_focus_path_and_value() -> None:
    (found,) = _case(NO_UNIT).violations
    assert str(found) == f"<{FIGURE}> neakg:unit: A figure needs a unit."
    (found,) = _case(CASES / "places/invalid/latitude-too-high.ttl").violations
    location = "https://w3id.org/neakg/id/location/case"
    assert str(found) == f"<{location}> dwc:decimalLatitude 131.5: A latitude is one number from -90 to 90."


@pytest.mark.parametrize(
    ("case", "table", "focus", "column"),
    [
        ("shared/invalid/dated-neither", "figures.csv", "figure/case-place", "as_of"),
        ("shared/invalid/time-end-year-twice", "distributions.csv", "distribution/case-dated", "as_of"),
        ("shared/invalid/statement-evidence-missing", "figures.csv", "figure/case", "sources"),
        ("core/invalid/name-form-without-language", "names.csv", "name/case", "name"),
        ("core/invalid/identifier-pattern-wrong-form", "identifiers.csv", "identifier/case", "value"),
        ("core/invalid/partner-in-one-country", "relations.csv", "relation/case", "object"),
        ("places/invalid/country-member-missing", "countries.csv", "country/mn", "member"),
        ("places/invalid/sensitive-latitude-too-fine", "locations.csv", "location/case-sensitive", "latitude"),
        ("species/invalid/movement-from-no-place", "movements.csv", "movement/case", "origins"),
    ],
)
def test_the_column_is_the_one_that_the_property_came_from(case: str, table: str, focus: str, column: str) -> None:
    origins = {f"https://w3id.org/neakg/id/{focus}": Origin(f"kg/sources/x/{table}", 3)}
    (found,) = _case(CASES / f"{case}.ttl", origins=origins).violations
    assert (found.origin, found.column) == (Origin(f"kg/sources/x/{table}", 3), column)


def test_a_violation_of_evidence_names_the_first_row_that_cites_it() -> None:
    figures = {f"https://w3id.org/neakg/id/figure/{name}": line for name, line in (("context", 7), ("case", 8))}
    origins = {iri: Origin("kg/sources/x/figures.csv", line) for iri, line in figures.items()}
    case = CASES / "evidence/invalid/one-source-two.ttl"
    cited = Triple(
        NamedNode("https://w3id.org/neakg/id/figure/context"),
        NamedNode(expand("neakg:hasEvidence")),
        NamedNode("https://w3id.org/neakg/id/evidence/case-one"),
    )
    (found,) = validate([*context(), *triples(case), cited], origins=origins).violations
    assert str(found).startswith("kg/sources/x/figures.csv:7:sources: Evidence of this very source names one source.")


def test_a_triple_about_a_triple_is_passed_over() -> None:
    said = Triple(NamedNode("https://example.org/x"), NamedNode(expand("rdfs:seeAlso")), context()[0])
    assert _rows(validate([*context(), said])) == []


def test_a_warning_does_not_stop_a_build() -> None:
    found = _case(A_WARNING)
    assert found.conforms
    assert found.counts == {"violation": 0, "warning": 1}


def test_a_blank_node_breaks_the_rule() -> None:
    blank = Triple(BlankNode("x"), NamedNode(expand("rdfs:seeAlso")), NamedNode("https://example.org/"))
    (found,) = validate([*context(), blank]).violations
    assert found.focus == "_:x"
    assert found.component == f"{SH}NodeKindConstraintComponent"
    assert found.shape.endswith("#NamedNodeShape")


def test_graph_names_play_no_role_and_a_triple_counts_once() -> None:
    data = triples(NO_UNIT)
    graphs = [NamedNode(f"https://w3id.org/neakg/graph/{name}") for name in "ab"]
    quads = [Quad(t.subject, t.predicate, t.object, graph) for t in (*context(), *data) for graph in graphs]
    assert _rows(validate(quads)) == _rows(_case(NO_UNIT))


def test_the_report_is_rdf_and_the_same_whatever_the_order_of_the_data() -> None:
    graph = all_in_one_graph()
    text = validate(graph).to_turtle()
    assert text == validate(reversed(graph)).to_turtle()
    quads = list(parse(text, format=RdfFormat.TURTLE))
    results = [quad for quad in quads if quad.predicate.value == f"{SH}result"]
    assert len(results) == len(validate(graph).violations)
    paths = [quad for quad in quads if quad.predicate.value == f"{SH}resultPath"]
    assert len(paths) == sum(item.path is not None for item in validate(graph).violations)
    (conforms,) = [quad.object.value for quad in quads if quad.predicate.value == f"{SH}conforms"]
    assert conforms == "false"


def test_an_empty_report_conforms() -> None:
    assert b"sh:conforms true" in validate(context()).to_turtle()


def test_problems_that_shacl_cannot_see_join_the_report() -> None:
    problem = Violation("violation", "The point lies in no stated country.", "https://example.org/x")
    found = validate(context(), geometry_problems=lambda data: [problem] if data else [])
    assert _rows(found) == [problem]


def test_other_shapes_take_the_place_of_ours() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix x: <https://example.org/> .
        x:S a sh:NodeShape ; sh:targetClass x:C ; sh:property x:p .
        x:p a sh:PropertyShape ; sh:path x:name ; sh:minCount 1 ; sh:message "A thing needs a name." ."""
    data = [quad.triple for quad in parse(b"<x:a> a <https://example.org/C> .", format=RdfFormat.TURTLE)]
    (found,) = validate(data, shapes=shapes, vocabulary=False).violations
    assert str(found) == "<x:a> <https://example.org/name>: A thing needs a name."


def test_shapes_that_cannot_be_read_are_named_as_the_reason() -> None:
    with pytest.raises(UsageError, match="shapes"):
        validate(context(), shapes=b"this is no Turtle")


def test_the_engines_are_imported_when_they_are_used() -> None:
    code = "import sys, kg.validate; print({'rdflib', 'pyshacl', 'shacl'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "set()"
