"""The errors of the graph side, and the exit code each one means.

::

    NeakgError                 1  something went wrong and the message says what
    ├── UsageError             2  a name, an option or a file the caller gave does not exist or does not fit
    │   └── QueryError         2  a query that is wrong, or asks for what is not allowed here
    ├── TableErrors            3  our tables hold mistakes (all of a file's, each with file, line, column, value)
    ├── GateError              4  the graph does not conform to the shapes
    ├── SourceMismatch         5  a source's text does not say what our records say it says
    └── StoreError             6  the store or the build folder cannot be read or written
"""

from __future__ import annotations

from dataclasses import dataclass


class NeakgError(Exception):
    """Base of all errors whose text is meant for a person."""

    exit_code = 1


class UsageError(NeakgError):
    """The caller named something that does not exist or does not fit."""

    exit_code = 2


class QueryError(UsageError):
    """A query text is wrong or refused.

    Args:
        kind: ``syntax``, ``update``, ``service``, ``unknown-graph``, ``unknown-function``, ``too-large`` or
            ``result-too-large``.
        detail: what is wrong and what to do.
        line: line of the mistake, first is 1; 0 when the whole text is meant.
        column: column of the mistake, first is 1; 0 when the whole text is meant.
    """

    def __init__(self, kind: str, detail: str, line: int = 0, column: int = 0) -> None:
        self.kind = kind
        self.detail = detail
        self.line = line
        self.column = column
        where = f"line {line}, column {column}: " if line else ""
        super().__init__(f"{where}{detail}")


@dataclass(frozen=True, slots=True, order=True)
class TableIssue:
    """One mistake in a table: where it is, what stands there, what was expected."""

    file: str
    line: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")
        return f"{where}: {self.value!r}: expected {self.expected}"


class TableErrors(NeakgError):
    """All mistakes found in the tables, together."""

    exit_code = 3

    def __init__(self, issues: list[TableIssue]) -> None:
        self.issues = sorted(issues)
        lines = "\n".join(f"  {issue}" for issue in self.issues)
        super().__init__(f"{len(self.issues)} mistake(s) in the tables, nothing was built:\n{lines}")


class GateError(NeakgError):
    """The graph does not conform; the message lists each violation with its place."""

    exit_code = 4


class SourceMismatch(NeakgError):
    """Records and the text they cite disagree."""

    exit_code = 5

    def __init__(self, source: str, problems: list[str]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source}: {len(problems)} thing(s) do not match the text:\n{lines}")


class StoreError(NeakgError):
    """A store or a build folder cannot be used."""

    exit_code = 6
