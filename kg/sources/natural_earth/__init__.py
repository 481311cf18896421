"""Land borders and country outlines of Natural Earth 1:10m, with computed lengths (see ``make_outlines.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from kg.records import Record, Source
from kg.sources.natural_earth.geometry import FOLDER, load_geometries, load_lengths
from kg.tables import read_folder


def load() -> Iterator[Record | Source]:
    """Yield the records of the tables, the geometries and the lengths."""
    yield from read_folder(files(__name__), FOLDER)
    yield from load_geometries()
    yield from load_lengths()
