"""Each source gives exactly the quads of its ``expected.nq``.

After a wanted change: ``python tests/sources/update_expected.py``, then read the difference before committing it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.iris import Base
from kg.pipeline import Built
from kg.sources import discover

HERE = Path(__file__).parent
SOURCES = [source.id for source in discover()]


def lines_of(built: Built, source: str) -> list[str]:
    graph = Base().graph(source)
    return [f"{quad} ." for quad in built.quads if quad.graph_name.value == graph]  # type: ignore[union-attr]


def test_there_are_sources() -> None:
    assert len(SOURCES) > 10


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_gives_the_expected_quads(source: str, built: Built) -> None:
    path = HERE / source.replace("-", "_") / "expected.nq"
    assert path.is_file(), f"no expected.nq for source {source}: write it with python tests/sources/update_expected.py"
    expected = path.read_text("utf-8").splitlines()
    found = lines_of(built, source)
    gone, new = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    assert not gone, f"{len(gone)} expected quads are gone, first: {gone[:3]}"
    assert not new, f"{len(new)} quads are new, first: {new[:3]}"
    assert found == expected


def test_every_expectation_has_its_source() -> None:
    folders = {path.parent.name.replace("_", "-") for path in HERE.glob("*/expected.nq")}
    assert folders == set(SOURCES)
