"""Open taxonomies: see source.ttl."""

from collections.abc import Iterator
from importlib.resources import files

from kg.records import Record, Source
from kg.tables import read_folder


def load() -> Iterator[Record | Source]:
    """Yield the records of the tables in this folder."""
    return read_folder(files(__name__), "kg/sources/taxonomies")
