"""Errors carry a text for a person and an exit code; the tree in the docstring is the tree in the code."""

from __future__ import annotations

import re

import pytest

from kg import errors
from kg.errors import NeakgError, QueryError, SourceMismatch, TableErrors, TableIssue


def tree() -> dict[str, int]:
    found = re.findall(r"^[│├└─ ]*(\w+) +(\d)  ", errors.__doc__ or "", re.MULTILINE)
    return {name: int(code) for name, code in found}


def test_the_tree_of_the_docstring_names_every_error_with_its_code() -> None:
    kinds = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, NeakgError)]
    assert {kind.__name__: kind.exit_code for kind in kinds} == tree()


def test_an_issue_names_file_line_column_value_and_what_was_expected() -> None:
    assert str(TableIssue("a.csv", 3, "year", "x", "a date")) == "a.csv:3:year: 'x': expected a date"
    assert str(TableIssue("a.csv", 3, "", "x", "a date")) == "a.csv:3: 'x': expected a date"


def test_issues_are_in_the_order_of_the_file() -> None:
    late, early = TableIssue("a.csv", 10, "a", "", ""), TableIssue("a.csv", 9, "b", "", "")
    assert TableErrors([late, early]).issues == [early, late]


@pytest.mark.parametrize(("line", "text"), [(0, "x"), (2, "line 2, column 5: x")])
def test_a_query_error_says_where_when_it_knows(line: int, text: str) -> None:
    assert str(QueryError("syntax", "x", line, 5 if line else 0)) == text


def test_a_mismatch_lists_its_problems() -> None:
    assert str(SourceMismatch("page", ["one", "two"])) == "page: 2 thing(s) do not match the text:\n  one\n  two"
