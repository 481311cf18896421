"""What a worker knows of the package, whatever data it serves."""

from __future__ import annotations

from endpoint.context import Context
from endpoint.dataset import Dataset
from tests.endpoint.conftest import SETTINGS


def test_the_package_answers_queries_about_terms_and_concepts(snapshot: Dataset) -> None:
    package = Context(snapshot, SETTINGS).package
    for term in ("https://w3id.org/neakg/ontology#Taxon", "https://w3id.org/neakg/scheme/season/spring"):
        assert package.exists(term)
        assert list(package.query(f"SELECT ?p {{ <{term}> ?p ?o }}")), term  # type: ignore[arg-type]
    assert package.graphs == {f"https://w3id.org/neakg/graph/{name}" for name in ("ontology", "vocabularies")}
