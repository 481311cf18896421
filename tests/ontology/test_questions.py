"""Competency questions: what a researcher asks, as a query with the kind of answer that it must give.

A file in ``questions/`` starts with comments: the question in English; ``modules:``, those of the ontology whose terms
it uses; a line for each column with what stands in it; and how many rows there are at least.  What may stand in a
column: an instance of a class (``neakg:Taxon``), an ``iri``, a datatype (``xsd:decimal``), ``text in ko``, ``text in
any language`` or ``any value``; with ``or nothing`` a row may lack it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions

from kg.namespaces import NEAKG, PREFIXES, expand, shrink
from kg.store import GraphStore
from kg.vocabulary.frames import ABSTRACT
from kg.vocabulary.terms import MODULES, terms

HERE = Path(__file__).parent / "questions"
FILES = sorted(HERE.glob("*.rq"))

Value = NamedNode | Literal | None


@dataclass(frozen=True)
class Column:
    """What stands in a column of an answer, and whether a row may lack it."""

    name: str
    kind: str
    optional: bool


@dataclass(frozen=True)
class Question:
    """A question with its query and what the header promises of the answer."""

    text: str
    question: str
    modules: frozenset[str]
    columns: tuple[Column, ...]
    least: int

    @property
    def body(self) -> str:
        return "\n".join(line for line in self.text.splitlines() if not line.startswith("#"))


def parse(text: str) -> Question:
    """Return the question that a file holds.

    Raises:
        ValueError: a line of the header is none that the module describes, or one is missing.
    """
    header = [line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")]
    if "" not in header:
        raise ValueError("an empty line parts the question from what the answer is")
    asked, rest = header[: header.index("")], header[header.index("") + 1 :]
    matches = [re.fullmatch(r"(modules|rows): (.+)|\?(\w+) (.+?)( or nothing)?", line) for line in rest]
    if None in matches:
        raise ValueError(f"not understood: {rest[matches.index(None)]}")
    found = [match.groups() for match in matches if match]
    said = {key: value for key, value, *_ in found if key}
    columns = tuple(Column(name, kind, bool(nothing)) for key, _, name, kind, nothing in found if not key)
    least = re.fullmatch(r"at least ([1-9][0-9]*)", said["rows"])
    if not least:
        raise ValueError(f"not understood: rows: {said['rows']}")
    return Question(text, " ".join(asked), frozenset(said["modules"].split()), columns, int(least[1]))


@cache
def question_of(path: Path) -> Question:
    return parse(path.read_text("utf-8"))


@cache
def rows_of(graph: GraphStore, path: Path) -> tuple[list[str], list[dict[str, Value]]]:
    """Return the columns and the rows of an answer."""
    answer = graph.query(question_of(path).text)
    assert isinstance(answer, QuerySolutions)
    names = [variable.value for variable in answer.variables]
    rows: list[dict[str, Value]] = [{name: row[name] for name in names} for row in answer]
    return names, rows


def own_terms(question: Question) -> set[str]:
    """Return the IRIs of our terms that a query names, or that its answer is made of."""
    text = " ".join([question.body, *(column.kind for column in question.columns)])
    return {f"{NEAKG}{name}" for name in re.findall(r"\bneakg:(\w+)", text)}


@cache
def classes_under(iri: str) -> frozenset[str]:
    """Return a class and all classes of ours under it."""
    direct = {term.iri for term in terms().values() if term.kind == "class" and iri in term.parents}
    return frozenset({iri}.union(*(classes_under(one) for one in direct)))


def is_instance(graph: GraphStore, value: NamedNode, kind: str) -> bool:
    classes = " ".join(f"<{iri}>" for iri in sorted(classes_under(expand(kind))))
    return bool(graph.query(f"ASK {{ VALUES ?class {{ {classes} }} <{value.value}> a ?class }}"))


def fits(graph: GraphStore, value: Value, column: Column) -> bool:
    """Whether a value is of the kind that the header promises."""
    if value is None:
        return column.optional
    if column.kind == "any value":
        return True
    if column.kind == "iri":
        return isinstance(value, NamedNode)
    if column.kind.startswith("text in "):
        wanted, language = column.kind.removeprefix("text in "), str(getattr(value, "language", None) or "")
        return bool(language) and wanted in ("any language", language.partition("-")[0])
    if column.kind.startswith("xsd:"):
        return isinstance(value, Literal) and not value.language and value.datatype.value == expand(column.kind)
    return isinstance(value, NamedNode) and is_instance(graph, value, column.kind)


each_question = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


# --- each question -----------------------------------------------------------------------------------


def test_there_are_questions_with_numbers_in_a_row() -> None:
    assert len(FILES) >= 25, f"tests/ontology/questions has {len(FILES)} questions"
    assert [path.name.partition("-")[0] for path in FILES] == [f"{n:02}" for n in range(1, len(FILES) + 1)]


@each_question
def test_a_question_is_one_sentence_in_english(path: Path) -> None:
    question = question_of(path).question
    assert re.fullmatch(r"[A-Z][^?]+\?", question), question
    assert re.fullmatch(r"[0-9]{2}(-[a-z]+)+", path.stem)


@each_question
def test_the_header_names_the_modules_whose_terms_the_query_uses(path: Path) -> None:
    question = question_of(path)
    used = own_terms(question)
    assert sorted(used - set(terms())) == [], "not in the ontology"
    assert question.modules == {terms()[iri].module for iri in used}


@each_question
def test_a_question_spells_out_its_prefixes_and_uses_no_deprecated_term(path: Path) -> None:
    question = question_of(path)
    declared = dict(re.findall(r"^PREFIX (\w+): <([^>]*)>", question.body, re.MULTILINE))
    assert declared
    assert {prefix: PREFIXES[prefix] for prefix in declared} == declared
    assert [iri for iri in own_terms(question) if terms()[iri].status == "deprecated"] == []


@each_question
def test_the_answer_has_the_promised_columns_and_rows(graph: GraphStore, path: Path) -> None:
    question = question_of(path)
    names, rows = rows_of(graph, path)
    assert names == [column.name for column in question.columns]
    assert len(rows) >= question.least, f"{len(rows)} rows answer: {question.question}"


@each_question
def test_what_stands_in_a_column_is_of_the_promised_kind(graph: GraphStore, path: Path) -> None:
    for column in question_of(path).columns:
        found = {row[column.name] for row in rows_of(graph, path)[1]}
        assert found - {None}, f"?{column.name} is empty in every row"
        wrong = [str(value) for value in found if not fits(graph, value, column)]
        assert wrong == [], f"?{column.name} is not {column.kind}"


# --- all questions together --------------------------------------------------------------------------


def test_every_concrete_class_is_asked_for() -> None:
    """A class that no question needs is one that nobody has shown to be needed."""
    asked = set().union(*(own_terms(question_of(path)) for path in FILES))
    wanted = {term.iri for term in terms().values()
              if term.kind == "class" and term.module != "deprecated" and term.name not in ABSTRACT}  # fmt: skip
    assert wanted
    missing = sorted(shrink(iri) or iri for iri in wanted - asked)
    assert missing == [], f"no competency question in tests/ontology/questions asks for {', '.join(missing)}"


def test_every_module_is_asked_for() -> None:
    asked = set().union(*(question_of(path).modules for path in FILES))
    assert asked == set(MODULES) - {"deprecated"}


# --- the header --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "# What?\n# modules: core\n# rows: at least 1\n",
        "# What?\n#\n# modules: core\n# rows: 3\n",
        "# What?\n#\n# modules: core\n# rows: at least 0\n",
        "# What?\n#\n# modules: core\n# a column\n# rows: at least 1\n",
    ],
)
def test_a_header_that_promises_nothing_certain_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match=r"parts the question|not understood"):
        parse(header + "SELECT * {}")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("neakg:Place", "country/mn", "species/amur-tiger"),
        ("neakg:Country", "country/mn", "area/hunchun"),
    ],
)
def test_a_subclass_counts_as_its_class_and_not_the_other_way_round(
    graph: GraphStore, kind: str, good: str, bad: str
) -> None:
    column = Column("x", kind, optional=False)
    assert fits(graph, NamedNode(f"https://w3id.org/neakg/id/{good}"), column)
    assert not fits(graph, NamedNode(f"https://w3id.org/neakg/id/{bad}"), column)


def test_texts_numbers_and_gaps_are_told_apart(graph: GraphStore) -> None:
    korean = Literal("호랑이", language="ko-kr")
    assert fits(graph, korean, Column("x", "text in ko", optional=False))
    assert not fits(graph, korean, Column("x", "text in en", optional=False))
    assert not fits(graph, korean, Column("x", "xsd:string", optional=False))
    assert not fits(graph, Literal("1"), Column("x", "xsd:decimal", optional=False))
    assert not fits(graph, None, Column("x", "iri", optional=False))
    assert fits(graph, None, Column("x", "iri", optional=True))
