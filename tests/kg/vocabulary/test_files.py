"""Each file of the vocabulary goes to its graph."""

from __future__ import annotations

import pytest

from kg.vocabulary.files import graph_of


@pytest.mark.parametrize(
    ("path", "graph"),
    [
        ("/home/examples/vocabularies/neakg/ontology/species.ttl", "ontology"),
        ("/x/ontology/vocabularies/unit.ttl", "vocabularies"),
        ("/x/ontology/translations/terms.ttl", "ontology"),
        ("/x/ontology/translations/concepts.ttl", "vocabularies"),
        ("/x/ontology/examples/Taxon.ttl", ""),
        ("/x/ontology/guide/new-census.ttl", ""),
        ("/x/ontology/versions/0.1.0.ttl", ""),
        ("C:\\x\\ontology\\alignments\\prov.ttl", "alignments/prov"),
        ("x.whl/kg/_data/ontology/alignments/a.ttl", "alignments/a"),
        ("x.whl/kg/_data/ontology/core.ttl", "ontology"),
    ],
)
def test_a_vocabulary_file_goes_to_its_graph_wherever_the_checkout_lies(path: str, graph: str) -> None:
    assert graph_of(path) == graph
