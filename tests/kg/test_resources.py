"""Data folders are found and walked in a stable order."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import resources
from kg.resources import folder, walk


@pytest.mark.parametrize("name", ["ontology", "shapes", "queries"])
def test_the_data_folders_are_found(name: str) -> None:
    assert folder(name).is_dir()


def test_files_are_walked_recursively_and_sorted(tmp_path: Path) -> None:
    for name in ("b/x.ttl", "a.ttl", "b/a/y.ttl", "c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [str(Path(str(entry)).relative_to(tmp_path)) for entry in walk(tmp_path, ".ttl")] == [
        "a.ttl",
        "b/a/y.ttl",
        "b/x.ttl",
    ]


def test_what_a_wheel_packaged_stands_before_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_data" / "shapes").mkdir(parents=True)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert folder("shapes") == tmp_path / "_data" / "shapes"
    assert folder("ontology") == resources._CHECKOUT / "ontology"
