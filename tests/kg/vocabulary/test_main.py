"""The files that are made from others are up to date."""

from __future__ import annotations

from kg.resources import folder
from kg.vocabulary.__main__ import made


def test_files_that_are_made_from_others_are_up_to_date() -> None:
    stale = [path for path, body in made().items() if not _is(path, body)]
    assert not stale, f"run `make ontology`: {stale}"


def _is(path: str, body: bytes) -> bool:
    file = folder("ontology") / path
    return file.is_file() and file.read_bytes() == body
