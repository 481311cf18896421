"""The linter: what the ROBOT report, OOPS! and FOOPS! look for, in rules of our own; each is seen to find something.

``lint/catalogue.tsv`` lists every check of the three: a rule of ``lint/*.py``, a test elsewhere, or a question that
only a reader can answer.  What a rule finds and means to be so is named in ``ontology/NOTES.md``.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from rdflib import Graph

from kg.resources import folder, walk
from kg.vocabulary.files import graph_of
from tests.ontology.lint import foops, oops, robot
from tests.ontology.lint.ontology import ORIGINS, RULES, Ontology
from tests.ontology.test_terms import section

HERE = Path(__file__).parent
BROKEN = {path.stem: path for path in (HERE / "lint" / "broken").glob("*.ttl")}
TABLE = (HERE / "lint" / "catalogue.tsv").read_text("utf-8").splitlines()
CATALOGUE = {row["code"]: row for row in csv.DictReader(TABLE, delimiter="\t")}
#: Rules whose findings the notes may explain by name, and the sections that do.
EXPLAINED = {
    oops.unconnected_element.__name__: ("Without a domain", "Without a range"),
    oops.missing_domain_or_range.__name__: ("Without a domain", "Without a range"),
    oops.missing_inverse.__name__: ("No inverse",),
}


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """All that is published: modules, labels, concept schemes and alignments."""
    graph = Graph()
    for entry in walk(folder("ontology"), ".ttl"):
        if graph_of(str(entry)):
            graph.parse(data=entry.read_bytes(), format="turtle")
    return Ontology(graph)


def explained(name: str) -> set[str]:
    """Return the terms that the notes name where they explain the findings of a rule."""
    return {found for title in EXPLAINED.get(name, ()) for found in re.findall(r"`(?:neakg:)?(\w+)`", section(title))}


def test_there_is_something_to_lint(ontology: Ontology) -> None:
    assert ontology.header is not None
    assert len(ontology.classes) > 30
    assert len(ontology.properties) > 100
    assert len(ontology.concepts) > 200


@pytest.mark.parametrize("name", RULES)
def test_the_ontology_keeps_the_rule(ontology: Ontology, name: str) -> None:
    expected = explained(name)
    found = sorted(line for line in RULES[name](ontology) if line.partition(":")[0] not in expected)
    advice = " (or explain it in ontology/NOTES.md)" if name in EXPLAINED else ""
    assert not found, f"{ORIGINS[name]}{advice}: {found}"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_what_is_broken(name: str) -> None:
    assert name in BROKEN, f"{name} was never seen to find anything: add lint/broken/{name}.ttl"
    assert list(RULES[name](Ontology(Graph().parse(BROKEN[name]))))


def test_a_broken_case_belongs_to_a_rule() -> None:
    assert not set(BROKEN) - set(RULES)


def test_every_check_of_the_three_is_answered_once() -> None:
    codes = [code for origin in ORIGINS.values() for code in origin.split("; ")]
    assert len(codes) == len(set(codes)), "two rules answer one check"
    assert set(codes) == {code for code, row in CATALOGUE.items() if row["how"] == "rule"}
    for module, tool in ((robot, "ROBOT"), (oops, "OOPS!"), (foops, "FOOPS!")):
        names = [name for name, function in RULES.items() if function.__module__ == module.__name__]
        assert names
        assert all(ORIGINS[name].startswith(f"{tool} ") for name in names)


@pytest.mark.parametrize("code", [code for code, row in CATALOGUE.items() if row["how"] != "rule"])
def test_what_no_rule_answers_is_answered_elsewhere(code: str) -> None:
    how, note = CATALOGUE[code]["how"], CATALOGUE[code]["note"]
    if how == "test":
        path, _, function = note.partition("::")
        text = (HERE.parents[1] / path).read_text("utf-8")
        assert function
        assert f"def {function}(" in text, f"{code}: {note} is gone"
    else:
        assert how == "reader"
        assert note
