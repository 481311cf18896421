"""What the service says it can do, it does; what it cannot do, it does not say."""

from __future__ import annotations

import pytest
import rdflib
from starlette.testclient import TestClient

from endpoint.abilities import EXTENSIONS, FUNCTIONS, GEOF, Ability, proven
from endpoint.dataset import Dataset

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


@pytest.mark.parametrize("ability", [*FUNCTIONS, *EXTENSIONS], ids=lambda ability: ability.iri)
def test_every_listed_ability_is_proven_by_calling_it(snapshot: Dataset, ability: Ability) -> None:
    assert proven(snapshot.open(), (ability,)) == [ability.iri]


@pytest.mark.parametrize(
    "proof",
    [f"ASK {{ FILTER(<{GEOF}buffer>(1)) }}", "ASK { FILTER(false) }", "ASK { FILTER(MEDIAN(1) = 1) }", "SELECT * {}"],
)
def test_what_does_not_work_is_not_listed(snapshot: Dataset, proof: str) -> None:
    assert proven(snapshot.open(), (Ability("urn:none", proof),)) == []


def test_the_service_description_lists_what_is_proven(client: TestClient) -> None:
    graph = rdflib.Graph().parse(data=client.get("/sparql").text, format="turtle")
    functions = {str(item) for item in graph.objects(None, SD.extensionFunction)}
    assert functions == {ability.iri for ability in FUNCTIONS}
    assert {str(item) for item in graph.objects(None, SD.languageExtension)} == {item.iri for item in EXTENSIONS}
    languages = {str(item) for item in graph.objects(None, SD.supportedLanguage)}
    assert languages == {str(SD.SPARQL10Query), str(SD.SPARQL11Query)}


def test_a_function_that_is_not_there_is_named_with_its_place(client: TestClient) -> None:
    found = client.get("/sparql", params={"query": "ASK {\n FILTER(<urn:none>(1)) }"})
    problem = found.json()
    assert found.status_code == 400
    assert problem["type"].endswith("/unknown-function")
    assert (problem["line"], problem["column"]) == (2, 10)
    assert "<urn:none>" in problem["detail"]
