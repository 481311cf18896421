"""The sources: one folder each, found by walking this package.

A folder ``kg/sources/<id>/`` (underscores for hyphens) holds ``source.ttl`` (title, publisher, licence, rights of its
named graph), its tables, and ``load()``, which yields typed records.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

from kg.errors import UsageError
from kg.records import Record, Source

Loader = Callable[[], Iterator[Record | Source]]


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """A source: its id (the name of its graph), its loader and its description in Turtle."""

    id: str
    load: Loader
    description: bytes
    tables: dict[str, bytes]


def discover() -> list[SourceFolder]:
    """Return all sources, sorted by id.

    Raises:
        UsageError: a folder lacks ``source.ttl`` or ``load``.
    """
    found = []
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if not info.ispkg:
            continue
        name = f"{__name__}.{info.name}"
        module = importlib.import_module(name)
        directory = files(name)
        description = directory / "source.ttl"
        if not hasattr(module, "load") or not description.is_file():
            raise UsageError(f"kg/sources/{info.name}: a source needs source.ttl and a function load()")
        tables = {
            entry.name: entry.read_bytes()
            for entry in sorted(directory.iterdir(), key=lambda item: item.name)
            if entry.name.endswith((".csv", ".geojson"))
        }
        load = cast("Loader", module.load)
        found.append(SourceFolder(info.name.replace("_", "-"), load, description.read_bytes(), tables))
    return found
