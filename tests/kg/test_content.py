"""What the built graph must hold: asked of it as a stranger would, by SPARQL."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions

from kg.store import GraphStore

PREFIXES = """
PREFIX neakg: <https://w3id.org/neakg/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX id: <https://w3id.org/neakg/id/>
PREFIX g: <https://w3id.org/neakg/graph/>
"""
ID = "https://w3id.org/neakg/id/"
FLAGSHIPS = {
    "species/amur-leopard",
    "species/amur-tiger",
    "species/black-faced-spoonbill",
    "species/hooded-crane",
    "species/snow-leopard",
    "species/white-naped-crane",
}
#: Sites of the table of protected areas that are none, and the places they became (kg/sources/NORMALISATION.md).
PLACES = {
    "cheorwon": "place/cheorwon",
    "galba-gobi": "place/galba-gobi",
    "kangryong-field": "place/kangryong-field",
    "korea-dmz": "place/dmz",
    "oksem": "place/oksem",
    "onchon-field": "place/onchon-field",
    "panmun-field": "place/panmun-field",
    "spoonbill-islets-kp": "place/spoonbill-islets-kp",
    "yashiro": "place/yashiro",
}


def ask(graph: GraphStore, text: str) -> list[tuple[str, ...]]:
    answer = graph.query(PREFIXES + text)
    assert isinstance(answer, QuerySolutions)
    return sorted(tuple("" if v is None else v.value.removeprefix(ID) for v in row) for row in answer)  # type: ignore[union-attr]


def test_no_statement_is_without_evidence(graph: GraphStore) -> None:
    kinds = "?kind rdfs:subClassOf+ neakg:Statement . ?node a ?kind ."
    assert int(ask(graph, f"SELECT (COUNT(DISTINCT ?node) AS ?n) {{ {kinds} }}")[0][0]) > 1000
    text = f"SELECT (COUNT(DISTINCT ?node) AS ?n) {{ {kinds} FILTER NOT EXISTS {{ ?node neakg:hasEvidence ?e }} }}"
    assert ask(graph, text) == [("0",)]


def test_all_evidence_names_a_source_with_a_title(graph: GraphStore) -> None:
    text = """SELECT ?e { ?node neakg:hasEvidence ?e
        FILTER NOT EXISTS { ?e a neakg:Evidence ; dcterms:source ?s . ?s a neakg:Source ; dcterms:title ?t } }"""
    assert ask(graph, text) == []


def test_no_triple_is_outside_a_graph_with_a_source(graph: GraphStore) -> None:
    text = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?g dcterms:source ?source } }"
    assert ask(graph, text) == [("0",)]
    assert sum(graph.graph_sizes().values()) == len(graph), "nothing stands outside all graphs"


def test_the_strategy_of_2007_has_exactly_six_flagship_species(graph: GraphStore) -> None:
    direct = ask(
        graph, "SELECT DISTINCT ?t { ?t neakg:onList <https://w3id.org/neakg/id/list/neaspec-flagship-species> }"
    )
    assert {row[0] for row in direct} == FLAGSHIPS
    listed = ask(
        graph,
        """SELECT DISTINCT ?t ?year {
           ?l a neakg:Listing ; neakg:inList ?list ; neakg:ofTaxon ?t ; neakg:startYear ?year .
           FILTER(?list = <https://w3id.org/neakg/id/list/neaspec-flagship-species>) }""",
    )
    assert {row[0] for row in listed} == FLAGSHIPS
    assert {row[1] for row in listed} == {"2007"}


@pytest.mark.parametrize("species", sorted(FLAGSHIPS))
def test_every_flagship_species_has_figures_with_manner_date_and_evidence(graph: GraphStore, species: str) -> None:
    rows = ask(
        graph,
        f"""SELECT DISTINCT ?figure ?manner ?date ?evidence {{
          ?kind rdfs:subClassOf neakg:Figure .
          GRAPH g:neaspec-page {{ ?figure a ?kind ; neakg:ofTaxon <{ID}{species}> }}
          OPTIONAL {{ ?figure neakg:manner ?manner }}
          OPTIONAL {{ ?figure neakg:asOf|neakg:undated ?date }}
          OPTIONAL {{ ?figure neakg:hasEvidence ?evidence }} }}""",
    )
    assert rows
    for row in rows:
        assert all(row), row


@pytest.mark.parametrize("species", sorted(FLAGSHIPS))
def test_it_is_said_where_every_flagship_species_lives(graph: GraphStore, species: str) -> None:
    cats = species in ("species/amur-tiger", "species/amur-leopard", "species/snow-leopard")
    for prop in ("occursIn",) if cats else ("breedsIn", "wintersIn"):
        assert ask(graph, f"SELECT DISTINCT ?place {{ <{ID}{species}> neakg:{prop} ?place }}"), prop


@pytest.mark.parametrize("language", ["en", "ru", "zh", "ko", "ja", "mn"])
def test_flagship_species_and_states_have_names_in_six_languages(graph: GraphStore, language: str) -> None:
    text = f"""SELECT DISTINCT ?thing {{
      {{ ?thing neakg:onList <{ID}list/neaspec-flagship-species> }} UNION {{ ?thing neakg:memberState true }}
      ?thing <http://www.w3.org/2004/02/skos/core#prefLabel> ?name FILTER(LANGMATCHES(LANG(?name), "{language}")) }}"""
    found = {row[0] for row in ask(graph, text)}
    states = {thing for thing in found if thing.startswith("country/")}
    assert states == {f"country/{code}" for code in ("cn", "jp", "kp", "kr", "mn", "ru")}
    # A name without a recorded source stays out.
    assert found - states <= FLAGSHIPS
    assert len(found - states) >= 3


@pytest.mark.parametrize("project", ["migratory-birds", "tiger-leopard"])
def test_both_projects_of_the_page_have_activities_methods_sites_and_years(graph: GraphStore, project: str) -> None:
    iri = f"<{ID}project/{project}>"
    assert ask(graph, f"SELECT ?year {{ {iri} a neakg:Project ; neakg:startYear ?year }}")
    assert ask(graph, f"SELECT DISTINCT ?t {{ {iri} neakg:targetsTaxon ?t }}")
    assert len(ask(graph, f"SELECT DISTINCT ?a {{ ?a a neakg:Activity ; neakg:activityOf {iri} }}")) >= 2
    assert ask(graph, f"SELECT DISTINCT ?m {{ ?a neakg:activityOf {iri} ; neakg:method ?m }}")
    sites = f"{{ {iri} neakg:targetsPlace ?p }} UNION {{ ?a neakg:activityOf {iri} ; neakg:atPlace ?p }}"
    assert ask(graph, f"SELECT DISTINCT ?p {{ {sites} }}")


def test_the_six_land_borders_have_a_stated_and_a_computed_length(graph: GraphStore) -> None:
    rows = ask(
        graph,
        """SELECT ?border (COUNT(DISTINCT ?stated) AS ?s_count) (COUNT(DISTINCT ?computed) AS ?c_count) {
          ?border a neakg:Border ; neakg:betweenCountry ?one, ?other . FILTER(STR(?one) < STR(?other))
          ?one neakg:memberState true . ?other neakg:memberState true .
          OPTIONAL { GRAPH g:cia-factbook { ?s neakg:measurementOf ?border ; neakg:value ?stated } }
          OPTIONAL { GRAPH g:natural-earth { ?c neakg:measurementOf ?border ; neakg:value ?computed ;
            neakg:confidence <https://w3id.org/neakg/scheme/confidence/computed> } } } GROUP BY ?border""",
    )
    assert [row[0] for row in rows] == [
        f"border/{name}" for name in ("cn-kp", "cn-mn", "cn-ru", "kp-kr", "kp-ru", "mn-ru")
    ]
    for _, stated, computed in rows:
        assert int(stated) == 1
        assert int(computed) >= 1


def test_every_row_of_the_reference_table_that_is_a_current_protected_area_stands_in_the_graph(
    graph: GraphStore, root: Path
) -> None:
    table = root.parent / "shared" / "reference" / "protected_areas.csv"
    if not table.is_file():
        pytest.skip("the raw table is not at ../shared/reference/protected_areas.csv")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    current = {f"area/{row['site_id']}" for row in rows if row["status"] == "current"} - {
        f"area/{key}" for key in PLACES
    }
    former = {f"area/{row['site_id']}" for row in rows if row["status"] != "current"}
    found = {"current": set[str](), "former": set[str]()}
    for area, status in ask(graph, "SELECT ?area ?status { ?area a neakg:ProtectedArea ; neakg:areaStatus ?status }"):
        found[status.rpartition("/")[2]].add(area)
    assert len(current) > 150
    assert current <= found["current"]
    assert former <= found["former"]
    places = {row[0] for row in ask(graph, "SELECT ?place { ?place a neakg:Place }")}
    assert set(PLACES.values()) <= places


def test_the_species_are_held_against_what_the_red_list_says(graph: GraphStore) -> None:
    text = """SELECT DISTINCT ?t {
        ?a a neakg:StatusAssessment ; neakg:ofTaxon ?t . ?f a neakg:Finding ; neakg:about ?a }"""
    assert ask(graph, text), "what the page says of the status, and the Red List does not, is doubted"


def test_every_class_that_is_used_is_one_of_the_ontology(graph: GraphStore) -> None:
    text = """SELECT DISTINCT ?class { GRAPH ?g { ?s a ?class } FILTER(STRSTARTS(STR(?class), STR(neakg:)))
        FILTER NOT EXISTS { GRAPH g:ontology { ?class a ?kind } } }"""
    assert ask(graph, text) == []


def test_every_property_of_ours_that_is_used_is_one_of_the_ontology(graph: GraphStore) -> None:
    text = """SELECT DISTINCT ?p { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?p), STR(neakg:)))
        FILTER NOT EXISTS { GRAPH g:ontology { ?p a ?kind } } }"""
    assert ask(graph, text) == []


def test_every_concept_that_is_used_stands_in_a_scheme(graph: GraphStore) -> None:
    text = """SELECT DISTINCT ?concept { GRAPH ?g { ?s ?p ?concept } FILTER(isIRI(?concept))
        FILTER(REGEX(STR(?concept), "^https://w3id.org/neakg/scheme/[^/]+/"))
        FILTER NOT EXISTS { ?concept rdfs:label|<http://www.w3.org/2004/02/skos/core#prefLabel> ?label } }"""
    assert ask(graph, text) == []


_PAGE_FIGURES = """
PREFIX neakg: <https://w3id.org/neakg/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?figure ?graph ?taxon ?population ?value ?minimum ?maximum ?unit WHERE {
  GRAPH ?graph {
    ?figure neakg:unit ?unit ; neakg:hasEvidence ?evidence .
    FILTER NOT EXISTS { ?figure a neakg:Migration }
  }
  ?evidence dcterms:source <https://w3id.org/neakg/id/source/neaspec-page> .
  OPTIONAL { ?figure neakg:ofTaxon ?taxon } OPTIONAL { ?figure neakg:ofPopulation ?population }
  OPTIONAL { ?figure neakg:value ?value } OPTIONAL { ?figure neakg:minimum ?minimum }
  OPTIONAL { ?figure neakg:maximum ?maximum }
}
"""


def test_no_figure_of_the_page_stands_twice(graph: GraphStore) -> None:
    names = ("taxon", "population", "value", "minimum", "maximum", "unit")
    rows = list(graph.query(_PAGE_FIGURES))  # type: ignore[arg-type]
    assert len(rows) == 15
    assert {row["graph"].value for row in rows} == {"https://w3id.org/neakg/graph/neaspec-page"}  # type: ignore[index]
    said = [tuple(str(row[name]) for name in names) for row in rows]  # type: ignore[index]
    assert len(set(said)) == len(said)
