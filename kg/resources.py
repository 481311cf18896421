"""Where the data folders lie: a checkout, an editable install, a wheel or a zipped wheel.

The wheel build copies ``ontology``, ``shapes`` and ``queries`` to ``kg/_data`` (see pyproject.toml); a checkout and
an editable install read them where they lie.  Callers read bytes or text: in a zip there is no path.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1]


def folder(name: str) -> Traversable:
    """Return the data folder called ``name``.

    Raises:
        FileNotFoundError: neither the installed package nor the checkout has it; the message names both places.
    """
    packaged = files("kg") / "_data" / name
    if packaged.is_dir():
        return packaged
    checkout = _CHECKOUT / name
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(f"no data folder {name!r}: looked in {packaged} and {checkout}")


def walk(top: Traversable, suffix: str) -> list[Traversable]:
    """Return the files under ``top`` whose name ends in ``suffix``, recursively, in a stable order."""
    found: list[Traversable] = []
    for entry in sorted(top.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            found.extend(walk(entry, suffix))
        elif entry.name.endswith(suffix):
            found.append(entry)
    return found
