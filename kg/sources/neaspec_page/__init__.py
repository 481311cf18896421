"""The NEASPEC page "Nature Conservation in Transboundary Areas", read in full, passage by passage.

The tables hold figures, places, our own short words, and for each row where it stands in the page (``locators.csv``:
heading, paragraph, offsets and hash in the text that ``kg.source_text.normalise`` makes).  The page's sentences are not
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from kg.records import Record, Source
from kg.tables import read_folder

FOLDER = "kg/sources/neaspec_page"


def load() -> Iterator[Record | Source]:
    """Yield the records of the page."""
    return read_folder(files(__name__), FOLDER)
